"""Tasks and their frozen versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column


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
