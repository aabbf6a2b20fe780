"""Other weights over values that are known: a new score, or a look at one. No evaluator is called, no test is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.conditions import chosen_weights
from tali.assessments.models import Assessment
from tali.jobs.service import emit
from tali.kernel.actors import Staff
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import an_id, decode_cursor
from tali.kernel.settings import Settings
from tali.organizations import audit
from tali.scoring.combine import Combined, ComponentValue, combine
from tali.scoring.models import Score
from tali.sdk import Component
from tali.tasks import service as tasks
from tali.tasks.weights import weights_hash


@dataclass(frozen=True, slots=True)
class Mix:
    """A weight vector that somebody asks for; `preset` is its name, if it has one."""

    preset: str | None
    weights: dict[str, float]


def mix(
    session: Session,
    assessment: Assessment,
    preset: str | None,
    weights: Mapping[str, float] | None,
    settings: Settings,
    *,
    other_components: bool,
) -> Mix:
    """What was asked for, checked.

    Raises:
        Unprocessable: `mix_missing`, and those of `conditions.chosen_weights`.
    """
    if preset is None and weights is None:
        raise Unprocessable("mix_missing", "Send weights or a preset.")
    content = tasks.frozen_content(session, assessment.task_version_id)
    return Mix(*chosen_weights(preset, weights, content, settings, other_components=other_components))


def latest_scores(session: Session, assessment_ids: Sequence[UUID]) -> dict[UUID, Score]:
    """The scores that count, before any override, by assessment."""
    newest = (
        select(Score)
        .where(Score.assessment_id.in_(assessment_ids))
        .ext(distinct_on(Score.assessment_id))
        .order_by(Score.assessment_id, Score.id.desc())
    )
    return {score.assessment_id: score for score in session.execute(newest).scalars()}


def latest_score(session: Session, assessment_id: UUID) -> Score | None:
    """The score that counts, before any override."""
    return latest_scores(session, [assessment_id]).get(assessment_id)


def _mixed(score: Score, wanted: Mix) -> Combined:
    values = [
        ComponentValue(Component(entry["name"], entry["title"], entry["help"]), entry["value"], entry["reason"])
        for entry in score.components
    ]
    return combine(values, wanted.weights)


def stored(combined: Combined) -> list[dict[str, Any]]:
    """Contributions as a score keeps them."""
    return [
        {
            "name": entry.component.name,
            "title": entry.component.title,
            "help": entry.component.help,
            "value": entry.value,
            "weight": entry.weight,
            "contribution": entry.points,
            "reason": entry.reason,
        }
        for entry in combined.contributions
    ]


def preview(session: Session, assessment: Assessment, wanted: Mix) -> dict[str, Any]:
    """What the score would be; nothing is written.

    Raises:
        NotFound: `score_not_found`, before there is one.
    """
    score = latest_score(session, assessment.id)
    if score is None:
        raise NotFound("score_not_found", "This assessment has no score yet.")
    combined = _mixed(score, wanted)
    return {
        "value": combined.value,
        "coverage": combined.coverage,
        "preset": wanted.preset,
        "weights_hash": weights_hash(wanted.weights),
        "components": stored(combined),
    }


def reweigh(session: Session, actor: Staff, assessment_id: UUID, wanted: Mix) -> Score:
    """Make a new score from the values of the one that counts, and let it count. The same mix again is that score.

    Raises:
        NotFound: `score_not_found`.
        Conflict: `scoring_running`, with the state.
        Unprocessable: `weights_without_values`.
    """
    assessment = session.execute(
        select(Assessment)
        .where(Assessment.id == assessment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if assessment.scoring_state in ("pending", "running"):
        raise Conflict("scoring_running", "Scoring is under way.", state=assessment.scoring_state)
    before = latest_score(session, assessment_id)
    if before is None:
        raise NotFound("score_not_found", "This assessment has no score yet.")
    chosen = weights_hash(wanted.weights)
    if before.weights_hash == chosen:
        return before
    combined = _mixed(before, wanted)
    if combined.value is None:
        raise Unprocessable(
            "weights_without_values",
            "None of the components that these weights count has a value here: there would be no score.",
        )
    score = Score(
        id=new_id(),
        created_at=now(),
        organization_id=assessment.organization_id,
        assessment_id=assessment_id,
        score_run_id=before.score_run_id,
        cause="weights",
        preset=wanted.preset,
        supersedes_id=before.id,
        value=combined.value,
        coverage=combined.coverage,
        components=stored(combined),
        weights=wanted.weights,
        weights_hash=chosen,
        evaluators=before.evaluators,
        inputs_hash=before.inputs_hash,
    )
    session.add(score)
    assessment.preset, assessment.weights, assessment.weights_hash = wanted.preset, wanted.weights, chosen
    assessment.measured_score = round(combined.value, 1)
    if not assessment.overridden:
        assessment.score = assessment.measured_score
    assessment.coverage = combined.coverage
    session.flush()
    emit(
        session,
        actor.organization_id,
        "assessment.scored",
        score.id,
        assessment_id=str(assessment_id),
        state=assessment.scoring_state,
    )
    audit.record(session, actor, "score.reweighed", assessment_id, preset=wanted.preset, weights_hash=chosen)
    return score


def list_scores(session: Session, assessment_id: UUID, limit: int, cursor: str | None) -> list[Score]:
    """Every score of an assessment, newest first, `limit + 1` of them.

    Raises:
        NotFound: `assessment_not_found`.
    """
    assessments.get(session, assessment_id)
    query = select(Score).where(Score.assessment_id == assessment_id).order_by(Score.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(Score.id < decode_cursor(cursor, an_id)[0])
    return list(session.execute(query).scalars())


def present(score: Score) -> dict[str, Any]:
    """A score with its lineage."""
    return {
        "id": score.id,
        "created_at": score.created_at,
        "cause": score.cause,
        "preset": score.preset,
        "value": score.value,
        "coverage": score.coverage,
        "components": score.components,
        "weights": score.weights,
        "weights_hash": score.weights_hash,
        "evaluators": score.evaluators,
        "inputs_hash": score.inputs_hash,
        "supersedes": score.supersedes_id,
    }
