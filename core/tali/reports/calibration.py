"""The warm-up on a report: what was said, what a judge made of it, and where the organisation's candidates stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.blind import veil
from tali.assessments.models import Assessment, Attempt
from tali.reports.words import reason_text
from tali.workspace import calibrations
from tali.workspace.models import Calibration, CalibrationTurn

STEPS = ((0, 2), (2, 4), (4, 6), (6, 8), (8, 10))
"""Of the distribution; each begins where the one before ends, and the last holds 10."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The value of a warm-up, or why there is none, as a sentence."""

    score: float | None
    why_not: str | None


def summary(session: Session, assessment: Assessment, attempt: Attempt) -> Summary:
    """What a report says of the warm-up in one line."""
    if not assessment.calibration:
        return Summary(None, reason_text("calibration_off"))
    held = calibrations.of_attempt(session, attempt.id)
    return _summary(assessment, held, calibrations.turns(session, attempt.id) if held is not None else ())


def _summary(assessment: Assessment, held: Calibration | None, said: Sequence[CalibrationTurn]) -> Summary:
    if held is not None and held.score is not None:
        return Summary(held.score, None)
    if not assessment.calibration:
        return Summary(None, reason_text("calibration_off"))
    if held is None or not any(turn.response for turn in said):
        return Summary(None, reason_text("no_calibration"))
    if held.reason == "not_judged" and held.reason_detail:
        return Summary(None, f"Nobody judged it: {veil(assessment)(held.reason_detail).rstrip('.')}.")
    return Summary(None, reason_text(held.reason or "calibration_waits"))


def taken(session: Session, assessment_id: UUID) -> dict[str, Any]:
    """The warm-up of one assessment: what the candidate was asked, the conversation, the value with its evidence.

    Raises:
        NotFound: `assessment_not_found`.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    calibration = calibrations.of_attempt(session, attempt.id)
    said = calibrations.turns(session, attempt.id) if calibration is not None else []
    hidden = veil(assessment)
    told = _summary(assessment, calibration, said)
    return {
        "state": calibration.state if calibration is not None else "not_taken" if assessment.calibration else "off",
        "prompt": calibration.prompt if calibration is not None else None,
        "score": told.score,
        "reason_text": told.why_not,
        "judged_because": hidden(calibration.reason_detail) if calibration and calibration.score is not None else None,
        "evidence": [hidden.over(piece, "quote", "note") for piece in calibration.evidence] if calibration else [],
        "turns": [
            {
                "index": turn.index,
                "message": hidden(turn.message),
                "response": hidden(turn.response),
                "state": turn.state,
                "timestamp": turn.created_at,
                "input_tokens": turn.input_tokens,
                "output_tokens": turn.output_tokens,
                "response_latency_ms": turn.response_latency_ms,
            }
            for turn in said
        ],
    }


def average(session: Session) -> dict[str, Any]:
    """The mean over the organisation's candidates, each of whom counts once, and how they are spread."""
    per_candidate = (
        select(func.avg(Calibration.score).label("score"))
        .join(Attempt, Attempt.id == Calibration.attempt_id)
        .join(Assessment, Assessment.id == Attempt.assessment_id)
        .where(Calibration.score.is_not(None))
        .group_by(Assessment.candidate_id)
        .subquery()
    )
    score = per_candidate.c.score
    counts = [func.count().filter(score >= low, score < high if high < 10 else score <= high) for low, high in STEPS]
    mean, candidates, *spread = session.execute(select(func.avg(score), func.count(score), *counts)).one()
    return {
        "average": None if mean is None else round(float(mean), 2),
        "candidates": candidates,
        "distribution": [
            {"low": low, "high": high, "candidates": count} for (low, high), count in zip(STEPS, spread, strict=True)
        ],
    }
