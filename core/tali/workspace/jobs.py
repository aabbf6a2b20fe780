"""The jobs of a live session: answering a turn and running a program. Each ends, with what there was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.assessments.service import work_of
from tali.grading import service as grading
from tali.grading.service import TestRun
from tali.jobs.context import JobContext
from tali.jobs.kinds import INTERACTIVE, job_kind
from tali.jobs.plugin_calls import plugin_call
from tali.jobs.pump import Pump, Stopped
from tali.kernel.clock import now
from tali.kernel.text import storable
from tali.kernel.valkey import CancelFlag, ChunkStream
from tali.sdk import (
    ConfigurationMissing,
    Conversation,
    Done,
    Execution,
    Limits,
    Message,
    Output,
    Rejected,
    Sandbox,
    SandboxRequest,
    Transient,
)
from tali.tasks import service as tasks
from tali.tasks.content import TaskContent
from tali.workspace import calibrations, closing, replies
from tali.workspace.models import CodeSnapshot, ExecutionRecord, Turn, WorkspaceFile
from tali.workspace.replies import PLUGIN_ERRORS, Asked, Problem, how_it_stopped, reason_to_stop
from tali.workspace.turns import note_held_under
from tali.workspace.work import subject

RUN_LIMITS = Limits()
RUN_SECONDS = 120.0
"""For a run as a whole, opening the sandbox included; its own limits are tighter."""


@job_kind("workspace.reply", INTERACTIVE, "repeatable", max_attempts=1, abandoned=closing.close_turn)
def reply(context: JobContext, payload: dict[str, Any]) -> None:
    """Answer one turn."""
    asked = _begin_turn(context, UUID(payload["turn_id"]))
    if asked is not None:
        replies.answer(context, asked, also=_note_what_answered)


def _note_what_answered(session: Session, turn_id: UUID, done: Done | None) -> None:
    if done is not None and done.model:
        note_held_under(session, turn_id, "models", done.model[:200])
    if done is not None and done.instructions:
        note_held_under(session, turn_id, "instructions", done.instructions[:200])


@job_kind("workspace.calibration_reply", INTERACTIVE, "repeatable", max_attempts=1, abandoned=closing.close_turn)
def calibration_reply(context: JobContext, payload: dict[str, Any]) -> None:
    """Answer one message of a calibration."""
    with context.transaction() as session:
        asked = calibrations.begin_reply(session, UUID(payload["calibration_turn_id"]), context.claim.attempt)
    if asked is not None:
        replies.answer(context, asked, also=_announce)


def _announce(session: Session, turn_id: UUID, done: Done | None) -> None:
    calibrations.announce(session, calibrations.attempt_of(session, turn_id))


def _begin_turn(context: JobContext, turn_id: UUID) -> Asked | None:
    with context.transaction() as session:
        turn = session.execute(
            update(Turn)
            .where(Turn.id == turn_id, Turn.state == "queued")
            .values(state="running", started_at=now(), producer=context.claim.attempt)
            .returning(Turn)
        ).scalar_one_or_none()
        if turn is None:
            return None
        attempt = session.get_one(Attempt, turn.attempt_id)
        content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
        history = session.execute(
            select(Turn.message, Turn.response)
            .where(Turn.attempt_id == turn.attempt_id, Turn.index < turn.index)
            .order_by(Turn.index)
        ).all()
        # What was on the candidate's screen, which the selection's offsets count in.
        code = session.get_one(CodeSnapshot, turn.code_before_id).files
    messages = [
        message
        for asked, answered in history
        for message in (Message("candidate", asked), Message("assistant", answered))
        if message.text
    ]
    seen = {path: code[path] for path in turn.context["open_files"] if path in code}
    conversation = Conversation(
        brief=content.brief,
        languages=content.languages,
        messages=[*messages, Message("candidate", turn.message)],
        open_files=seen,
        active_file=turn.context["active_file"],
        selection=_selected(seen, turn.context),
        help_level=attempt.help_level,
        hints=content.hints,
        files=code,
    )
    return Asked(Turn, turn_id, turn.attempt_id, turn.assistant, conversation, turn.created_at)


def _selected(code: dict[str, str], context: dict[str, Any]) -> str | None:
    selection, text = context["selection"], code.get(context["active_file"] or "")
    if not selection or text is None:
        return None
    units = text.encode("utf-16-le")
    return units[2 * selection["start"] : 2 * selection["end"]].decode("utf-16-le", "ignore") or None


@cache
def _run_slots(slots: int) -> threading.Semaphore:
    """Programs that run at once in this process; the others wait their turn."""
    return threading.Semaphore(slots)


@job_kind("workspace.execute", INTERACTIVE, "repeatable", max_attempts=1, abandoned=closing.close_execution)
def execute(context: JobContext, payload: dict[str, Any]) -> None:
    """Run the candidate's program, or the visible tests."""
    with _run_slots(context.resources.settings.run_slots):
        _execute(context, UUID(payload["execution_id"]))


class _Run:
    """A run as it goes, mirrored to the stream."""

    def __init__(self, stream: ChunkStream) -> None:
        self.parts: list[dict[str, Any]] = []
        self.ended: Execution | None = None
        self.tests: list[dict[str, Any]] | None = None
        self.note: str | None = None
        self._stream = stream

    def take(self, piece: Output | Execution | TestRun) -> None:
        if isinstance(piece, Output):
            written = {"type": piece.stream, "text": storable(piece.text)}
            self._stream.append(len(self.parts) + 1, written)
            self.parts.append({"n": len(self.parts) + 1, **written})
        elif isinstance(piece, TestRun):
            self.ended, self.note = piece.execution, piece.problem
            self.tests = [
                {**asdict(result), "name": storable(result.name), "message": storable(result.message)}
                for result in piece.results
            ]
        else:
            self.ended = piece


def _execute(context: JobContext, execution_id: UUID) -> None:
    resources = context.resources
    begun = _begin_execution(context, execution_id)
    if begun is None:
        return
    execution, code, content = begun
    stream = ChunkStream(resources.valkey, subject(ExecutionRecord, execution_id), context.claim.attempt)
    run = _Run(stream)
    problem: Problem = (None, None)
    state: str | None = None
    try:
        labels = {"organization": str(context.organization_id), "execution": str(execution_id), "purpose": "run"}
        held: list[Sandbox] = []
        with plugin_call(resources, "sandboxes", execution.sandbox, context.organization_id), _cancelling(held):
            pump = Pump(
                f"sandbox:{execution.sandbox}",
                lambda: _pieces(context, execution, code, content, labels, held),
                reason_to_stop(
                    context,
                    CancelFlag(resources.valkey, subject(ExecutionRecord, execution_id), work_of(execution.attempt_id)),
                ),
                RUN_SECONDS,
            )
            for piece in pump:
                run.take(piece)
    except Stopped as stopped:
        state, problem = how_it_stopped(stopped, execution_id, "The run took too long and was stopped.")
    except PLUGIN_ERRORS as fault:
        problem = _explain_run(fault)
    ended = run.ended
    with context.transaction(finish=True) as session:
        session.execute(
            update(ExecutionRecord)
            .where(ExecutionRecord.id == execution_id, ExecutionRecord.state == "running")
            .values(
                state=state or _final_state(ended, problem[0]),
                exit_code=ended.exit_code if ended else None,
                duration_ms=ended.duration_ms if ended else None,
                stopped=ended.stopped if ended else None,
                limit_note=(ended.limit_note if ended else None) or run.note,
                truncated=ended.truncated if ended else False,
                peak_memory_bytes=ended.peak_memory_bytes if ended else None,
                parts=run.parts,
                tests=run.tests,
                error_code=problem[0],
                error_message=problem[1],
                finished_at=now(),
            )
        )
    stream.finish()


def _pieces(
    context: JobContext,
    execution: ExecutionRecord,
    code: dict[str, str],
    content: TaskContent,
    labels: dict[str, str],
    held: list[Sandbox],
) -> Iterator[Output | Execution | TestRun]:
    """In the pump's thread, from opening the sandbox to closing it: a run dies with the thread that began it."""
    provider = context.resources.plugins.sandbox(execution.sandbox, context.organization_id)
    sandbox = provider.open(SandboxRequest(content.languages, labels))
    held.append(sandbox)
    try:
        sandbox.write(code)
        if execution.kind == "test":
            yield from grading.run_tests(sandbox, content.languages, code, content.visible_tests)
        else:
            command = grading.run_command(content.languages, execution.path or content.entry, execution.stdin)
            yield from sandbox.run(command, RUN_LIMITS)
    finally:
        sandbox.close()


@contextmanager
def _cancelling(held: list[Sandbox]) -> Iterator[None]:
    """Leaving early kills the program at once, rather than when it next writes something."""
    try:
        yield
    except Stopped:
        for sandbox in held:
            sandbox.cancel()
        raise


def _final_state(ended: Execution | None, error: str | None) -> str:
    if error is not None or ended is None:
        return "failed"
    return "cancelled" if ended.stopped == "cancelled" else "done"


def _begin_execution(
    context: JobContext, execution_id: UUID
) -> tuple[ExecutionRecord, dict[str, str], TaskContent] | None:
    with context.transaction() as session:
        execution = session.execute(
            update(ExecutionRecord)
            .where(ExecutionRecord.id == execution_id, ExecutionRecord.state == "queued")
            .values(state="running", started_at=now(), producer=context.claim.attempt)
            .returning(ExecutionRecord)
        ).scalar_one_or_none()
        if execution is None:
            return None
        attempt = session.get_one(Attempt, execution.attempt_id)
        content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
        rows = session.execute(
            select(WorkspaceFile.path, WorkspaceFile.content).where(WorkspaceFile.attempt_id == attempt.id)
        )
        return execution, {row.path: row.content for row in rows}, content


def _explain_run(fault: Exception) -> tuple[str, str]:
    match fault:
        case ConfigurationMissing():
            return "provider_not_configured", f"Runs are not set up here ({', '.join(fault.names)} is missing)."
        case Transient():
            return "sandbox_busy", f"The sandbox did not answer: {fault.reason}. Run it again in a moment."
        case Rejected():
            return "sandbox_unavailable", fault.reason
        case _:
            return "sandbox_failed", "The sandbox failed. Your code is saved; run it again."
