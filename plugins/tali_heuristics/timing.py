"""When the candidate asked: how soon, how fast, how often."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

from tali.sdk import Prompt, SessionRecord, Signal, SignalResult
from tali_heuristics.evidence import MOST_ENTRIES, of_prompt
from tali_heuristics.pauses import working_seconds

WINDOW_SECONDS = 600

SIGNALS = (
    Signal(
        name="time_to_first_prompt",
        title="Time to first prompt",
        kind="measured",
        unit="s",
        display="duration_s",
        help="Seconds from the start until the first message to the assistant, without pauses. Reading first and "
        "asking at once are both ways to work; this says which, not which is better.",
    ),
    Signal(
        name="prompt_speed",
        title="Time between prompts",
        kind="measured",
        unit="ms",
        display="duration_ms",
        help="Mean time from one message to the next, by the server's clock and without pauses. It holds reading, "
        "coding and thinking, and cannot tell them apart.",
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
    return (_first(record, prompts), _speed(record, prompts), _frequency(record, prompts))


def _first(record: SessionRecord, prompts: Sequence[Prompt]) -> SignalResult:
    if not prompts:
        return SignalResult("time_to_first_prompt", None, "no_prompts")
    seconds = working_seconds(record, record.started_at, prompts[0].timestamp)
    return SignalResult("time_to_first_prompt", round(seconds, 3), evidence=(of_prompt(prompts[0]),))


def _gap_ms(record: SessionRecord, before: Prompt, after: Prompt) -> int:
    """The server's own gap, which leaves pauses out; by the times where a record has none."""
    if after.server_gap_ms is not None:
        return after.server_gap_ms
    return round(working_seconds(record, before.timestamp, after.timestamp) * 1000)


def _speed(record: SessionRecord, prompts: Sequence[Prompt]) -> SignalResult:
    if len(prompts) < 2:
        return SignalResult("prompt_speed", None, "one_prompt" if prompts else "no_prompts")
    gaps = [_gap_ms(record, before, after) for before, after in pairwise(prompts)]
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
    length = working_seconds(record, record.started_at, record.submitted_at)
    windows = [0] * min(MOST_ENTRIES, 1 + int(length // WINDOW_SECONDS))
    for prompt in prompts:
        since_start = working_seconds(record, record.started_at, prompt.timestamp)
        windows[max(0, min(len(windows) - 1, int(since_start // WINDOW_SECONDS)))] += 1
    return SignalResult(
        "prompt_frequency",
        len(prompts),
        evidence=(of_prompt(prompts[0], "first"), of_prompt(prompts[-1], "last")) if prompts else (),
        detail={"window_seconds": WINDOW_SECONDS, "per_window": windows},
    )
