"""Putting a report together: one assessment with its score, components, signals, tests, conversation and code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tali.assessments import cards
from tali.assessments import service as assessments
from tali.assessments.models import Assessment, Attempt
from tali.kernel.actors import Staff
from tali.kernel.clock import isoformat
from tali.kernel.errors import NotFound
from tali.kernel.pagination import a_number, a_small_number, decode_cursor
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings
from tali.reports import diffs
from tali.reports.words import coverage_note, duration_text, reason_text, value_text
from tali.scoring.models import Evaluation, Grade, Score, ScoreRun, SignalValue
from tali.tasks import service as tasks
from tali.workspace import files, timeline
from tali.workspace.models import CodeSnapshot, ExecutionRecord, TimelineEvent, Turn
from tali.workspace.service import starter_files

JUDGED_FIELDS = (
    "prompt_efficiency",
    "independence",
    "context_utilization",
    "design_thinking",
    "debugging_strategy",
    "written_communication",
    "learning_velocity",
    "error_recovery",
    "requirement_comprehension",
)
"""Signals that the answer also carries by name, as `<signal>_score`."""


@dataclass(frozen=True, slots=True)
class _Scored:
    score: Score
    grade: Grade | None
    signals: Sequence[SignalValue]


def detail(
    session: Session, actor: Staff, assessment_id: UUID, settings: Settings, key_ring: KeyRing
) -> dict[str, Any]:
    """One assessment, whole.

    Raises:
        NotFound: `assessment_not_found`.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    scored = _scored(session, assessment_id)
    return {
        **cards.card(assessment, attempt, actor, settings, key_ring),
        "result": _result(scored, _event_times(session, attempt, scored)) if scored else None,
        "scoring": _scoring(session, assessment, attempt),
        "integrity": _integrity(session, attempt, scored),
        **_named_fields(session, attempt, scored),
    }


def _scored(session: Session, assessment_id: UUID) -> _Scored | None:
    score = session.execute(
        select(Score).where(Score.assessment_id == assessment_id).order_by(Score.id.desc()).limit(1)
    ).scalar_one_or_none()
    if score is None:
        return None
    grade = session.execute(select(Grade).where(Grade.score_run_id == score.score_run_id)).scalar_one_or_none()
    signals = session.execute(
        select(SignalValue)
        .where(SignalValue.score_run_id == score.score_run_id)
        .order_by(SignalValue.evaluator, SignalValue.position)
    ).scalars()
    return _Scored(score, grade, list(signals))


def _event_times(session: Session, attempt: Attempt, scored: _Scored) -> dict[int, str]:
    """When the events happened that evidence points at."""
    wanted = {piece["event_seq"] for signal in scored.signals for piece in signal.evidence if "event_seq" in piece}
    rows = session.execute(
        select(TimelineEvent.seq, TimelineEvent.at).where(
            TimelineEvent.attempt_id == attempt.id, TimelineEvent.seq.in_(wanted)
        )
    )
    return {row.seq: isoformat(row.at) for row in rows}


def _result(scored: _Scored, times: Mapping[int, str]) -> dict[str, Any]:
    score, grade = scored.score, scored.grade
    return {
        "score": score.value,
        "coverage": score.coverage,
        "coverage_note": coverage_note(score.coverage),
        "scored_at": isoformat(score.created_at),
        "weights_hash": score.weights_hash,
        "components": [{**entry, "reason_text": reason_text(entry["reason"])} for entry in score.components],
        "signals": [_signal(signal, times) for signal in scored.signals],
        "tests": _tests(grade),
        "code_quality": _quality(grade),
        "lineage": {
            "evaluators": score.evaluators,
            "weight_version": score.weights_hash,
            "inputs_hash": score.inputs_hash,
            "supersedes": score.supersedes_id,
        },
    }


def _signal(signal: SignalValue, times: Mapping[int, str]) -> dict[str, Any]:
    declared = signal.declared
    return {
        "name": signal.name,
        "title": declared["title"],
        "unit": declared["unit"],
        "kind": declared["kind"],
        "value": signal.value,
        "display": value_text(signal.value, declared),
        "flag": signal.flag,
        "direction": declared["direction"],
        "range": declared["range"],
        "help": declared["help"],
        "component": declared["component"],
        "reason": signal.reason,
        "reason_text": reason_text(signal.reason),
        "evaluator": signal.evaluator,
        "evidence": [
            {**piece, "at": times[piece["event_seq"]]} if piece.get("event_seq") in times else piece
            for piece in signal.evidence
        ],
        "detail": signal.detail,
    }


def _tests(grade: Grade | None) -> dict[str, Any]:
    if grade is None or grade.tests is None:
        reason = grade.error if grade else None
        return {
            "state": "error",
            "passed": 0,
            "total": 0,
            "duration_ms": None,
            "results": [],
            "reason_text": reason or reason_text("grading_failed"),
        }
    results = grade.tests["results"]
    times = [result["duration_ms"] for result in results if result["duration_ms"] is not None]
    return {**grade.tests, "duration_ms": sum(times) if times else None, "reason_text": None}


def _quality(grade: Grade | None) -> dict[str, Any]:
    if grade is None or grade.quality is None:
        return {"value": None, "reason": "grading_failed", "reason_text": reason_text("grading_failed"), "findings": []}
    return {**grade.quality, "reason_text": reason_text(grade.quality["reason"])}


def _scoring(session: Session, assessment: Assessment, attempt: Attempt) -> dict[str, Any]:
    run = session.execute(
        select(ScoreRun).where(ScoreRun.attempt_id == attempt.id).order_by(ScoreRun.number.desc()).limit(1)
    ).scalar_one_or_none()
    evaluations = (
        session.execute(select(Evaluation).where(Evaluation.score_run_id == run.id)).scalars().all() if run else ()
    )
    if assessment.scoring_state == "pending":
        # The run that is asked for has not begun; the one before says nothing about it.
        run, evaluations = None, ()
    return {
        "state": assessment.scoring_state,
        "reason_text": run.reason if run else None,
        "started_at": isoformat(run.started_at) if run and run.started_at else None,
        "finished_at": isoformat(run.finished_at) if run and run.finished_at else None,
        "evaluators": [
            {"name": entry.evaluator, "state": entry.state, "reason": entry.reason} for entry in evaluations
        ],
    }


def _integrity(session: Session, attempt: Attempt, scored: _Scored | None) -> dict[str, Any]:
    counts = dict(
        session.execute(
            select(TimelineEvent.kind, func.count())
            .where(TimelineEvent.attempt_id == attempt.id, TimelineEvent.kind.in_(("paste", "focus", "takeover")))
            .group_by(TimelineEvent.kind)
        ).all()
    )
    return {
        "tab_switch_count": attempt.tab_switch_count,
        "browser_focus_ratio": _value(scored, "browser_focus_ratio"),
        "pastes": counts.get("paste", 0),
        "focus_events": counts.get("focus", 0),
        "takeovers": counts.get("takeover", 0),
        "submitted_by": attempt.submitted_by,
    }


def _value(scored: _Scored | None, signal_name: str) -> float | None:
    if scored is None:
        return None
    return next((signal.value for signal in scored.signals if signal.name == signal_name), None)


def _named_fields(session: Session, attempt: Attempt, scored: _Scored | None) -> dict[str, Any]:
    components = {entry["name"]: entry["value"] for entry in scored.score.components} if scored else {}
    totals = session.execute(
        select(
            func.count(),
            func.sum(Turn.input_tokens),
            func.sum(Turn.output_tokens),
            func.avg(Turn.word_count),
            func.avg(Turn.response_latency_ms),
        ).where(Turn.attempt_id == attempt.id)
    ).one()
    snapshots = session.execute(
        select(CodeSnapshot.id, CodeSnapshot.digest, CodeSnapshot.created_at)
        .where(CodeSnapshot.attempt_id == attempt.id)
        .order_by(CodeSnapshot.id)
        .limit(1000)
    ).all()
    fraud = next((s for s in scored.signals if s.name == "prompt_fraud"), None) if scored else None
    first_prompt = _value(scored, "time_to_first_prompt")
    return {
        "prompt_quality_score": components.get("prompt_quality"),
        **{f"{name}_score": _value(scored, name) for name in JUDGED_FIELDS},
        "calibration_score": None,
        "prompt_fraud_flags": list(fraud.detail.get("flags", [])) if fraud else [],
        "prompt_analytics": {
            "prompt_count": totals[0],
            "input_tokens": totals[1],
            "output_tokens": totals[2],
            "average_words": round(float(totals[3]), 1) if totals[3] is not None else None,
            "average_latency_ms": round(float(totals[4])) if totals[4] is not None else None,
            "first_prompt_text": duration_text(first_prompt * 1000) if first_prompt is not None else "--",
        },
        "browser_focus_ratio": _value(scored, "browser_focus_ratio"),
        "tab_switch_count": attempt.tab_switch_count,
        "time_to_first_prompt_seconds": first_prompt,
        "code_snapshots": [{"id": row.id, "digest": row.digest} for row in snapshots],
    }


def prompts(session: Session, assessment_id: UUID, limit: int, cursor: str | None) -> list[dict[str, Any]]:
    """The conversation in order, `limit + 1` turns, each with what it changed in the code."""
    assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    after = decode_cursor(cursor, a_small_number)[0] if cursor else 0
    turns = session.execute(
        select(Turn).where(Turn.attempt_id == attempt.id, Turn.index > after).order_by(Turn.index).limit(limit + 1)
    ).scalars().all()  # fmt: skip
    changes = _changes(session, turns)
    return [
        {
            "index": turn.index,
            "turn_id": turn.id,
            "message": turn.message,
            "response": turn.response,
            "parts": turn.parts,
            "state": turn.state,
            "timestamp": isoformat(turn.created_at),
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
            "code_diff": changes.get(turn.id, []) if turn.code_after_id else None,
        }
        for turn in turns
    ]


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
    assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    found = session.execute(
        select(CodeSnapshot).where(CodeSnapshot.id == snapshot_id, CodeSnapshot.attempt_id == attempt.id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("snapshot_not_found", "There is no such state of the code in this assessment.")
    return {"id": found.id, "digest": found.digest, "files": found.files}


def code(session: Session, assessment_id: UUID) -> dict[str, Any]:
    """The files as they are, beside what the candidate was given."""
    assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    content = tasks.frozen_content(session, attempt.task_version_id)
    starter, readonly = starter_files(content)
    final = files.contents(session, attempt.id) if attempt.state != "ready" else {}
    paths = sorted(starter.keys() | final.keys())
    return {
        "files": [
            {
                "path": path,
                "starter": starter.get(path),
                "final": final.get(path),
                "readonly": path in readonly,
                "diff": diffs.unified(starter.get(path), final.get(path), path) if final else "",
            }
            for path in paths
        ],
        "submitted_at": isoformat(attempt.submitted_at) if attempt.submitted_at else None,
    }


def events(session: Session, assessment_id: UUID, limit: int, cursor: str | None) -> list[dict[str, Any]]:
    """The timeline in order, `limit + 1` events."""
    assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    after = decode_cursor(cursor, a_number)[0] if cursor else 0
    found = timeline.events(session, attempt.id, after, limit + 1)
    outcomes = _outcomes(session, [event for event in found if event.kind == "execution"])
    return [
        {
            "seq": event.seq,
            "kind": event.kind,
            "at": isoformat(event.at),
            "data": {**event.data, **outcomes.get(event.data.get("execution_id", ""), {})},
        }
        for event in found
    ]


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
