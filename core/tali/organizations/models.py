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
    """A user in an organisation."""

    __tablename__ = "membership"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = text_column(Privacy.NONE)
    active: Mapped[bool] = mapped_column(default=True)
    user: Mapped[User] = relationship(lazy="joined")

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("organization_id", "user_id"),
            CheckConstraint("role IN ('owner', 'recruiter', 'viewer')", name="role"),
        )


class SignInLink(TenantOwned, Base):
    """A one-time way in, for a first owner or a forgotten password. Only the hash is kept."""

    __tablename__ = "sign_in_link"

    membership_id: Mapped[UUID] = mapped_column()
    token_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    expires_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return reference("membership_id", "membership")


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
    """A program's credential: shown once, kept as a hash. `prefix` lets people tell keys apart."""

    __tablename__ = "api_key"

    name: Mapped[str] = text_column(Privacy.NONE)
    prefix: Mapped[str] = text_column(Privacy.NONE)
    key_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
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
        )
