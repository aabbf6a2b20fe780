"""Putting a report together: one assessment with its score, components, signals, tests, conversation and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tali.assessments import cards, review
from tali.assessments import service as assessments
from tali.assessments.blind import Veil, veil
from tali.assessments.models import Assessment, Attempt
from tali.kernel.actors import Staff
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings
from tali.reports import calibration, spending
from tali.reports.words import coverage_note, duration_text, reason_text, value_text
from tali.scoring.mixes import latest_score
from tali.scoring.models import Evaluation, Grade, Score, ScoreRun, SignalValue
from tali.tasks import service as tasks
from tali.workspace.models import CodeSnapshot, TimelineEvent, Turn

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
    evaluations: Sequence[Evaluation]
    contradictions: Sequence[Mapping[str, Any]]


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
    named = _named_fields(session, assessment, attempt, scored)
    warm_up = calibration.summary(session, assessment, attempt)
    named["calibration_score"] = warm_up.score
    hidden = veil(assessment)
    decisions = review.present_verdicts(session, review.decisions(session, assessment_id))
    overrides = review.present_verdicts(session, review.overrides(session, assessment_id))
    report = {
        **cards.card(assessment, attempt, actor, settings, key_ring),
        "result": _result(scored, _event_times(session, attempt, scored), hidden) if scored else None,
        "scoring": _scoring(session, assessment, attempt, hidden),
        "variant": tasks.variant_name(session, attempt.task_version_id, attempt.variant_seed),
        "integrity": _integrity(session, assessment, attempt, scored),
        "cost": {
            "assistant": spending.of_assistant(session, attempt.id),
            "judge": spending.of_judge(session, assessment_id),
        },
        "decisions": [hidden.over(one, "reason") for one in decisions],
        "overrides": [hidden.over(one, "reason") for one in overrides],
        **hidden.over(named, "prompt_fraud_flags"),
        "unmeasured": _unmeasured(assessment, named, scored, hidden),
    }
    if warm_up.why_not is not None:
        report["unmeasured"]["calibration_score"] = warm_up.why_not
    return report


NAMED_SIGNALS = {
    **{f"{name}_score": name for name in JUDGED_FIELDS},
    "browser_focus_ratio": "browser_focus_ratio",
    "time_to_first_prompt_seconds": "time_to_first_prompt",
}


def _unmeasured(
    assessment: Assessment, named: Mapping[str, Any], scored: _Scored | None, hidden: Veil
) -> dict[str, str]:
    """Why a named field is null, as a sentence."""
    decided: dict[str, str | None] = {}
    if not assessment.calibration:
        decided["calibration_score"] = reason_text("calibration_off")
    if not assessment.proctored:
        decided |= {name: reason_text("not_proctored") for name in ("browser_focus_ratio", "tab_switch_count")}
    if scored is None:
        return {name: decided.get(name) or "There is no score yet." for name, value in named.items() if value is None}
    decided.setdefault("calibration_score", reason_text("no_calibration"))
    reasons = {signal.name: signal.reason for signal in scored.signals}
    components = {entry["name"]: entry["reason"] for entry in scored.score.components}
    told = {}
    for name, value in named.items():
        if value is not None:
            continue
        if name in decided:
            told[name] = decided[name] or ""
            continue
        reason = (
            components.get("prompt_quality") if name == "prompt_quality_score" else reasons.get(NAMED_SIGNALS[name])
        )
        told[name] = _why_without(reason or "not_judged", scored, hidden) or ""
    return told


def _scored(session: Session, assessment_id: UUID) -> _Scored | None:
    score = latest_score(session, assessment_id)
    if score is None:
        return None
    grade = session.execute(select(Grade).where(Grade.score_run_id == score.score_run_id)).scalar_one_or_none()
    signals = session.execute(
        select(SignalValue)
        .where(SignalValue.score_run_id == score.score_run_id)
        .order_by(SignalValue.evaluator, SignalValue.position)
    ).scalars()
    evaluations = session.execute(
        select(Evaluation).where(Evaluation.score_run_id == score.score_run_id).order_by(Evaluation.evaluator)
    ).scalars()
    spoken_against = session.execute(
        select(ScoreRun.contradictions).where(ScoreRun.id == score.score_run_id)
    ).scalar_one()
    return _Scored(score, grade, list(signals), list(evaluations), spoken_against)


def _event_times(session: Session, attempt: Attempt, scored: _Scored) -> dict[int, datetime]:
    """When the events happened that evidence points at."""
    wanted = {piece["event_seq"] for signal in scored.signals for piece in signal.evidence if "event_seq" in piece}
    rows = session.execute(
        select(TimelineEvent.seq, TimelineEvent.at).where(
            TimelineEvent.attempt_id == attempt.id, TimelineEvent.seq.in_(wanted)
        )
    )
    return {row.seq: row.at for row in rows}


def _result(scored: _Scored, times: Mapping[int, datetime], hidden: Veil) -> dict[str, Any]:
    score, grade = scored.score, scored.grade
    contradicted = {one["signal"]: one for one in scored.contradictions}
    return {
        "score": score.value,
        "coverage": score.coverage,
        "coverage_note": coverage_note(score.coverage),
        "scored_at": score.created_at,
        "weights_hash": score.weights_hash,
        "components": [
            {**entry, "reason_text": _why_without(entry["reason"], scored, hidden)} for entry in score.components
        ],
        "signals": [_signal(signal, times, hidden, contradicted.get(signal.name)) for signal in scored.signals],
        "tests": _tests(grade, hidden),
        "code_quality": _quality(grade, hidden),
        "lineage": {
            "evaluators": score.evaluators,
            "weight_version": score.weights_hash,
            "inputs_hash": score.inputs_hash,
            "supersedes": score.supersedes_id,
        },
    }


def _why_without(reason: str | None, scored: _Scored, hidden: Veil) -> str | None:
    """Why there is no value. Where nobody judged, the evaluators that are there and did not work say why."""
    silent = [entry for entry in scored.evaluations if entry.reason]
    if reason != "not_judged" or not silent:
        return reason_text(reason)
    return "Nobody judged it. " + " ".join(f"{entry.evaluator}: {hidden(entry.reason)}." for entry in silent)


def _signal(
    signal: SignalValue, times: Mapping[int, datetime], hidden: Veil, contradicted: Mapping[str, Any] | None
) -> dict[str, Any]:
    declared = signal.declared
    return {
        "name": signal.name,
        "title": declared["title"],
        "unit": declared["unit"],
        "kind": declared["kind"],
        "value": signal.value,
        "display": value_text(signal.value, declared),
        "flag": hidden(signal.flag),
        "direction": declared["direction"],
        "range": declared["range"],
        "help": declared["help"],
        "component": declared["component"],
        "reason": signal.reason,
        "reason_text": reason_text(signal.reason),
        "evaluator": signal.evaluator,
        "evidence": [
            {**piece, "at": times[piece["event_seq"]]} if piece.get("event_seq") in times else piece
            for piece in (hidden.over(piece, "quote", "note", "path") for piece in signal.evidence)
        ],
        "detail": hidden(signal.detail),
        "anchors": [{"value": value, "text": words} for value, words in declared.get("anchors", ())],
        "contradicted": contradicted,
    }


def _tests(grade: Grade | None, hidden: Veil) -> dict[str, Any]:
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
    results = [hidden.over(result, "message") for result in grade.tests["results"]]
    times = [result["duration_ms"] for result in results if result["duration_ms"] is not None]
    why = None
    if grade.tests["state"] == "error":
        # One thing stopped all of them, and each says so.
        why = results[0]["message"] if results else reason_text("grading_failed")
    return {**grade.tests, "results": results, "duration_ms": sum(times) if times else None, "reason_text": why}


def _quality(grade: Grade | None, hidden: Veil) -> dict[str, Any]:
    if grade is None or grade.quality is None:
        return {"value": None, "reason": "grading_failed", "reason_text": reason_text("grading_failed"), "findings": []}
    findings = [hidden.over(finding, "path", "message") for finding in grade.quality["findings"]]
    return {**grade.quality, "findings": findings, "reason_text": reason_text(grade.quality["reason"])}


def _scoring(session: Session, assessment: Assessment, attempt: Attempt, hidden: Veil) -> dict[str, Any]:
    run = session.execute(
        select(ScoreRun).where(ScoreRun.attempt_id == attempt.id).order_by(ScoreRun.number.desc()).limit(1)
    ).scalar_one_or_none()
    evaluations = (
        session.execute(select(Evaluation).where(Evaluation.score_run_id == run.id)).scalars().all() if run else ()
    )
    if assessment.scoring_state == "pending":
        # The run that is asked for has not begun; the one before says nothing about it.
        run, evaluations = None, ()
    grade = None
    if run is not None and run.state == "running":
        # A judge may take minutes; the tests are done long before.
        grade = session.execute(select(Grade).where(Grade.score_run_id == run.id)).scalar_one_or_none()
    return {
        "state": assessment.scoring_state,
        "reason_text": hidden(run.reason) if run else None,
        "started_at": run.started_at if run else None,
        "finished_at": run.finished_at if run else None,
        "tests": _tests(grade, hidden) if grade else None,
        "evaluators": [
            {
                "name": entry.evaluator,
                "state": entry.state,
                "reason": hidden(entry.reason),
                "dropped": entry.dropped,
                "left_out": hidden(entry.left_out),
            }
            for entry in evaluations
        ],
    }


def _integrity(session: Session, assessment: Assessment, attempt: Attempt, scored: _Scored | None) -> dict[str, Any]:
    counts = dict(
        session.execute(
            select(TimelineEvent.kind, func.count())
            .where(TimelineEvent.attempt_id == attempt.id, TimelineEvent.kind.in_(("paste", "focus", "takeover")))
            .group_by(TimelineEvent.kind)
        ).all()
    )
    return {
        "tab_switch_count": attempt.tab_switch_count if assessment.proctored else None,
        "browser_focus_ratio": _value(scored, "browser_focus_ratio"),
        "pastes": counts.get("paste", 0),
        "focus_events": counts.get("focus", 0) if assessment.proctored else None,
        "takeovers": counts.get("takeover", 0),
        "submitted_by": attempt.submitted_by,
    }


def _value(scored: _Scored | None, signal_name: str) -> float | None:
    if scored is None:
        return None
    return next((signal.value for signal in scored.signals if signal.name == signal_name), None)


def _named_fields(session: Session, assessment: Assessment, attempt: Attempt, scored: _Scored | None) -> dict[str, Any]:
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
        "prompt_fraud_flags": list(fraud.detail.get("findings", [])) if fraud else [],
        "prompt_analytics": {
            "prompt_count": totals[0],
            "input_tokens": totals[1],
            "output_tokens": totals[2],
            "average_words": round(float(totals[3]), 1) if totals[3] is not None else None,
            "average_latency_ms": round(float(totals[4])) if totals[4] is not None else None,
            "first_prompt_text": duration_text(first_prompt * 1000) if first_prompt is not None else "--",
        },
        "browser_focus_ratio": _value(scored, "browser_focus_ratio"),
        "tab_switch_count": attempt.tab_switch_count if assessment.proctored else None,
        "time_to_first_prompt_seconds": first_prompt,
        "code_snapshots": [{"id": row.id, "digest": row.digest} for row in snapshots],
    }
