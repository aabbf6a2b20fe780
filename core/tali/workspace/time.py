"""Time that people add to an attempt, before and while it runs: accommodations, and pauses of its clock.

The deadline is one expression (`tali.assessments.deadlines`), so each move here is one guarded UPDATE of the attempt.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, func, select, update
from sqlalchemy.orm import Session

from tali.assessments import deadlines
from tali.assessments import service as assessments
from tali.assessments.models import Attempt
from tali.jobs.service import emit
from tali.kernel.actors import Staff
from tali.kernel.database import database_now
from tali.kernel.errors import Conflict
from tali.kernel.ids import new_id
from tali.organizations import audit
from tali.workspace.models import Accommodation, Pause
from tali.workspace.timeline import lock_attempt, record

MOST_TIMES = 100
"""Pauses of one attempt, and changes of its extra time: all of them are shown."""


def _count(session: Session, kind: type[Accommodation] | type[Pause], attempt_id: UUID) -> int:
    return session.execute(select(func.count()).where(kind.attempt_id == attempt_id)).scalar_one()


def accommodate(
    session: Session, actor: Staff, assessment_id: UUID, percent: int, minutes: int, reason: str
) -> Attempt:
    """Give an attempt more time, before it starts or while it runs. This replaces what was given before.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `attempt_over`, with the state; `attempt_time_up`, when the shorter time would be over already;
            `accommodation_limit`.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = lock_attempt(session, assessments.attempt_of(session, assessment_id).id)
    moment = database_now(session)
    if attempt.state == "submitted" or assessment.state in ("cancelled", "expired"):
        state = attempt.state if attempt.state == "submitted" else assessment.state
        raise Conflict("attempt_over", f"This assessment is {state}: more time would change nothing.", state=state)
    if _count(session, Accommodation, attempt.id) >= MOST_TIMES:
        raise Conflict(
            "accommodation_limit", f"Extra time can be changed up to {MOST_TIMES} times, and all of it stays on record."
        )
    values: dict[str, Any] = {"extra_percent": percent, "extra_minutes": minutes}
    if attempt.state == "in_progress":
        values["deadline"] = deadlines.deadline(extra_percent=percent, extra_minutes=minutes)
    changed = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == attempt.state)
        .values(**values)
        .returning(Attempt)
        .execution_options(populate_existing=True)
    ).scalar_one()
    # While the clock stands still, what counts is when it stopped.
    if changed.deadline is not None and changed.deadline <= (changed.paused_at or moment):
        raise Conflict(
            "attempt_time_up", "With so little time this attempt would be over. Give it more.", state=changed.state
        )
    session.add(
        Accommodation(
            organization_id=actor.organization_id,
            attempt_id=attempt.id,
            author=actor.key,
            percent=percent,
            minutes=minutes,
            reason=reason,
        )
    )
    if changed.state == "in_progress":
        record(session, changed, "extra_time", moment, {"percent": percent, "minutes": minutes})
    # The reason is somebody's health, or their family: it is in the row above and nowhere else.
    audit.record(session, actor, "attempt.accommodated", assessment_id, percent=percent, minutes=minutes)
    return changed


def accommodations(session: Session, attempt_id: UUID) -> list[Accommodation]:
    """What was given, newest first."""
    query = select(Accommodation).where(Accommodation.attempt_id == attempt_id).order_by(Accommodation.id.desc())
    return list(session.execute(query).scalars())


def pause(session: Session, actor: Staff, assessment_id: UUID, reason: str) -> Attempt:
    """Stop the clock of a live attempt. It runs on by `resume`, or by itself after the longest pause.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `attempt_not_in_progress`, with the state; `attempt_paused`; `pauses_used_up`.
    """
    assessments.get(session, assessment_id)
    attempt = lock_attempt(session, assessments.attempt_of(session, assessment_id).id)
    moment = database_now(session)
    if attempt.state != "in_progress" or attempt.deadline is None:
        raise assessments.not_in_progress(attempt.state)
    if attempt.paused_at is not None:
        raise Conflict("attempt_paused", "This attempt is paused already.", state="paused")
    if attempt.deadline <= moment:
        raise assessments.time_is_up()
    if attempt.paused_time >= deadlines.MAX_PAUSED:
        raise Conflict(
            "pauses_used_up", "This attempt has been paused for a day altogether. Give it extra time instead."
        )
    if _count(session, Pause, attempt.id) >= MOST_TIMES:
        raise Conflict(
            "pauses_used_up", f"This attempt has been paused {MOST_TIMES} times. Give it extra time instead."
        )
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == "in_progress", Attempt.paused_at.is_(None))
        .values(paused_at=moment)
    )
    session.refresh(attempt)
    session.add(
        Pause(
            organization_id=actor.organization_id,
            attempt_id=attempt.id,
            author=actor.key,
            reason=reason,
            started_at=moment,
        )
    )
    record(session, attempt, "pause", moment, {})
    emit(session, actor.organization_id, "attempt.paused", new_id(), assessment_id=str(assessment_id))
    audit.record(session, actor, "attempt.paused", assessment_id)
    return attempt


def resume(session: Session, actor: Staff, assessment_id: UUID) -> Attempt:
    """Let the clock run on; the deadline moves by the pause.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `attempt_not_paused`, with the state.
    """
    assessments.get(session, assessment_id)
    attempt = lock_attempt(session, assessments.attempt_of(session, assessment_id).id)
    if attempt.paused_at is None:
        raise Conflict("attempt_not_paused", f"This attempt is not paused; it is {attempt.state}.", state=attempt.state)
    moment = _end_pause(session, attempt, database_now(session), by=actor.key)
    audit.record(session, actor, "attempt.resumed", assessment_id, seconds=int(moment.total_seconds()))
    return attempt


def end_overlong_pause(session: Session, attempt_id: UUID) -> None:
    """Let the clock run on by itself when the longest pause is over; harmless when somebody did so meanwhile."""
    attempt = lock_attempt(session, attempt_id)
    moment = database_now(session)
    if attempt.paused_at is not None and attempt.paused_at + deadlines.LONGEST_PAUSE <= moment:
        _end_pause(session, attempt, moment, by=None)


def _end_pause(session: Session, attempt: Attempt, moment: datetime, *, by: str | None) -> timedelta:
    if attempt.paused_at is None:
        return timedelta(0)
    # A late sweep gives no more than the longest pause to its own account, and none of the candidate's time: the
    # whole time during which nothing was taken is added.
    stood = moment - attempt.paused_at
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.paused_at == attempt.paused_at)
        .values(
            paused_at=None,
            paused_time=Attempt.paused_time + stood,
            deadline=deadlines.deadline(paused_time=Attempt.paused_time + stood),
        )
    )
    session.refresh(attempt)
    session.execute(
        update(Pause)
        .where(Pause.attempt_id == attempt.id, Pause.ended_at.is_(None))
        .values(ended_at=moment, ended_by=by)
    )
    record(session, attempt, "resume", moment, {"seconds": int(stood.total_seconds()), "by_itself": by is None})
    emit(session, attempt.organization_id, "attempt.resumed", new_id(), assessment_id=str(attempt.assessment_id))
    return stood


def pauses(session: Session, attempt_id: UUID) -> list[Pause]:
    """The pauses, newest first."""
    query = select(Pause).where(Pause.attempt_id == attempt_id).order_by(Pause.id.desc())
    return list(session.execute(query).scalars())


def paused_since(session: Session, attempt_id: UUID, since: datetime) -> timedelta:
    """How long the clock has stood still since then, in pauses that are over."""
    stood = select(func.sum(Pause.ended_at - Pause.started_at, type_=Interval())).where(
        Pause.attempt_id == attempt_id, Pause.started_at >= since, Pause.ended_at.is_not(None)
    )
    total = session.execute(stood).scalar_one()
    return total if isinstance(total, timedelta) else timedelta(0)


def clock(attempt: Attempt, moment: datetime) -> dict[str, Any]:
    """What a candidate's page must know of its time: what it asks for now and then."""
    return {
        "server_time": moment,
        "state": attempt.state,
        "deadline": attempt.deadline,
        "paused_at": attempt.paused_at,
        "pause_ends_at": attempt.paused_at + deadlines.LONGEST_PAUSE if attempt.paused_at else None,
    }
