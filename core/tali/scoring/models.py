"""Score runs, what they found, and the immutable scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column

RUN_STATES = ("running", "scored", "partial", "failed")
SCORING_STATES = ("pending", *RUN_STATES)
"""Of an assessment: `pending` is a run that was asked for and has not begun."""


class ScoreRun(TenantOwned, Base):
    """One pass over a submitted attempt: grading, evaluation, combination."""

    __tablename__ = "score_run"

    assessment_id: Mapped[UUID] = mapped_column()
    attempt_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = small_integer()
    state: Mapped[str] = text_column(Privacy.NONE, default="running")
    reason: Mapped[str | None] = text_column(Privacy.NONE)
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("assessment_id", "assessment"),
            *reference("attempt_id", "attempt", index=False),
            UniqueConstraint("organization_id", "attempt_id", "number"),
            CheckConstraint(f"state IN {RUN_STATES}", name="state"),
            Index(
                "uq_score_run_one_at_a_time",
                "organization_id",
                "attempt_id",
                unique=True,
                postgresql_where=text("state = 'running'"),
            ),
        )


class Grade(TenantOwned, Base):
    """What hidden tests and static analysis said, once per run."""

    __tablename__ = "grade"

    score_run_id: Mapped[UUID] = mapped_column()
    sandbox: Mapped[str] = text_column(Privacy.NONE)
    tests: Mapped[dict[str, Any] | None] = json_column(Privacy.ASSESSMENT)
    quality: Mapped[dict[str, Any] | None] = json_column(Privacy.ASSESSMENT)
    error: Mapped[str | None] = text_column(Privacy.NONE)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("score_run_id", "score_run", index=False),
            UniqueConstraint("organization_id", "score_run_id"),
        )


class Evaluation(TenantOwned, Base):
    """One evaluator's part in a run."""

    __tablename__ = "evaluation"

    score_run_id: Mapped[UUID] = mapped_column()
    evaluator: Mapped[str] = text_column(Privacy.NONE)
    version: Mapped[str] = text_column(Privacy.NONE)
    versions: Mapped[dict[str, str]] = json_column(Privacy.NONE, default=dict)
    state: Mapped[str] = text_column(Privacy.NONE, default="pending")
    reason: Mapped[str | None] = text_column(Privacy.NONE)
    finished_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("score_run_id", "score_run", index=False),
            UniqueConstraint("organization_id", "score_run_id", "evaluator"),
            CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
        )


class SignalValue(TenantOwned, Base):
    """One signal's value in a run, as its evaluator declared and answered it then: readable without the plugin."""

    __tablename__ = "signal_value"

    score_run_id: Mapped[UUID] = mapped_column()
    evaluator: Mapped[str] = text_column(Privacy.NONE)
    position: Mapped[int] = small_integer()
    name: Mapped[str] = text_column(Privacy.NONE)
    declared: Mapped[dict[str, Any]] = json_column(Privacy.NONE)
    value: Mapped[float | None] = mapped_column()
    reason: Mapped[str | None] = text_column(Privacy.NONE)
    flag: Mapped[dict[str, Any] | None] = json_column(Privacy.ASSESSMENT)
    evidence: Mapped[list[dict[str, Any]]] = json_column(Privacy.ASSESSMENT)
    detail: Mapped[dict[str, Any]] = json_column(Privacy.ASSESSMENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("score_run_id", "score_run", index=False),
            UniqueConstraint("organization_id", "score_run_id", "name"),
        )


class Score(TenantOwned, Base):
    """One score, never altered: the value, what it is made of, and everything needed to make it again."""

    __tablename__ = "score"

    assessment_id: Mapped[UUID] = mapped_column()
    score_run_id: Mapped[UUID] = mapped_column()
    supersedes_id: Mapped[UUID | None] = mapped_column()
    value: Mapped[float | None] = mapped_column()
    coverage: Mapped[float] = mapped_column()
    components: Mapped[list[dict[str, Any]]] = json_column(Privacy.ASSESSMENT)
    weights: Mapped[dict[str, float]] = json_column(Privacy.NONE)
    weights_hash: Mapped[str] = text_column(Privacy.NONE)
    evaluators: Mapped[list[dict[str, Any]]] = json_column(Privacy.NONE)
    inputs_hash: Mapped[str] = text_column(Privacy.NONE)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("assessment_id", "assessment"),
            *reference("score_run_id", "score_run"),
            *reference("supersedes_id", "score", ondelete="SET NULL"),
        )
