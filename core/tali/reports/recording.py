"""What was recorded in a session, as reports show it: conversation, code, timeline with notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tali.assessments import review
from tali.assessments import service as assessments
from tali.assessments.blind import is_blind, veil
from tali.kernel.actors import Staff
from tali.kernel.errors import NotFound
from tali.kernel.pagination import a_number, a_small_number, decode_cursor, encode_cursor
from tali.reports import diffs
from tali.scoring.mixes import latest_score
from tali.scoring.models import Evaluation
from tali.tasks import service as tasks
from tali.workspace import files, timeline
from tali.workspace.models import CodeSnapshot, ExecutionRecord, TimelineEvent, Turn
from tali.workspace.service import starter_files


def prompts(session: Session, assessment_id: UUID, limit: int, cursor: str | None) -> list[dict[str, Any]]:
    """The conversation in order, `limit + 1` turns, each with what it changed in the code."""
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    after = decode_cursor(cursor, a_small_number)[0] if cursor else 0
    turns = session.execute(
        select(Turn).where(Turn.attempt_id == attempt.id, Turn.index > after).order_by(Turn.index).limit(limit + 1)
    ).scalars().all()  # fmt: skip
    changes = _changes(session, turns)
    breakdown = _breakdown(session, assessment_id) if turns else {}
    hidden = veil(assessment)
    return [
        {
            "index": turn.index,
            "turn_id": turn.id,
            "message": hidden(turn.message),
            "response": hidden(turn.response),
            "parts": hidden(_joined(turn.parts) if is_blind(assessment) else turn.parts),
            "state": turn.state,
            "timestamp": turn.created_at,
            "input_tokens": turn.input_tokens,
            "output_tokens": turn.output_tokens,
            "response_latency_ms": turn.response_latency_ms,
            "time_since_last_prompt_ms": turn.time_since_last_prompt_ms,
            "server_gap_ms": turn.server_gap_ms,
            "word_count": turn.word_count,
            "char_count": turn.char_count,
            "paste_detected": turn.paste_detected,
            "browser_focused": turn.browser_focused,
            "code_before": turn.code_before_id,
            "code_after": turn.code_after_id,
            "code_diff": hidden(changes.get(turn.id, [])) if turn.code_after_id else None,
            "judged": breakdown[turn.index] | {"note": hidden(breakdown[turn.index]["note"])}
            if turn.index in breakdown
            else None,
        }
        for turn in turns
    ]


def _breakdown(session: Session, assessment_id: UUID) -> dict[int, dict[str, Any]]:
    """What a judge said of each message, by its number, in the run of the newest score."""
    score = latest_score(session, assessment_id)
    if score is None:
        return {}
    said = session.execute(
        select(Evaluation.prompts)
        .where(Evaluation.score_run_id == score.score_run_id, Evaluation.judge_request_id.is_not(None))
        .order_by(Evaluation.evaluator)
    ).scalars()
    return {prompt["index"]: prompt for prompts in said for prompt in prompts}


def _joined(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts of a reply, text that stands together as one: a model sends a word in pieces, which veil nothing."""
    joined: list[dict[str, Any]] = []
    for part in parts:
        if joined and part["type"] == joined[-1]["type"] == "text":
            joined[-1] = {**joined[-1], "text": joined[-1]["text"] + part["text"]}
        else:
            joined.append(part)
    return joined


CHANGED_FILES = text("""
    SELECT turn.id, changed.path, changed.before, changed.after
    FROM turn
    JOIN code_snapshot earlier ON earlier.id = turn.code_before_id
    JOIN code_snapshot later ON later.id = turn.code_after_id
    CROSS JOIN LATERAL (
        SELECT coalesce(b.key, a.key) AS path, b.value AS before, a.value AS after
        FROM jsonb_each_text(earlier.files) b FULL JOIN jsonb_each_text(later.files) a ON a.key = b.key
        WHERE b.value IS DISTINCT FROM a.value
    ) AS changed
    WHERE turn.id = ANY(:turns) AND turn.code_before_id <> turn.code_after_id
    ORDER BY turn.id, changed.path
""")


def _changes(session: Session, turns: Sequence[Turn]) -> dict[UUID, list[dict[str, str]]]:
    """What each of these turns changed, by turn. Only the files that differ leave the database: a page of turns with
    both whole workspaces each would be hundreds of megabytes."""
    changes: dict[UUID, list[dict[str, str]]] = defaultdict(list)
    for turn_id, path, before, after in session.execute(CHANGED_FILES, {"turns": [turn.id for turn in turns]}):
        if diff := diffs.unified(before, after, path):
            changes[turn_id].append({"path": path, "diff": diff})
    return changes


def snapshot(session: Session, assessment_id: UUID, snapshot_id: UUID) -> dict[str, Any]:
    """All files around a prompt.

    Raises:
        NotFound: `assessment_not_found`, `snapshot_not_found`.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    found = session.execute(
        select(CodeSnapshot).where(CodeSnapshot.id == snapshot_id, CodeSnapshot.attempt_id == attempt.id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("snapshot_not_found", "There is no such state of the code in this assessment.")
    return {"id": found.id, "digest": found.digest, "files": veil(assessment).over_files(found.files)}


def code(session: Session, assessment_id: UUID) -> dict[str, Any]:
    """The files as they are, beside what the candidate was given."""
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
    starter, readonly = starter_files(content)
    final = files.contents(session, attempt.id) if attempt.state != "ready" else {}
    paths = sorted(starter.keys() | final.keys())
    hidden = veil(assessment)
    return {
        "files": [
            {
                "path": hidden(path),
                "starter": starter.get(path),
                "final": hidden(final.get(path)),
                "readonly": path in readonly,
                "diff": hidden(diffs.unified(starter.get(path), final.get(path), path)) if final else "",
            }
            for path in paths
        ],
        "submitted_at": attempt.submitted_at,
    }


def events(session: Session, actor: Staff, assessment_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the timeline in order, with the notes that belong among its events. Notes do not count for `limit`.

    A note stands after the event that it is pinned to, or where it falls by its time; the latest come at the end.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    after = decode_cursor(cursor, a_number)[0] if cursor else 0
    before = timeline.events(session, attempt.id, after - 1, 1) if after else []
    found = timeline.events(session, attempt.id, after, limit + 1)
    more, found = len(found) > limit, found[:limit]
    outcomes = _outcomes(session, [event for event in found if event.kind == "execution"])
    hidden = veil(assessment)
    rows = [
        {
            "seq": event.seq,
            "kind": event.kind,
            "at": event.at,
            "data": hidden.over({**event.data, **outcomes.get(event.data.get("execution_id", ""), {})}, *SAID),
        }
        for event in found
    ]
    notes = review.notes_between(
        session,
        assessment_id,
        after,
        found[-1].seq if more else None,
        before[0].at if before else None,
        found[-1].at if more else None,
    )
    for note in review.present_notes(session, notes, actor):
        _place(rows, hidden.over(note, *SAID))
    return {"data": rows, "next_cursor": encode_cursor((found[-1].seq,)) if more else None}


SAID = ("path", "files", "reason", "text")
"""What of an event's data people have chosen or written."""


def _place(rows: list[dict[str, Any]], note: dict[str, Any]) -> None:
    """Put a note among events, after the one it is pinned to or the last one before it was written."""
    written = note["created_at"]
    pinned = note["event_seq"]
    place = sum(1 for row in rows if (row["seq"] <= pinned if pinned is not None else row["at"] <= written))
    data = {"note_id": str(note["id"]), "author": note["author"], "own": note["own"], "text": note["text"]}
    seq = pinned if pinned is not None else rows[place - 1]["seq"] if place else 0
    rows.insert(place, {"seq": seq, "kind": "note", "at": written, "data": data})


def _outcomes(session: Session, runs: Sequence[TimelineEvent]) -> dict[str, dict[str, Any]]:
    """How the runs on this page ended: an event is written when a run is asked for."""
    wanted = [UUID(event.data["execution_id"]) for event in runs]
    rows = session.execute(select(ExecutionRecord).where(ExecutionRecord.id.in_(wanted))).scalars()
    return {
        str(row.id): {
            "path": row.path,
            "state": row.state,
            "exit_code": row.exit_code,
            "passed": None if row.tests is None else sum(test["passed"] for test in row.tests),
            "total": None if row.tests is None else len(row.tests),
        }
        for row in rows
    }
