"""Organisations, users, memberships and the credentials that lead to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Identified, Privacy, TenantOwned, json_column, reference, text_column


class Organization(Identified, Base):
    """A tenant. Its row is visible to itself alone."""

    __tablename__ = "organization"

    name: Mapped[str] = text_column(Privacy.NONE)
    slug: Mapped[str] = text_column(Privacy.NONE, unique=True)
    allowed_origins: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default="{}", info={"privacy": Privacy.NONE}
    )


class User(Identified, Base):
    """A person, once in the deployment, by e-mail address. Visible to organisations that the person is a member of.

    `password_hash` is out of the application role's reach: functions of the database find it for a login and set it.
    A raised `session_version` ends every access and refresh token that was made before.
    """

    __tablename__ = "app_user"

    email: Mapped[str] = text_column(Privacy.IDENTITY)
    full_name: Mapped[str] = text_column(Privacy.IDENTITY)
    password_hash: Mapped[str | None] = text_column(Privacy.SECRET, deferred=True, deferred_raiseload=True)
    has_password: Mapped[bool] = mapped_column(Computed("password_hash IS NOT NULL", persisted=True))
    session_version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (Index("uq_app_user_email", text("lower(email)"), unique=True),)


class Membership(TenantOwned, Base):
    """A user in an organisation.

    A raised `session_version` ends the access tokens for this organisation alone; `last_used_at` is the latest sign-in
    to it, by which a person of several organisations is led to the right one.
    """

    __tablename__ = "membership"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = text_column(Privacy.NONE)
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    last_used_at: Mapped[datetime | None] = mapped_column()
    user: Mapped[User] = relationship(lazy="joined")

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("organization_id", "user_id"),
            CheckConstraint("role IN ('owner', 'recruiter', 'viewer')", name="role"),
        )


class UserInvitation(TenantOwned, Base):
    """A person asked to join, by address: whether somebody has an account there shows only to who holds the link.

    The link's token is made when the mail goes out, so there is none before; each mail's link ends the one before.
    """

    __tablename__ = "user_invitation"

    email: Mapped[str] = text_column(Privacy.IDENTITY)
    full_name: Mapped[str] = text_column(Privacy.IDENTITY)
    role: Mapped[str] = text_column(Privacy.NONE)
    invited_by_id: Mapped[UUID | None] = mapped_column()
    token_hash: Mapped[str | None] = text_column(Privacy.SECRET, unique=True)
    expires_at: Mapped[datetime] = mapped_column()
    accepted_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("invited_by_id", "membership", ondelete="SET NULL"),
            CheckConstraint("role IN ('owner', 'recruiter', 'viewer')", name="role"),
            Index(
                "uq_user_invitation_open",
                "organization_id",
                text("lower(email)"),
                unique=True,
                postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
            ),
            Index("ix_user_invitation_newest", "organization_id", text("created_at DESC"), text("id DESC")),
        )


class Registration(TenantOwned, Base):
    """A new organisation that nobody has confirmed: it has no member yet, and goes when the link's time is over.

    Confirming takes the link *and* the password, so that a link that somebody else asked for makes nobody an account
    whose password is that somebody's.
    """

    __tablename__ = "registration"

    email: Mapped[str] = text_column(Privacy.IDENTITY)
    full_name: Mapped[str] = text_column(Privacy.IDENTITY)
    password_hash: Mapped[str] = text_column(Privacy.SECRET)
    token_hash: Mapped[str | None] = text_column(Privacy.SECRET, unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AddressRequest(Identified, Base):
    """What somebody asked for an address, before anybody looks whether it leads anywhere.

    Requests write a row here and nothing else, whoever the address belongs to, so that neither answer nor time tells.
    The dispatcher looks, within seconds, and deletes the row.
    """

    __tablename__ = "address_request"

    kind: Mapped[str] = text_column(Privacy.NONE)
    email: Mapped[str] = text_column(Privacy.IDENTITY)

    __table_args__ = (CheckConstraint("kind IN ('password_reset', 'lockout')", name="kind"),)


class SignInLink(TenantOwned, Base):
    """A one-time way in, for a first owner or a forgotten password. Only the hash is kept.

    `session_version` is the person's when the link was made: a password that was changed since ends the link.
    """

    __tablename__ = "sign_in_link"

    purpose: Mapped[str] = text_column(Privacy.NONE, default="sign_in_link")
    membership_id: Mapped[UUID] = mapped_column()
    session_version: Mapped[int] = mapped_column()
    token_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    expires_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("membership_id", "membership"),
            CheckConstraint("purpose IN ('sign_in_link', 'password_reset')", name="purpose"),
        )


class RefreshToken(TenantOwned, Base):
    """One link of a chain of refresh tokens. `child` is kept encrypted for ten seconds of re-use after rotation."""

    __tablename__ = "refresh_token"

    membership_id: Mapped[UUID] = mapped_column()
    family_id: Mapped[UUID] = mapped_column(index=True)
    session_version: Mapped[int] = mapped_column()
    token_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None] = mapped_column()
    child: Mapped[str | None] = text_column(Privacy.SECRET)
    revoked_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return reference("membership_id", "membership")


class ApiKey(TenantOwned, Base):
    """A program's credential: shown once, kept as a hash. `prefix` tells keys apart; `scopes` say what it is for."""

    __tablename__ = "api_key"

    name: Mapped[str] = text_column(Privacy.NONE)
    prefix: Mapped[str] = text_column(Privacy.NONE)
    key_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), info={"privacy": Privacy.NONE})
    expires_at: Mapped[datetime | None] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()


class AuditEntry(TenantOwned, Base):
    """One line of the audit log, never altered. `actor` is an actor's key; ids stay when what they name is erased."""

    __tablename__ = "audit_entry"

    actor: Mapped[str] = text_column(Privacy.NONE)
    action: Mapped[str] = text_column(Privacy.NONE)
    subject_id: Mapped[UUID] = mapped_column()
    facts: Mapped[dict[str, Any]] = json_column(Privacy.NONE)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("ix_audit_entry_newest", "organization_id", text("created_at DESC"), text("id DESC")),
            Index("ix_audit_entry_subject", "organization_id", "subject_id", text("created_at DESC")),
            Index("ix_audit_entry_actor", "organization_id", "actor", text("created_at DESC")),
        )
