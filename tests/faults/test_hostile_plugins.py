"""A plugin that dies natively, leaks, floods, hangs, raises or lies costs one worker process, and its own values."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.plugins.installing import install
from tests.stack import Stack, running_stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(330)]
SOURCE = Path(__file__).parents[1] / "plugins" / "hostile"
UNFINISHED = {"queued", "running"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="tali-hostile-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = install(SOURCE, folder)
        with running_stack(
            folder, PYTHONPATH=str(site), TALI_WORKER_MEMORY_MB="400", TALI_EVALUATOR_SECONDS="5"
        ) as running:
            running.sign_in()
            yield running


def choose(stack: Stack, assistant: str) -> None:
    answer = stack.call("PATCH", f"/plugins/assistants/{assistant}", json={"used": True})
    assert answer.status == 200, answer.json


def ended(candidate: Any, turn: dict[str, Any]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        try:
            answer = candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=0")
        except httpx.TransportError:
            return None
        found = answer.json["turn"] if answer.status == 200 else None
        return found if found and found["state"] not in UNFINISHED else None

    return wait_until(look, 60, 0.2)


def test_each_hostile_evaluator_costs_its_own_values(stack: Stack) -> None:
    candidate = stack.candidate()
    turn = candidate.ask("a prompt that no log of health should show").json["turn"]
    ended(candidate, turn)
    assert candidate.submit().status == 200
    path = f"/assessments/{candidate.assessment['id']}"
    detail = wait_until(
        lambda: (d := stack.call("GET", path).json)["scoring_state"] not in {"pending", "running"} and d, 240, 0.5
    )
    assert detail["scoring_state"] == "partial"
    assert detail["score"] is not None
    states = {one["name"]: one for one in detail["scoring"]["evaluators"]}
    assert states["heuristics"]["state"] == "done"
    for name in ("dies", "leaks", "floods", "hangs", "raises", "lies"):
        assert states[name]["state"] == "failed", name
        assert states[name]["reason"], name
    assert any(signal["evaluator"] == "heuristics" for signal in detail["result"]["signals"])
    health = httpx.get(f"{stack.url}/health").json()
    assert health["plugins"]["hostile"]["status"] == "degraded"
    assert health["plugins"]["heuristics"]["status"] == "healthy"
    assert "no log of health" not in str(health)


def test_an_assistant_that_takes_its_process_down_ends_its_turn_and_no_other_candidates(stack: Stack) -> None:
    choose(stack, "hostile")
    victim = stack.candidate(email="victim@example.com")
    choose(stack, "offline")
    bystander = stack.candidate(email="bystander@example.com")
    turn = victim.ask("die").json["turn"]
    assert ended(victim, turn)["state"] == "interrupted"
    again = wait_until(lambda: (a := bystander.ask("How do I begin?")).status == 202 and a, 40, 0.5).json["turn"]
    assert ended(bystander, again)["state"] == "done"
    assert victim.call("GET", "").json["attempt"]["state"] == "in_progress"
    assert ended(victim, victim.ask("hello").json["turn"])["response"] == "Hello."


@pytest.mark.parametrize("message", ["flood", "whisper"])
def test_an_assistant_that_never_ends_is_cut(stack: Stack, message: str) -> None:
    choose(stack, "hostile")
    candidate = stack.candidate(email=f"{message}@example.com")
    choose(stack, "offline")
    cut = ended(candidate, candidate.ask(message).json["turn"])
    assert cut["state"] == "failed"
    assert "too long" in cut["error"]["message"]
    assert len(cut["response"]) <= 256 * 1024
