"""The timeline: numbered facts of an attempt. Whoever writes holds the attempt's row, so there is one order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.assessments.service import LATE_EDITS, not_in_progress, paused, time_is_up
from tali.workspace.models import TimelineEvent


def lock_attempt(session: Session, attempt_id: UUID) -> Attempt:
    """The attempt, locked until the transaction ends: everything that is recorded in it queues here."""
    return session.execute(
        select(Attempt)
        .where(Attempt.id == attempt_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


def lock_live(session: Session, attempt_id: UUID, moment: datetime) -> Attempt:
    """The attempt, locked, while its clock runs.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state; `attempt_paused`.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt.state != "in_progress" or attempt.deadline is None:
        raise not_in_progress(attempt.state)
    if attempt.paused_at is not None:
        raise paused()
    if moment > attempt.deadline:
        raise time_is_up()
    return attempt


def lock_for_edits(session: Session, attempt_id: UUID, moment: datetime) -> Attempt:
    """The attempt, locked, while edits may arrive: until the deadline, and a minute longer for those on their way.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state; `attempt_paused`.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt.paused_at is not None:
        raise paused()
    running = attempt.state == "in_progress" or attempt.submitted_by == "deadline"
    if not running or attempt.deadline is None or moment > attempt.deadline + LATE_EDITS:
        raise not_in_progress(attempt.state)
    return attempt


def record(session: Session, attempt: Attempt, kind: str, at: datetime, data: dict[str, Any]) -> int:
    """Add one fact and answer its number. The caller holds the attempt's lock."""
    attempt.last_event_seq += 1
    session.add(
        TimelineEvent(
            organization_id=attempt.organization_id,
            attempt_id=attempt.id,
            seq=attempt.last_event_seq,
            kind=kind,
            at=at,
            data=data,
        )
    )
    return attempt.last_event_seq


def events(session: Session, attempt_id: UUID, after: int, limit: int) -> list[TimelineEvent]:
    """Facts after number `after`, in order."""
    return list(
        session.execute(
            select(TimelineEvent)
            .where(TimelineEvent.attempt_id == attempt_id, TimelineEvent.seq > after)
            .order_by(TimelineEvent.seq)
            .limit(limit)
        ).scalars()
    )
