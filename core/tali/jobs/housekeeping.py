"""What the jobs room itself keeps tidy."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tali.jobs.kinds import sweep
from tali.jobs.models import DomainEvent, Job
from tali.kernel.idempotency import forget_expired

KEEP_DONE = timedelta(days=14)


@sweep("forget old idempotency records", every=300)
def forget_idempotency(session: Session, moment: datetime) -> None:
    """Answers are replayed for a day, then forgotten."""
    forget_expired(session, moment)


@sweep("forget old jobs and events", every=3600)
def forget_jobs(session: Session, moment: datetime) -> None:
    """Done jobs and events are kept for two weeks; dead and ambiguous ones until a human has looked."""
    session.execute(delete(Job).where(Job.state == "done", Job.finished_at < moment - KEEP_DONE))
    session.execute(delete(DomainEvent).where(DomainEvent.created_at < moment - KEEP_DONE))
