"""What happened to the code between prompts: how much changed, and whether replies were taken as they came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from tali.sdk import Prompt, SessionRecord, Signal, SignalResult
from tali_heuristics.differences import Difference, between
from tali_heuristics.evidence import MOST_ENTRIES, first_few, of_prompt

SIGNALS = (
    Signal(
        name="code_delta",
        title="Code changed per prompt",
        kind="measured",
        unit="lines",
        help="Mean number of lines added and removed between a prompt and the next one (or the submission). It is an "
        "amount: a one-line fix may be the best change of the session.",
    ),
    Signal(
        name="self_correction_rate",
        title="Replies adapted rather than copied",
        kind="measured",
        display="ratio",
        range=(0, 1),
        help="Of the replies whose code was used, the share that was changed before the next prompt instead of taken "
        "verbatim. A correct reply needs no change, so that 1 is not the goal.",
    ),
)

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Of a reply's code lines that must turn up among the new lines: to count as used at all, and as used verbatim.
_USED, _VERBATIM = 0.3, 0.95
_TELLING_CHARACTERS = 12


def measure(record: SessionRecord) -> Sequence[SignalResult]:
    """Both code signals, from one comparison per prompt."""
    names = [signal.name for signal in SIGNALS]
    if not record.prompts:
        return tuple(SignalResult(name, None, "no_prompts") for name in names)
    changes = [
        (prompt, between(prompt.code_before, prompt.code_after))
        for prompt in record.prompts
        if prompt.code_after is not None
    ]
    if not changes:
        return tuple(SignalResult(name, None, "not_observed") for name in names)
    return (_delta(changes), _self_correction(changes))


def _delta(changes: Sequence[tuple[Prompt, Difference]]) -> SignalResult:
    sizes = [change.lines_added + change.lines_removed for _, change in changes]
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    return SignalResult(
        "code_delta",
        round(fmean(sizes), 1),
        evidence=(of_prompt(changes[largest][0], f"followed by the largest change: {sizes[largest]} lines"),),
        detail={
            "per_prompt": [
                {
                    "prompt": prompt.index,
                    "added": change.lines_added,
                    "removed": change.lines_removed,
                    "characters": change.characters,
                }
                for prompt, change in changes[:MOST_ENTRIES]
            ],
            "unchanged_prompts": sizes.count(0),
        },
    )


def _self_correction(changes: Sequence[tuple[Prompt, Difference]]) -> SignalResult:
    adapted: list[Prompt] = []
    verbatim: list[Prompt] = []
    for prompt, change in changes:
        share = _share_used(prompt.response, change.added) if change.added else 0.0
        if share >= _VERBATIM:
            verbatim.append(prompt)
        elif share >= _USED:
            adapted.append(prompt)
    used = len(adapted) + len(verbatim)
    if not used:
        return SignalResult("self_correction_rate", None, "no_reply_used")
    return SignalResult(
        "self_correction_rate",
        round(len(adapted) / used, 3),
        evidence=first_few(
            [*(of_prompt(prompt, "reply adapted") for prompt in adapted)][:10]
            + [*(of_prompt(prompt, "reply used verbatim") for prompt in verbatim)][:10]
        ),
        detail={"adapted": len(adapted), "verbatim": len(verbatim), "unused": len(changes) - used},
    )


def _share_used(response: str, added: Sequence[str]) -> float:
    """Share of a reply's code lines that are among the `added` lines; white space at their ends does not matter."""
    code = "\n".join(_FENCE.findall(response)) if "```" in response else ""
    lines = [stripped for line in code.splitlines() if (stripped := line.strip())]
    # A lone `)` or `else:` turns up anywhere and tells nothing.
    if sum(map(len, lines)) < _TELLING_CHARACTERS:
        return 0.0
    there = Counter(line.strip() for line in added)
    matched = sum(min(count, there[line]) for line, count in Counter(lines).items())
    return matched / len(lines)
