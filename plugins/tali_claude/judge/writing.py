"""Candidate text as JSON: every character of it inside a string, none of it invisible, and never more than fits."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

# What a reader does not see (format characters, bidirectional marks, tags, controls) and what is no text at all
# (halves of surrogate pairs). Written as escapes, they are plain to the model, and the document is valid UTF-8.
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)


UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL keeps in no text, and what is no character."""


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def as_json(value: Any) -> str:
    """JSON that is the same for the same value, on any machine."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() else _UNSEEN.sub(_escaped, text)


def size(value: Any) -> int:
    """Bytes that a value takes in the document."""
    text = as_json(value)
    return len(text) if text.isascii() else len(text.encode())


def nonce(document: str) -> str:
    """A word that whoever wrote a part of the document could not know while writing it."""
    return hashlib.sha256(document.encode()).hexdigest()[:20]


def parts(text: str, allowed: int, *, by_line: bool = False) -> tuple[str, str] | None:
    """Beginning and end of a text that is longer than `allowed` bytes; None where it fits whole.

    Two thirds go to the beginning. `by_line` keeps lines whole.
    """
    full = size(text)
    if full <= allowed:
        return None
    # Shrunk by what the text weighs per character, until it fits: escapes are not spread evenly.
    characters = max(0, int(len(text) * max(allowed - 60, 0) / full))
    while True:
        first, last = characters * 2 // 3, characters - characters * 2 // 3
        head, tail = text[:first], text[len(text) - last :] if last else ""
        if by_line:
            head = head[: head.rfind("\n") + 1]
            tail = tail[tail.find("\n") + 1 :] if "\n" in tail else ""
        if not characters or size(head) + size(tail) + 60 <= allowed:
            return head, tail
        characters = characters * 3 // 4


def cut(text: str, allowed: int, *, by_line: bool = False) -> tuple[Any, Sequence[str]]:
    """A text for the document, whole or as its two ends, and the pieces of it that are shown.

    A cut is structure, not a mark inside the text, which anybody could write.
    """
    ends = parts(text, allowed, by_line=by_line)
    if ends is None:
        return text, (text,)
    head, tail = ends
    shown = {"beginning": head, "characters_left_out": len(text) - len(head) - len(tail), "end": tail}
    return {name: value for name, value in shown.items() if value != ""}, tuple(piece for piece in ends if piece)


def level(sizes: Sequence[int], total: int) -> int:
    """The highest bound that, put on each size, keeps their sum within `total`."""
    left = max(total, 0)
    ordered = sorted(sizes)
    for number, one in enumerate(ordered):
        share = left // (len(ordered) - number)
        if one > share:
            return share
        left -= one
    return max(ordered, default=0)


def compact(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: it says nothing, and costs."""
    return {name: value for name, value in entry.items() if value or type(value) is int}
