"""Inviting people into an organisation, and taking the invitation up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.jobs.service import SubjectGone, emit
from tali.kernel.actors import Role, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound, Unauthorized, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.kernel.security import hash_password, token_hash, verify_password
from tali.organizations.audit import record
from tali.organizations.models import Membership, Organization, User, UserInvitation

LIFETIME = timedelta(days=7)
SHORTEST_PASSWORD = 12


def invite(session: Session, actor: UserActor, email: str, full_name: str, role: str) -> UserInvitation:
    """Ask somebody to join. Whether they have an account elsewhere is neither asked nor told.

    Raises:
        Conflict: `already_member` with the state, `invitation_open` with its id.
    """
    email = email.strip().lower()
    member = session.execute(
        select(Membership.active)
        .join(User, User.id == Membership.user_id)
        .where(func.lower(User.email) == func.lower(email))
    ).scalar_one_or_none()
    if member is not None:
        sentence = "is a member already." if member else "is a member whose access was ended. Reactivate them instead."
        raise Conflict("already_member", f"{email} {sentence}", state="active" if member else "deactivated")
    moment = now()
    invited = session.execute(
        insert(UserInvitation)
        .values(
            id=new_id(),
            created_at=moment,
            organization_id=actor.organization_id,
            email=email,
            full_name=full_name.strip(),
            role=role,
            invited_by_id=actor.membership_id,
            expires_at=moment + LIFETIME,
        )
        .on_conflict_do_nothing()
        .returning(UserInvitation)
    ).scalar_one_or_none()
    if invited is None:
        present = session.execute(
            select(UserInvitation.id).where(func.lower(UserInvitation.email) == func.lower(email), *_OPEN)
        ).scalar_one_or_none()
        raise Conflict(
            "invitation_open",
            f"{email} is invited already. Send that invitation again instead.",
            state="open",
            invitation_id=str(present),
        )
    record(session, actor, "user.invited", invited.id, role=role)
    _have_mailed(session, invited)
    return invited


_OPEN = (UserInvitation.accepted_at.is_(None), UserInvitation.revoked_at.is_(None))


def _have_mailed(session: Session, invitation: UserInvitation) -> None:
    emit(session, invitation.organization_id, "user.invited", new_id(), invitation_id=str(invitation.id))


def list_open(session: Session, limit: int, cursor: str | None) -> list[UserInvitation]:
    """Invitations that nobody has taken up or back, newest first, `limit + 1` of them."""
    query = (
        select(UserInvitation)
        .where(*_OPEN)
        .order_by(UserInvitation.created_at.desc(), UserInvitation.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        created_at, invitation_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(UserInvitation.created_at, UserInvitation.id) < (created_at, invitation_id))
    return list(session.execute(query).scalars())


def resend(session: Session, actor: UserActor, invitation_id: UUID) -> UserInvitation:
    """Mail an invitation again, for another week; the link of the mail before ends when the new one goes out.

    Raises:
        NotFound: `invitation_not_found`.
        Conflict: `invitation_closed`, with its state.
    """
    found = session.execute(
        update(UserInvitation)
        .where(UserInvitation.id == invitation_id, *_OPEN)
        .values(expires_at=now() + LIFETIME)
        .returning(UserInvitation)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise _not_open(session, invitation_id)
    record(session, actor, "user.invitation_resent", invitation_id)
    _have_mailed(session, found)
    return found


def revoke(session: Session, actor: UserActor, invitation_id: UUID) -> None:
    """Take an invitation back.

    Raises:
        NotFound: `invitation_not_found`.
        Conflict: `invitation_closed`, with its state.
    """
    revoked = session.execute(
        update(UserInvitation)
        .where(UserInvitation.id == invitation_id, *_OPEN)
        .values(revoked_at=now(), token_hash=None)
        .returning(UserInvitation.id)
    ).scalar_one_or_none()
    if revoked is None:
        raise _not_open(session, invitation_id)
    record(session, actor, "user.invitation_revoked", invitation_id)


def _not_open(session: Session, invitation_id: UUID) -> NotFound | Conflict:
    found = session.get(UserInvitation, invitation_id, populate_existing=True)
    if found is None:
        return NotFound("invitation_not_found", "There is no such invitation.")
    state = "accepted" if found.accepted_at else "revoked"
    return Conflict("invitation_closed", f"This invitation was {state} already.", state=state)


def mint_link(session: Session, invitation_id: UUID, token: str) -> UserInvitation:
    """Let `token` take an invitation up, in place of the token of an earlier mail.

    Raises:
        SubjectGone: it was taken up or back, or its time is over.
    """
    invitation = session.execute(
        update(UserInvitation)
        .where(UserInvitation.id == invitation_id, UserInvitation.expires_at > now(), *_OPEN)
        .values(token_hash=token_hash(token))
        .returning(UserInvitation)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if invitation is None:
        raise SubjectGone
    return invitation


def inviter_of(session: Session, invitation: UserInvitation) -> User | None:
    """Who invites, where they are still a member."""
    if invitation.invited_by_id is None:
        return None
    membership = session.get(Membership, invitation.invited_by_id)
    return membership.user if membership else None


def look_at(session: Session, invitation_id: UUID) -> dict[str, Any]:
    """What the holder of the link sees before they decide.

    Raises:
        Unauthorized: `invitation_invalid`.
    """
    found = session.execute(
        select(UserInvitation).where(UserInvitation.id == invitation_id, UserInvitation.expires_at > now(), *_OPEN)
    ).scalar_one_or_none()
    if found is None:
        raise invitation_invalid()
    inviter = inviter_of(session, found)
    return {
        "organization_name": session.get_one(Organization, found.organization_id).name,
        "email": found.email,
        "full_name": found.full_name,
        "role": found.role,
        "invited_by": inviter.full_name if inviter else None,
        "expires_at": found.expires_at,
    }


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, or None of it all where there is none."""

    user_id: UUID | None = None
    password_hash: str | None = None


def resolve_person(session: Session, email: str) -> Person:
    """Whether an address has an account. Needs a transaction without a tenant: the database answers no other."""
    row = session.execute(
        text("SELECT user_id, password_hash FROM tali_resolve_person(:email)"), {"email": email}
    ).one_or_none()
    return Person(row.user_id, row.password_hash) if row else Person()


def check_password(person: Person, password: str) -> str | None:
    """The hash of the first password of a person who has none; None when theirs was shown. Slow: outside a transaction.

    The link alone does not do for who has a password: it would let whoever got hold of it into other organisations.

    Raises:
        Unauthorized: `credentials_invalid`.
        Unprocessable: `password_too_short`.
        Unavailable: `sign_in_busy`.
    """
    if person.password_hash is not None:
        if not verify_password(person.password_hash, password):
            raise Unauthorized("credentials_invalid", "This is not the password of your account.")
        return None
    if len(password) < SHORTEST_PASSWORD:
        sentence = f"Use at least {SHORTEST_PASSWORD} characters."
        raise Unprocessable("password_too_short", sentence, errors={"password": [sentence]})
    return hash_password(password)


def accept(session: Session, token: str, person: Person, new_hash: str | None) -> tuple[UUID, UUID]:
    """Become a member, once; gives organisation and membership. Needs a transaction without a tenant.

    Raises:
        Conflict: `invitation_closed`: it was taken up or back, the password was changed, or the person is a member.
    """
    joined = session.execute(
        text(
            "SELECT organization_id, membership_id FROM tali_accept_invitation(:hash, :user, :membership, :known, :new)"
        ),
        {
            "hash": token_hash(token),
            "user": new_id(),
            "membership": new_id(),
            "known": person.password_hash,
            "new": new_hash,
        },
    ).one_or_none()
    if joined is None:
        # Raised inside the transaction, which takes what the function has written back with it.
        raise Conflict(
            "invitation_closed", "This invitation cannot be taken up any more. Ask for a new one.", state="closed"
        )
    return joined.organization_id, joined.membership_id


def record_joining(session: Session, membership_id: UUID) -> None:
    """Put on record that a person joined, as what; in their new organisation's own transaction."""
    member = session.get_one(Membership, membership_id)
    actor = UserActor(member.organization_id, member.user_id, member.id, cast(Role, member.role))
    record(session, actor, "user.joined", member.user_id, role=member.role)


def invitation_invalid() -> Unauthorized:
    """The one answer for links that are unknown, used, taken back or too old."""
    return Unauthorized(
        "invitation_invalid",
        "This invitation was taken up, taken back, or has expired. Ask who invited you for another.",
    )


def state_of(invitation: UserInvitation, moment: datetime) -> str:
    """Open or expired, for a list."""
    return "open" if invitation.expires_at > moment else "expired"
