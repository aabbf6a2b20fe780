"""Members of an organisation: who they are, what they may do, and whether they still may."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.orm import Session

from tali.kernel.actors import UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.organizations.audit import record
from tali.organizations.models import Membership, RefreshToken


def list_members(session: Session, limit: int, cursor: str | None) -> list[Membership]:
    """Oldest first, `limit + 1` of them, each with its person."""
    query = select(Membership).order_by(Membership.created_at, Membership.id).limit(limit + 1)
    if cursor:
        created_at, membership_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(Membership.created_at, Membership.id) > (created_at, membership_id))
    return list(session.execute(query).scalars())


def get(session: Session, user_id: UUID) -> Membership:
    """One member, by the person's id.

    Raises:
        NotFound: `user_not_found`.
    """
    found = session.execute(
        select(Membership).where(Membership.user_id == user_id).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("user_not_found", "There is no such member.")
    return found


def change_role(session: Session, actor: UserActor, user_id: UUID, role: str) -> Membership:
    """Give a member another role. It holds from their next request on: each one reads it.

    Raises:
        NotFound: `user_not_found`.
        Conflict: `last_owner`.
    """
    _hold_owners(session)
    member = get(session, user_id)
    before = member.role
    if before == role:
        return member
    if before == "owner" and member.active:
        _require_another_owner(session, member)
    session.execute(update(Membership).where(Membership.id == member.id).values(role=role))
    record(session, actor, "user.role_changed", user_id, before=before, after=role)
    return get(session, user_id)


def deactivate(session: Session, actor: UserActor, user_id: UUID) -> Membership:
    """End a member's access to this organisation, at once. Their sessions in others go on.

    Raises:
        NotFound: `user_not_found`.
        Conflict: `last_owner`, `already_deactivated`.
    """
    _hold_owners(session)
    member = get(session, user_id)
    if member.role == "owner" and member.active:
        _require_another_owner(session, member)
    ended = session.execute(
        update(Membership)
        .where(Membership.id == member.id, Membership.active)
        .values(active=False, session_version=Membership.session_version + 1)
        .returning(Membership.id)
    ).scalar_one_or_none()
    if ended is None:
        raise Conflict("already_deactivated", "This member's access was ended already.", state="deactivated")
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.membership_id == member.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now(), child=None)
    )
    record(session, actor, "user.deactivated", user_id)
    return get(session, user_id)


def reactivate(session: Session, actor: UserActor, user_id: UUID) -> Membership:
    """Give a member access again; they sign in anew.

    Raises:
        NotFound: `user_not_found`.
        Conflict: `already_active`.
    """
    member = get(session, user_id)
    again = session.execute(
        update(Membership)
        .where(Membership.id == member.id, Membership.active.is_(False))
        .values(active=True, session_version=Membership.session_version + 1)
        .returning(Membership.id)
    ).scalar_one_or_none()
    if again is None:
        raise Conflict("already_active", "This member has access.", state="active")
    record(session, actor, "user.reactivated", user_id)
    return get(session, user_id)


def _hold_owners(session: Session) -> None:
    """Lock every owner's row, in one order: two owners who demote each other at once do so one after the other."""
    session.execute(
        select(Membership.id)
        .where(Membership.role == "owner", Membership.active)
        .order_by(Membership.id)
        .with_for_update(of=Membership)
    ).all()


def _require_another_owner(session: Session, member: Membership) -> None:
    other = session.execute(
        select(Membership.id).where(Membership.role == "owner", Membership.active, Membership.id != member.id).limit(1)
    ).first()
    if other is None:
        raise Conflict("last_owner", "This is the only owner. Make somebody else an owner first.", state="last_owner")


def organizations_of(session: Session, user_id: UUID, session_version: int) -> list[dict[str, Any]]:
    """Where a signed-in person is a member. Needs a transaction without a tenant: the database answers no other."""
    rows = session.execute(
        text("SELECT organization_id, membership_id, name, role FROM tali_memberships_of(:user, :version)"),
        {"user": user_id, "version": session_version},
    )
    return [
        {"id": row.organization_id, "name": row.name, "role": row.role, "membership_id": row.membership_id}
        for row in rows
    ]
