"""Changes of code as the model sees them: unified, with little context, quick for large files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from tali.sdk import Files

_CONTEXT = 2
_LONGEST_LINE = 400
_CUT = " …"
# Past this, a line that is there twice counts once: nobody reads such a number to the last line.
_MOST_COUNTED = 1_000
# A comparison costs time and memory for each pair of lines; past this, a stretch counts as replaced.
_MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines of one file between the first and the last that differ. `start` counts from 0."""

    path: str
    start: int
    old: Sequence[str]
    new: Sequence[str]
    before: Sequence[str]
    after: Sequence[str]

    @property
    def counts(self) -> tuple[int, int]:
        """Lines added and removed; lines that only moved count as neither."""
        if len(self.old) + len(self.new) > _MOST_COUNTED:
            common = len(set(self.old) & set(self.new))
        else:
            common = (Counter(self.old) & Counter(self.new)).total()
        return len(self.new) - common, len(self.old) - common

    @property
    def characters(self) -> int:
        return sum(map(len, self.old)) + sum(map(len, self.new)) + 2 * (len(self.old) + len(self.new))


def stretches(before: Files, after: Files) -> Iterator[Stretch]:
    """What differs, file by file, in the order of their paths."""
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            yield stretch(path, old, new)


def stretch(path: str, old: str, new: str) -> Stretch:
    """The stretch of one file that differs."""
    a, b = old.split("\n"), new.split("\n")
    most = min(len(a), len(b))
    start = next((number for number in range(most) if a[number] != b[number]), most)
    end = next((number for number in range(most - start) if a[-1 - number] != b[-1 - number]), most - start)
    return Stretch(
        path,
        start,
        a[start : len(a) - end],
        b[start : len(b) - end],
        b[max(0, start - _CONTEXT) : start],
        b[len(b) - end : len(b) - end + _CONTEXT],
    )


def unified(change: Stretch, allowed: int) -> str:
    """The change as text: `-` and `+` lines, unchanged ones around them, and a line `@@` where lines are skipped."""
    old, new = change.old, change.new
    # What will be cut down to a fraction of itself need not be told apart line by line.
    if len(old) * len(new) > _MOST_PAIRS or change.characters > 20 * allowed:
        lines = [*_marked("-", old), *_marked("+", new)]
    else:
        lines = list(_aligned(old, new))
    shown = [f"@@ line {max(change.start - len(change.before), 0) + 1}"]
    shown += [*_marked(" ", change.before), *lines, *_marked(" ", change.after)]
    return "\n".join(shown) + "\n"


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    added: list[str] = []
    for block in Indel.opcodes(list(old), list(new)):
        if block.tag != "equal":
            # What was before what is, however the comparison orders them.
            yield from _marked("-", old[block.src_start : block.src_end])
            added += new[block.dest_start : block.dest_end]
            continue
        yield from _marked("+", added)
        added = []
        kept = old[block.src_start : block.src_end]
        if len(kept) <= 2 * _CONTEXT + 1:
            yield from _marked(" ", kept)
            continue
        yield from _marked(" ", kept[:_CONTEXT])
        yield "@@"
        yield from _marked(" ", kept[-_CONTEXT:])
    yield from _marked("+", added)


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + (line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + _CUT)


def sides(shown: str) -> Iterator[tuple[str, str]]:
    """What a shown change says of the text before and after it, one pair for each run of lines without a gap.

    The end of a line that was cut is a gap, too.
    """
    old: list[str] = []
    new: list[str] = []
    for line in [*shown.split("\n"), "@@"]:
        mark, text = line[:1], line[1:]
        cut = len(text) == _LONGEST_LINE + len(_CUT) and text.endswith(_CUT)
        if cut:
            text = text[:_LONGEST_LINE]
        if not line.startswith("@@"):
            if mark in ("-", " "):
                old.append(text)
            if mark in ("+", " "):
                new.append(text)
        if cut or line.startswith("@@"):
            if old or new:
                yield "\n".join(old), "\n".join(new)
            old, new = [], []
