"""Candidates."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, text_column


class Candidate(TenantOwned, Base):
    """A person whom an organisation assesses; one row an address and organisation."""

    __tablename__ = "candidate"

    full_name: Mapped[str] = text_column(Privacy.IDENTITY)
    email: Mapped[str] = text_column(Privacy.IDENTITY)
    external_id: Mapped[str | None] = text_column(Privacy.IDENTITY)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("uq_candidate_email", "organization_id", text("lower(email)"), unique=True),
            Index("ix_candidate_created", "organization_id", "created_at", "id"),
        )
