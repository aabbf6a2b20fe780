"""Jobs and domain events: the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, small_integer, text_column

STATES = ("queued", "running", "done", "ambiguous", "dead")


class Job(TenantOwned, Base):
    """One piece of background work.

    `attempt` counts claims and fences them: every write of a job is made only while its row still carries the attempt
    that the writer claimed. `effect` says what a crash in mid-effect means (see `tali.jobs.kinds`).

    Every moment is the database's: hosts whose clocks disagree still agree on what is due and who holds it.
    """

    __tablename__ = "job"

    kind: Mapped[str] = text_column(Privacy.NONE)
    queue: Mapped[str] = text_column(Privacy.NONE)
    effect: Mapped[str] = text_column(Privacy.NONE)
    payload: Mapped[dict[str, Any]] = json_column(Privacy.NONE)
    dedupe_key: Mapped[str | None] = text_column(Privacy.NONE)
    state: Mapped[str] = text_column(Privacy.NONE, default="queued")
    attempt: Mapped[int] = small_integer(default=0)
    max_attempts: Mapped[int] = small_integer()
    run_at: Mapped[datetime] = mapped_column(default=func.clock_timestamp())
    published_at: Mapped[datetime | None] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column()
    effect_started_at: Mapped[datetime | None] = mapped_column()
    worker: Mapped[str | None] = text_column(Privacy.NONE)
    error: Mapped[str | None] = text_column(Privacy.NONE)
    finished_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint(f"state IN {STATES}", name="state"),
            UniqueConstraint("organization_id", "kind", "dedupe_key"),
            Index("ix_job_due", "organization_id", "queue", "run_at", postgresql_where=text("state = 'queued'")),
            Index("ix_job_leased", "lease_until", postgresql_where=text("state = 'running'")),
            Index(
                "ix_job_in_flight", "organization_id", "queue", postgresql_where=text("state IN ('queued', 'running')")
            ),
            Index(
                "ix_job_published",
                "organization_id",
                "queue",
                postgresql_where=text("state = 'running' OR (state = 'queued' AND published_at IS NOT NULL)"),
            ),
            Index("ix_job_trouble", "created_at", postgresql_where=text("state IN ('ambiguous', 'dead')")),
        )


class DomainEvent(TenantOwned, Base):
    """Something that happened, for rooms on the right to act on. `data` holds ids and states only."""

    __tablename__ = "domain_event"

    name: Mapped[str] = text_column(Privacy.NONE)
    subject_id: Mapped[UUID] = mapped_column(index=True)
    data: Mapped[dict[str, Any]] = json_column(Privacy.NONE)
