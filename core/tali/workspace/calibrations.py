"""Calibrations: a few messages to the assistant before the clock starts, kept apart from the attempt's own record.

Nothing of it is part of the conversation, the timeline, the files or any signal of the attempt. It begins with the
first message, which carries the consent, and ends when the candidate says so or starts the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.models import Assessment, Attempt
from tali.jobs.resources import Resources
from tali.jobs.service import emit, enqueue
from tali.kernel.clock import now
from tali.kernel.database import after_commit, database_now
from tali.kernel.errors import Conflict, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.valkey import CancelFlag
from tali.providers import spending
from tali.sdk import Conversation, Hint, Message
from tali.tasks import service as tasks
from tali.tasks.content import DEFAULT_CALIBRATION_PROMPT, TaskContent
from tali.workspace.models import Calibration, CalibrationTurn
from tali.workspace.replies import Asked
from tali.workspace.timeline import lock_attempt
from tali.workspace.turns import cost_of, present
from tali.workspace.work import UNFINISHED, subject

log = structlog.get_logger(__name__)
MAX_MESSAGES = 5
"""Messages that were answered, or may still be."""
MAX_TRIES = 20
"""Messages in all, those included that the assistant failed to answer."""


USUAL_HINTS = (
    Hint(
        ["reverse", "string", "backwards"],
        "In Python, `text[::-1]` reverses a string, and in JavaScript `[...text].reverse().join("
        ")`. Both work code "
        "point by code point. Which inputs would you try, and what should happen to an emoji or an accent?",
    ),
)
"""For an assistant that answers from a hint sheet: the task's own is for the task."""


def prompt_of(content: TaskContent) -> str:
    """What candidates are asked to try. Where a recruiter wants a calibration and the task has none, the usual one."""
    return content.calibration_prompt or DEFAULT_CALIBRATION_PROMPT


def ask(session: Session, resources: Resources, attempt_id: UUID, sent: Mapping[str, Any]) -> CalibrationTurn:
    """Record a message of the calibration, which begins with the first one, and have it answered.

    Raises:
        Conflict: `calibration_off`, `calibration_closed`, `turn_running`.
        Gone: `assessment_cancelled`, `assessment_expired`.
        TooManyRequests: `spend_cap_reached`.
        Unprocessable: `message_empty`, `turn_limit`.
    """
    if not sent["message"].strip():
        raise Unprocessable("message_empty", "Write something first.")
    attempt = lock_attempt(session, attempt_id)
    assessment = session.get_one(Assessment, attempt.assessment_id)
    moment = database_now(session)
    assessments.require_open(assessment, moment)
    if not assessment.calibration:
        raise Conflict("calibration_off", "This assessment has no warm-up.", state="off")
    calibration = _held(session, attempt, sent["consent_version"])
    if attempt.state != "ready" or calibration.state != "open":
        raise Conflict("calibration_closed", "The warm-up is over.", state="closed")
    earlier = turns(session, attempt_id)
    if earlier and earlier[-1].state in UNFINISHED:
        raise Conflict("turn_running", "The assistant is still answering. Stop it or wait.", state=earlier[-1].state)
    if messages_left(earlier) == 0:
        raise Unprocessable("turn_limit", f"The warm-up takes up to {MAX_MESSAGES} messages.")
    spending.require_room(session, resources.settings, lambda: cost_of(session, attempt_id))
    turn = CalibrationTurn(
        id=new_id(),
        created_at=moment,
        organization_id=attempt.organization_id,
        attempt_id=attempt_id,
        index=len(earlier) + 1,
        state="queued",
        message=sent["message"],
        response="",
        parts=[],
        assistant=attempt.assistant,
        producer=1,
    )
    session.add(turn)
    session.flush()
    enqueue(
        session,
        attempt.organization_id,
        "workspace.calibration_reply",
        {"calibration_turn_id": str(turn.id)},
        dedupe_key=str(turn.id),
    )
    return turn


def _held(session: Session, attempt: Attempt, consent_version: str) -> Calibration:
    """The calibration of an attempt, begun where there is none, and locked."""
    content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
    session.execute(
        insert(Calibration)
        .values(
            id=new_id(),
            created_at=now(),
            organization_id=attempt.organization_id,
            attempt_id=attempt.id,
            state="open",
            prompt=prompt_of(content),
            consent_version=consent_version,
            evidence=[],
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "attempt_id"])
    )
    found = _locked(session, attempt.id)
    assert found is not None  # noqa: S101 -- inserted above, or there before
    return found


def _locked(session: Session, attempt_id: UUID) -> Calibration | None:
    return session.execute(
        select(Calibration)
        .where(Calibration.attempt_id == attempt_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def turns(session: Session, attempt_id: UUID) -> list[CalibrationTurn]:
    """Its messages, in order."""
    query = select(CalibrationTurn).where(CalibrationTurn.attempt_id == attempt_id).order_by(CalibrationTurn.index)
    return list(session.execute(query).scalars())


def of_attempt(session: Session, attempt_id: UUID) -> Calibration | None:
    """The calibration of an attempt, where it was begun."""
    return session.execute(select(Calibration).where(Calibration.attempt_id == attempt_id)).scalar_one_or_none()


def messages_left(earlier: Sequence[CalibrationTurn]) -> int:
    """How many may still be sent; what the assistant failed to answer costs none of them."""
    if len(earlier) >= MAX_TRIES:
        return 0
    return max(0, MAX_MESSAGES - sum(turn.state != "failed" for turn in earlier))


def begin_reply(session: Session, turn_id: UUID, producer: int) -> Asked | None:
    """Take a message that waits, with all that the assistant is given: the exercise and what was said, no files."""
    turn = session.execute(
        update(CalibrationTurn)
        .where(CalibrationTurn.id == turn_id, CalibrationTurn.state == "queued")
        .values(state="running", started_at=now(), producer=producer)
        .returning(CalibrationTurn)
    ).scalar_one_or_none()
    if turn is None:
        return None
    attempt = session.get_one(Attempt, turn.attempt_id)
    content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
    messages = [
        message
        for earlier in turns(session, turn.attempt_id)
        if earlier.index < turn.index
        for message in (Message("candidate", earlier.message), Message("assistant", earlier.response))
        if message.text
    ]
    prompt = prompt_of(content)
    conversation = Conversation(
        brief=prompt,
        languages=content.languages,
        messages=[*messages, Message("candidate", turn.message)],
        open_files={},
        active_file=None,
        selection=None,
        help_level="full",
        hints=USUAL_HINTS if prompt == DEFAULT_CALIBRATION_PROMPT else (),
    )
    return Asked(CalibrationTurn, turn.id, turn.attempt_id, turn.assistant, conversation, turn.created_at)


def finish(session: Session, resources: Resources, attempt_id: UUID) -> None:
    """The candidate is done with it. Without a message there is nothing to close."""
    lock_attempt(session, attempt_id)
    close(session, resources, attempt_id)


def close(session: Session, resources: Resources, attempt_id: UUID) -> None:
    """Close the calibration, if it is open; a reply that still comes is stopped, and ends with what it had."""
    closed = session.execute(
        update(Calibration)
        .where(Calibration.attempt_id == attempt_id, Calibration.state == "open")
        .values(state="closed", closed_at=database_now(session))
        .returning(Calibration.id)
    ).scalar_one_or_none()
    if closed is None:
        return
    for turn in turns(session, attempt_id):
        if turn.state in UNFINISHED:
            after_commit(session, partial(_stop, resources, turn.id))
    announce(session, attempt_id)


def _stop(resources: Resources, turn_id: UUID) -> None:
    try:
        CancelFlag(resources.valkey, subject(CalibrationTurn, turn_id)).raise_flag()
    except RedisError:
        log.warning("could not ask to stop", work=str(turn_id))


def open_of(session: Session, assessment_id: UUID) -> list[UUID]:
    """Attempts of this assessment whose calibration is open."""
    query = (
        select(Calibration.attempt_id)
        .join(Attempt, Attempt.id == Calibration.attempt_id)
        .where(Attempt.assessment_id == assessment_id, Calibration.state == "open")
    )
    return list(session.execute(query).scalars())


def announce(session: Session, attempt_id: UUID | None) -> None:
    """Tell the rooms on the right once it is over: closed, with no reply under way, and something answered.

    Called when it is closed and whenever a reply ends; the lock makes one of the two see the other.
    """
    calibration = _locked(session, attempt_id) if attempt_id is not None else None
    if calibration is None or attempt_id is None or calibration.state != "closed":
        return
    said = session.execute(
        select(CalibrationTurn.state, CalibrationTurn.response != "").where(CalibrationTurn.attempt_id == attempt_id)
    ).all()
    if any(state in UNFINISHED for state, _ in said) or not any(answered for _, answered in said):
        return
    assessment_id = session.execute(select(Attempt.assessment_id).where(Attempt.id == attempt_id)).scalar_one()
    emit(
        session,
        calibration.organization_id,
        "calibration.finished",
        calibration.id,
        assessment_id=str(assessment_id),
        attempt_id=str(attempt_id),
    )


def attempt_of(session: Session, turn_id: UUID) -> UUID | None:
    """Whose calibration a message belongs to; None when it was deleted meanwhile."""
    query = select(CalibrationTurn.attempt_id).where(CalibrationTurn.id == turn_id)
    return session.execute(query).scalar_one_or_none()


def view(session: Session, attempt: Attempt, assessment: Assessment, content: TaskContent) -> dict[str, Any] | None:
    """What the candidate's page shows of it; None where this assessment has none. After the start only that it was."""
    if not assessment.calibration:
        return None
    if attempt.state != "ready":
        return {"prompt": prompt_of(content), "state": "closed", "messages_left": 0, "turns": []}
    calibration = of_attempt(session, attempt.id)
    said = turns(session, attempt.id) if calibration is not None else []
    state = calibration.state if calibration is not None else "offered"
    return {
        "prompt": prompt_of(content),
        "state": state,
        "messages_left": 0 if state == "closed" else messages_left(said),
        "turns": [present(turn) for turn in said],
    }
