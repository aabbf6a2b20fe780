"""People's ratings of judged signals: data to hold a judge against. They are part of no score."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.blind import is_blind
from tali.kernel.actors import Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import an_id, decode_cursor
from tali.organizations import audit
from tali.scoring.models import Rating, ScoreRun, SignalValue

JUDGED_SIGNALS = (
    "prompt_clarity",
    "prompt_specificity",
    "prompt_efficiency",
    "design_thinking",
    "debugging_strategy",
    "prompt_progression",
    "independence",
    "written_communication",
    "context_utilization",
    "error_recovery",
    "requirement_comprehension",
    "learning_velocity",
)
"""What people can always rate; signals that plugins judge can be rated where they were judged."""


def rate(
    session: Session, actor: UserActor, assessment_id: UUID, dimension: str, value: float, *, blind: bool
) -> Rating:
    """Rate one judged signal of the attempt that counts; rating it again replaces one's own rating.

    `blind` is the rater's word, and holds only while the review is blind.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `assessment_not_completed`, with the state.
        Unprocessable: `dimension_unknown`.
    """
    assessment = assessments.get(session, assessment_id)
    if assessment.state != "completed":
        raise Conflict("assessment_not_completed", "Only a completed assessment can be rated.", state=assessment.state)
    attempt = assessments.attempt_of(session, assessment_id)
    if dimension not in JUDGED_SIGNALS and not _was_judged(session, attempt.id, dimension):
        raise Unprocessable(
            "dimension_unknown", f"There is no judged signal called {dimension}. Known are {', '.join(JUDGED_SIGNALS)}."
        )
    said = {"value": value, "blind": blind and is_blind(assessment), "rated_at": now()}
    rating = session.execute(
        insert(Rating)
        .values(
            id=new_id(),
            created_at=now(),
            organization_id=actor.organization_id,
            attempt_id=attempt.id,
            rater=actor.key,
            rater_id=actor.membership_id,
            dimension=dimension,
            **said,
        )
        .on_conflict_do_update(index_elements=["organization_id", "attempt_id", "rater", "dimension"], set_=said)
        .returning(Rating)
        .execution_options(populate_existing=True)
    ).scalar_one()
    audit.record(session, actor, "attempt.rated", assessment_id, dimension=dimension)
    return rating


def _was_judged(session: Session, attempt_id: UUID, dimension: str) -> bool:
    judged = (
        select(SignalValue.id)
        .join(ScoreRun, ScoreRun.id == SignalValue.score_run_id)
        .where(
            ScoreRun.attempt_id == attempt_id,
            SignalValue.name == dimension,
            SignalValue.declared["kind"].astext == "judged",
        )
        .limit(1)
    )
    return session.execute(judged).first() is not None


def list_ratings(session: Session, actor: Staff, assessment_id: UUID, limit: int, cursor: str | None) -> list[Rating]:
    """Ratings as they were first given, `limit + 1`. While the review is blind everybody sees their own alone.

    Raises:
        NotFound: `assessment_not_found`.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    query = select(Rating).where(Rating.attempt_id == attempt.id).order_by(Rating.id).limit(limit + 1)
    if is_blind(assessment):
        query = query.where(Rating.rater == actor.key)
    if cursor:
        query = query.where(Rating.id > decode_cursor(cursor, an_id)[0])
    return list(session.execute(query).scalars())


def present(session: Session, ratings: list[Rating]) -> list[dict[str, Any]]:
    """Ratings as they are shown."""
    names = audit.shown_names(session, {rating.rater for rating in ratings})
    return [
        {
            "id": rating.id,
            "rater": names[rating.rater],
            "dimension": rating.dimension,
            "value": rating.value,
            "blind": rating.blind,
            "rated_at": rating.rated_at,
        }
        for rating in ratings
    ]
