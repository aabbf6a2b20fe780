"""Text as the rules read it: one form for what looks alike, and pieces small enough to point at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Format characters that are seen by nobody: joiners, marks of direction, soft hyphens, tags, variation selectors.
INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_MARKS = re.compile("[\u0300-\u036f]")
# What code puts before a comment's words, and quotes and lists before a sentence.
_LEADERS = re.compile(r"^[ \t]*(?:#+|//+|/\*+|\*+/?|--+|;+|%+|<!--|\"\"\"|'''|>+|[-•])[ \t]*", re.MULTILINE)
_SENTENCE = re.compile(
    r"[^\n.!?。！？;]+(?:[.!?。！？;]+(?=\s|[\"')\]]|$|[^\x00-\x7f])|[.!?;](?=\S)[^\n.!?。！？;]*)*[.!?。！？;]*"
)
LONGEST_SEGMENT = 400


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence or a line, and where it is in its text."""

    start: int
    end: int


def fold(text: str) -> str:
    """Lower case, without accents, invisible characters and runs of white space; full-width letters become plain."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", INVISIBLE.sub("", text)).casefold()
    return " ".join(unicodedata.normalize("NFC", _MARKS.sub("", plain)).split())


def words(text: str) -> str:
    """The words of prose or of a comment, folded."""
    return fold(_LEADERS.sub("", text).replace("*/", " ").replace("-->", " "))


def segments(text: str) -> Iterator[Segment]:
    """Sentences and lines in their order; a very long one in pieces."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while end - start > LONGEST_SEGMENT:
            cut = text.rfind(" ", start + 1, start + LONGEST_SEGMENT)
            cut = cut if cut > start else start + LONGEST_SEGMENT
            yield Segment(start, cut)
            start = cut
        if text[start:end].strip():
            yield Segment(start, end)


def near(parts: Sequence[Segment], number: int, size: int) -> tuple[int, int] | None:
    """Where `size` segments from `number` on lie together, if they are near each other."""
    if number + size > len(parts):
        return None
    start, end = parts[number].start, parts[number + size - 1].end
    return (start, end) if size == 1 or end - start <= 2 * LONGEST_SEGMENT else None
