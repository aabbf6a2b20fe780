"""Candidates, and what other systems call them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Computed, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, reference, text_column


class Candidate(TenantOwned, Base):
    """A person whom an organisation assesses; one row an address and organisation."""

    __tablename__ = "candidate"

    full_name: Mapped[str] = text_column(Privacy.IDENTITY)
    email: Mapped[str] = text_column(Privacy.IDENTITY)
    search_words: Mapped[str] = mapped_column(
        Text,
        # As the database writes it back, so that the schema's check finds no difference.
        Computed("' '::text || full_name || ' '::text || email", persisted=True),
        info={"privacy": Privacy.IDENTITY},
        deferred=True,
    )
    external_ids: Mapped[list[CandidateExternalId]] = relationship(
        primaryjoin="Candidate.id == foreign(CandidateExternalId.candidate_id)",
        order_by="CandidateExternalId.system, CandidateExternalId.external_id",
        viewonly=True,
        lazy="raise",
    )

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("uq_candidate_email", "organization_id", text("lower(email)"), unique=True),
            Index(
                "ix_candidate_newest",
                "organization_id",
                text("created_at DESC"),
                text("id DESC"),
                # A search for a common word walks this index, and need not look at the rows.
                postgresql_include=["search_words"],
            ),
            Index(
                "ix_candidate_search_words",
                "search_words",
                postgresql_using="gin",
                postgresql_ops={"search_words": "gin_trgm_ops"},
            ),
        )


class CandidateExternalId(TenantOwned, Base):
    """What a candidate is called elsewhere: one system's id leads to one candidate."""

    __tablename__ = "candidate_external_id"

    candidate_id: Mapped[UUID] = mapped_column()
    system: Mapped[str] = text_column(Privacy.NONE)
    external_id: Mapped[str] = text_column(Privacy.IDENTITY)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("candidate_id", "candidate"),
            UniqueConstraint("organization_id", "system", "external_id"),
        )
