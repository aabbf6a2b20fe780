"""Registering: a new organisation that comes to life when its first owner confirms the address.

A request looks nothing up: it hashes, writes the same rows and answers the same, whoever the address belongs to. Which
mail goes out is decided when it goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from tali.jobs.service import SubjectGone, emit
from tali.kernel.actors import UserActor
from tali.kernel.clock import now
from tali.kernel.database import organization_of
from tali.kernel.errors import Conflict, Unauthorized
from tali.kernel.ids import new_id
from tali.kernel.security import KeyRing, token_hash
from tali.organizations.audit import record
from tali.organizations.models import Organization, Registration
from tali.organizations.service import SignedIn, sign_in, slug_for

CONFIRM_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to be the first owner, so far unproven."""

    email: str
    full_name: str
    password_hash: str = field(repr=False)


def register(session: Session, name: str, applicant: Applicant) -> None:
    """Found an organisation under the transaction's new id, without members, and have the address asked."""
    organization_id = organization_of(session)
    session.execute(
        text("SELECT tali_found_organization(:name, :slug)"), {"name": name.strip(), "slug": slug_for(name)}
    ).scalar_one()
    registration_id = new_id()
    session.add(
        Registration(
            id=registration_id,
            organization_id=organization_id,
            email=applicant.email.strip().lower(),
            full_name=applicant.full_name.strip(),
            password_hash=applicant.password_hash,
            expires_at=now() + CONFIRM_LIFETIME,
        )
    )
    session.flush()
    emit(session, organization_id, "registration.requested", registration_id, registration_id=str(registration_id))


def mint_confirmation(session: Session, registration_id: UUID, token: str) -> tuple[str, bool]:
    """Let `token` confirm a registration; gives its address, and whether an account has it already (then no token).

    Raises:
        SubjectGone: it was confirmed, or its time is over.
    """
    known = session.execute(
        text("SELECT tali_address_is_known(:registration)"), {"registration": registration_id}
    ).scalar_one_or_none()
    email = session.execute(
        update(Registration)
        .where(Registration.id == registration_id, Registration.expires_at > now())
        .values(token_hash=None if known else token_hash(token))
        .returning(Registration.email)
    ).scalar_one_or_none()
    if known is None or email is None:
        raise SubjectGone
    return email, bool(known)


def password_hash_of(session: Session, registration_id: UUID) -> str | None:
    """What the password that was chosen is compared with; None when there is nothing to confirm any more."""
    return session.execute(
        select(Registration.password_hash).where(Registration.id == registration_id, Registration.expires_at > now())
    ).scalar_one_or_none()


def confirm(session: Session, registration_id: UUID, token: str, key_ring: KeyRing) -> SignedIn:
    """Make the first owner, once, and sign them in. The password was compared before.

    Raises:
        Unauthorized: `confirmation_invalid`.
        Conflict: `account_exists`, when the address got an account by another way meanwhile.
    """
    user_id, membership_id = new_id(), new_id()
    open_still = session.execute(
        select(Registration.id).where(Registration.id == registration_id).with_for_update()
    ).scalar_one_or_none()
    made = session.execute(
        text("SELECT tali_confirm_registration(:registration, :token_hash, :user, :membership)"),
        {
            "registration": registration_id,
            "token_hash": token_hash(token),
            "user": user_id,
            "membership": membership_id,
        },
    ).scalar_one_or_none()
    if made is None:
        if open_still is None:
            raise confirmation_invalid()
        raise Conflict(
            "account_exists", "This address has an account already. Sign in, or ask for a new password.", state="known"
        )
    organization_id = organization_of(session)
    actor = UserActor(organization_id, user_id, membership_id, "owner")
    record(session, actor, "organization.created", organization_id)
    emit(session, organization_id, "organization.created", organization_id, membership_id=str(membership_id))
    return sign_in(session, membership_id, key_ring, by="registration")


def confirmation_invalid() -> Unauthorized:
    """The one answer for links that are unknown, used or too old."""
    return Unauthorized("confirmation_invalid", "This link was used already or has expired. Register once more.")


def forget_unconfirmed(session: Session) -> None:
    """Delete organisations that nobody confirmed in time (as the owning role)."""
    unconfirmed = select(Registration.organization_id).where(Registration.expires_at < now())
    session.execute(delete(Organization).where(Organization.id.in_(unconfirmed)))
