"""What an assessment has cost, as far as those who were paid count it."""

from __future__ import annotations

from collections.abc import Sequence
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


SUBJECTS = {"session": "session", "warm_up": "calibration"}
"""What judges are asked about, as reports call it, and as it is stored."""


def of_judge(session: Session, assessment_id: UUID) -> dict[str, Any]:
    """Requests to judges that may have cost something: tokens, and money where it is known; in all and by subject."""
    rows = session.execute(
        select(
            JudgeRequest.subject,
            func.count(),
            func.sum(JudgeRequest.input_tokens),
            func.sum(JudgeRequest.output_tokens),
            func.sum(JudgeRequest.cost),
            func.sum(case((JudgeRequest.cost.is_(None), 1), else_=0)),
        )
        .where(JudgeRequest.assessment_id == assessment_id, JudgeRequest.state != "refused")
        .group_by(JudgeRequest.subject)
    )
    by_subject = {subject: sums for subject, *sums in rows}
    parts = {name: _requests([by_subject[stored]] if stored in by_subject else []) for name, stored in SUBJECTS.items()}
    return {**_requests(list(by_subject.values())), **parts}


def _requests(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """One sum of several; what nobody counted is None."""
    count, read, written, cost, unknown = (
        [one for one in column if one is not None] for column in (zip(*rows, strict=True) if rows else [()] * 5)
    )
    return {
        "requests": sum(count),
        "input_tokens": _whole(sum(read) if read else None),
        "output_tokens": _whole(sum(written) if written else None),
        "spent": _whole(sum(cost) if cost else None),
        "requests_without_cost": sum(unknown),
    }


def _whole(total: Any) -> int | None:
    return None if total is None else int(total)
