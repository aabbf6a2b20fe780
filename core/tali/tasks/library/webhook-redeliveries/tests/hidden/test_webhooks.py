"""Each of the five reports, and the promises that the brief makes beside them."""

import json

import pytest

from billing import InvalidEvent, InvoiceStore, UnknownCustomer, WebhookProcessor, parse_event


def body(**changes):
    event = {
        "event_id": "ev_1",
        "delivery_id": "d_1",
        "customer": "acme",
        "invoice": "INV-1",
        "status": "open",
        "amount": "10.00",
        "occurred_at": "2026-03-02T08:00:00+00:00",
    }
    return json.dumps({**event, **changes})


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def store():
    return InvoiceStore(customers={"acme"})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def processor(store, clock):
    return WebhookProcessor(store, clock=clock)


def test_a_redelivery_under_a_new_delivery_id_is_a_duplicate(processor, store):
    assert processor.handle(body()) == "applied"
    assert processor.handle(body(delivery_id="d_2")) == "duplicate"
    assert len(store.ledger()) == 1


def test_a_second_event_about_an_invoice_updates_it_and_books_nothing_new(processor, store):
    processor.handle(body())
    later = body(event_id="ev_2", delivery_id="d_2", amount="12.00", occurred_at="2026-03-02T09:00:00+00:00")
    assert processor.handle(later) == "applied"
    assert [(i.number, i.amount_cents) for i in store.ledger()] == [("INV-1", 1200)]


def test_an_event_that_failed_is_applied_when_it_comes_again(processor, store):
    early = body(customer="initech")
    with pytest.raises(UnknownCustomer):
        processor.handle(early)
    store.customers.add("initech")
    assert processor.handle(early) == "applied"


def test_an_older_event_does_not_undo_a_newer_one(processor, store):
    processor.handle(body(status="paid", occurred_at="2026-03-02T09:00:00+00:00"))
    older = body(event_id="ev_0", delivery_id="d_0", status="open", occurred_at="2026-03-02T08:00:00+00:00")
    assert processor.handle(older) == "stale"
    assert [i.status for i in store.ledger()] == ["paid"]


def test_times_compare_by_the_instant_that_they_mean(processor, store):
    processor.handle(body(occurred_at="2026-03-02T09:30:00+02:00"))
    later = body(event_id="ev_2", delivery_id="d_2", status="paid", occurred_at="2026-03-02T04:00:00-05:00")
    assert processor.handle(later) == "applied"
    between = body(event_id="ev_3", delivery_id="d_3", status="void", occurred_at="2026-03-02T08:59:59Z")
    assert processor.handle(between) == "stale"
    assert store.find("INV-1").status == "paid"


def test_a_stale_event_that_comes_again_is_a_duplicate(processor):
    processor.handle(body(occurred_at="2026-03-02T09:00:00+00:00"))
    older = body(event_id="ev_0", delivery_id="d_0", occurred_at="2026-03-02T08:00:00+00:00")
    assert processor.handle(older) == "stale"
    assert processor.handle(older) == "duplicate"


def test_amounts_are_exact():
    expected = {"19.99": 1999, "1.15": 115, "0.29": 29, "7": 700, "90071992547409.93": 9007199254740993}
    assert {amount: parse_event(body(amount=amount)).amount_cents for amount in expected} == expected


def test_amounts_that_are_no_amounts_are_invalid():
    for amount in ("1.999", "-0.01", "NaN", "Infinity", "ten", ""):
        with pytest.raises(InvalidEvent):
            parse_event(body(amount=amount))


def test_a_time_without_offset_is_invalid():
    for when in ("2026-03-02T08:00:00", "yesterday"):
        with pytest.raises(InvalidEvent):
            parse_event(body(occurred_at=when))


def test_events_are_forgotten_after_a_day(processor, clock):
    for number in range(50):
        clock.now = 1_000.0 + number
        processor.handle(body(event_id=f"ev_{number}", delivery_id=f"d_{number}", invoice=f"INV-{number}"))
    clock.now += 2 * 24 * 60 * 60
    processor.handle(body(event_id="ev_new", delivery_id="d_new", invoice="INV-new"))
    assert len(processor.seen) == 1


def test_events_are_remembered_until_a_day_has_passed(processor, clock):
    processor.handle(body())
    clock.now += 24 * 60 * 60 - 1
    processor.handle(body(event_id="ev_2", delivery_id="d_2", invoice="INV-2"))
    assert processor.handle(body(delivery_id="d_3")) == "duplicate"
