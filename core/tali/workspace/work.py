"""What turns and executions have in common: started once, streamed chunk by chunk, readable from any offset."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, TypeVar
from uuid import UUID

import orjson
from flask import Response, request

from tali.jobs.resources import Resources
from tali.kernel.actors import CandidateActor
from tali.kernel.errors import NotFound, Unavailable
from tali.kernel.valkey import ChunkStream
from tali.workspace.models import CalibrationTurn, ExecutionRecord, Turn

WorkT = TypeVar("WorkT", Turn, ExecutionRecord, CalibrationTurn)
Work = Turn | ExecutionRecord | CalibrationTurn
NAMES: dict[type[Work], str] = {Turn: "turn", ExecutionRecord: "execution", CalibrationTurn: "turn"}
"""What a piece of work is called in answers."""
KEEP_ALIVE_SECONDS = 10.0
LONGEST_STREAM_SECONDS = 300.0
LONGEST_POLL_SECONDS = 20.0
UNFINISHED = ("queued", "running")


class StreamSlots:
    """A bulkhead: open streams hold a web thread each, and must leave some for everything else."""

    def __init__(self, slots: int) -> None:
        self._free = threading.BoundedSemaphore(slots)

    def try_take(self) -> bool:
        """Take a slot if there is one."""
        return self._free.acquire(blocking=False)

    def take(self) -> None:
        """Take a slot.

        Raises:
            Unavailable: `streams_busy`; the client falls back to asking again and again.
        """
        if not self.try_take():
            raise Unavailable("streams_busy", "All streams of this server are taken. Ask for JSON instead.", 1)

    def give_back(self) -> None:
        """Free a slot."""
        self._free.release()


def subject(kind: type[Work], work_id: UUID) -> str:
    """The name under which a piece of work streams and is cancelled."""
    return f"{kind.__tablename__}:{work_id}"


def find(resources: Resources, actor: CandidateActor, kind: type[WorkT], work_id: UUID) -> WorkT:
    """A piece of work of this attempt.

    Raises:
        NotFound: `turn_not_found` or `execution_not_found`, also for another attempt's.
    """
    with resources.database.tenant(actor.organization_id) as session:
        found = session.get(kind, work_id)
    if found is None or found.attempt_id != actor.attempt_id:
        name = NAMES[kind]
        raise NotFound(f"{name}_not_found", f"There is no such {name} in this session.")
    return found


def chunks_after(
    resources: Resources, actor: CandidateActor, work: WorkT, after: int, wait_seconds: float
) -> tuple[list[dict[str, Any]], WorkT]:
    """Chunks after number `after`, waiting for the first up to `wait_seconds`, and the work as it is by then.

    Finished work is served from its row: the stream may be gone, and a woken producer may still write to it.
    """
    kind = type(work)
    if work.state not in UNFINISHED:
        return [chunk for chunk in work.parts if chunk["n"] > after], work
    stream = ChunkStream(resources.streams, subject(kind, work.id), work.producer)
    chunks, ended = stream.read(after, int(wait_seconds * 1000))
    if ended or not chunks:
        work = find(resources, actor, kind, work.id)
        if work.state not in UNFINISHED:
            return [chunk for chunk in work.parts if chunk["n"] > after], work
    return chunks, work


def answer(
    resources: Resources,
    slots: StreamSlots,
    actor: CandidateActor,
    kind: type[WorkT],
    work_id: UUID,
    after: int,
    wait_seconds: float,
    present: Any,
) -> Response:
    """Serve a piece of work as server-sent events, or as JSON to a client that asks again and again."""
    work = find(resources, actor, kind, work_id)
    if "text/event-stream" in request.headers.get("Accept", ""):
        slots.take()
        events = _Events(resources, slots, actor, work, after, present)
        response = Response(events, mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-store, no-transform"
        response.headers["X-Accel-Buffering"] = "no"
        return response
    # A long poll holds a thread as a stream does, so it takes a slot too; without one it answers at once.
    waiting = wait_seconds > 0 and slots.try_take()
    try:
        seconds = min(wait_seconds, LONGEST_POLL_SECONDS) if waiting else 0.0
        chunks, work = chunks_after(resources, actor, work, after, seconds)
    finally:
        if waiting:
            slots.give_back()
    return Response(
        orjson.dumps({"chunks": chunks, NAMES[kind]: present(work)}, default=str), mimetype="application/json"
    )


class _Events:
    """The body of an event stream. Closing it, as the server does when the client leaves, gives the slot back."""

    def __init__(
        self, resources: Resources, slots: StreamSlots, actor: CandidateActor, work: Any, after: int, present: Any
    ) -> None:
        self._slots = slots
        self._closed = False
        self._events = self._generate(resources, actor, work, after, present)

    def __iter__(self) -> _Events:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._events)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the slot back, once."""
        if not self._closed:
            self._closed = True
            self._slots.give_back()

    def __del__(self) -> None:
        self.close()

    @staticmethod
    def _generate(resources: Resources, actor: CandidateActor, work: Any, after: int, present: Any) -> Iterator[bytes]:
        until = time.monotonic() + LONGEST_STREAM_SECONDS
        # An opening comment lets proxies and browsers pass the headers on at once.
        yield b": open\n\n"
        while time.monotonic() < until:
            chunks, work = chunks_after(resources, actor, work, after, KEEP_ALIVE_SECONDS)
            for chunk in chunks:
                after = chunk["n"]
                yield b"id: %d\nevent: chunk\ndata: %s\n\n" % (after, orjson.dumps(chunk))
            if work.state not in UNFINISHED:
                yield b"event: end\ndata: %s\n\n" % orjson.dumps(present(work), default=str)
                return
            if not chunks:
                yield b": still here\n\n"
