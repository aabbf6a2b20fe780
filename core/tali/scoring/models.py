"""Score runs, what they found, the immutable scores; what people rated; the fingerprints of final code."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, reference, small_integer, text_column

RUN_STATES = ("running", "scored", "partial", "failed")
REQUEST_STATES = ("asked", "answered", "unusable", "lost", "refused")
JUDGED_SUBJECTS = ("session", "calibration")
SCORING_STATES = ("pending", *RUN_STATES)
"""Of an assessment: `pending` is a run that was asked for and has not begun."""


class ScoreRun(TenantOwned, Base):
    """One pass over a submitted attempt: grading, evaluation, combination.

    `contradictions`: judged values that measured ones speak against (`tali.scoring.contradictions`).
    """

    __tablename__ = "score_run"

    assessment_id: Mapped[UUID] = mapped_column()
    attempt_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = small_integer()
    state: Mapped[str] = text_column(Privacy.NONE, default="running")
    reason: Mapped[str | None] = text_column(Privacy.ASSESSMENT)
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    contradictions: Mapped[list[dict[str, Any]]] = json_column(Privacy.ASSESSMENT, default=list)

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


class JudgeRequest(TenantOwned, Base):
    """One request to a model to judge something, and its answer, kept as it came.

    `asked` is written before the request goes out, so that one whose process died stays on record. `lost`: it may have
    cost, and no answer came. `refused`: it was not taken. `unusable`: there is an answer, and it cannot be read. An
    `answered` one is never asked again.

    `redacted_for` are the name and the address that were taken out of what was shown: an answer is read against the
    same text, whatever the candidate is called by then. `job_id` is the job that asked.
    """

    __tablename__ = "judge_request"

    assessment_id: Mapped[UUID] = mapped_column()
    attempt_id: Mapped[UUID] = mapped_column()
    score_run_id: Mapped[UUID | None] = mapped_column()
    job_id: Mapped[UUID] = mapped_column()
    evaluator: Mapped[str] = text_column(Privacy.NONE)
    subject: Mapped[str] = text_column(Privacy.NONE)
    redacted_for: Mapped[dict[str, str]] = json_column(Privacy.IDENTITY)
    versions: Mapped[dict[str, str]] = json_column(Privacy.NONE)
    versions_hash: Mapped[str] = text_column(Privacy.NONE)
    state: Mapped[str] = text_column(Privacy.NONE, default="asked")
    reason: Mapped[str | None] = text_column(Privacy.ASSESSMENT)
    finished_at: Mapped[datetime | None] = mapped_column()
    answer: Mapped[dict[str, Any] | None] = json_column(Privacy.ASSESSMENT)
    model: Mapped[str | None] = text_column(Privacy.NONE)
    request_id: Mapped[str | None] = text_column(Privacy.NONE)
    input_tokens: Mapped[int | None] = mapped_column()
    output_tokens: Mapped[int | None] = mapped_column()
    cost: Mapped[int | None] = mapped_column(BigInteger)
    latency_ms: Mapped[int | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("assessment_id", "assessment"),
            *reference("attempt_id", "attempt"),
            *reference("score_run_id", "score_run", ondelete="SET NULL"),
            CheckConstraint(f"subject IN {JUDGED_SUBJECTS}", name="subject"),
            CheckConstraint(f"state IN {REQUEST_STATES}", name="state"),
            CheckConstraint("(state IN ('answered', 'unusable')) = (answer IS NOT NULL)", name="answer"),
            Index(
                "uq_judge_request_one_answer",
                "organization_id",
                "attempt_id",
                "evaluator",
                "subject",
                "versions_hash",
                unique=True,
                postgresql_where=text("state = 'answered'"),
            ),
        )


class Evaluation(TenantOwned, Base):
    """One evaluator's part in a run.

    Of a judge also: `prompts`, its breakdown per prompt; `dropped`, how much of its answer did not hold, by kind;
    `left_out`, what of the session it was not shown; and the request whose answer was read.
    """

    __tablename__ = "evaluation"

    score_run_id: Mapped[UUID] = mapped_column()
    evaluator: Mapped[str] = text_column(Privacy.NONE)
    version: Mapped[str] = text_column(Privacy.NONE)
    versions: Mapped[dict[str, str]] = json_column(Privacy.NONE, default=dict)
    state: Mapped[str] = text_column(Privacy.NONE, default="pending")
    reason: Mapped[str | None] = text_column(Privacy.ASSESSMENT)
    finished_at: Mapped[datetime | None] = mapped_column()
    judge_request_id: Mapped[UUID | None] = mapped_column()
    prompts: Mapped[list[dict[str, Any]]] = json_column(Privacy.ASSESSMENT, default=list)
    dropped: Mapped[dict[str, int]] = json_column(Privacy.NONE, default=dict)
    left_out: Mapped[list[str]] = json_column(Privacy.ASSESSMENT, default=list)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("score_run_id", "score_run", index=False),
            *reference("judge_request_id", "judge_request", ondelete="SET NULL"),
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


class Rating(TenantOwned, Base):
    """A person's judgement of one judged signal of an attempt: data to hold a judge against, part of no score.

    `blind`: the person did not know who the candidate is, nor what the evaluators said.
    """

    __tablename__ = "rating"

    attempt_id: Mapped[UUID] = mapped_column()
    rater: Mapped[str] = text_column(Privacy.NONE)
    rater_id: Mapped[UUID | None] = mapped_column()
    dimension: Mapped[str] = text_column(Privacy.NONE)
    value: Mapped[float] = mapped_column()
    blind: Mapped[bool] = mapped_column()
    rated_at: Mapped[datetime] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            *reference("rater_id", "membership", ondelete="SET NULL"),
            UniqueConstraint("organization_id", "attempt_id", "rater", "dimension"),
            CheckConstraint("value BETWEEN 0 AND 10", name="value"),
        )


class Fingerprint(TenantOwned, Base):
    """The winnowed fingerprint of an attempt's final code, without what the task gave.

    `hashes` is for finding others; `places` says where each hash stands: [hash, file, first line, last line].
    """

    __tablename__ = "fingerprint"

    attempt_id: Mapped[UUID] = mapped_column()
    task_id: Mapped[UUID] = mapped_column()
    method: Mapped[str] = text_column(Privacy.NONE)
    token_count: Mapped[int] = mapped_column()
    hashes: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), info={"privacy": Privacy.CONTENT})
    places: Mapped[list[list[Any]]] = json_column(Privacy.CONTENT)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            *reference("attempt_id", "attempt", index=False),
            *reference("task_id", "task", index=False),
            UniqueConstraint("organization_id", "attempt_id"),
            Index("ix_fingerprint_newest", "organization_id", "task_id", text("id DESC")),
        )


class Score(TenantOwned, Base):
    """One score, never altered: the value, what it is made of, and everything needed to make it again.

    `cause` tells a `run` (tests and evaluators) from other `weights` over the values of an earlier run.
    """

    __tablename__ = "score"

    assessment_id: Mapped[UUID] = mapped_column()
    score_run_id: Mapped[UUID] = mapped_column()
    cause: Mapped[str] = text_column(Privacy.NONE)
    preset: Mapped[str | None] = text_column(Privacy.NONE)
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
