"""Every promise of the ticket."""

import pytest

from ingest import BatchTooLarge, IngestService, Limit, Limits, RateLimited

LINE = "2026-03-02T08:00:00Z INFO checkout ok"


class Clock:
    def __init__(self, now=1_000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def service_with(clock, burst=10, per_second=2.0, **overrides):
    return IngestService(limits=Limits(Limit(burst, per_second), overrides), clock=clock)


def test_a_client_gets_its_burst_and_no_more(clock):
    service = service_with(clock)
    service.submit("web", [LINE] * 6)
    service.submit("web", [LINE] * 4)
    with pytest.raises(RateLimited) as caught:
        service.submit("web", [LINE])
    assert caught.value.client == "web"


def test_the_budget_refills_steadily(clock):
    service = service_with(clock)
    service.submit("web", [LINE] * 10)
    clock.now += 0.5
    service.submit("web", [LINE])
    with pytest.raises(RateLimited):
        service.submit("web", [LINE])
    clock.now += 0.25
    with pytest.raises(RateLimited):
        service.submit("web", [LINE])
    clock.now += 0.25
    service.submit("web", [LINE])


def test_the_budget_never_exceeds_the_burst(clock):
    service = service_with(clock)
    service.submit("web", [LINE] * 10)
    clock.now += 3_600
    service.submit("web", [LINE] * 10)
    with pytest.raises(RateLimited):
        service.submit("web", [LINE])


def test_a_refused_batch_leaves_no_trace(clock):
    service = service_with(clock)
    service.submit("web", [LINE] * 8)
    for _ in range(5):
        with pytest.raises(RateLimited):
            service.submit("web", [LINE] * 3)
    assert service.store.count() == 8
    assert service.submit("web", [LINE] * 2).accepted == 2


def test_retry_after_is_long_enough_and_not_longer(clock):
    service = service_with(clock, burst=10, per_second=3.0)
    service.submit("web", [LINE] * 10)
    for size in (1, 2, 5, 7, 10):
        with pytest.raises(RateLimited) as caught:
            service.submit("web", [LINE] * size)
        wait = caught.value.retry_after
        assert wait == pytest.approx(size / 3.0, abs=1e-6)
        clock.now += wait - 0.001
        with pytest.raises(RateLimited):
            service.submit("web", [LINE] * size)
        clock.now += 0.001 + 1e-9
        service.submit("web", [LINE] * size)


def test_a_batch_that_can_never_fit_says_so(clock):
    service = service_with(clock)
    service.submit("web", [LINE] * 10)
    with pytest.raises(BatchTooLarge) as caught:
        service.submit("web", [LINE] * 11)
    assert caught.value.burst == 10
    assert service.store.count() == 10


def test_unreadable_lines_cost_and_blank_lines_do_not(clock):
    service = service_with(clock)
    receipt = service.submit("web", [LINE] * 5 + ["what is this"] * 5 + ["", "  "] * 20)
    assert (receipt.accepted, receipt.unreadable) == (5, 5)
    assert service.submit("web", ["", "   "]).accepted == 0
    with pytest.raises(RateLimited):
        service.submit("web", ["what is this"])


def test_clients_do_not_touch_each_other(clock):
    service = service_with(clock)
    service.submit("noisy", [LINE] * 10)
    with pytest.raises(RateLimited):
        service.submit("noisy", [LINE])
    assert service.submit("web", [LINE] * 10).accepted == 10


def test_a_client_can_have_its_own_limit(clock):
    service = service_with(clock, big=Limit(100, 50.0), small=Limit(2, 0.5))
    assert service.submit("big", [LINE] * 100).accepted == 100
    with pytest.raises(BatchTooLarge) as caught:
        service.submit("small", [LINE] * 3)
    assert caught.value.burst == 2
    service.submit("small", [LINE] * 2)
    with pytest.raises(RateLimited) as limited:
        service.submit("small", [LINE])
    assert limited.value.retry_after == pytest.approx(2.0, abs=1e-6)


def test_clients_whose_budget_is_full_again_are_forgotten(clock):
    service = service_with(clock)
    for number in range(2_000):
        service.submit(f"build-{number}", [LINE])
    clock.now += 3_600
    service.submit("web", [LINE] * 3)
    assert service.tracked_clients() <= 100
    clock.now += 0.5
    service.submit("web", [LINE] * 7)
    with pytest.raises(RateLimited):
        service.submit("web", [LINE] * 2)


def test_a_clock_that_steps_back_neither_fills_nor_empties(clock):
    service = service_with(clock)
    service.submit("web", [LINE] * 8)
    clock.now -= 500
    assert service.submit("web", [LINE] * 2).accepted == 2
    with pytest.raises(RateLimited) as caught:
        service.submit("web", [LINE])
    assert 0 < caught.value.retry_after < 501
