"""The jobs of a live session: answering a turn, running a program, and closing an attempt at its deadline."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.models import Attempt
from tali.grading import service as grading
from tali.grading.service import TestRun
from tali.jobs.context import JobContext
from tali.jobs.kinds import INTERACTIVE, job_kind, sweep
from tali.jobs.service import Fenced, enqueue
from tali.kernel.clock import now
from tali.kernel.errors import Conflict
from tali.kernel.valkey import CancelFlag, ChunkStream
from tali.plugins import PluginFault, ProviderUnknown, isolated
from tali.sdk import (
    Chunk,
    ConfigurationMissing,
    Conversation,
    Done,
    EditProposal,
    Execution,
    Limits,
    Message,
    Notice,
    Output,
    Rejected,
    Sandbox,
    SandboxRequest,
    Text,
    ToolCall,
    ToolResult,
    Transient,
)
from tali.tasks import service as tasks
from tali.workspace import files, turns
from tali.workspace.models import ExecutionRecord, Turn, WorkspaceFile
from tali.workspace.timeline import lock_attempt, record
from tali.workspace.work import UNFINISHED, subject

MAX_RESPONSE = 256 * 1024
RUN_LIMITS = Limits()
CANCEL_CHECK_SECONDS = 0.2
LONGEST_WORK = timedelta(minutes=10)
"""No turn and no run lasts longer, waiting included."""


def _chunk_data(chunk: Chunk) -> dict[str, Any]:
    match chunk:
        case Text(text):
            return {"type": "text", "text": text}
        case EditProposal(path, find, replace):
            return {"type": "edit_proposal", "path": path, "find": find, "replace": replace}
        case ToolCall(name, arguments):
            return {"type": "tool_call", "name": name, "arguments": dict(arguments)}
        case ToolResult(name, text):
            return {"type": "tool_result", "name": name, "text": text}
        case Notice(level, text):
            return {"type": "notice", "level": level, "text": text}
        case _:
            raise PluginFault("assistant", f"a reply holds chunks, not {type(chunk).__name__}")


class _Reply:
    """A reply as it grows, mirrored to the stream."""

    def __init__(self, stream: ChunkStream) -> None:
        self.parts: list[dict[str, Any]] = []
        self.done: Done | None = None
        self._size = 0
        self._stream = stream

    def add(self, chunk: Chunk) -> None:
        data = _chunk_data(chunk)
        self._size += len(str(data))
        if self._size > MAX_RESPONSE:
            raise Rejected("The reply became too long and was cut.")
        number = len(self.parts) + 1
        self._stream.append(number, data)
        self.parts.append({"n": number, **data})

    @property
    def text(self) -> str:
        return "".join(part["text"] for part in self.parts if part["type"] == "text")


def _close_as_lost(context: JobContext, kind: type[Turn] | type[ExecutionRecord], work_id: UUID, what: str) -> None:
    """The producer died or gave up: keep what it had, and let the candidate go on."""
    with context.reading() as session:
        producer = session.execute(select(kind.producer).where(kind.id == work_id)).scalar_one_or_none() or 1
    stream = ChunkStream(context.resources.valkey, subject(kind, work_id), producer)
    parts = list(stream.all())
    text = "".join(part.get("text", "") for part in parts if part["type"] in {"text", "stdout", "stderr"})
    values: dict[str, Any] = {
        "state": "interrupted",
        "parts": parts,
        "finished_at": now(),
        "error_code": "interrupted",
        "error_message": what,
        "response" if kind is Turn else "output": text,
    }
    with context.transaction(finish=True) as session:
        session.execute(update(kind).where(kind.id == work_id, kind.state.in_(UNFINISHED)).values(**values))
    stream.finish()


def _abandon_turn(context: JobContext, payload: dict[str, Any]) -> None:
    _close_as_lost(context, Turn, UUID(payload["turn_id"]), "The assistant was interrupted. Ask again.")


def _abandon_execution(context: JobContext, payload: dict[str, Any]) -> None:
    _close_as_lost(context, ExecutionRecord, UUID(payload["execution_id"]), "The run was interrupted. Run it again.")


@job_kind("workspace.reply", INTERACTIVE, "repeatable", max_attempts=1, abandoned=_abandon_turn)
def reply(context: JobContext, payload: dict[str, Any]) -> None:
    """Answer one turn. Whatever happens, the turn ends, with what there was."""
    turn_id = UUID(payload["turn_id"])
    resources = context.resources
    begun = _begin_turn(context, turn_id)
    if begun is None:
        return
    name, conversation, asked_at = begun
    stream = ChunkStream(resources.valkey, subject(Turn, turn_id), context.claim.attempt)
    cancelled = CancelFlag(resources.valkey, subject(Turn, turn_id))
    growing = _Reply(stream)
    state = "done"
    error: tuple[str | None, str | None] = (None, None)
    try:
        assistant = resources.plugins.assistant(name, context.organization_id)
        plugin = resources.plugins.provider("assistants", name).plugin
        with isolated(plugin), _closing(assistant.reply(conversation)) as chunks:
            for chunk in chunks:
                if isinstance(chunk, Done):
                    growing.done = chunk
                    break
                growing.add(chunk)
                if context.lost.is_set():
                    raise Fenced(str(turn_id))
                if cancelled.is_raised():
                    state = "cancelled"
                    break
        if state == "done" and (growing.done is None or growing.done.stop == "cut_short"):
            state, error = "interrupted", ("interrupted", "The reply broke off. Ask again.")
    except (ConfigurationMissing, Transient, Rejected, PluginFault, ProviderUnknown) as fault:
        state, error = "failed", _explain(fault)
    finished = now()
    usage = growing.done.usage if growing.done else None
    with context.transaction(finish=True) as session:
        session.execute(
            update(Turn)
            .where(Turn.id == turn_id, Turn.state == "running")
            .values(
                state=state,
                response=growing.text,
                parts=growing.parts,
                input_tokens=usage.input_tokens if usage else None,
                output_tokens=usage.output_tokens if usage else None,
                response_latency_ms=int((finished - asked_at).total_seconds() * 1000),
                error_code=error[0],
                error_message=error[1],
                finished_at=finished,
            )
        )
    stream.finish()


@contextmanager
def _closing(chunks: Iterator[Chunk]) -> Iterator[Iterator[Chunk]]:
    """Close the plugin's iterator however we leave: that is how it learns to stop the work behind it."""
    try:
        yield chunks
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


def _begin_turn(context: JobContext, turn_id: UUID) -> tuple[str, Conversation, datetime] | None:
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
        content = tasks.frozen_content(session, attempt.task_version_id)
        history = session.execute(
            select(Turn.message, Turn.response)
            .where(Turn.attempt_id == turn.attempt_id, Turn.index < turn.index)
            .order_by(Turn.index)
        ).all()
        messages = [
            message
            for asked, answered in history
            for message in (Message("candidate", asked), Message("assistant", answered))
            if message.text
        ]
        code = files.contents(session, turn.attempt_id)
    seen = {path: code[path] for path in turn.context["open_files"] if path in code}
    conversation = Conversation(
        brief=content.brief,
        languages=content.languages,
        messages=[*messages, Message("candidate", turn.message)],
        open_files=seen,
        active_file=turn.context["active_file"],
        selection=_selected(seen, turn.context),
        help_level=content.help_level,
        hints=content.hints,
    )
    return turn.assistant, conversation, turn.created_at


def _selected(code: dict[str, str], context: dict[str, Any]) -> str | None:
    selection, text = context["selection"], code.get(context["active_file"] or "")
    if not selection or text is None:
        return None
    units = text.encode("utf-16-le")
    return units[2 * selection["start"] : 2 * selection["end"]].decode("utf-16-le", "ignore") or None


def _explain(fault: Exception) -> tuple[str, str]:
    match fault:
        case ConfigurationMissing():
            return "provider_not_configured", f"The assistant is not set up here ({', '.join(fault.names)} is missing)."
        case Transient():
            return "assistant_busy", f"The assistant could not answer: {fault.reason}. Ask again in a moment."
        case Rejected():
            return "assistant_refused", fault.reason
        case _:
            return "assistant_failed", "The assistant failed. You can ask again, or work without it."


@sweep("find turns and runs that never ended", every=30)
def find_stale(session: Session, moment: datetime) -> None:
    """A producer that hangs keeps its lease alive, and the candidate waiting: past any limit, its work is closed."""
    for kind, field in ((Turn, "turn_id"), (ExecutionRecord, "execution_id")):
        stale = select(kind.organization_id, kind.id).where(
            kind.state.in_(UNFINISHED), kind.created_at < moment - LONGEST_WORK
        )
        for organization_id, work_id in session.execute(stale.limit(500)):
            enqueue(session, organization_id, "workspace.close_stale", {field: str(work_id)}, dedupe_key=str(work_id))


@job_kind("workspace.close_stale", INTERACTIVE, "idempotent")
def close_stale(context: JobContext, payload: dict[str, Any]) -> None:
    """Close one turn or run that never ended."""
    if "turn_id" in payload:
        _abandon_turn(context, payload)
    else:
        _abandon_execution(context, payload)


@cache
def _run_slots(slots: int) -> threading.Semaphore:
    """Programs that run at once in this process; the others wait their turn, in the order in which they came."""
    return threading.Semaphore(slots)


@job_kind("workspace.execute", INTERACTIVE, "repeatable", max_attempts=1, abandoned=_abandon_execution)
def execute(context: JobContext, payload: dict[str, Any]) -> None:
    """Run the candidate's program, or the visible tests. Whatever happens, the execution ends, with what there was."""
    execution_id = UUID(payload["execution_id"])
    with _run_slots(context.resources.settings.run_slots):
        _execute(context, execution_id)


def _execute(context: JobContext, execution_id: UUID) -> None:
    resources = context.resources
    begun = _begin_execution(context, execution_id)
    if begun is None:
        return
    execution, code, content = begun
    stream = ChunkStream(resources.valkey, subject(ExecutionRecord, execution_id), context.claim.attempt)
    cancelled = CancelFlag(resources.valkey, subject(ExecutionRecord, execution_id))
    parts: list[dict[str, Any]] = []
    ended: Execution | None = None
    tests: list[dict[str, Any]] | None = None
    note: str | None = None
    error: tuple[str | None, str | None] = (None, None)
    try:
        provider = resources.plugins.sandbox(execution.sandbox)
        plugin = resources.plugins.provider("sandboxes", execution.sandbox).plugin
        labels = {"organization": str(context.organization_id), "execution": str(execution_id), "purpose": "run"}
        with isolated(plugin), _open(provider.open(SandboxRequest(content.languages, labels))) as sandbox:
            sandbox.write(code)
            with _cancelling(sandbox, cancelled, context):
                if execution.kind == "test":
                    pieces: Iterator[Output | Execution | TestRun] = grading.run_tests(
                        sandbox, content.languages, code, content.visible_tests
                    )
                else:
                    command = grading.run_command(content.languages, execution.path or content.entry, execution.stdin)
                    pieces = sandbox.run(command, RUN_LIMITS)
                for piece in pieces:
                    if isinstance(piece, Output):
                        written = {"type": piece.stream, "text": piece.text}
                        stream.append(len(parts) + 1, written)
                        parts.append({"n": len(parts) + 1, **written})
                    elif isinstance(piece, TestRun):
                        ended, note = piece.execution, piece.problem
                        tests = [asdict(result) for result in piece.results]
                    else:
                        ended = piece
    except (ConfigurationMissing, Transient, Rejected, PluginFault, ProviderUnknown) as fault:
        error = _explain_run(fault)
    if context.lost.is_set():
        raise Fenced(str(execution_id))
    with context.transaction(finish=True) as session:
        session.execute(
            update(ExecutionRecord)
            .where(ExecutionRecord.id == execution_id, ExecutionRecord.state == "running")
            .values(
                state=_final_state(ended, error[0]),
                exit_code=ended.exit_code if ended else None,
                duration_ms=ended.duration_ms if ended else None,
                stopped=ended.stopped if ended else None,
                limit_note=(ended.limit_note if ended else None) or note,
                truncated=ended.truncated if ended else False,
                peak_memory_bytes=ended.peak_memory_bytes if ended else None,
                output="".join(part["text"] for part in parts),
                parts=parts,
                tests=tests,
                error_code=error[0],
                error_message=error[1],
                finished_at=now(),
            )
        )
    stream.finish()


def _final_state(ended: Execution | None, error: str | None) -> str:
    if error is not None or ended is None:
        return "failed"
    return "cancelled" if ended.stopped == "cancelled" else "done"


def _begin_execution(context: JobContext, execution_id: UUID) -> tuple[ExecutionRecord, dict[str, str], Any] | None:
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
        content = tasks.frozen_content(session, attempt.task_version_id)
        rows = session.execute(
            select(WorkspaceFile.path, WorkspaceFile.content).where(WorkspaceFile.attempt_id == attempt.id)
        )
        return execution, {row.path: row.content for row in rows}, content


@contextmanager
def _open(sandbox: Sandbox) -> Iterator[Sandbox]:
    try:
        yield sandbox
    finally:
        sandbox.close()


@contextmanager
def _cancelling(sandbox: Sandbox, flag: CancelFlag, context: JobContext) -> Iterator[None]:
    """Kill the run as soon as the candidate asks for it, or when the job is not ours any more."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(CANCEL_CHECK_SECONDS):
            if context.lost.is_set() or flag.is_raised():
                sandbox.cancel()
                return

    watcher = threading.Thread(target=watch, name="cancel-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join(5)


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


@sweep("find attempts whose time is up", every=1)
def find_overdue(session: Session, moment: datetime) -> None:
    """Attempts past their deadline are closed with what was saved: work is never thrown away."""
    due = select(Attempt.organization_id, Attempt.id, Attempt.assessment_id, Attempt.deadline).where(
        Attempt.state == "in_progress", Attempt.deadline <= moment
    )
    for row in session.execute(due.limit(500)):
        enqueue(
            session,
            row.organization_id,
            "workspace.close_at_deadline",
            {"attempt_id": str(row.id), "assessment_id": str(row.assessment_id)},
            dedupe_key=f"{row.id}:{row.deadline.isoformat()}",
        )


@job_kind("workspace.close_at_deadline", INTERACTIVE, "idempotent")
def close_at_deadline(context: JobContext, payload: dict[str, Any]) -> None:
    """Submit for the candidate. Scoring waits a minute for edits that were made in time and are still on their way."""
    attempt_id = UUID(payload["attempt_id"])
    with context.transaction(finish=True) as session:
        attempt = lock_attempt(session, attempt_id)
        if attempt.state != "in_progress" or attempt.deadline is None or attempt.deadline > now():
            return
        try:
            attempt = assessments.submit(
                session,
                context.organization_id,
                UUID(payload["assessment_id"]),
                attempt_id,
                attempt.deadline,
                by="deadline",
                score_at=attempt.deadline + assessments.LATE_EDITS,
            )
        except Conflict:
            return
        record(session, attempt, "submit", now(), {"by": "deadline"})


@job_kind("workspace.keep_final_code", INTERACTIVE, "idempotent", on="attempt.submitted")
def keep_final_code(context: JobContext, payload: dict[str, Any]) -> None:
    """Give the last prompt its code-after, once no more edits can come."""
    with context.transaction(finish=True) as session:
        turns.close_last(session, lock_attempt(session, UUID(payload["attempt_id"])))
