"""`python -m benchmarks.messages_server`: a model in its own process, each of whose words is the moment it was sent."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from flask import Response
from tests.fakes.messages_api import beginning, ending, messages_server, piece

WORDS = 12
PAUSE_SECONDS = 0.03


def _words(model: str) -> Iterator[bytes]:
    yield beginning(model)
    for _ in range(WORDS):
        # One clock for all processes of a machine: whoever reads a word knows how old it is.
        yield piece(f"{time.monotonic_ns()} ")
        time.sleep(PAUSE_SECONDS)
    yield ending("end_turn")


def main() -> None:
    with messages_server() as server:
        server.script = lambda body: Response(_words(body["model"]), mimetype="text/event-stream")
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
