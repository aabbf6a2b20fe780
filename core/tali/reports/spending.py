"""What an assessment has cost, as far as those who were paid count it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from tali.scoring.models import JudgeRequest
from tali.workspace.models import CalibrationTurn, Turn
from tali.workspace.work import UNFINISHED


def of_assistant(session: Session, attempt_id: UUID) -> dict[str, Any]:
    """Replies of the assistant, the warm-up's included: tokens, and money where it is known.

    A reply that was stopped half-way, or that nobody puts a price on, is one `without_cost`: the sum is a lower bound.
    """
    replies = (
        select(kind.input_tokens, kind.output_tokens, kind.cost).where(
            kind.attempt_id == attempt_id, kind.state.not_in(UNFINISHED)
        )
        for kind in (Turn, CalibrationTurn)
    )
    first, second = replies
    every = first.union_all(second).subquery()
    count, read, written, cost, unknown = session.execute(
        select(
            func.count(),
            func.sum(every.c.input_tokens),
            func.sum(every.c.output_tokens),
            func.sum(every.c.cost),
            func.sum(case((every.c.cost.is_(None), 1), else_=0)),
        ).select_from(every)
    ).one()
    return {
        "replies": count,
        "input_tokens": _whole(read),
        "output_tokens": _whole(written),
        "spent": _whole(cost),
        "replies_without_cost": unknown or 0,
    }


def of_judge(session: Session, assessment_id: UUID) -> dict[str, Any]:
    """Requests to judges that may have cost something: tokens, and money where it is known."""
    count, read, written, cost, unknown = session.execute(
        select(
            func.count(),
            func.sum(JudgeRequest.input_tokens),
            func.sum(JudgeRequest.output_tokens),
            func.sum(JudgeRequest.cost),
            func.sum(case((JudgeRequest.cost.is_(None), 1), else_=0)),
        ).where(JudgeRequest.assessment_id == assessment_id, JudgeRequest.state != "refused")
    ).one()
    return {
        "requests": count,
        "input_tokens": _whole(read),
        "output_tokens": _whole(written),
        "spent": _whole(cost),
        "requests_without_cost": unknown or 0,
    }


def _whole(total: Any) -> int | None:
    return None if total is None else int(total)
