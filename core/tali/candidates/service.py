"""Candidates: finding, creating, changing and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from tali.candidates.models import Candidate, CandidateExternalId
from tali.kernel.actors import Staff
from tali.kernel.clock import now
from tali.kernel.database import organization_of
from tali.kernel.errors import Conflict, NotFound, Unavailable, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.kernel.references import belongings
from tali.kernel.search import contains
from tali.organizations import audit

OWN_TABLES = frozenset({"candidate", "candidate_external_id"})
"""What makes up a candidate; everything else that hangs on one is a record of work."""
BEFORE_RENAME: list[Callable[[Session, UUID], None]] = []
"""What rooms on the right ask before a name or an address is changed; each raises where it may not be."""
MOST_TRIES = 5
"""At one row that others create and erase meanwhile; each try waits for one of them."""


def list_candidates(
    session: Session,
    search: str | None,
    limit: int,
    cursor: str | None,
    *,
    system: str | None = None,
    external_id: str | None = None,
) -> list[Candidate]:
    """Newest first, `limit + 1` of them; `search` looks in name and address, one or two letters where a word begins."""
    query = _whole().order_by(Candidate.created_at.desc(), Candidate.id.desc()).limit(limit + 1)
    search = (search or "").strip()
    if search and not (system or external_id):
        return list(
            session.execute(query.where(Candidate.id.in_(_found(session, search, limit + 1, cursor)))).scalars()
        )
    if search:
        query = query.where(contains(search, Candidate.full_name, Candidate.email))
    if system or external_id:
        called = select(CandidateExternalId.candidate_id)
        if system:
            called = called.where(CandidateExternalId.system == system)
        if external_id:
            called = called.where(CandidateExternalId.external_id == external_id)
        query = query.where(Candidate.id.in_(called))
    if cursor:
        created_at, candidate_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(Candidate.created_at, Candidate.id) < (created_at, candidate_id))
    return list(session.execute(query).scalars())


def _found(session: Session, search: str, limit: int, cursor: str | None) -> list[UUID]:
    created_at, candidate_id = decode_cursor(cursor, a_moment, an_id) if cursor else (None, None)
    values = {"term": search, "created": created_at, "id": candidate_id, "limit": limit}
    query = text("SELECT id FROM tali_search_candidates(:term, :created, :id, :limit)")
    return list(session.execute(query, values).scalars())


def _whole() -> Any:
    return select(Candidate).options(selectinload(Candidate.external_ids)).execution_options(populate_existing=True)


def get(session: Session, candidate_id: UUID) -> Candidate:
    """One candidate, with the ids elsewhere.

    Raises:
        NotFound: `candidate_not_found`.
    """
    found: Candidate | None = session.execute(_whole().where(Candidate.id == candidate_id)).scalar_one_or_none()
    if found is None:
        raise _not_found()
    return found


def hold(session: Session, candidate_id: UUID) -> Candidate:
    """One candidate, who cannot be deleted before the transaction ends.

    Raises:
        NotFound: `candidate_not_found`.
    """
    held: Candidate | None = session.execute(
        select(Candidate).where(Candidate.id == candidate_id).with_for_update(read=True, key_share=True)
    ).scalar_one_or_none()
    if held is None:
        raise _not_found()
    return held


def create(
    session: Session, actor: Staff, full_name: str, email: str, external_ids: Sequence[Mapping[str, str]] = ()
) -> Candidate:
    """Create a candidate.

    Raises:
        Conflict: `candidate_exists`, with the id of the one who has this address; `external_id_taken`.
        Unavailable: `busy`.
    """
    created, new = _created_or_held(session, full_name, email)
    if not new:
        raise _exists(created)
    _call(session, created.id, external_ids)
    audit.record(session, actor, "candidate.created", created.id)
    return get(session, created.id)


def find_or_create(session: Session, full_name: str, email: str) -> Candidate:
    """The candidate with this address, created when there is none, who cannot be deleted before the transaction ends.

    Two requests at once end with one row.
    """
    return _created_or_held(session, full_name, email)[0]


def _created_or_held(session: Session, full_name: str, email: str) -> tuple[Candidate, bool]:
    for _ in range(MOST_TRIES):
        created = _insert_or_none(session, full_name, email)
        if created is not None:
            return created, True
        held: Candidate | None = session.execute(
            _with_email(email).with_for_update(read=True, key_share=True)
        ).scalar_one_or_none()
        if held is not None:
            return held, False
        # Erased while we waited: the address is free, so this is somebody new.
    raise Unavailable("busy", "This candidate is being created and erased at once. Try again in a moment.", 1)


def by_email(session: Session, email: str) -> Candidate:
    """The candidate with this address, in any case."""
    return session.execute(_with_email(email)).scalar_one()


def _with_email(email: str) -> Select[Candidate]:
    return select(Candidate).where(same_address(Candidate.email, email))


def same_address(column: Any, email: str) -> ColumnElement[bool]:
    """Whether a column holds this address.

    Small letters by the database alone: its unique index decides who is the same, and Python may see it otherwise.
    """
    return func.lower(column) == func.lower(email.strip())


def folded(session: Session, addresses: Sequence[str]) -> list[str]:
    """Each address as it is compared, in the order given: two that are equal here are one candidate."""
    given = (
        func.unnest(cast(list(addresses), ARRAY(Text))).table_valued("email", with_ordinality="place").render_derived()
    )
    return list(session.execute(select(func.lower(given.c.email)).order_by(given.c.place)).scalars())


def change(session: Session, actor: Staff, candidate_id: UUID, changes: Mapping[str, Any]) -> Candidate:
    """Change name, address or ids elsewhere; what is not named stays.

    Raises:
        NotFound: `candidate_not_found`.
        Conflict: `candidate_exists`, `external_id_taken`, and what a room on the right has against it (`review_blind`).
    """
    own = {name: changes[name].strip() for name in ("full_name", "email") if name in changes}
    for check in BEFORE_RENAME if own else ():
        check(session, candidate_id)
    try:
        with session.begin_nested():
            changed = session.execute(
                update(Candidate).where(Candidate.id == candidate_id).values(**own or {"id": candidate_id})
                .returning(Candidate.id)
            ).scalar_one_or_none()  # fmt: skip
    except IntegrityError:
        raise _exists(by_email(session, own["email"])) from None
    if changed is None:
        raise _not_found()
    if "external_ids" in changes:
        session.execute(delete(CandidateExternalId).where(CandidateExternalId.candidate_id == candidate_id))
        _call(session, candidate_id, changes["external_ids"])
    audit.record(session, actor, "candidate.changed", candidate_id, fields=sorted(changes))
    return get(session, candidate_id)


def remove(session: Session, actor: Staff, candidate_id: UUID) -> None:
    """Delete a candidate who was never assessed: a slip of the hand.

    There is no way to force it. What a person did goes by erasing the person, which is asked for by that name.

    Raises:
        NotFound: `candidate_not_found`.
        Conflict: `candidate_in_use`, with the count.
    """
    # The lock waits for assessments that are being created, and lets none begin.
    held = session.execute(
        select(Candidate.id).where(Candidate.id == candidate_id).with_for_update()
    ).scalar_one_or_none()
    if held is None:
        raise _not_found()
    count = sum(
        session.execute(select(func.count()).select_from(table).where(which)).scalar_one()
        for name, (table, which) in belongings("candidate", candidate_id).items()
        if name not in OWN_TABLES and "candidate_id" in table.columns
    )
    if count:
        raise Conflict(
            "candidate_in_use",
            "This candidate was invited or assessed. Delete those assessments first, or erase the candidate with all "
            "of them.",
            count=count,
        )
    session.execute(delete(Candidate).where(Candidate.id == candidate_id))
    audit.record(session, actor, "candidate.deleted", candidate_id)


def _call(session: Session, candidate_id: UUID, external_ids: Sequence[Mapping[str, str]]) -> None:
    wanted = {(entry["system"], entry["id"]) for entry in external_ids}
    if len(wanted) < len(external_ids):
        raise Unprocessable(
            "external_id_twice", "An id is in the list twice.", errors={"external_ids": ["Each one once."]}
        )
    for system, external_id in sorted(wanted):
        added = session.execute(
            insert(CandidateExternalId)
            .values(
                id=new_id(),
                created_at=now(),
                organization_id=organization_of(session),
                candidate_id=candidate_id,
                system=system,
                external_id=external_id,
            )
            .on_conflict_do_nothing(index_elements=["organization_id", "system", "external_id"])
            .returning(CandidateExternalId.id)
        ).scalar_one_or_none()
        if added is None:
            other = session.execute(
                select(CandidateExternalId.candidate_id).where(
                    CandidateExternalId.system == system, CandidateExternalId.external_id == external_id
                )
            ).scalar_one()
            raise Conflict(
                "external_id_taken",
                f"{system} calls another candidate {external_id} already.",
                candidate_id=str(other),
            )


def _insert_or_none(session: Session, full_name: str, email: str) -> Candidate | None:
    return session.execute(
        insert(Candidate)
        .values(
            id=new_id(),
            created_at=now(),
            organization_id=organization_of(session),
            full_name=full_name.strip(),
            email=email.strip(),
        )
        .on_conflict_do_nothing()
        .returning(Candidate)
    ).scalar_one_or_none()


def _exists(present: Candidate) -> Conflict:
    return Conflict(
        "candidate_exists", f"{present.full_name} has this e-mail address already.", candidate_id=str(present.id)
    )


def _not_found() -> NotFound:
    return NotFound("candidate_not_found", "There is no such candidate.")
