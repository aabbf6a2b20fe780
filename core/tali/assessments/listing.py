"""The list of assessments: filtered, sorted and searched, a page at a time, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from tali.assessments.models import Assessment
from tali.assessments.service import with_people
from tali.kernel.pagination import a_finite_number, a_moment, an_id, decode_cursor

Sort = Literal["newest", "score"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list. `score` sorts the highest first, and leaves out what has no score.

    `search` is looked for in the candidate's name and e-mail address; one or two letters only where a word begins.
    """

    state: str | None = None
    task_id: UUID | None = None
    search: str | None = None
    sort: Sort = "newest"


def list_assessments(session: Session, wanted: Wanted, limit: int, cursor: str | None) -> Sequence[Assessment]:
    """In the order that is wanted, `limit + 1` of them.

    Raises:
        Unprocessable: `cursor_invalid`.
    """
    first = a_finite_number if wanted.sort == "score" else a_moment
    after = decode_cursor(cursor, first, an_id) if cursor else None
    search = (wanted.search or "").strip()
    if search:
        return _in_order(session, _found(session, wanted, search, limit + 1, after))
    key: Any = Assessment.score if wanted.sort == "score" else Assessment.created_at
    query = with_people(select(Assessment)).order_by(key.desc(), Assessment.id.desc())
    if wanted.sort == "score":
        query = query.where(Assessment.score.is_not(None))
    if wanted.state:
        query = query.where(Assessment.state == wanted.state)
    if wanted.task_id:
        query = query.where(Assessment.task_id == wanted.task_id)
    if after:
        query = query.where(tuple_(key, Assessment.id) < tuple(after))
    return session.execute(query.limit(limit + 1)).scalars().all()


def position(sort: Sort) -> Callable[[dict[str, Any]], Sequence[Any]]:
    """Where a row of the list stands, for the cursor."""
    if sort == "score":
        return lambda row: (row["score"], row["id"])
    return lambda row: (row["created_at"].isoformat(), row["id"])


def _found(session: Session, wanted: Wanted, search: str, limit: int, after: list[Any] | None) -> list[UUID]:
    by_score = wanted.sort == "score"
    values = {
        "term": search,
        "state": wanted.state,
        "task": wanted.task_id,
        "by_score": by_score,
        "score": after[0] if after and by_score else None,
        "created": after[0] if after and not by_score else None,
        "id": after[1] if after else None,
        "limit": limit,
    }
    query = "SELECT id FROM tali_search_assessments(:term, :state, :task, :by_score, :score, :created, :id, :limit)"
    return list(session.execute(text(query), values).scalars())


def _in_order(session: Session, ids: list[UUID]) -> list[Assessment]:
    rows = session.execute(with_people(select(Assessment).where(Assessment.id.in_(ids)))).scalars()
    by_id = {row.id: row for row in rows}
    # Under the policy again: what the function found and the tenant may not see would simply be missing.
    return [by_id[found] for found in ids if found in by_id]
