"""Embed tokens and candidate sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, reference, text_column


class EmbedToken(TenantOwned, Base):
    """A one-time token that a host's backend minted. The same client nonce may exchange it again for 60 s."""

    __tablename__ = "embed_token"

    assessment_id: Mapped[UUID] = mapped_column()
    token_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    exchanged_at: Mapped[datetime | None] = mapped_column()
    nonce: Mapped[str | None] = text_column(Privacy.NONE)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return reference("assessment_id", "assessment")


class CandidateSession(TenantOwned, Base):
    """A browser that was let in. The resume key rotates with each use; the one before holds for 60 s."""

    __tablename__ = "candidate_session"

    assessment_id: Mapped[UUID] = mapped_column()
    attempt_id: Mapped[UUID] = mapped_column()
    resume_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    previous_resume_hash: Mapped[str | None] = text_column(Privacy.SECRET, unique=True)
    rotated_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (*reference("assessment_id", "assessment"), *reference("attempt_id", "attempt"))
