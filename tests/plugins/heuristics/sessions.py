"""Builds sessions for the tests of measured signals, with only what a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tali.sdk import (
    Edit,
    EditOrigin,
    Prompt,
    RunRecord,
    SessionEvent,
    SessionRecord,
    SignalResult,
    TaskFacts,
    TestOutcome,
)
from tali_heuristics.evaluator import HeuristicsEvaluator
from tali_heuristics.planted import PlantedScan

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def prompt(
    index: int,
    seconds: float,
    message: str = "please fix it",
    response: str = "",
    before: str = "",
    after: str | None = "",
    **facts: Any,
) -> Prompt:
    return Prompt(
        **{
            "index": index,
            "turn_id": UUID(int=index + 1),
            "message": message,
            "response": response,
            "timestamp": at(seconds),
            "input_tokens": None,
            "output_tokens": None,
            "response_latency_ms": None,
            "code_before": {"a.py": before},
            "code_after": None if after is None else {"a.py": after},
            "word_count": len(message.split()),
            "char_count": len(message),
            "time_since_last_prompt_ms": None,
            "paste_detected": False,
            "browser_focused": True,
            **facts,
        }
    )


def edit(seq: int, start: int, end: int, insert: str, origin: EditOrigin = "typed", seconds: float = 0) -> Edit:
    return Edit(seq, at(seconds), "edit", "a.py", start, end, insert, origin)


def ran(seconds: float) -> RunRecord:
    return RunRecord(UUID(int=9), at(seconds), "run", "done", 0)


def event(seq: int, seconds: float, kind: str, **data: Any) -> SessionEvent:
    return SessionEvent(seq, at(seconds), kind, data)


def session(
    *,
    prompts: Sequence[Prompt] = (),
    edits: Sequence[Edit] = (),
    runs: Sequence[RunRecord] = (),
    events: Sequence[SessionEvent] = (),
    starter: str = "",
    final: str = "",
    tests: TestOutcome | None = None,
    length: float = 1800,
    proctored: bool = False,
) -> SessionRecord:
    return SessionRecord(
        attempt_id=UUID(int=7),
        task=TaskFacts("Title", "Brief", ["python"], {"a.py": starter}, 1800),
        started_at=START,
        submitted_at=at(length),
        final_files={"a.py": final},
        prompts=prompts,
        edits=edits,
        runs=runs,
        events=events,
        tests=tests,
        proctored=proctored,
    )


def measured(record: SessionRecord) -> Mapping[str, SignalResult]:
    """All results of a session, by signal."""
    results = [*HeuristicsEvaluator().evaluate(record), *PlantedScan().evaluate(record)]
    return {result.name: result for result in results}
