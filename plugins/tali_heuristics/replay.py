"""Replays a session's edits and knows of every character of the final code where it came from.

Each file is two parallel buffers: its text in UTF-16, as the offsets count, and one origin number per code unit. An
edit replaces the same range in both, which costs two block moves; twenty thousand edits take a fraction of a second.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tali.sdk import Edit, Files
from tali_heuristics.differences import kept_lines

STARTER, CANDIDATE, FIRST_ASSISTANT = 0, 1, 2
"""Origin numbers; from `FIRST_ASSISTANT` on, each assistant edit has its own."""
_UNITS = "I"
# A replacement this large may be a whole file "changed" in three lines: it is compared line by line.
_LARGE_UNITS = 80
_REMEMBERED_DELETIONS = 256


@dataclass(slots=True)
class _Text:
    units: bytearray = field(default_factory=bytearray)
    origins: array[int] = field(default_factory=lambda: array(_UNITS))


@dataclass(frozen=True, slots=True)
class AssistantEdit:
    """Text that came from the assistant, counted without white space: when inserted, and at the end."""

    edit: Edit
    inserted: int
    surviving: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the final code came from, in characters that are not white space."""

    starter: int
    candidate: int
    assistant: int
    assistant_edits: Sequence[AssistantEdit]
    unplaced_edits: int


def replay(starter: Files, edits: Sequence[Edit], final: Files, from_assistant: frozenset[int]) -> Provenance:
    """Apply `edits` to `starter` and attribute `final`.

    Args:
        from_assistant: the `seq` of each edit whose text came from the assistant.
    """
    replaying = _Replay(starter)
    assistant_edits: list[Edit] = []
    inserted: list[int] = []
    unplaced = 0
    for edit in edits:
        origin = CANDIDATE
        if edit.seq in from_assistant:
            origin = FIRST_ASSISTANT + len(assistant_edits)
            assistant_edits.append(edit)
        placed = replaying.apply(edit, origin)
        if placed is None:
            unplaced += 1
        if origin != CANDIDATE:
            inserted.append(placed or 0)
    counts = replaying.attribute(final)
    surviving = [counts.get(FIRST_ASSISTANT + number, 0) for number in range(len(assistant_edits))]
    return Provenance(
        starter=counts.get(STARTER, 0),
        candidate=counts.get(CANDIDATE, 0),
        assistant=sum(surviving),
        assistant_edits=[
            # An undo may bring the same text back twice; no more than was inserted can have survived.
            AssistantEdit(edit, count, min(count, left))
            for edit, count, left in zip(assistant_edits, inserted, surviving, strict=True)
        ],
        unplaced_edits=unplaced,
    )


class _Replay:
    def __init__(self, starter: Files) -> None:
        self._texts = {path: _text(content, STARTER) for path, content in starter.items()}
        self._deleted: OrderedDict[bytes, array[int]] = OrderedDict()

    def apply(self, edit: Edit, origin: int) -> int | None:
        """Carry out one edit. Answers with the characters it brought, or None where it does not fit the text."""
        if edit.operation == "delete":
            self._texts.pop(edit.file, None)
            return 0
        if edit.operation == "rename":
            text = self._texts.pop(edit.file, None)
            if text is not None and edit.new_file is not None:
                self._texts[edit.new_file] = text
            return 0
        if edit.operation == "create":
            self._texts[edit.file] = _text(edit.insert, origin)
            return _solid(edit.insert)
        return self._splice(self._texts.setdefault(edit.file, _Text()), edit, origin)

    def _splice(self, text: _Text, edit: Edit, origin: int) -> int | None:
        start, end = edit.start, edit.end
        if not 0 <= start <= end <= len(text.origins):
            return None
        new = edit.insert.encode("utf-16-le", "surrogatepass")
        brought: array[int] | None = None
        if end > start:
            old, old_origins = bytes(text.units[2 * start : 2 * end]), text.origins[start:end]
            if new:
                brought = _carried_over(edit, old, old_origins, new, origin)
            self._remember(old, old_origins)
        if brought is None and edit.origin == "undo":
            brought = self._deleted.get(new)
        if brought is None:
            brought = array(_UNITS, (origin,)) * (len(new) // 2)
        text.units[2 * start : 2 * end] = new
        text.origins[start:end] = brought
        if origin < FIRST_ASSISTANT:
            return 0
        return _solid(edit.insert) if brought.count(origin) == len(brought) else _count(new, brought).get(origin, 0)

    def _remember(self, deleted: bytes, origins: array[int]) -> None:
        self._deleted[deleted] = origins
        self._deleted.move_to_end(deleted)
        if len(self._deleted) > _REMEMBERED_DELETIONS:
            self._deleted.popitem(last=False)

    def attribute(self, final: Files) -> Mapping[int, int]:
        """Characters of the final files by origin. What the edits do not explain is the candidate's."""
        counts: dict[int, int] = {}
        for path, content in final.items():
            units = content.encode("utf-16-le", "surrogatepass")
            text = self._texts.get(path, _Text())
            origins = text.origins
            if text.units != units:
                origins = _aligned_by_line(bytes(text.units), text.origins, units, CANDIDATE)
            for origin, count in _count(units, origins).items():
                counts[origin] = counts.get(origin, 0) + count
        return counts


def _text(content: str, origin: int) -> _Text:
    units = bytearray(content.encode("utf-16-le", "surrogatepass"))
    return _Text(units, array(_UNITS, (origin,)) * (len(units) // 2))


def _carried_over(edit: Edit, old: bytes, old_origins: array[int], new: bytes, origin: int) -> array[int] | None:
    """Origins for a replacement that keeps part of what it replaces; None when it is simply new text."""
    if edit.origin == "format":
        moved = _only_spaces_moved(old, old_origins, new)
        if moved is not None:
            return moved
    if min(len(old), len(new)) >= 2 * _LARGE_UNITS:
        return _aligned_by_line(old, old_origins, new, origin)
    return None


def _only_spaces_moved(old: bytes, old_origins: array[int], new: bytes) -> array[int] | None:
    """Origins after a formatter that touched white space alone; None if it did more."""
    old_text, new_text = _units(old), _units(new)
    solid = [origin for character, origin in zip(old_text, old_origins, strict=True) if not character.isspace()]
    if "".join(old_text.split()) != "".join(new_text.split()):
        return None
    remaining, last = iter(solid), CANDIDATE
    moved = array(_UNITS)
    for character in new_text:
        if not character.isspace():
            last = next(remaining)
        moved.append(last)
    return moved


def _aligned_by_line(old: bytes, old_origins: array[int], new: bytes, origin: int) -> array[int]:
    """Origins of `new`, where lines that are also in `old` keep theirs and all others get `origin`."""
    old_lines, new_lines = _units(old).split("\n"), _units(new).split("\n")
    old_at, new_at = _line_starts(old_lines), _line_starts(new_lines)
    aligned = array(_UNITS, (origin,)) * (len(new) // 2)
    for kept in kept_lines(old_lines, new_lines):
        source, target = old_at[kept.old], new_at[kept.new]
        # The last line has no line end after it.
        length = min(old_at[kept.old + kept.length] - source, len(old_origins) - source, len(aligned) - target)
        aligned[target : target + length] = old_origins[source : source + length]
    return aligned


def _line_starts(lines: Sequence[str]) -> list[int]:
    starts, position = [0], 0
    for line in lines:
        position += len(line) + 1
        starts.append(position)
    return starts


def _units(encoded: bytes) -> str:
    """One character per code unit, so that indices agree with origins; halves of a pair stay halves."""
    if not any(encoded[1::2]):
        return encoded[::2].decode("latin-1")
    return "".join(map(chr, memoryview(encoded).cast("H")))


def _count(encoded: bytes, origins: array[int]) -> dict[int, int]:
    """Characters that are not white space, by origin."""
    text, counts = _units(encoded), dict[int, int]()
    for origin, length, start in _runs(origins):
        counts[origin] = counts.get(origin, 0) + _solid(text[start : start + length])
    return counts


def _runs(origins: array[int]) -> Iterator[tuple[int, int, int]]:
    start = 0
    for origin, group in groupby(origins):
        length = sum(1 for _ in group)
        yield origin, length, start
        start += length


def _solid(text: str) -> int:
    return sum(map(len, text.split()))
