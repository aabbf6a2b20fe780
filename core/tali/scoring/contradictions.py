"""Where a measured signal speaks against a judged one: the value is kept, marked, and flagged for a human.

A judge reads; these were counted. Each rule bounds one judged value by one measured signal, with a margin wide enough
that an honest difference of opinion stays inside it. The rules are in docs/scoring.md, under the same version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

RULES_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Rule:
    """`judged` may not lie beyond `bound(measured)` by more than `margin`.

    Args:
        side: `above`: the bound is the most that the facts bear out; `below`: the least.
        because: how people read the fact; `{}` is the measured value.
    """

    judged: str
    measured: str
    side: Literal["above", "below"]
    bound: Callable[[float], float]
    margin: float
    because: str


RULES = (
    Rule(
        "independence",
        "assistant_share",
        "above",
        lambda share: 10 * (1 - share),
        4,
        "{:.0%} of the final code that was written came from the assistant",
    ),
    Rule(
        "context_utilization",
        "assistant_share",
        "below",
        lambda share: 10 * share,
        7,
        "{:.0%} of the final code that was written came from the assistant",
    ),
    Rule(
        "debugging_strategy",
        "verification_rate",
        "above",
        lambda rate: 10 * rate,
        6,
        "{:.0%} of the assistant's code was run or tested before the candidate went on",
    ),
    Rule(
        "error_recovery",
        "self_correction_rate",
        "above",
        lambda rate: 10 * rate,
        7,
        "{:.0%} of the replies whose code was used were changed",
    ),
    Rule(
        "prompt_specificity",
        "prompt_length_stats",
        "above",
        lambda words: min(2 * words, 10),
        2,
        "the messages have {:.1f} words on average",
    ),
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One judged value that a measured one speaks against. `bound` is the furthest that would have passed."""

    signal: str
    value: float
    measured: str
    measured_value: float
    bound: float
    message: str

    def stored(self) -> dict[str, Any]:
        """As it is kept with the run."""
        return {**asdict(self), "rules": RULES_VERSION}


def contradictions(values: Mapping[str, float | None], titles: Mapping[str, str]) -> list[Contradiction]:
    """Every rule that these values break; signals without a value break none.

    Args:
        values: signal → value, judged and measured together.
        titles: signal → title, for the sentence.
    """
    found = []
    for rule in RULES:
        judged, measured = values.get(rule.judged), values.get(rule.measured)
        if judged is None or measured is None:
            continue
        if rule.side == "above":
            furthest = min(rule.bound(measured) + rule.margin, 10.0)
            broken = judged > furthest
        else:
            furthest = max(rule.bound(measured) - rule.margin, 0.0)
            broken = judged < furthest
        if broken:
            title, fact = titles.get(rule.judged, rule.judged), rule.because.format(measured)
            message = f"{title} was judged {judged:g} of 10, while {fact}. Look at the session before you rely on it."
            found.append(Contradiction(rule.judged, judged, rule.measured, measured, round(furthest, 2), message))
    return found
