"""When the candidate asked: how soon, how fast, how often."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

from tali.sdk import Prompt, SessionRecord, Signal, SignalResult
from tali_heuristics.evidence import MOST_ENTRIES, of_prompt

WINDOW_SECONDS = 600

SIGNALS = (
    Signal(
        name="time_to_first_prompt",
        title="Time to first prompt",
        kind="measured",
        unit="s",
        display="duration_s",
        help="Seconds from the start until the first message to the assistant. Reading first and asking at once are "
        "both ways to work; this says which, not which is better.",
    ),
    Signal(
        name="prompt_speed",
        title="Time between prompts",
        kind="measured",
        unit="ms",
        display="duration_ms",
        help="Mean time from one message to the next, by the server's clock. It holds reading, coding and thinking, "
        "and cannot tell them apart.",
    ),
    Signal(
        name="prompt_frequency",
        title="Number of prompts",
        kind="measured",
        display="count",
        help="How many messages were sent, in all and per ten minutes. The number alone is no quality: it moves no "
        "score.",
    ),
)


def measure(record: SessionRecord) -> Sequence[SignalResult]:
    """The three timing signals."""
    prompts = sorted(record.prompts, key=lambda prompt: prompt.index)
    return (_first(record, prompts), _speed(prompts), _frequency(record, prompts))


def _first(record: SessionRecord, prompts: Sequence[Prompt]) -> SignalResult:
    if not prompts:
        return SignalResult("time_to_first_prompt", None, "no_prompts")
    seconds = max(0.0, (prompts[0].timestamp - record.started_at).total_seconds())
    return SignalResult("time_to_first_prompt", round(seconds, 3), evidence=(of_prompt(prompts[0]),))


def _speed(prompts: Sequence[Prompt]) -> SignalResult:
    if len(prompts) < 2:
        return SignalResult("prompt_speed", None, "one_prompt" if prompts else "no_prompts")
    gaps = [
        max(0, round((after.timestamp - before.timestamp).total_seconds() * 1000))
        for before, after in pairwise(prompts)
    ]
    slowest = max(range(len(gaps)), key=gaps.__getitem__)
    fastest = min(range(len(gaps)), key=gaps.__getitem__)
    return SignalResult(
        "prompt_speed",
        round(fmean(gaps)),
        evidence=(
            of_prompt(prompts[fastest + 1], "after the shortest gap"),
            of_prompt(prompts[slowest + 1], "after the longest gap"),
        ),
        detail={"median": round(median(gaps)), "min": min(gaps), "max": max(gaps), "gaps": gaps[:MOST_ENTRIES]},
    )


def _frequency(record: SessionRecord, prompts: Sequence[Prompt]) -> SignalResult:
    length = max(0.0, (record.submitted_at - record.started_at).total_seconds())
    windows = [0] * min(MOST_ENTRIES, 1 + int(length // WINDOW_SECONDS))
    for prompt in prompts:
        since_start = (prompt.timestamp - record.started_at).total_seconds()
        windows[max(0, min(len(windows) - 1, int(since_start // WINDOW_SECONDS)))] += 1
    return SignalResult(
        "prompt_frequency",
        len(prompts),
        evidence=(of_prompt(prompts[0], "first"), of_prompt(prompts[-1], "last")) if prompts else (),
        detail={"window_seconds": WINDOW_SECONDS, "per_window": windows},
    )
