"""Passwords: changed by who is signed in, or set anew by a link that was mailed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.jobs.service import SubjectGone, emit
from tali.kernel.actors import AnonymousActor, Role, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Forbidden, Unauthorized
from tali.kernel.ids import new_id
from tali.kernel.security import KeyRing, hash_password, token_hash, verify_password
from tali.organizations.audit import record
from tali.organizations.models import AddressRequest, AuditEntry, Membership, RefreshToken, SignInLink, User
from tali.organizations.service import LoginCandidate, SignedIn, session_ended, sign_in

RESET_LIFETIME = timedelta(hours=1)
MAILS_AN_HOUR = 3
"""To one person: whoever knows an address can ask, so it must not become a way to fill a mailbox."""


def new_password_hash(found: LoginCandidate | None, actor: UserActor, password: str, current: str | None) -> str:
    """The hash of a new password, once the current one was shown. Slow on purpose: call it outside a transaction.

    Raises:
        Forbidden: `current_password_wrong`.
        Unauthorized: `session_ended`, when the address does not lead to the signed-in person (any more).
        Unavailable: `sign_in_busy`.
    """
    if found is None or found.user_id != actor.user_id:
        raise session_ended()
    if found.password_hash is not None and not verify_password(found.password_hash, current or ""):
        raise Forbidden("current_password_wrong", "Your current password is not right.")
    return hash_password(password)


def set_password(
    session: Session, actor: UserActor, session_version: int, password_hash: str, own_token_id: UUID | None
) -> None:
    """Set the signed-in person's password and end all their sessions, in every organisation, but the caller's own.

    `own_token_id` is the refresh token that came with the request: its family takes the new session version, so that
    the caller stays signed in. The caller's access token has ended too, and the next refresh brings another.

    Raises:
        Unauthorized: `session_ended`, when the password was changed elsewhere meanwhile.
    """
    raised = session.execute(
        text("SELECT tali_set_password(:membership, :user, :version, :hash)"),
        {
            "membership": actor.membership_id,
            "user": actor.user_id,
            "version": session_version,
            "hash": password_hash,
        },
    ).scalar_one()
    if raised is None:
        raise session_ended()
    record(session, actor, "password.changed", actor.user_id)
    tell_of_new_password(session, actor)
    own = None
    if own_token_id is not None:
        own = session.execute(
            select(RefreshToken.family_id).where(
                RefreshToken.id == own_token_id, RefreshToken.membership_id == actor.membership_id
            )
        ).scalar_one_or_none()
    alive = update(RefreshToken).where(
        RefreshToken.membership_id == actor.membership_id, RefreshToken.revoked_at.is_(None)
    )
    session.execute(
        alive.where(RefreshToken.family_id == own, RefreshToken.session_version == session_version).values(
            session_version=raised
        )
    )
    session.execute(alive.where(RefreshToken.session_version < raised).values(revoked_at=now(), child=None))


def email_of(session: Session, actor: UserActor) -> str:
    """The signed-in person's address."""
    return session.execute(select(User.email).where(User.id == actor.user_id)).scalar_one()


def tell_of_new_password(session: Session, actor: UserActor) -> None:
    """Have the person told: who did not change it themselves learns of it here."""
    emit(session, actor.organization_id, "password.changed", new_id(), membership_id=str(actor.membership_id))


def ask_for(session: Session, kind: str, email: str) -> None:
    """Write down that something was asked for an address; the same row and the same work whoever it belongs to."""
    # Without RETURNING: this role cannot read the table.
    session.execute(insert(AddressRequest).values(id=new_id(), created_at=now(), kind=kind, email=email).inline())


def answer_requests(session: Session) -> None:
    """Look where the addresses lead that something was asked for (as the owning role), and have it done."""
    asked = session.execute(
        delete(AddressRequest)
        .where(
            AddressRequest.id.in_(
                select(AddressRequest.id)
                .order_by(AddressRequest.created_at)
                .limit(100)
                .with_for_update(skip_locked=True)
            )
        )
        .returning(AddressRequest.kind, AddressRequest.email)
    ).all()
    for kind, email in asked:
        memberships = (
            session.execute(
                select(Membership)
                .join(User, User.id == Membership.user_id)
                .where(func.lower(User.email) == func.lower(email), Membership.active)
                .order_by(Membership.last_used_at.desc().nulls_last(), Membership.created_at)
            )
            .scalars()
            .all()
        )
        if kind == "lockout":
            for membership in memberships:
                record(session, AnonymousActor(membership.organization_id), "session.locked_out", membership.user_id)
        elif memberships and _asked_in_the_last_hour(session, memberships) < MAILS_AN_HOUR:
            one = memberships[0]
            record(session, AnonymousActor(one.organization_id), "password.reset_requested", one.user_id)
            emit(session, one.organization_id, "password_reset.requested", new_id(), membership_id=str(one.id))


def _asked_in_the_last_hour(session: Session, memberships: Sequence[Membership]) -> int:
    """How many mails were promised, sent or not: links come later, and requests may come many at once."""
    return session.execute(
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.organization_id.in_([membership.organization_id for membership in memberships]),
            AuditEntry.subject_id == memberships[0].user_id,
            AuditEntry.action == "password.reset_requested",
            AuditEntry.created_at > now() - timedelta(hours=1),
        )
    ).scalar_one()


def mint_reset(session: Session, membership_id: UUID, token: str) -> datetime:
    """Let `token` set a new password, for an hour. The same token again is the same link.

    Raises:
        SubjectGone: the membership was ended meanwhile.
    """
    membership = session.get(Membership, membership_id)
    if membership is None or not membership.active:
        raise SubjectGone
    expires_at = now() + RESET_LIFETIME
    session.execute(
        insert(SignInLink)
        .values(
            id=new_id(),
            created_at=now(),
            organization_id=membership.organization_id,
            purpose="password_reset",
            membership_id=membership.id,
            session_version=membership.user.session_version,
            token_hash=token_hash(token),
            expires_at=expires_at,
        )
        .on_conflict_do_nothing(index_elements=["token_hash"])
    )
    return expires_at


def redeem_reset(session: Session, link_id: UUID, password_hash: str, key_ring: KeyRing) -> SignedIn:
    """Set a new password by a mailed link, once, end every session of the person, and begin one.

    The link holds while the person's session version is the one that it was made under: a password that was set since,
    by another link or another way, has ended it.

    Raises:
        Unauthorized: `reset_invalid`.
    """
    moment = now()
    link = session.execute(
        update(SignInLink)
        .where(
            SignInLink.id == link_id,
            SignInLink.purpose == "password_reset",
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(SignInLink.membership_id, SignInLink.session_version)
    ).one_or_none()
    if link is None:
        raise reset_invalid()
    membership = session.get_one(Membership, link.membership_id)
    raised = session.execute(
        text("SELECT tali_set_password(:membership, :user, :version, :hash)"),
        {
            "membership": membership.id,
            "user": membership.user_id,
            "version": link.session_version,
            "hash": password_hash,
        },
    ).scalar_one()
    if raised is None:
        raise reset_invalid()
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.membership_id == membership.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=moment, child=None)
    )
    role = cast(Role, membership.role)
    actor = UserActor(membership.organization_id, membership.user_id, membership.id, role)
    record(session, actor, "password.reset", actor.user_id)
    tell_of_new_password(session, actor)
    return sign_in(session, membership.id, key_ring, by="reset", session_version=raised)


def reset_invalid() -> Unauthorized:
    """The one answer for links that are unknown, used, too old, or overtaken by another new password."""
    return Unauthorized(
        "reset_invalid", "This link was used already or has expired. Ask for a new one on the sign-in page."
    )
