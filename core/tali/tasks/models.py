"""Tasks: their drafts, what validation said of them, and their frozen versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column

VALIDATION_STATES = ("queued", "running", "passed", "failed", "stopped")


class Task(TenantOwned, Base):
    """An exercise. What candidates get is always a version; these columns are for finding it."""

    __tablename__ = "task"

    slug: Mapped[str] = text_column(Privacy.NONE)
    title: Mapped[str] = text_column(Privacy.NONE)
    summary: Mapped[str] = text_column(Privacy.NONE)
    kind: Mapped[str] = text_column(Privacy.NONE)
    difficulty: Mapped[str] = text_column(Privacy.NONE)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), info={"privacy": Privacy.NONE})
    duration_minutes: Mapped[int] = small_integer()
    state: Mapped[str] = text_column(Privacy.NONE, default="draft")

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("organization_id", "slug"),
            CheckConstraint("state IN ('draft', 'published', 'archived')", name="state"),
        )


class TaskVersion(TenantOwned, Base):
    """One frozen state of a task: everything a task folder holds, and the hidden tests that its reference passed."""

    __tablename__ = "task_version"

    task_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = small_integer()
    content: Mapped[dict[str, Any]] = json_column(Privacy.NONE)
    content_hash: Mapped[str] = text_column(Privacy.NONE)
    hidden_tests: Mapped[list[str]] = json_column(Privacy.NONE)
    published_at: Mapped[datetime] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (*reference("task_id", "task", index=False), UniqueConstraint("organization_id", "task_id", "number"))


class TaskDraft(TenantOwned, Base):
    """What the next version may become. A save raises `revision`; one that did not see the last save is refused."""

    __tablename__ = "task_draft"

    task_id: Mapped[UUID] = mapped_column()
    revision: Mapped[int] = mapped_column()
    content: Mapped[dict[str, Any]] = json_column(Privacy.NONE)
    updated_at: Mapped[datetime] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (*reference("task_id", "task", index=False), UniqueConstraint("organization_id", "task_id"))


class TaskValidation(TenantOwned, Base):
    """One validation of one revision of a draft, with what every run said. `publish`: a version follows when it passes.

    `stopped` is nobody's mistake: the sandbox could not be used, or nobody was left to run it.
    """

    __tablename__ = "task_validation"

    task_id: Mapped[UUID] = mapped_column()
    revision: Mapped[int] = mapped_column()
    publish: Mapped[bool] = mapped_column()
    asked_by: Mapped[str] = text_column(Privacy.NONE)
    state: Mapped[str] = text_column(Privacy.NONE, default="queued")
    step: Mapped[str | None] = text_column(Privacy.NONE)
    done: Mapped[int] = small_integer(default=0)
    total: Mapped[int] = small_integer()
    runs: Mapped[list[dict[str, Any]]] = json_column(Privacy.NONE, default=list)
    problems: Mapped[list[str]] = json_column(Privacy.NONE, default=list)
    hidden_tests: Mapped[list[str]] = json_column(Privacy.NONE, default=list)
    version_number: Mapped[int | None] = small_integer()
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("task_id", "task", index=False),
            CheckConstraint(f"state IN {VALIDATION_STATES}", name="state"),
            Index("ix_task_validation_newest", "organization_id", "task_id", text("created_at DESC")),
            Index(
                "uq_task_validation_one_at_a_time",
                "organization_id",
                "task_id",
                unique=True,
                postgresql_where=text("state IN ('queued', 'running')"),
            ),
        )
