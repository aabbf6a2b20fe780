"""Turns: a message to the assistant, recorded with the state of the code, answered by a job."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.jobs.service import enqueue
from tali.kernel.errors import Conflict, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.settings import Settings
from tali.providers import spending
from tali.workspace import files, time
from tali.workspace.models import CalibrationTurn, CodeSnapshot, Turn
from tali.workspace.timeline import lock_live, record, take_room
from tali.workspace.work import UNFINISHED

MAX_MESSAGE = 16_000
MAX_TURNS = 1_000
SHOWN = 20
"""Turns in one answer."""


def ask(session: Session, settings: Settings, attempt_id: UUID, sent: Mapping[str, Any]) -> Turn:
    """Record a prompt and have it answered.

    The code is what the server holds, overlaid with the open files as the client sent them: the candidate's screen is
    the truth of the moment. It also becomes the code after the prompt before.

    Raises:
        Conflict: `attempt_not_in_progress`, `turn_running`, `session_taken_over`, `recording_full`.
        TooManyRequests: `spend_cap_reached`; the assessment goes on without the assistant.
        Unprocessable: `message_empty`, `turn_limit`.
    """
    message = sent["message"]
    if not message.strip():
        raise Unprocessable("message_empty", "Write something first.")
    attempt, moment = lock_live(session, attempt_id)
    files.require_writer(attempt, sent["writer_epoch"])
    before = session.execute(
        select(Turn).where(Turn.attempt_id == attempt_id).order_by(Turn.index.desc()).limit(1)
    ).scalar_one_or_none()
    if before is not None and before.state in UNFINISHED:
        raise Conflict("turn_running", "The assistant is still answering. Stop it or wait.", state=before.state)
    if attempt.turn_count >= MAX_TURNS:
        raise Unprocessable("turn_limit", f"A session takes up to {MAX_TURNS} messages.")
    spending.require_room(session, settings, lambda: cost_of(session, attempt_id))
    snapshot_id, differs = _snapshot(session, attempt, sent["code_context"])
    if before is not None and before.code_after_id is None:
        before.code_after_id = snapshot_id
    attempt.turn_count += 1
    turn_id = new_id()
    since = before.created_at if before is not None else attempt.started_at
    turn = Turn(
        id=turn_id,
        created_at=moment,
        organization_id=attempt.organization_id,
        attempt_id=attempt.id,
        index=attempt.turn_count,
        seq=record(session, attempt, "prompt", moment, {"turn_id": str(turn_id), "index": attempt.turn_count}),
        state="queued",
        message=message,
        response="",
        parts=[],
        code_before_id=snapshot_id,
        word_count=len(message.split()),
        char_count=len(message),
        time_since_last_prompt_ms=sent["time_since_last_prompt_ms"],
        server_gap_ms=_gap_ms(session, attempt, since, moment),
        paste_detected=sent["paste_detected"],
        browser_focused=sent["browser_focused"],
        context={
            "open_files": [file["path"] for file in sent["code_context"]],
            "active_file": sent["active_file"],
            "selection": sent["selection"],
            "differs_from_saved": differs,
        },
        assistant=attempt.assistant,
        producer=1,
    )
    session.add(turn)
    session.flush()
    enqueue(session, attempt.organization_id, "workspace.reply", {"turn_id": str(turn_id)}, dedupe_key=str(turn_id))
    return turn


def cost_of(session: Session, attempt_id: UUID) -> int:
    """What the assistant has cost in this attempt, its calibration included, in millionths of a US dollar."""
    costs = (
        select(func.coalesce(func.sum(kind.cost), 0)).where(kind.attempt_id == attempt_id).scalar_subquery()
        for kind in (Turn, CalibrationTurn)
    )
    own, calibration = session.execute(select(*costs)).one()
    return int(own + calibration)


def _gap_ms(session: Session, attempt: Attempt, since: datetime | None, moment: datetime) -> int | None:
    """The time from one prompt to the next, without the pauses in between."""
    if since is None:
        return None
    gap = moment - since
    if attempt.paused_time:
        gap -= time.paused_since(session, attempt.id, since)
    return max(0, int(gap.total_seconds() * 1000))


def _snapshot(session: Session, attempt: Attempt, context: list[dict[str, str]]) -> tuple[UUID, bool]:
    saved = files.contents(session, attempt.id)
    seen = {file["path"]: file["content"] for file in context}
    differs = any(saved.get(path) != content for path, content in seen.items())
    return store_snapshot(session, attempt, {**saved, **seen}), differs


def store_snapshot(session: Session, attempt: Attempt, code: Mapping[str, str]) -> UUID:
    """Keep these files once per attempt, however many prompts saw them.

    Raises:
        Conflict: `recording_full`.
    """
    digest = hashlib.sha256(orjson.dumps(dict(sorted(code.items())))).hexdigest()
    known = session.execute(
        select(CodeSnapshot.id).where(CodeSnapshot.attempt_id == attempt.id, CodeSnapshot.digest == digest)
    ).scalar_one_or_none()
    if known is not None:
        return known
    if attempt.state == "in_progress":
        # What belongs to the end is kept in any case.
        take_room(attempt, sum(len(content) for content in code.values()))
    snapshot_id = new_id()
    session.execute(
        insert(CodeSnapshot).values(
            id=snapshot_id,
            created_at=attempt.created_at,
            organization_id=attempt.organization_id,
            attempt_id=attempt.id,
            digest=digest,
            files=dict(code),
        )
    )
    return snapshot_id


def close_last(session: Session, attempt: Attempt) -> None:
    """At submit: the final code is the code after the last prompt."""
    last = session.execute(
        select(Turn.id)
        .where(Turn.attempt_id == attempt.id, Turn.code_after_id.is_(None))
        .order_by(Turn.index.desc())
        .limit(1)
    ).scalar_one_or_none()
    if last is not None:
        code = files.contents(session, attempt.id)
        session.execute(
            update(Turn).where(Turn.id == last).values(code_after_id=store_snapshot(session, attempt, code))
        )


def note_held_under(session: Session, turn_id: UUID, what: Literal["models", "instructions"], value: str) -> None:
    """Keep with the attempt what answered; seldom more than one, so that most replies write nothing here."""
    held = Attempt.held_under
    known = func.coalesce(held[what], cast([], JSONB))
    session.execute(
        update(Attempt)
        .where(
            Attempt.id == select(Turn.attempt_id).where(Turn.id == turn_id).scalar_subquery(),
            ~known.contains(cast([value], JSONB)),
        )
        .values(held_under=held.concat(func.jsonb_build_object(what, known.concat(cast([value], JSONB)))))
    )


def page(session: Session, attempt_id: UUID, before: int | None = None) -> tuple[list[Turn], bool]:
    """The newest turns, or those before number `before`, in order; and whether there are earlier ones.

    A whole conversation may be hundreds of megabytes: no request carries it.
    """
    query = select(Turn).where(Turn.attempt_id == attempt_id).order_by(Turn.index.desc()).limit(SHOWN + 1)
    if before is not None:
        query = query.where(Turn.index < before)
    found = list(session.execute(query).scalars())
    return list(reversed(found[:SHOWN])), len(found) > SHOWN


def present(turn: Turn | CalibrationTurn) -> dict[str, Any]:
    """A message and its reply as the candidate sees them."""
    return {
        "id": str(turn.id),
        "index": turn.index,
        "message": turn.message,
        "response": turn.response,
        # The text is in `response`; these are the notices and proposals beside it.
        "parts": [part for part in turn.parts if part["type"] != "text"],
        "state": turn.state,
        "error": {"code": turn.error_code, "message": turn.error_message} if turn.error_code else None,
        "created_at": turn.created_at,
        "finished_at": turn.finished_at,
        "chunk_count": len(turn.parts),
    }
