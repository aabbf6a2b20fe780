"""The judge's request, counted at the server: one a submission, two where the process that asked was killed."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.fakes.messages_api import MessagesServer, beginning, ending, messages_server, piece, stream
from tests.faults.test_kills import kill
from tests.stack import Stack, running_stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]
MESSAGE = "Why is the second delivery counted twice? I tried a set of ids."


@pytest.fixture(scope="module")
def server() -> Iterator[MessagesServer]:
    with messages_server() as serving:
        yield serving


@pytest.fixture(scope="module")
def stack(server: MessagesServer) -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="tali-judging-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        key = {"ANTHROPIC_API_KEY": "test", "ANTHROPIC_BASE_URL": server.url}  # pragma: allowlist secret
        with running_stack(folder, **key) as running:
            running.sign_in()
            yield running


def judged(body: dict[str, Any]) -> bytes:
    """An honest answer: every signal a 7, on what the candidate wrote."""
    names = body["output_config"]["format"]["schema"]["properties"]["signals"]["required"]
    quote = {"where": "message", "prompt": 1, "path": "", "quote": MESSAGE[:40]}
    said = {
        "signals": {name: {"evidence": [quote], "why": "It asks.", "value": 7} for name in names},
        "fraud": [],
        "prompts": [],
    }
    return orjson.dumps(said)


def is_judging(body: dict[str, Any]) -> bool:
    return "output_config" in body


def judgings(server: MessagesServer) -> list[dict[str, Any]]:
    return [body for body in server.requests if is_judging(body)]


def submitted(stack: Stack, email: str) -> str:
    candidate = stack.candidate(email=email)
    turn = candidate.ask(MESSAGE).json["turn"]
    wait_until(lambda: candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=1").json["turn"]["state"] == "done", 30)
    assert candidate.submit(key="once").status == 200
    assert candidate.submit(key="once").status == 200, "sent twice, as a browser does that lost the answer"
    return str(candidate.assessment["id"])


def scored(stack: Stack, assessment_id: str, runs: int = 1) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        numbers = stack.query("SELECT count(*) FROM score WHERE assessment_id = %s", assessment_id)
        return stack.call("GET", f"/assessments/{assessment_id}").json if numbers[0][0] == runs else None

    return wait_until(look, 90, 0.3)


def test_a_submission_costs_one_request_over_double_submits_and_scoring_again(
    stack: Stack, server: MessagesServer
) -> None:
    server.script = lambda body: (
        stream(beginning(body["model"]), piece(judged(body).decode()), ending("end_turn")) if is_judging(body) else None
    )
    before = len(judgings(server))
    one = submitted(stack, "once@example.com")
    report = scored(stack, one)
    assert report["scoring_state"] == "scored", report["scoring"]
    values = {signal["name"]: signal["value"] for signal in report["result"]["signals"]}
    assert values["prompt_clarity"] == 7
    assert report["result"]["coverage"] == pytest.approx(0.85), "all but code quality: nothing was written"
    assert stack.call("POST", f"/assessments/{one}/rescore").status == 202
    again = scored(stack, one, runs=2)
    assert again["result"]["score"] == report["result"]["score"]
    assert len(judgings(server)) - before == 1
    assert re.fullmatch(r"0\.\d{6}", again["cost"]["judge"]["spent"])


def test_killed_in_mid_request_it_is_asked_once_more_and_both_are_on_record(
    stack: Stack, server: MessagesServer
) -> None:
    asked, gone = threading.Event(), threading.Event()

    def slow_at_first(body: dict[str, Any]) -> Any:
        if not is_judging(body):
            return None
        if not asked.is_set():
            asked.set()
            gone.wait(60)
        return stream(beginning(body["model"]), piece(judged(body).decode()), ending("end_turn"))

    server.script = slow_at_first
    before = len(judgings(server))
    one = submitted(stack, "twice@example.com")
    assert asked.wait(60)
    kill(stack, "asking")
    gone.set()
    report = scored(stack, one)
    assert report["scoring_state"] == "scored", report["scoring"]
    assert len(judgings(server)) - before == 2
    rows = stack.query("SELECT state FROM judge_request WHERE assessment_id = %s ORDER BY created_at", one)
    assert [state for (state,) in rows] == ["lost", "answered"]
    assert report["cost"]["judge"]["requests"] == 2
    assert report["cost"]["judge"]["requests_without_cost"] == 1
