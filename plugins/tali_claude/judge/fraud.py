"""prompt_fraud: what the model found, each with its place. For people, never a verdict.

What the scan finds without a model is `planted_instructions`, measured elsewhere: one fact has one flag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tali.sdk import Evidence, Flag, SignalResult
from tali_claude.judge.schema import FRAUD_TYPES

if TYPE_CHECKING:
    from tali_claude.judge.reading import Reader

_NAME = "prompt_fraud"
_MOST = 40
_QUOTE = 200
_FLAGGED = 0.5
_WORDS = {
    "external_text": "text that seems to come from elsewhere",
    "full_solution_dump": "a whole solution put into a prompt",
    "injection": "text that tries to instruct whoever grades",
}
Finding = tuple[Mapping[str, Any], Evidence]


def fraud_result(reader: Reader, said: object) -> SignalResult:
    """The number of places, and a flag where any is likely."""
    findings = list(_findings(reader, said))
    if not findings:
        return SignalResult(_NAME, None, "none_found")
    likely = Counter(str(one["type"]) for one, _ in findings if one["confidence"] >= _FLAGGED)
    flag = None
    if likely:
        places = ", ".join(f"{_WORDS[kind]} ({likely[kind]})" for kind in FRAUD_TYPES if likely[kind])
        flag = Flag("prompt_fraud", f"Please look at: {places}.")
    return SignalResult(
        _NAME,
        len(findings),
        flag=flag,
        evidence=[evidence for _, evidence in findings],
        detail={"findings": [one for one, _ in findings]},
    )


def _findings(reader: Reader, said: object) -> Iterator[Finding]:
    """What was found and can be pointed at; of each, the words that were found in the session, and where they are."""
    from tali_claude.judge.reading import number, words

    seen = set()
    for one in said[:_MOST] if isinstance(said, Sequence) and not isinstance(said, str) else ():
        if not isinstance(one, Mapping) or one.get("type") not in FRAUD_TYPES:
            reader.dropped["unknown_fraud"] += 1
            continue
        confidence = number(one.get("confidence"), 1)
        if confidence is None:
            reader.dropped["out_of_scale"] += 1
            continue
        held = reader.find(one)
        if held is None:
            continue
        if held.where == "reply":
            # What the assistant wrote is no fraud of the candidate's.
            reader.dropped["unknown_fraud"] += 1
            continue
        if (one["type"], held) in seen:
            continue
        seen.add((one["type"], held))
        place: dict[str, Any] = {} if held.prompt is None else {"prompt_index": held.prompt}
        place |= {} if held.path is None else {"path": held.path}
        told = {"type": one["type"], "confidence": confidence, **place, "quote": held.quote[:_QUOTE]}
        yield {**told, "note": words(one.get("note"), _QUOTE), "source": "judge"}, reader.evidence(held)
