"""What this room adds to a person's rights: lists that know them by address, and reviews that must stay blind."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Table, case, select, update
from sqlalchemy.orm import Session

from tali.assessments.blind import under_blind_review
from tali.assessments.models import Assessment, BulkRow
from tali.candidates.privacy import BEFORE_EXPORT, BY_ADDRESS, KnownByAddress
from tali.candidates.service import BEFORE_RENAME, same_address
from tali.kernel.actors import Staff, UserActor
from tali.kernel.errors import Conflict

ERASED = "[erased]"


def _empty_rows(session: Session, email: str) -> int:
    """Take a person out of the lists of invitations; the rows stay, so that a list still adds up.

    Nobody who was erased is invited by what is left of a list that was under way.
    """
    emptied: Any = session.execute(
        update(BulkRow)
        .where(same_address(BulkRow.email, email))
        .values(
            full_name=ERASED,
            email=ERASED,
            message=None,
            state=case((BulkRow.state == "queued", "skipped"), else_=BulkRow.state),
            code=case((BulkRow.state == "queued", "erased"), else_=BulkRow.code),
        )
    )
    return int(emptied.rowcount)


def _refuse_while_blind(session: Session, actor: Staff, candidate_id: UUID) -> None:
    """A copy names the person beside the work. An owner may have one, which the audit log tells, as with unblinding.

    Raises:
        Conflict: `review_blind`.
    """
    if isinstance(actor, UserActor) and actor.role == "owner":
        return
    if _is_under_blind_review(session, candidate_id):
        raise Conflict(
            "review_blind",
            "An assessment of this person is under blind review. Decide on it first, or ask an owner for the copy.",
            state="blind",
        )


def _refuse_rename_while_blind(session: Session, candidate_id: UUID) -> None:
    """The veil covers the name that a person has. Under another, the one that stands in their work would be bare.

    Raises:
        Conflict: `review_blind`.
    """
    if _is_under_blind_review(session, candidate_id):
        raise Conflict(
            "review_blind",
            "An assessment of this person is under blind review. Decide on it first, then change the name or address.",
            state="blind",
        )


def _is_under_blind_review(session: Session, candidate_id: UUID) -> bool:
    query = select(Assessment.id).where(Assessment.candidate_id == candidate_id, under_blind_review())
    return session.execute(query.limit(1)).first() is not None


_ROWS = BulkRow.__table__
assert isinstance(_ROWS, Table)  # noqa: S101 -- a declared class has one
BY_ADDRESS.append(KnownByAddress(_ROWS.c.email, _ROWS.c.bulk_id, _empty_rows))
BEFORE_EXPORT.append(_refuse_while_blind)
BEFORE_RENAME.append(_refuse_rename_while_blind)
