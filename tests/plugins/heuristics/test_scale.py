"""Long sessions and real ones: measured whole, without a crash. How long it takes is for the benchmarks."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from benchmarks import real_sessions
from sessions import START, at, edit, measured, prompt, session

from tali_heuristics import planted
from tali_heuristics.evaluator import HeuristicsEvaluator


def test_twenty_thousand_edits_replay_to_the_final_text() -> None:
    chance = random.Random(2)
    text, edits = "", []
    for seq in range(20_000):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + (chance.choice((0, 0, 0, 1, 5)) if len(text) < 40_000 else 100))
        origin = chance.choice(("typed", "typed", "typed", "typed", "paste", "assistant_insert"))
        insert = "def f(x):\n    return x\n" if origin == "assistant_insert" else chance.choice(("x", "ab\n", "foo "))
        text = text[:start] + insert + text[end:]
        edits.append(edit(seq, start, end, insert, origin, seconds=seq / 10))  # type: ignore[arg-type]
    record = session(edits=edits, final=text, length=2000)
    results = measured(record)
    assert results["assistant_share"].detail["unplaced_edits"] == 0
    shares = results["assistant_share"].detail
    counted = shares["assistant_characters"] + shares["candidate_characters"]
    assert counted == sum(map(len, text.split()))


def test_an_enormous_paste_is_no_trap() -> None:
    huge = "\n".join(f"line {number}" for number in range(60_000))
    other = "\n".join(f"line {number} changed" for number in range(60_000))
    edits = [edit(1, 0, 0, huge, "paste"), edit(2, 0, len(huge), other, "assistant_apply")]
    # A pattern that backtracks here would run into the test's time limit.
    measured(session(prompts=[prompt(0, 1, huge, huge, huge, other)], edits=edits, final=other))


@pytest.mark.skipif(not real_sessions.available(), reason="the RealHumanEval sessions are not on this machine")
def test_real_sessions_are_measured_without_a_crash_and_within_range() -> None:
    ranges = {signal.name: signal.range for signal in (*HeuristicsEvaluator().signals, *planted.SIGNALS)}
    seen = 0
    for name, record in real_sessions.load().records.items():
        seen += 1
        assert record.submitted_at > START + timedelta(0), name
        for result in (*measured(record).values(), *measured(real_sessions.applied(record)).values()):
            bounds = ranges[result.name]
            if result.value is None:
                assert result.reason, (name, result.name)
            elif bounds is not None:
                assert bounds[0] <= result.value <= bounds[1], (name, result)
    assert seen == 177


def test_times_are_relative_to_the_start() -> None:
    assert at(0) == START
