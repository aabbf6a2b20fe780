"""Answering a message: the reply streams, is kept piece by piece, and ends, with what there was and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from tali.assessments.service import work_of
from tali.jobs.context import JobContext
from tali.jobs.plugin_calls import plugin_call
from tali.jobs.pump import Pump, Stopped
from tali.jobs.service import Fenced
from tali.kernel.clock import now
from tali.kernel.text import storable
from tali.kernel.valkey import CancelFlag, ChunkStream
from tali.plugins import PluginFault, ProviderUnknown
from tali.providers import spending
from tali.sdk import (
    Chunk,
    ConfigurationMissing,
    Conversation,
    Done,
    EditProposal,
    Notice,
    Rejected,
    Text,
    ToolCall,
    ToolResult,
    Transient,
    Usage,
)
from tali.workspace.models import CalibrationTurn, Turn
from tali.workspace.work import subject

MAX_RESPONSE = 256 * 1024
REPLY_SECONDS = 300.0
PLUGIN_ERRORS = (ConfigurationMissing, Transient, Rejected, PluginFault, ProviderUnknown)
Problem = tuple[str | None, str | None]
"""A slug and a sentence; (None, None) where nothing went wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that waits for its reply: the row, whom it is for, and all that the assistant is given."""

    kind: type[Turn] | type[CalibrationTurn]
    work_id: UUID
    attempt_id: UUID
    assistant: str
    conversation: Conversation
    at: datetime


def _chunk_data(plugin: str, chunk: Chunk) -> dict[str, Any]:
    match chunk:
        case Text(text):
            data: dict[str, Any] = {"type": "text", "text": text}
        case EditProposal(path, find, replace):
            data = {"type": "edit_proposal", "path": path, "find": find, "replace": replace}
        case ToolCall(name, arguments):
            data = {"type": "tool_call", "name": name, "arguments": dict(arguments)}
        case ToolResult(name, text):
            data = {"type": "tool_result", "name": name, "text": text}
        case Notice(level, text):
            data = {"type": "notice", "level": level, "text": text}
        case _:
            raise PluginFault(plugin, f"a reply holds chunks, not {type(chunk).__name__}")
    for field, value in data.items():
        if field != "arguments" and not isinstance(value, str):
            raise PluginFault(plugin, f"{type(chunk).__name__}.{field} is text, not {type(value).__name__}")
    return {field: storable(value) if isinstance(value, str) else value for field, value in data.items()}


class _Reply:
    """A reply as it grows, mirrored to the stream."""

    def __init__(self, plugin: str, stream: ChunkStream) -> None:
        self.parts: list[dict[str, Any]] = []
        self.done: Done | None = None
        self.usage = Usage()
        self._plugin, self._stream = plugin, stream
        self._size = 0

    def add(self, chunk: Chunk) -> None:
        data = _chunk_data(self._plugin, chunk)
        self._size += sum(len(str(value)) for value in data.values())
        if self._size > MAX_RESPONSE:
            raise Rejected("The reply became too long and was cut.")
        number = len(self.parts) + 1
        self._stream.append(number, data)
        self.parts.append({"n": number, **data})

    @property
    def text(self) -> str:
        return "".join(part["text"] for part in self.parts if part["type"] == "text")


def answer(
    context: JobContext, asked: Asked, *, also: Callable[[Session, UUID, Done | None], None] | None = None
) -> None:
    """Have the assistant answer, and keep the reply however it ends; `also` is written in the same transaction."""
    resources, name, work = context.resources, asked.assistant, subject(asked.kind, asked.work_id)
    stream = ChunkStream(resources.valkey, work, context.claim.attempt)
    growing = _Reply(name, stream)
    state = "done"
    problem: Problem = (None, None)
    try:
        with plugin_call(resources, "assistants", name, context.organization_id):
            pump = Pump(
                f"assistant:{name}",
                lambda: resources.plugins.assistant(name, context.organization_id).reply(asked.conversation),
                reason_to_stop(context, CancelFlag(resources.valkey, work, work_of(asked.attempt_id))),
                REPLY_SECONDS,
            )
            for chunk in pump:
                if isinstance(chunk, Usage):
                    growing.usage = chunk
                    continue
                if isinstance(chunk, Done):
                    growing.done, growing.usage = chunk, chunk.usage
                    break
                growing.add(chunk)
        if growing.done is None or growing.done.stop == "cut_short":
            state, problem = "interrupted", ("interrupted", "The reply broke off. Ask again.")
    except Stopped as stopped:
        state, problem = how_it_stopped(stopped, asked.work_id, "The assistant took too long. Ask again.")
    except PLUGIN_ERRORS as fault:
        state, problem = "failed", _explain(fault)
    finished = now()
    done = growing.done
    with context.transaction(finish=True) as session:
        session.execute(
            update(asked.kind)
            .where(asked.kind.id == asked.work_id, asked.kind.state == "running")
            .values(
                state=state,
                response=growing.text,
                parts=growing.parts,
                input_tokens=spending.whole(growing.usage.input_tokens),
                output_tokens=spending.whole(growing.usage.output_tokens),
                cost=spending.whole(growing.usage.cost),
                model=done.model if done else None,
                response_latency_ms=int((finished - asked.at).total_seconds() * 1000),
                error_code=problem[0],
                error_message=problem[1],
                finished_at=finished,
            )
        )
        if also is not None:
            also(session, asked.work_id, done)
        spending.add(session, spending.whole(growing.usage.cost), finished)
    stream.finish()


def reason_to_stop(context: JobContext, cancelled: CancelFlag) -> Callable[[], str | None]:
    """What a pump asks several times a second."""

    def look() -> str | None:
        if context.lost.is_set():
            return "lost"
        return "cancelled" if cancelled.is_raised() else None

    return look


def how_it_stopped(stopped: Stopped, work_id: UUID, too_long: str) -> tuple[str, Problem]:
    """The state that work ends in which was stopped, and what its owner is told.

    Raises:
        Fenced: the job is not ours any more.
    """
    if stopped.reason == "lost":
        raise Fenced(str(work_id))
    if stopped.reason == "cancelled":
        return "cancelled", (None, None)
    return "interrupted", ("deadline", too_long)


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
