"""What a job may use while it runs: fenced transactions, a heartbeat, a way to notice that it should stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tali.jobs import service
from tali.jobs.resources import Resources
from tali.jobs.service import Claim


class JobContext:
    """Handed to `perform`. `lost` is set when the job is not ours any more; long work looks at it."""

    def __init__(self, resources: Resources, claim: Claim) -> None:
        self.resources = resources
        self.claim = claim
        self.organization_id = claim.organization_id
        self.lost = threading.Event()
        self.finished = False
        self.effect_begun = False
        self.last_error = ""

    @contextmanager
    def transaction(self, *, finish: bool = False) -> Iterator[Session]:
        """A transaction in which this job may write. With `finish` the job is done in the same commit.

        Raises:
            Fenced: the job is not ours any more; nothing is written.
        """
        with self.resources.database.tenant(self.organization_id) as session:
            service.fence(session, self.claim)
            yield session
            if finish:
                # Flush first: a settled job must not hide a write that fails.
                session.flush()
                service.settle(session, self.claim, "done")
        if finish:
            self.finished = True

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction for reading: takes no lock on the job."""
        with self.resources.database.tenant(self.organization_id) as session:
            yield session

    def begin_effect(self) -> None:
        """Record that an ambiguous effect is about to happen. After this, only a human repeats it."""
        with self.transaction() as session:
            service.mark_effect_started(session, self.claim)
        self.effect_begun = True


class Heartbeat:
    """Extends the lease from a thread of its own, so that a job that computes or waits stays ours."""

    def __init__(self, context: JobContext, lease: float) -> None:
        self._context = context
        self._lease = lease
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()

    def _beat(self) -> None:
        while not self._stop.wait(self._lease / 4):
            with suppress(SQLAlchemyError):
                with self._context.resources.database.tenant(self._context.organization_id) as session:
                    alive = service.extend_lease(session, self._context.claim, self._lease)
                if not alive and not self._stop.is_set():
                    self._context.lost.set()
                    return
