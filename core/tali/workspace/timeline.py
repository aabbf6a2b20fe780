"""The timeline: numbered facts of an attempt. Whoever writes holds the attempt's row, so there is one order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.assessments.service import LATE_EDITS, not_in_progress, paused, time_is_up
from tali.kernel.errors import Conflict
from tali.workspace.models import TimelineEvent

MAX_RECORDED_BYTES = 256 * 1024 * 1024
"""Edits, checkpoints and the code around prompts that one attempt may leave behind."""
ROW_BYTES = 512
"""What a row costs however little it says."""


def lock_attempt(session: Session, attempt_id: UUID) -> Attempt:
    """The attempt, locked until the transaction ends: everything that is recorded in it queues here."""
    return session.execute(
        select(Attempt)
        .where(Attempt.id == attempt_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


def _lock_with_time(session: Session, attempt_id: UUID) -> tuple[Attempt, datetime]:
    """The attempt, locked, and the time: the database's, which set the deadline, and which no host's clock moves."""
    locked = session.execute(
        select(Attempt, func.clock_timestamp(type_=DateTime(timezone=True)))
        .where(Attempt.id == attempt_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return locked[0], locked[1]


def lock_live(session: Session, attempt_id: UUID) -> tuple[Attempt, datetime]:
    """The attempt, locked, while its clock runs; and the time.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state; `attempt_paused`.
    """
    attempt, moment = _lock_with_time(session, attempt_id)
    if attempt.state != "in_progress" or attempt.deadline is None:
        raise not_in_progress(attempt.state)
    if attempt.paused_at is not None:
        raise paused()
    if moment > attempt.deadline:
        raise time_is_up()
    return attempt, moment


def lock_for_edits(session: Session, attempt_id: UUID) -> tuple[Attempt, datetime]:
    """The attempt, locked, while edits may arrive: until the deadline, and a minute longer for those on their way.
    And the time.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state; `attempt_paused`.
    """
    attempt, moment = _lock_with_time(session, attempt_id)
    if attempt.paused_at is not None:
        raise paused()
    running = attempt.state == "in_progress" or attempt.submitted_by == "deadline"
    if not running or attempt.deadline is None or moment > attempt.deadline + LATE_EDITS:
        raise not_in_progress(attempt.state)
    return attempt, moment


def lock_to_observe(session: Session, attempt_id: UUID) -> tuple[Attempt, datetime]:
    """The attempt, locked, whatever its state; and the time."""
    return _lock_with_time(session, attempt_id)


def take_room(attempt: Attempt, size: int) -> None:
    """Count what is about to be recorded. The caller holds the attempt's lock.

    Raises:
        Conflict: `recording_full`: no session of a person comes near it.
    """
    attempt.recorded_bytes += size + ROW_BYTES
    if attempt.recorded_bytes > MAX_RECORDED_BYTES:
        raise recording_full()


def recording_full() -> Conflict:
    """The answer to one who records without end."""
    return Conflict(
        "recording_full",
        f"This session has recorded {MAX_RECORDED_BYTES // (1024 * 1024)} MB, all that one session may. "
        "What was saved is kept: hand it in.",
    )


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
