"""A person's rights over what is held about them: a copy of everything, and its end.

Both walk the models' foreign keys from the candidate's row and the class that every column declares, so that a table
which is added later is part of both. Rows that know a person by address alone are named by their room (`BY_ADDRESS`).

**Erasing deletes.** The candidate's row goes, and with it every assessment, attempt, file, edit, prompt, run, event,
signal and score. Scores are not kept as anonymous numbers: without the work that they point at nobody could explain or
contest them, and the whole of a session is enough to know its author again. What stays holds ids only: audit log,
domain events and jobs. Answers kept for Idempotency-Key are emptied. Chunks of replies that were streamed in the last
hour leave Valkey by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from uuid import UUID

import orjson
from sqlalchemy import Column, ColumnElement, Table, delete, func, or_, select, text
from sqlalchemy.orm import Session

from tali.candidates import service
from tali.candidates.models import Candidate
from tali.jobs.service import emit
from tali.kernel.actors import Staff
from tali.kernel.clock import isoformat, now
from tali.kernel.idempotency import forget_about
from tali.kernel.models import Privacy
from tali.kernel.references import belongings
from tali.organizations import audit

ROWS_AT_ONCE = 50
LONGEST_STATEMENT = "600s"
"""For erasing alone: one delete takes all that cascades, and an erasure that can never end would be none."""


@dataclass(frozen=True, slots=True)
class KnownByAddress:
    """Rows of a room on the right that know a person by address alone, not by the candidate's id.

    Args:
        address: the column that holds it.
        told_in: the column that names what answers about such a row were about: those answers are forgotten too.
        empty: takes the person out of the rows with this address; tells how many.
    """

    address: Column[Any]
    told_in: Column[Any]
    empty: Callable[[Session, str], int]


BY_ADDRESS: list[KnownByAddress] = []
"""Rooms add to it as they are loaded."""
BEFORE_EXPORT: list[Callable[[Session, Staff, UUID], None]] = []
"""What rooms on the right ask before a copy is given; each raises where it may not be."""


def export(session: Session, actor: Staff, candidate_id: UUID, out: IO[bytes]) -> None:
    """Write a copy of everything that is held about a candidate as JSON: table → rows, credentials left out.

    Written row by row, since a long session is larger than memory should be.

    Raises:
        NotFound: `candidate_not_found`.
        Conflict: what a room on the right has against it (`review_blind`).
    """
    email = service.get(session, candidate_id).email
    for check in BEFORE_EXPORT:
        check(session, actor, candidate_id)
    audit.record(session, actor, "candidate.exported", candidate_id)
    head = orjson.dumps({"candidate_id": str(candidate_id), "exported_at": isoformat(now())})
    out.write(head.removesuffix(b"}") + b',"tables":{')
    for number, (name, (table, which)) in enumerate(_held(candidate_id, email).items()):
        out.write((b"," if number else b"") + orjson.dumps(name) + b":[")
        query = select(*_shown(table)).where(which).order_by(table.c.created_at, table.c.id)
        rows = session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)).mappings()
        for position, row in enumerate(rows):
            out.write((b"," if position else b"") + orjson.dumps(dict(row), default=_plain))
        out.write(b"]")
    out.write(b"}}\n")


def _held(candidate_id: UUID, email: str) -> dict[str, tuple[Table, ColumnElement[bool]]]:
    """All that hangs on the candidate's row, and what knows the person by address."""
    held = belongings("candidate", candidate_id)
    for known in BY_ADDRESS:
        table, also = known.address.table, service.same_address(known.address, email)
        held[table.name] = (table, or_(held[table.name][1], also) if table.name in held else also)
    return held


def _shown(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if column.name != "organization_id" and column.info.get("privacy") is not Privacy.SECRET
    ]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def erase(session: Session, actor: Staff, candidate_id: UUID) -> dict[str, int]:
    """Delete a candidate with everything that was recorded; tells how many rows of which table went.

    Work in progress ends: the candidate's next request says that the assessment is no more.

    Raises:
        NotFound: `candidate_not_found`.
    """
    session.execute(text(f"SET LOCAL statement_timeout = '{LONGEST_STATEMENT}'"))
    email = session.execute(
        select(Candidate.email).where(Candidate.id == candidate_id).with_for_update()
    ).scalar_one_or_none()
    if email is None:
        email = service.get(session, candidate_id).email
    rows: dict[str, int] = {}
    gone: dict[str, list[UUID]] = {}
    for name, (table, which) in belongings("candidate", candidate_id).items():
        rows[name] = session.execute(select(func.count()).select_from(table).where(which)).scalar_one()
        if {"candidate_id", "assessment_id"} & set(table.columns.keys()) or name == "candidate":
            gone[name] = list(session.execute(select(table.c.id).where(which)).scalars())
    for known in BY_ADDRESS:
        told = select(known.told_in).where(service.same_address(known.address, email)).distinct()
        gone[known.told_in.table.name] = list(session.execute(told).scalars())
    attempts = (f"attempt:{attempt_id}" for attempt_id in gone.get("attempt", ()))
    forget_about(session, _all(gone), attempts)
    session.execute(delete(Candidate).where(Candidate.id == candidate_id))
    for known in BY_ADDRESS:
        name = known.address.table.name
        rows[name] = rows.get(name, 0) + known.empty(session, email)
    audit.record(session, actor, "candidate.erased", candidate_id, rows=rows)
    emit(
        session,
        actor.organization_id,
        "candidate.erased",
        candidate_id,
        candidate_id=str(candidate_id),
        assessment_ids=[str(assessment_id) for assessment_id in gone.get("assessment", ())],
    )
    return {name: count for name, count in rows.items() if count}


def _all(gone: dict[str, list[UUID]]) -> Iterator[UUID]:
    for ids in gone.values():
        yield from ids
