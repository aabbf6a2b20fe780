"""What the service does today."""

from ingest import CountStore, IngestService, Limit, Limits

LINE = "2026-03-02T08:00:00Z ERROR checkout payment declined"


def test_lines_are_counted():
    service = IngestService()
    service.submit("web", [LINE, LINE, "2026-03-02T08:00:01Z INFO search ok"])
    assert service.store.count(client="web") == 3
    assert service.store.count(level="ERROR", service="checkout") == 2


def test_unreadable_and_blank_lines_are_told_apart():
    receipt = IngestService().submit("web", [LINE, "", "   ", "no level here"])
    assert (receipt.accepted, receipt.unreadable) == (1, 1)


def test_a_store_can_be_handed_in():
    store = CountStore()
    IngestService(store=store).submit("web", [LINE])
    assert store.count() == 1


def test_a_batch_within_the_budget_is_accepted():
    service = IngestService(limits=Limits(Limit(burst=3, per_second=1.0)), clock=lambda: 0.0)
    assert service.submit("web", [LINE] * 3).accepted == 3
