"""A server on loopback that speaks the Messages API: streams, counts, refuses and breaks off as it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.serving import make_server

Script = Callable[[dict[str, Any]], Response | None]
USAGE = {"input_tokens": 11, "output_tokens": 1, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 100}


@dataclass
class MessagesServer:
    """What it was asked, and how it answers: `text` in pieces, unless `script` answers otherwise."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    text: str = "Follow the invoice."
    stop_reason: str | None = "end_turn"
    pause: float = 0.0
    script: Script | None = None
    open_streams: int = 0


def event(kind: str, **data: Any) -> bytes:
    """One server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps({"type": kind, **data}))


def beginning(model: str) -> bytes:
    """The first event of a message."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": USAGE,
    }
    return event("message_start", message=message) + event(
        "content_block_start", index=0, content_block={"type": "text", "text": ""}
    )


def piece(text: str) -> bytes:
    """A few words."""
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def ending(stop_reason: str, output_tokens: int = 7) -> bytes:
    """The last events of a message."""
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    return (
        event("content_block_stop", index=0)
        + event("message_delta", delta=delta, usage={"output_tokens": output_tokens})
        + event("message_stop")
    )


def stream(*pieces: bytes) -> Response:
    """An answer of these events."""
    return Response(iter(pieces), mimetype="text/event-stream")


def error(status: int, kind: str, **headers: str) -> Response:
    """An answer that is an error."""
    body = {"type": "error", "error": {"type": kind, "message": "no"}}
    return Response(orjson.dumps(body), status, headers=headers, mimetype="application/json")


@contextmanager
def messages_server() -> Iterator[MessagesServer]:
    """Serve until the block ends."""
    server, app = MessagesServer(), Flask("messages")

    @app.post("/v1/messages")
    def messages() -> Response:
        body = request.get_json()
        server.requests.append(body)
        server.keys.append(request.headers.get("Authorization", request.headers.get("x-api-key", "")))
        answer = server.script(body) if server.script else None
        return answer or Response(_spoken(server, body["model"]), mimetype="text/event-stream")

    @app.post("/v1/messages/count_tokens")
    def count() -> Response:
        body = request.get_json()
        server.keys.append(request.headers.get("Authorization", ""))
        return (server.script(body) if server.script else None) or Response(
            b'{"input_tokens": 3}', mimetype="application/json"
        )

    listening = make_server("127.0.0.1", 0, app, threaded=True)
    server.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join(5)


def _spoken(server: MessagesServer, model: str) -> Iterator[bytes]:
    server.open_streams += 1
    try:
        yield beginning(model)
        for word in server.text.split(" "):
            yield piece(word + " ")
            time.sleep(server.pause)
        if server.stop_reason is not None:
            yield ending(server.stop_reason)
    finally:
        server.open_streams -= 1
