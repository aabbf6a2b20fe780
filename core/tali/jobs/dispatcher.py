"""The dispatcher: each second it takes back what was lost, publishes what is due, and looks after deadlines."""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tali.jobs import service
from tali.jobs.kinds import SWEEPS
from tali.jobs.resources import Resources
from tali.kernel.clock import now

log = structlog.get_logger(__name__)
INTERVAL = 1.0
LOCK_KEY = 0x7A11D15
"""Advisory lock that one dispatcher of a deployment holds; the others stand by."""


def dispatch_forever(resources: Resources, stop: threading.Event) -> None:
    """Run until `stop` is set. Any number may run; the one that holds the lock works."""
    next_sweep = {name: 0.0 for name, _, _ in SWEEPS}
    while not stop.is_set():
        try:
            with resources.database.owner_engine.connect() as lock:
                if lock.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}).scalar_one():
                    lock.commit()
                    log.info("dispatching")
                    while not stop.is_set():
                        # On the lock's own connection: if it is gone, so is the lock, and we must stop.
                        lock.execute(text("SELECT 1"))
                        lock.commit()
                        beat(resources, next_sweep)
                        stop.wait(INTERVAL)
        except SQLAlchemyError as error:
            log.warning("dispatcher lost the database, trying again", error=type(error).__name__)
        stop.wait(INTERVAL)


def beat(resources: Resources, next_sweep: dict[str, float]) -> None:
    """One round."""
    moment = now()
    with resources.database.owner() as session:
        lapsed = service.recover_lapsed(session, moment)
    if lapsed:
        log.warning("took back jobs of silent workers", jobs=[str(job_id) for job_id in lapsed])
    for name, every, look in SWEEPS:
        if time.monotonic() >= next_sweep.get(name, 0.0):
            next_sweep[name] = time.monotonic() + every
            try:
                with resources.database.owner() as session:
                    look(session, moment)
            except SQLAlchemyError:
                raise
            except Exception:
                log.exception("sweep failed", sweep=name)
    with resources.database.owner() as session:
        due = service.take_due(session, moment)
    for job_id, kind_name in due:
        resources.publisher.publish_by_name(job_id, kind_name)
