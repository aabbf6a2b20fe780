"""What changed between two states of a workspace, by lines, and by characters inside the lines that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz.distance import Indel

from tali.sdk import Files

# Larger hunks are counted as removed and added whole: exact distances there cost time and tell nobody anything.
_EXACT_CHARACTERS = 4096


# A comparison costs memory for each pair of lines; past this, everything counts as replaced.
_MOST_PAIRS = 25_000_000


class Kept(NamedTuple):
    """A run of lines that both sides have: where it begins in each, and how many they are."""

    old: int
    new: int
    length: int


def kept_lines(old: Sequence[str], new: Sequence[str]) -> list[Kept]:
    """What a comparison line by line leaves in place."""
    if len(old) * len(new) > _MOST_PAIRS:
        return []
    changes = Indel.opcodes(old, new)
    return [Kept(c.src_start, c.dest_start, c.src_end - c.src_start) for c in changes if c.tag == "equal"]


@dataclass(slots=True)
class Difference:
    """Lines added and removed, characters that differ, and the added lines themselves."""

    lines_added: int = 0
    lines_removed: int = 0
    characters: int = 0
    added: list[str] = field(default_factory=list)


def between(before: Files, after: Files) -> Difference:
    """Compare two snapshots, file by file. Equal files cost one comparison."""
    total = Difference()
    for path in before.keys() | after.keys():
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            _add(total, old, new)
    return total


def _add(total: Difference, old: str, new: str) -> None:
    old_lines, new_lines = _changed_lines(old, new)
    if not old_lines or not new_lines:
        _count(total, old_lines, new_lines)
        return
    old_from = new_from = 0
    for block in [*kept_lines(old_lines, new_lines), Kept(len(old_lines), len(new_lines), 0)]:
        if block.old > old_from or block.new > new_from:
            _count(total, old_lines[old_from : block.old], new_lines[new_from : block.new])
        old_from, new_from = block.old + block.length, block.new + block.length


def _count(total: Difference, removed: Sequence[str], added: Sequence[str]) -> None:
    total.lines_removed += len(removed)
    total.lines_added += len(added)
    total.added.extend(added)
    old, new = "".join(removed), "".join(added)
    exact = old and new and len(old) + len(new) <= _EXACT_CHARACTERS
    total.characters += Indel.distance(old, new) if exact else len(old) + len(new)


def _changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines of the stretch that differs: what is equal before and after it is cut off before anything is split."""
    start = common_prefix(old, new)
    start = old.rfind("\n", 0, start) + 1
    end = common_suffix(old[start:], new[start:])
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    if end:
        # Back to a line's end, so that no line is compared in halves.
        tail = old[len(old) - end :]
        rest = tail.find("\n") + 1 or len(tail)
        at_line_start = all(not text or text.endswith("\n") for text in (old_middle, new_middle))
        if not at_line_start:
            old_middle, new_middle = old_middle + tail[:rest], new_middle + tail[:rest]
    return old_middle.splitlines(keepends=True), new_middle.splitlines(keepends=True)


def common_prefix(a: str, b: str) -> int:
    """Length of the longest common beginning, found by halving: each step is one fast comparison of slices."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: str, b: str) -> int:
    """Length of the longest common end."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
