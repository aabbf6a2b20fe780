"""Assessments and attempts, lists of people to invite, and what recruiters say: notes, decisions, overrides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, Index, Interval, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from tali.candidates.models import Candidate
from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column
from tali.organizations.models import Membership
from tali.sdk import HelpLevel
from tali.tasks.models import Task, TaskVersion

ASSESSMENT_STATES = ("invited", "in_progress", "completed", "expired", "cancelled")
ATTEMPT_STATES = ("ready", "in_progress", "submitted")
ROW_STATES = ("queued", "created", "failed", "skipped")
VERDICTS = ("advance", "reject", "hold")


class Assessment(TenantOwned, Base):
    """One candidate's invitation, with the conditions that apply to it: the attempt freezes them when it starts.

    The columns from `scoring_state` on repeat what was found or said elsewhere, so that lists sort and filter on one
    table. `score` is the one that counts: `measured_score`, unless a person has overridden it.
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
    help_level: Mapped[str] = text_column(Privacy.NONE)
    calibration: Mapped[bool] = mapped_column(default=False)
    blind_review: Mapped[bool] = mapped_column(default=False)
    invitation_hash: Mapped[str] = text_column(Privacy.SECRET, unique=True)
    invitation_sealed: Mapped[str] = text_column(Privacy.SECRET)
    expires_at: Mapped[datetime] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    submitted_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    scoring_state: Mapped[str | None] = text_column(Privacy.NONE)
    score: Mapped[float | None] = mapped_column()
    measured_score: Mapped[float | None] = mapped_column()
    overridden: Mapped[bool] = mapped_column(default=False)
    weights_hash: Mapped[str | None] = text_column(Privacy.NONE)
    coverage: Mapped[float | None] = mapped_column()
    flag_count: Mapped[int] = small_integer(default=0)
    decision: Mapped[str | None] = text_column(Privacy.ASSESSMENT)
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
            CheckConstraint(f"decision IN {VERDICTS}", name="decision"),
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

    The deadline follows from the start, the time allowed with what was added to it, and the pauses
    (`tali.assessments.deadlines`); while `paused_at` is set it stands still.

    `last_event_seq` numbers the timeline; whoever raises it holds the row, so a timeline has one order.
    """

    __tablename__ = "attempt"

    assessment_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = small_integer(default=1)
    task_version_id: Mapped[UUID] = mapped_column()
    state: Mapped[str] = text_column(Privacy.NONE, default="ready")
    variant_seed: Mapped[int] = mapped_column()
    allowed_time: Mapped[timedelta] = mapped_column(Interval)
    extra_percent: Mapped[int] = small_integer(default=0)
    extra_minutes: Mapped[int] = small_integer(default=0)
    paused_at: Mapped[datetime | None] = mapped_column()
    paused_time: Mapped[timedelta] = mapped_column(Interval, default=timedelta)
    started_at: Mapped[datetime | None] = mapped_column()
    deadline: Mapped[datetime | None] = mapped_column()
    submitted_at: Mapped[datetime | None] = mapped_column()
    submitted_by: Mapped[str | None] = text_column(Privacy.NONE)
    consent_version: Mapped[str | None] = text_column(Privacy.NONE)
    writer_epoch: Mapped[int] = small_integer(default=0)
    last_event_seq: Mapped[int] = mapped_column(default=0)
    recorded_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    turn_count: Mapped[int] = small_integer(default=0)
    tab_switch_count: Mapped[int] = mapped_column(default=0)
    client_tab_switch_count: Mapped[int | None] = mapped_column()
    assistant: Mapped[str] = text_column(Privacy.NONE)
    sandbox: Mapped[str] = text_column(Privacy.NONE)
    help_level: Mapped[HelpLevel] = text_column(Privacy.NONE)
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
            Index("ix_attempt_paused", "paused_at", postgresql_where=text("paused_at IS NOT NULL")),
        )


class AssessmentDefaults(TenantOwned, Base):
    """What an organisation wants of every new assessment; no row where it never said."""

    __tablename__ = "assessment_defaults"

    blind_review: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("organization_id"),)


class BulkInvitation(TenantOwned, Base):
    """A list of people to invite to one task, under one set of conditions."""

    __tablename__ = "bulk_invitation"

    task_id: Mapped[UUID] = mapped_column()
    author: Mapped[str] = text_column(Privacy.NONE)
    author_id: Mapped[UUID | None] = mapped_column()
    conditions: Mapped[dict[str, Any]] = json_column(Privacy.NONE)
    total: Mapped[int] = small_integer()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("task_id", "task"),
            *reference("author_id", "membership", ondelete="SET NULL"),
        )


class BulkRow(TenantOwned, Base):
    """One person of such a list, and what became of it."""

    __tablename__ = "bulk_row"

    bulk_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = small_integer()
    full_name: Mapped[str] = text_column(Privacy.IDENTITY)
    email: Mapped[str] = text_column(Privacy.IDENTITY)
    state: Mapped[str] = text_column(Privacy.NONE, default="queued")
    tries: Mapped[int] = small_integer(default=0)
    assessment_id: Mapped[UUID | None] = mapped_column()
    code: Mapped[str | None] = text_column(Privacy.NONE)
    message: Mapped[str | None] = text_column(Privacy.NONE)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("bulk_id", "bulk_invitation", index=False),
            # With its assessment goes what it holds of the person.
            *reference("assessment_id", "assessment"),
            UniqueConstraint("organization_id", "bulk_id", "number"),
            CheckConstraint(f"state IN {ROW_STATES}", name="state"),
        )


class _Said(TenantOwned):
    """Something that a colleague, or a program, said about an assessment. `author` is an actor's key."""

    assessment_id: Mapped[UUID] = mapped_column()
    author: Mapped[str] = text_column(Privacy.NONE)
    author_id: Mapped[UUID | None] = mapped_column()

    @classmethod
    def own_table_args(cls) -> tuple[SchemaItem, ...]:
        """Constraints and indexes beside those that all of them have."""
        return ()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("assessment_id", "assessment"),
            *reference("author_id", "membership", ondelete="SET NULL"),
            *cls.own_table_args(),
        )


class Note(_Said, Base):
    """A note, at a moment of the session (`event_seq`) or on the assessment as a whole."""

    __tablename__ = "note"

    text: Mapped[str] = text_column(Privacy.ASSESSMENT)
    event_seq: Mapped[int | None] = mapped_column()
    edited_at: Mapped[datetime | None] = mapped_column()


class Decision(_Said, Base):
    """What was decided about a candidate, and why; the newest counts, all stay."""

    __tablename__ = "decision"

    verdict: Mapped[str] = text_column(Privacy.ASSESSMENT)
    reason: Mapped[str] = text_column(Privacy.ASSESSMENT)

    @classmethod
    def own_table_args(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),)


class ScoreOverride(_Said, Base):
    """A person's score in place of the measured one, with the reason. Both stay on record, withdrawn or not."""

    __tablename__ = "score_override"

    value: Mapped[float] = mapped_column()
    reason: Mapped[str] = text_column(Privacy.ASSESSMENT)
    withdrawn_at: Mapped[datetime | None] = mapped_column()
    withdrawn_by: Mapped[str | None] = text_column(Privacy.NONE)

    @classmethod
    def own_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            Index(
                "uq_score_override_one_at_a_time",
                "organization_id",
                "assessment_id",
                unique=True,
                postgresql_where=text("withdrawn_at IS NULL"),
            ),
        )
