"""The dispatcher's round: one failure costs the others nothing, and silence costs the lock."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from tali.jobs import dispatcher, service
from tali.jobs.kinds import BULK, CONTROL, job_kind, sweep
from tali.jobs.publisher import Publisher, create_celery, use_publisher


class Broker:
    """Takes ids while it is up."""

    def __init__(self) -> None:
        self.up = True
        self.sent = []
        self.tried = 0

    def publish(self, job_id, kind) -> bool:
        self.tried += 1
        if self.up:
            self.sent.append(job_id)
        return self.up


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def round_(resources, broker, monkeypatch):
    """One round, with this test's sweeps only."""
    monkeypatch.setattr(dispatcher, "SWEEPS", [])
    holds = []

    def run():
        dispatcher.beat(replace(resources, publisher=broker), {}, lambda: holds.append(1))
        return len(holds)

    return run


@pytest.fixture
def due(tenant, resources, known_kinds):
    """Three due jobs that nobody was told of."""

    def work(context, payload):
        pass

    job_kind("test.due", BULK, "idempotent")(work)
    with resources.database.tenant(tenant.organization_id) as session:
        return [service.enqueue(session, tenant.organization_id, "test.due", {}) for _ in range(3)]


def test_a_round_stops_publishing_at_the_first_failure_and_the_next_goes_on(broker, round_, due) -> None:
    broker.up = False
    round_()
    assert broker.tried == 1
    broker.up = True
    round_()
    assert set(due) <= set(broker.sent)


def test_what_a_process_without_a_publisher_enqueues_is_sent_by_the_next_round(
    broker, round_, tenant, resources, known_kinds
) -> None:
    def close(context, payload):
        pass

    job_kind("test.close", CONTROL, "idempotent")(close)
    use_publisher(None)
    try:
        with resources.database.tenant(tenant.organization_id) as session:
            job_id = service.enqueue(session, tenant.organization_id, "test.close", {})
    finally:
        use_publisher(resources.publisher)
    round_()
    assert job_id in broker.sent


def test_a_sweep_that_fails_ends_neither_the_other_sweeps_nor_the_round(broker, round_, due, monkeypatch) -> None:
    monkeypatch.setattr("tali.jobs.kinds.SWEEPS", dispatcher.SWEEPS)
    seen = []

    @sweep("one that sends what the database refuses", every=1)
    def broken(session, moment):
        session.execute(text("SELECT 1 / 0"))

    @sweep("one that works", every=1)
    def working(session, moment):
        seen.append(moment)

    round_()
    assert len(seen) == 1
    assert set(due) <= set(broker.sent)


def test_the_lock_is_held_on_to_while_publishing(round_, due) -> None:
    assert round_() >= len(due)


@pytest.mark.parametrize(("listens", "seconds"), [(False, 1), (True, 4)], ids=["refuses", "says nothing"])
def test_publishing_gives_up_soon(resources, known_kinds, due, listens, seconds) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        there = replace(resources.settings, redis_url=address)
        publisher = Publisher(create_celery(there), there)
        began = time.monotonic()
        assert not publisher.publish(due[0], known_kinds["test.due"])
        assert time.monotonic() - began < seconds
        publisher.close()


def test_a_dispatcher_that_falls_silent_loses_its_lock_to_the_next(resources, monkeypatch) -> None:
    monkeypatch.setattr(dispatcher, "SILENCE", "1s")
    monkeypatch.setattr(dispatcher, "INTERVAL", 0.1)
    hung, stop, turns = threading.Event(), threading.Event(), []
    go_on = threading.Event()

    def beat(of, next_sweep, hold):
        turns.append(threading.current_thread().name)
        if threading.current_thread().name == "first" and not hung.is_set():
            hung.set()
            go_on.wait(20)
            hold()
            turns.append("first went on without the lock")

    monkeypatch.setattr(dispatcher, "beat", beat)
    threads = [
        threading.Thread(target=dispatcher.dispatch_forever, args=(resources, stop), name=name)
        for name in ("first", "second")
    ]
    try:
        threads[0].start()
        assert hung.wait(10)
        threads[1].start()
        deadline = time.monotonic() + 10
        while "second" not in turns and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "second" in turns
        go_on.set()
        time.sleep(0.5)
    finally:
        go_on.set()
        stop.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
    assert "first went on without the lock" not in turns
    assert turns.count("first") == 1, "it stands by"
