"""Closing what did not close itself: turns and runs without a producer, attempts whose time is up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tali.assessments import deadlines, due
from tali.assessments import service as assessments
from tali.assessments.models import Attempt
from tali.jobs.context import JobContext
from tali.jobs.kinds import CONTROL, job_kind, sweep
from tali.jobs.service import SubjectGone
from tali.kernel.clock import now
from tali.kernel.errors import Conflict
from tali.kernel.text import storable
from tali.kernel.valkey import ChunkStream
from tali.workspace import calibrations, time
from tali.workspace.models import CalibrationTurn, ExecutionRecord, Turn
from tali.workspace.timeline import lock_attempt, record
from tali.workspace.work import UNFINISHED, Work, subject

log = structlog.get_logger(__name__)
WORK_FIELDS: tuple[tuple[type[Work], str], ...] = (
    (Turn, "turn_id"),
    (CalibrationTurn, "calibration_turn_id"),
    (ExecutionRecord, "execution_id"),
)
LONGEST_WORK = timedelta(minutes=10)
"""No turn and no run lasts longer, waiting included."""


def close_turn(context: JobContext, payload: dict[str, Any]) -> None:
    """End a turn that nobody answers any more, of a calibration too, with what it had."""
    what = "The assistant was interrupted. Ask again."
    if "calibration_turn_id" in payload:
        _close(context, CalibrationTurn, UUID(payload["calibration_turn_id"]), what)
    else:
        _close(context, Turn, UUID(payload["turn_id"]), what)


def close_execution(context: JobContext, payload: dict[str, Any]) -> None:
    """End a run that nobody runs any more, with what it had."""
    _close(context, ExecutionRecord, UUID(payload["execution_id"]), "The run was interrupted. Run it again.")


def _close(context: JobContext, kind: type[Work], work_id: UUID, what: str) -> None:
    with context.reading() as session:
        producer = session.execute(select(kind.producer).where(kind.id == work_id)).scalar_one_or_none() or 1
    stream = ChunkStream(context.resources.valkey, subject(kind, work_id), producer)
    parts = [{**part, "text": storable(part["text"])} if "text" in part else part for part in stream.all()]
    try:
        _write(context, kind, work_id, what, parts)
    except Exception:
        # Whatever is wrong with what was said: closing must not fail, or the candidate waits for ever.
        log.exception("closing without the output", work_id=str(work_id))
        _write(context, kind, work_id, what, [])
    stream.finish()


def _write(context: JobContext, kind: type[Work], work_id: UUID, what: str, parts: list[dict[str, Any]]) -> None:
    values: dict[str, Any] = {
        "state": "interrupted",
        "parts": parts,
        "finished_at": now(),
        "error_code": "interrupted",
        "error_message": what,
    }
    if kind is not ExecutionRecord:
        values["response"] = "".join(part["text"] for part in parts if part["type"] == "text")
    with context.transaction(finish=True) as session:
        session.execute(update(kind).where(kind.id == work_id, kind.state.in_(UNFINISHED)).values(**values))
        if kind is CalibrationTurn:
            calibrations.announce(session, calibrations.attempt_of(session, work_id))


@sweep("find turns and runs that never ended", every=30)
def find_stale(session: Session, moment: datetime) -> None:
    """A producer that hangs keeps its lease alive, and the candidate waiting: past any limit, its work is closed."""
    for kind, field in WORK_FIELDS:
        due.ask_for(
            session,
            "workspace.close_stale",
            select(kind).where(kind.state.in_(UNFINISHED), kind.created_at < moment - LONGEST_WORK),
            kind.organization_id,
            kind.id,
            kind.created_at,
            moment,
            {field: kind.id},
        )


@job_kind("workspace.close_stale", CONTROL, "idempotent")
def close_stale(context: JobContext, payload: dict[str, Any]) -> None:
    """Close one turn or run that never ended."""
    if "execution_id" in payload:
        close_execution(context, payload)
    else:
        close_turn(context, payload)


@job_kind("workspace.close_calibration", CONTROL, "idempotent", on="assessment.expired")
def close_calibration(context: JobContext, payload: dict[str, Any]) -> None:
    """Close a calibration that was begun in an invitation which nobody started."""
    with context.transaction(finish=True) as session:
        for attempt_id in calibrations.open_of(session, UUID(payload["assessment_id"])):
            calibrations.close(session, context.resources, attempt_id)


@sweep("find attempts whose time is up", every=1)
def find_overdue(session: Session, moment: datetime) -> None:
    """Attempts past their deadline are closed with what was saved: work is never thrown away."""
    due.ask_for(
        session,
        "workspace.close_at_deadline",
        select(Attempt).where(Attempt.state == "in_progress", Attempt.deadline <= moment, Attempt.paused_at.is_(None)),
        Attempt.organization_id,
        Attempt.id,
        Attempt.deadline,
        moment,
        {"attempt_id": Attempt.id, "assessment_id": Attempt.assessment_id},
    )


@sweep("find pauses that have lasted long enough", every=10)
def find_overlong_pauses(session: Session, moment: datetime) -> None:
    """A pause that somebody forgot must not keep a candidate waiting for ever."""
    due.ask_for(
        session,
        "workspace.end_pause",
        select(Attempt).where(Attempt.state == "in_progress", Attempt.paused_at <= moment - deadlines.LONGEST_PAUSE),
        Attempt.organization_id,
        Attempt.id,
        Attempt.paused_at,
        moment,
        {"attempt_id": Attempt.id},
    )


@job_kind("workspace.end_pause", CONTROL, "idempotent")
def end_pause(context: JobContext, payload: dict[str, Any]) -> None:
    """Let a clock run on by itself."""
    attempt_id = UUID(payload["attempt_id"])
    with context.transaction(finish=True) as session:
        if session.get(Attempt, attempt_id) is None:
            raise SubjectGone(str(attempt_id))
        time.end_overlong_pause(session, attempt_id)


@job_kind("workspace.close_at_deadline", CONTROL, "idempotent")
def close_at_deadline(context: JobContext, payload: dict[str, Any]) -> None:
    """Submit for the candidate. Scoring waits a minute for edits that were made in time and are still on their way."""
    attempt_id = UUID(payload["attempt_id"])
    with context.transaction(finish=True) as session:
        if session.get(Attempt, attempt_id) is None:
            raise SubjectGone(str(attempt_id))
        attempt = lock_attempt(session, attempt_id)
        # By the database's clock, as the sweep that found it: a worker whose clock is behind would end the job undone.
        moment = session.execute(select(func.clock_timestamp())).scalar_one()
        if attempt.state != "in_progress" or attempt.deadline is None or attempt.deadline > moment:
            return
        try:
            attempt = assessments.submit_at_deadline(session, attempt)
        except Conflict:
            return
        record(session, attempt, "submit", moment, {"by": "deadline"})
