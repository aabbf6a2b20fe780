"""The record of a session: files, edit batches, checkpoints, turns, executions, events, and time added to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column

WORK_STATES = ("queued", "running", "done", "interrupted", "failed", "cancelled")
CALIBRATION_STATES = ("open", "closed")


class WorkspaceFile(TenantOwned, Base):
    """One file as it is now: the projection of all accepted edits. A row a file, so that an edit rewrites one file."""

    __tablename__ = "workspace_file"

    attempt_id: Mapped[UUID] = mapped_column()
    path: Mapped[str] = text_column(Privacy.CONTENT)
    content: Mapped[str] = text_column(Privacy.CONTENT)
    checksum: Mapped[str] = text_column(Privacy.NONE)
    readonly: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "path"),
        )


class EditBatch(TenantOwned, Base):
    """Edits as the client sent them and the server applied them. `kind` snapshot replaces all files and says why."""

    __tablename__ = "edit_batch"

    attempt_id: Mapped[UUID] = mapped_column()
    writer_epoch: Mapped[int] = small_integer()
    client_seq: Mapped[int] = mapped_column()
    seq: Mapped[int] = mapped_column()
    kind: Mapped[str] = text_column(Privacy.NONE)
    edits: Mapped[list[dict[str, Any]]] = json_column(Privacy.CONTENT)
    base_hash: Mapped[str] = text_column(Privacy.NONE)
    result_hash: Mapped[str] = text_column(Privacy.NONE)
    sent_at: Mapped[datetime] = mapped_column()
    late: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "writer_epoch", "client_seq"),
            UniqueConstraint("organization_id", "attempt_id", "seq"),
        )


class Checkpoint(TenantOwned, Base):
    """All files after timeline event `seq`: replay and evaluation begin at the nearest one."""

    __tablename__ = "checkpoint"

    attempt_id: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column()
    files: Mapped[dict[str, str]] = json_column(Privacy.CONTENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "seq"),
        )


class TimelineEvent(TenantOwned, Base):
    """One fact, in the order of the attempt. `data` points at rows (a turn, a batch) rather than repeating them."""

    __tablename__ = "timeline_event"

    attempt_id: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column()
    kind: Mapped[str] = text_column(Privacy.NONE)
    at: Mapped[datetime] = mapped_column()
    data: Mapped[dict[str, Any]] = json_column(Privacy.CONTENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "seq"),
        )


class Accommodation(TenantOwned, Base):
    """Time that a candidate was given on top, and why. The newest counts; `author` is an actor's key."""

    __tablename__ = "accommodation"

    attempt_id: Mapped[UUID] = mapped_column()
    author: Mapped[str] = text_column(Privacy.NONE)
    percent: Mapped[int] = small_integer()
    minutes: Mapped[int] = small_integer()
    reason: Mapped[str] = text_column(Privacy.ASSESSMENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return reference("attempt_id", "attempt")


class Pause(TenantOwned, Base):
    """A time during which the clock stood still. `ended_by` is None where the longest pause was over."""

    __tablename__ = "pause"

    attempt_id: Mapped[UUID] = mapped_column()
    author: Mapped[str] = text_column(Privacy.NONE)
    reason: Mapped[str] = text_column(Privacy.ASSESSMENT)
    started_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    ended_by: Mapped[str | None] = text_column(Privacy.NONE)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt"),
            Index(
                "uq_pause_one_at_a_time",
                "organization_id",
                "attempt_id",
                unique=True,
                postgresql_where=text("ended_at IS NULL"),
            ),
        )


class CodeSnapshot(TenantOwned, Base):
    """The files around a prompt, stored once however many prompts saw them."""

    __tablename__ = "code_snapshot"

    attempt_id: Mapped[UUID] = mapped_column()
    digest: Mapped[str] = text_column(Privacy.NONE)
    files: Mapped[dict[str, str]] = json_column(Privacy.CONTENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "digest"),
        )


class Answered:
    """What a message to the assistant and its reply are made of, wherever they are kept."""

    attempt_id: Mapped[UUID] = mapped_column()
    index: Mapped[int] = small_integer()
    state: Mapped[str] = text_column(Privacy.NONE, default="queued")
    message: Mapped[str] = text_column(Privacy.CONTENT)
    response: Mapped[str] = text_column(Privacy.CONTENT, default="")
    parts: Mapped[list[dict[str, Any]]] = json_column(Privacy.CONTENT, default=list)
    input_tokens: Mapped[int | None] = mapped_column()
    output_tokens: Mapped[int | None] = mapped_column()
    cost: Mapped[int | None] = mapped_column(BigInteger)
    response_latency_ms: Mapped[int | None] = mapped_column()
    assistant: Mapped[str] = text_column(Privacy.NONE)
    model: Mapped[str | None] = text_column(Privacy.NONE)
    error_code: Mapped[str | None] = text_column(Privacy.NONE)
    error_message: Mapped[str | None] = text_column(Privacy.NONE)
    producer: Mapped[int] = small_integer(default=1)
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()


class Turn(Answered, TenantOwned, Base):
    """One message to the assistant and its reply, with the captured facts of a prompt record."""

    __tablename__ = "turn"

    seq: Mapped[int] = mapped_column()
    code_before_id: Mapped[UUID] = mapped_column()
    code_after_id: Mapped[UUID | None] = mapped_column()
    word_count: Mapped[int] = mapped_column()
    char_count: Mapped[int] = mapped_column()
    time_since_last_prompt_ms: Mapped[int | None] = mapped_column()
    server_gap_ms: Mapped[int | None] = mapped_column()
    paste_detected: Mapped[bool] = mapped_column()
    browser_focused: Mapped[bool] = mapped_column()
    context: Mapped[dict[str, Any]] = json_column(Privacy.CONTENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            *reference("code_before_id", "code_snapshot"),
            *reference("code_after_id", "code_snapshot"),
            UniqueConstraint("organization_id", "attempt_id", "index"),
            CheckConstraint(f"state IN {WORK_STATES}", name="state"),
            Index(
                "uq_turn_one_at_a_time",
                "organization_id",
                "attempt_id",
                unique=True,
                postgresql_where=text("state IN ('queued', 'running')"),
            ),
        )


class Calibration(TenantOwned, Base):
    """The small exercise before the clock starts, and what a judge makes of it. No row where nobody began it.

    It is apart from the attempt's own record: no signal, no timeline and no score knows of it.
    """

    __tablename__ = "calibration"

    attempt_id: Mapped[UUID] = mapped_column()
    state: Mapped[str] = text_column(Privacy.NONE, default="open")
    prompt: Mapped[str] = text_column(Privacy.NONE)
    consent_version: Mapped[str] = text_column(Privacy.NONE)
    closed_at: Mapped[datetime | None] = mapped_column()
    score: Mapped[float | None] = mapped_column()
    reason: Mapped[str | None] = text_column(Privacy.NONE)
    reason_detail: Mapped[str | None] = text_column(Privacy.ASSESSMENT)
    evidence: Mapped[list[dict[str, Any]]] = json_column(Privacy.ASSESSMENT, default=list)
    evaluator: Mapped[str | None] = text_column(Privacy.NONE)
    judged_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id"),
            CheckConstraint(f"state IN {CALIBRATION_STATES}", name="state"),
            Index("ix_calibration_judged", "organization_id", postgresql_where=text("score IS NOT NULL")),
        )


class CalibrationTurn(Answered, TenantOwned, Base):
    """One message of a calibration, and its reply."""

    __tablename__ = "calibration_turn"

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "index"),
            CheckConstraint(f"state IN {WORK_STATES}", name="state"),
            Index(
                "uq_calibration_turn_one_at_a_time",
                "organization_id",
                "attempt_id",
                unique=True,
                postgresql_where=text("state IN ('queued', 'running')"),
            ),
        )


class ExecutionRecord(TenantOwned, Base):
    """One run in the sandbox that the candidate asked for. Its output is kept once, in the pieces it came in."""

    __tablename__ = "execution"

    @property
    def output(self) -> str:
        """All that was written, both streams as they came."""
        return "".join(part.get("text", "") for part in self.parts)

    attempt_id: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column()
    kind: Mapped[str] = text_column(Privacy.NONE)
    path: Mapped[str | None] = text_column(Privacy.CONTENT)
    stdin: Mapped[str] = text_column(Privacy.CONTENT, default="")
    state: Mapped[str] = text_column(Privacy.NONE, default="queued")
    exit_code: Mapped[int | None] = mapped_column()
    duration_ms: Mapped[int | None] = mapped_column()
    stopped: Mapped[str | None] = text_column(Privacy.NONE)
    limit_note: Mapped[str | None] = text_column(Privacy.NONE)
    truncated: Mapped[bool] = mapped_column(default=False)
    peak_memory_bytes: Mapped[int | None] = mapped_column()
    parts: Mapped[list[dict[str, Any]]] = json_column(Privacy.CONTENT, default=list)
    tests: Mapped[list[dict[str, Any]] | None] = json_column(Privacy.CONTENT)
    error_code: Mapped[str | None] = text_column(Privacy.NONE)
    error_message: Mapped[str | None] = text_column(Privacy.NONE)
    sandbox: Mapped[str] = text_column(Privacy.NONE)
    producer: Mapped[int] = small_integer(default=1)
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt"),
            CheckConstraint(f"state IN {WORK_STATES}", name="state"),
            Index(
                "uq_execution_one_at_a_time",
                "organization_id",
                "attempt_id",
                unique=True,
                postgresql_where=text("state IN ('queued', 'running')"),
            ),
        )
