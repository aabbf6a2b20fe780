"""Housekeeping of tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tali.embed.service import forget_expired, forget_ways_in
from tali.jobs.context import JobContext
from tali.jobs.kinds import CONTROL, job_kind, sweep


@sweep("forget old embed tokens and sessions", every=600)
def forget(session: Session, moment: datetime) -> None:
    """They hold only hashes, and still need not be kept."""
    forget_expired(session, moment)


@job_kind("embed.forget_ways_in", CONTROL, "idempotent", on="invitation.voided")
def void(context: JobContext, payload: dict[str, Any]) -> None:
    """Whoever came in by a link that was made useless does not come back."""
    with context.transaction(finish=True) as session:
        forget_ways_in(session, UUID(payload["assessment_id"]))
