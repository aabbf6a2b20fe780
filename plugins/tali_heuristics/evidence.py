"""Pointers from a value to the moments that it comes from."""

from __future__ import annotations

from collections.abc import Iterable

from tali.sdk import Evidence, Prompt

MOST_EVIDENCE = 20
MOST_ENTRIES = 500
"""Longest list that goes into a result's `detail`, so that the detail stays far below its 64 KiB."""
_QUOTE = 200


def of_prompt(prompt: Prompt, note: str = "", quote: str | None = None) -> Evidence:
    """A pointer to a prompt; `quote` must be verbatim from its message and is cut to a readable length."""
    return Evidence(
        "prompt", prompt_index=prompt.index, turn_id=prompt.turn_id, quote=quote[:_QUOTE] if quote else None, note=note
    )


def of_event(seq: int, note: str = "") -> Evidence:
    """A pointer to an entry of the timeline."""
    return Evidence("event", event_seq=seq, note=note)


def first_few(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """At most as many as a person would look at."""
    return tuple(item for item, _ in zip(evidence, range(MOST_EVIDENCE), strict=False))
