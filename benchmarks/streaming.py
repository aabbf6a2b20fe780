"""What TALI adds to a model's stream on its way to the browser, over the vendor's bare SDK against the same server."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import anthropic
import httpx
import orjson
from tests.candidate import Candidate
from tests.stack import running_stack

from benchmarks.figures import Figure

AREA = "streaming"
TURNS = 100
KEY = "bench"
MODEL = "claude-sonnet-5-5"


def figures() -> Iterator[Figure]:
    """From Send to the first word on the screen, and from a word's sending to its arrival."""
    with _server() as url, tempfile.TemporaryDirectory(prefix="tali-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_stack(folder, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=url) as stack:
            stack.sign_in()
            browser = httpx.Client(base_url=stack.url, timeout=30)
            client = anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0)
            ours_first, ours_each, bare_first, bare_each = [], [], [], []
            for number in range(TURNS + 5):
                if number % 15 == 0:  # before anybody is asked to slow down
                    candidate = stack.candidate(email=f"bench-{number}@example.com")
                first, each = _bare(client)
                our_first, our_each = _through(browser, candidate, f"What now? ({number})")
                if number < 5:
                    continue  # the first ones open connections
                bare_first.append(first)
                bare_each.append(median(each))
                ours_first.append(our_first)
                ours_each.append(median(our_each))
    for what, ours, bare, target in (
        ("first_word", ours_first, bare_first, 10.0),
        ("each_word", ours_each, bare_each, 10.0),
    ):
        base = median(bare)
        added = [one - base for one in ours]
        yield Figure(AREA, f"{what}_added", "ms", added, "the bare SDK's stream", bare, target)
        yield Figure(AREA, f"{what}_added_p99", "ms", [_p99(added)], "the bare SDK's stream", [_p99(bare)], 5 * target)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99) - 1]


@contextmanager
def _server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.messages_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


def _age(word: str) -> float:
    """How many milliseconds ago it was sent."""
    return (time.monotonic_ns() - int(word)) / 1e6


def _bare(client: anthropic.Anthropic) -> tuple[float, list[float]]:
    began, first, each = time.perf_counter(), None, []
    messages = [{"role": "user", "content": "What now?"}]
    with client.messages.stream(model=MODEL, max_tokens=100, messages=messages) as stream:  # type: ignore[arg-type]
        for text in stream.text_stream:
            first = first or (time.perf_counter() - began) * 1000
            each.append(_age(text))
    assert first is not None
    return first, each


def _through(browser: httpx.Client, candidate: Candidate, message: str) -> tuple[float, list[float]]:
    """As the candidate app does: send, then read the reply's events as they come."""
    began, first, each = time.perf_counter(), None, []
    turn = candidate.ask(message).json["turn"]
    headers = {"Authorization": f"Bearer {candidate.bearer}", "Accept": "text/event-stream"}
    with browser.stream("GET", f"/api/v1/session/turns/{turn['id']}?after=0&wait=20", headers=headers) as events:
        for line in events.iter_lines():
            if not line.startswith("data:"):
                continue
            told = orjson.loads(line.removeprefix("data:"))
            if told.get("type") == "text":
                first = first or (time.perf_counter() - began) * 1000
                each += [_age(word) for word in told["text"].split()]
    assert first is not None
    return first, each
