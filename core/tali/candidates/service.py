"""Candidates: finding and creating them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.candidates.models import Candidate
from tali.kernel.clock import now
from tali.kernel.database import organization_of
from tali.kernel.errors import Conflict, NotFound
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_moment, an_id, decode_cursor


def list_candidates(session: Session, search: str | None, limit: int, cursor: str | None) -> list[Candidate]:
    """Newest first, `limit + 1` of them; `search` looks in name and address."""
    query = select(Candidate).order_by(Candidate.created_at.desc(), Candidate.id.desc()).limit(limit + 1)
    if search:
        pattern = f"%{escape_like(search)}%"
        query = query.where(or_(Candidate.full_name.ilike(pattern), Candidate.email.ilike(pattern)))
    if cursor:
        created_at, candidate_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(Candidate.created_at, Candidate.id) < (created_at, candidate_id))
    return list(session.execute(query).scalars())


def get(session: Session, candidate_id: UUID) -> Candidate:
    """One candidate.

    Raises:
        NotFound: `candidate_not_found`.
    """
    found = session.get(Candidate, candidate_id)
    if found is None:
        raise NotFound("candidate_not_found", "There is no such candidate.")
    return found


def create(session: Session, full_name: str, email: str, external_id: str | None = None) -> Candidate:
    """Create a candidate.

    Raises:
        Conflict: `candidate_exists`, with the id of the one who has this address.
    """
    created = _insert_or_none(session, full_name, email, external_id)
    if created is None:
        present = by_email(session, email)
        raise Conflict(
            "candidate_exists",
            f"{present.full_name} has this e-mail address already.",
            candidate_id=str(present.id),
        )
    return created


def find_or_create(session: Session, full_name: str, email: str) -> Candidate:
    """The candidate with this address, created when there is none. Two requests at once end with one row."""
    return _insert_or_none(session, full_name, email, None) or by_email(session, email)


def by_email(session: Session, email: str) -> Candidate:
    """The candidate with this address, in any case."""
    return session.execute(select(Candidate).where(func.lower(Candidate.email) == email.lower())).scalar_one()


def _insert_or_none(session: Session, full_name: str, email: str, external_id: str | None) -> Candidate | None:
    return session.execute(
        insert(Candidate)
        .values(
            id=new_id(),
            created_at=now(),
            organization_id=organization_of(session),
            full_name=full_name.strip(),
            email=email.strip(),
            external_id=external_id,
        )
        .on_conflict_do_nothing()
        .returning(Candidate)
    ).scalar_one_or_none()


def escape_like(text: str) -> str:
    """Text as a literal inside an ILIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
