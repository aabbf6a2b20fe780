"""The dispatcher: each second it takes back what was lost, publishes what is due, and looks after deadlines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from tali.jobs import service
from tali.jobs.kinds import KINDS, SWEEPS
from tali.jobs.resources import Resources

log = structlog.get_logger(__name__)
INTERVAL = 1.0
LOCK_KEY = 0x7A11D15
"""Advisory lock that one dispatcher of a deployment holds; the others stand by."""
SILENCE = "10s"
"""After this long without a word from a dispatcher that is paused or hangs, the server gives its lock to another."""


def dispatch_forever(resources: Resources, stop: threading.Event) -> None:
    """Run until `stop` is set. Any number may run; the one that holds the lock works."""
    next_sweep = {name: 0.0 for name, _, _ in SWEEPS}
    while not stop.is_set():
        try:
            _dispatch_while_locked(resources, stop, next_sweep)
        except SQLAlchemyError as error:
            log.warning("dispatcher lost the database, trying again", error=type(error).__name__)
        stop.wait(INTERVAL)


def _dispatch_while_locked(resources: Resources, stop: threading.Event, next_sweep: dict[str, float]) -> None:
    with resources.database.owner_engine.connect() as lock:
        lock.execution_options(isolation_level="AUTOCOMMIT")
        # Out of the pool: it is closed at the end, whatever happened, and the lock goes with it.
        lock.detach()
        if not lock.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}).scalar_one():
            return
        lock.execute(text(f"SET idle_session_timeout = '{SILENCE}'"))

        def hold() -> None:
            # On the lock's own connection: if it is gone, so is the lock, and we must stop.
            lock.execute(text("SELECT 1"))

        log.info("dispatching")
        while not stop.is_set():
            hold()
            beat(resources, next_sweep, hold)
            stop.wait(INTERVAL)


def beat(resources: Resources, next_sweep: dict[str, float], hold: Callable[[], None]) -> None:
    """One round. `hold` is called between its steps: it keeps the lock, and raises when the lock is lost."""
    with resources.database.owner() as session:
        moment = session.execute(select(func.clock_timestamp())).scalar_one()
        lapsed = service.recover_lapsed(session)
    if lapsed:
        log.warning("took back jobs of silent workers", jobs=[str(job_id) for job_id in lapsed])
    for name, every, look in SWEEPS:
        if time.monotonic() >= next_sweep.get(name, 0.0):
            next_sweep[name] = time.monotonic() + every
            try:
                with resources.database.owner() as session:
                    look(session, moment)
            except Exception:
                # Also when the database is gone: that is for `hold` to find out, so that no one sweep stops the rest.
                log.exception("sweep failed", sweep=name)
            hold()
    with resources.database.owner() as session:
        due = service.take_due(session)
    for sent, (job_id, kind_name) in enumerate(due):
        hold()
        if not resources.publisher.publish(job_id, KINDS[kind_name]):
            # The next would wait for the broker as long as this one did.
            with resources.database.owner() as session:
                service.unpublish(session, [unsent for unsent, _ in due[sent:]])
            return
