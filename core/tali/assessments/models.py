"""Assessments and attempts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, Index, Interval, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from tali.candidates.models import Candidate
from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column
from tali.organizations.models import Membership
from tali.tasks.models import Task, TaskVersion

ASSESSMENT_STATES = ("invited", "in_progress", "completed", "expired", "cancelled")
ATTEMPT_STATES = ("ready", "in_progress", "submitted")


class Assessment(TenantOwned, Base):
    """One candidate's invitation.

    The columns from `scoring_state` on repeat what scoring found, so that lists sort and filter on one table.
    """

    __tablename__ = "assessment"

    public_id: Mapped[str] = text_column(Privacy.NONE, unique=True)
    candidate_id: Mapped[UUID] = mapped_column()
    task_id: Mapped[UUID] = mapped_column()
    task_version_id: Mapped[UUID] = mapped_column()
    created_by_id: Mapped[UUID | None] = mapped_column()
    state: Mapped[str] = text_column(Privacy.NONE, default="invited")
    duration_minutes: Mapped[int] = small_integer()
    preset: Mapped[str | None] = text_column(Privacy.NONE)
    weights: Mapped[dict[str, float]] = json_column(Privacy.NONE)
    proctored: Mapped[bool] = mapped_column(default=False)
    invitation_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    invitation_sealed: Mapped[str] = text_column(Privacy.SECRET)
    expires_at: Mapped[datetime] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    submitted_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    scoring_state: Mapped[str | None] = text_column(Privacy.NONE)
    score: Mapped[float | None] = mapped_column()
    coverage: Mapped[float | None] = mapped_column()
    flag_count: Mapped[int] = small_integer(default=0)
    # The candidate's name and address; triggers of the database keep it, and no code writes it.
    search_words: Mapped[str] = text_column(Privacy.IDENTITY, server_default=FetchedValue(), deferred=True)

    candidate: Mapped[Candidate] = relationship(
        primaryjoin="foreign(Assessment.candidate_id) == Candidate.id", viewonly=True, lazy="raise"
    )
    task: Mapped[Task] = relationship(primaryjoin="foreign(Assessment.task_id) == Task.id", viewonly=True, lazy="raise")
    task_version: Mapped[TaskVersion] = relationship(
        primaryjoin="foreign(Assessment.task_version_id) == TaskVersion.id", viewonly=True, lazy="raise"
    )
    created_by: Mapped[Membership | None] = relationship(
        primaryjoin="foreign(Assessment.created_by_id) == Membership.id", viewonly=True, lazy="raise"
    )

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("candidate_id", "candidate"),
            *reference("task_id", "task", ondelete="RESTRICT", index=False),
            *reference("task_version_id", "task_version", ondelete="RESTRICT"),
            *reference("created_by_id", "membership", ondelete="SET NULL"),
            CheckConstraint(f"state IN {ASSESSMENT_STATES}", name="state"),
            Index(
                "ix_assessment_newest",
                "organization_id",
                text("created_at DESC"),
                text("id DESC"),
                # A search for a common word walks this index, and need not look at the rows.
                postgresql_include=["search_words"],
            ),
            Index(
                "ix_assessment_search_words",
                "search_words",
                postgresql_using="gin",
                postgresql_ops={"search_words": "gin_trgm_ops"},
            ),
            Index("ix_assessment_state_newest", "organization_id", "state", text("created_at DESC"), text("id DESC")),
            Index("ix_assessment_task_newest", "organization_id", "task_id", text("created_at DESC"), text("id DESC")),
            Index(
                "ix_assessment_highest",
                "organization_id",
                text("score DESC"),
                text("id DESC"),
                postgresql_where=text("score IS NOT NULL"),
            ),
            Index(
                "ix_assessment_being_scored",
                "submitted_at",
                postgresql_where=text("scoring_state IN ('pending', 'running')"),
            ),
            Index("ix_assessment_to_expire", "expires_at", postgresql_where=text("state = 'invited'")),
        )


class Attempt(TenantOwned, Base):
    """One task version within an assessment: the clock, the writer, and what the session was held under.

    `last_event_seq` numbers the timeline; whoever raises it holds the row, so a timeline has one order.
    """

    __tablename__ = "attempt"

    assessment_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = small_integer(default=1)
    task_version_id: Mapped[UUID] = mapped_column()
    state: Mapped[str] = text_column(Privacy.NONE, default="ready")
    variant_seed: Mapped[int] = mapped_column()
    allowed_time: Mapped[timedelta] = mapped_column(Interval)
    started_at: Mapped[datetime | None] = mapped_column()
    deadline: Mapped[datetime | None] = mapped_column()
    submitted_at: Mapped[datetime | None] = mapped_column()
    submitted_by: Mapped[str | None] = text_column(Privacy.NONE)
    consent_version: Mapped[str | None] = text_column(Privacy.NONE)
    writer_epoch: Mapped[int] = small_integer(default=0)
    last_event_seq: Mapped[int] = mapped_column(default=0)
    turn_count: Mapped[int] = small_integer(default=0)
    tab_switch_count: Mapped[int] = mapped_column(default=0)
    client_tab_switch_count: Mapped[int | None] = mapped_column()
    assistant: Mapped[str] = text_column(Privacy.NONE)
    sandbox: Mapped[str] = text_column(Privacy.NONE)
    help_level: Mapped[str] = text_column(Privacy.NONE)
    recorder_version: Mapped[str] = text_column(Privacy.NONE)
    held_under: Mapped[dict[str, Any]] = json_column(Privacy.NONE, default=dict)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("assessment_id", "assessment", index=False),
            *reference("task_version_id", "task_version", ondelete="RESTRICT"),
            UniqueConstraint("organization_id", "assessment_id", "number"),
            CheckConstraint(f"state IN {ATTEMPT_STATES}", name="state"),
            Index("ix_attempt_deadline", "deadline", postgresql_where=text("state = 'in_progress'")),
        )
