"""Looks for planted instructions: text of a candidate's that tries to tell whoever judges a session what to say.

The same text gives the same answer, without a model. A finding is a place for a person to look at, never a verdict:
what is found may be a joke, and what is not found may still be there. The framing of a judge's request and the check of
its evidence do not rest on it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from uuid import UUID

from tali.sdk.scanning.concepts import of_words, topics
from tali.sdk.scanning.disguises import as_words, hides, identifiers, uncovered, unfolded
from tali.sdk.scanning.languages import Language, possible
from tali.sdk.scanning.model import may_matter, weigh, worth_a_look
from tali.sdk.scanning.rules import Finding, judge, judge_foreign
from tali.sdk.scanning.texts import LONGEST_SEGMENT, fold, near, segments, words
from tali.sdk.sessions import Files, Prompt, SessionRecord
from tali.sdk.signals import Evidence

MOST_FOUND = 40
MOST_CHARACTERS = 1_000_000
"""More text than this is not looked through; the beginning of each text comes first."""
_QUOTE = 200
_SPACED_OUT = 20_000


@dataclass(frozen=True, slots=True)
class Planted:
    """One place that reads like an instruction to whoever judges.

    Args:
        kind: `direct`, `fake_turn`, `fake_tool_result`, `delimiter`, `fake_reasoning`, `encoded`, `code`, `file_name`
            or `foreign_language`.
        quote: verbatim, as it stands in the text, at most 200 characters.
        confidence: from 0 to 1; nothing below 0.5 is told.
        prompt_index: the prompt that it is in, or whose code held it; None where it is in the final files.
        path: the file; None for messages.
        line: the line of the final file, from 1.
    """

    kind: str
    quote: str
    confidence: float
    note: str
    prompt_index: int | None = None
    turn_id: UUID | None = None
    path: str | None = None
    line: int | None = None

    def evidence(self) -> Evidence:
        """A pointer to the place. A file's name is pointed at without a quote: it is in no text."""
        quote = None if self.kind == "file_name" else self.quote
        if self.prompt_index is None:
            return Evidence("line", path=self.path, line=self.line or 1, quote=quote, note=self.note)
        return Evidence("prompt", prompt_index=self.prompt_index, turn_id=self.turn_id, quote=quote, note=self.note)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    finding: Finding


def find_planted(record: SessionRecord) -> Sequence[Planted]:
    """Everything of the candidate's that reads like an instruction to whoever judges; at most 40 places.

    What the task itself brought (its brief, its starter files) is not the candidate's, nor is what the assistant said.
    """
    return tuple(found for found, _ in zip(_everywhere(record), range(MOST_FOUND), strict=False))


def scan(text: str) -> Sequence[tuple[str, Finding]]:
    """The stretches of one text that read like planted instructions, with what they are."""
    return [(text[hit.start : hit.end].strip()[:_QUOTE], hit.finding) for hit in _hits(text)]


def _everywhere(record: SessionRecord) -> Iterator[Planted]:
    given = _Given(record)
    for prompt in record.prompts:
        for hit in _hits(given.within(prompt.message), given.topics):
            quote = _quoted(prompt.message, hit)
            if not given.holds(quote):
                finding = hit.finding
                yield Planted(finding.kind, quote, finding.confidence, finding.note, prompt.index, prompt.turn_id)
    yield from _names(record, given)
    for path in sorted(record.final_files):
        text = record.final_files[path]
        for start, block in given.new_blocks(text):
            for hit in _hits(block, given.topics):
                yield replace(_in_code(block, hit), path=path, line=start + block.count("\n", 0, hit.start))
    for prompt, files in _snapshots(record.prompts):
        for path in sorted(files):
            for _, block in given.new_blocks(files[path]):
                for hit in _hits(block, given.topics):
                    found = _in_code(block, hit)
                    yield replace(found, path=path, prompt_index=prompt.index, turn_id=prompt.turn_id)


def _snapshots(prompts: Sequence[Prompt]) -> Iterator[tuple[Prompt, Files]]:
    for prompt in prompts:
        yield prompt, prompt.code_before
        if prompt.code_after is not None:
            yield prompt, prompt.code_after


def _in_code(block: str, hit: _Hit) -> Planted:
    kind = "code" if hit.finding.kind == "direct" else hit.finding.kind
    return Planted(kind, _quoted(block, hit), hit.finding.confidence, f"in code: {hit.finding.note}")


def _quoted(text: str, hit: _Hit) -> str:
    return text[hit.start : hit.end].strip()[:_QUOTE].strip()


def _names(record: SessionRecord, given: _Given) -> Iterator[Planted]:
    seen = set(given.paths)
    places: Iterator[tuple[Prompt | None, Files]] = iter([(None, record.final_files)])
    for prompt, files in (*places, *_snapshots(record.prompts)):
        for path in sorted(files.keys() - seen):
            seen.add(path)
            named = as_words(path)
            finding = weigh(fold(named), given.topics, is_name=True) or _first(_hits(path, given.topics))
            if finding is not None:
                index, turn = (None, None) if prompt is None else (prompt.index, prompt.turn_id)
                note = f"in a file's name: {finding.note}"
                yield Planted("file_name", path[:_QUOTE], finding.confidence, note, index, turn, path, 1)


def _first(hits: Sequence[_Hit]) -> Finding | None:
    return hits[0].finding if hits else None


class _Given:
    """What the task brought, and lines that were already looked at."""

    def __init__(self, record: SessionRecord) -> None:
        starter = record.task.starter_files
        self.paths = frozenset(starter)
        self._text = fold(" ".join([record.task.title, record.task.brief, *starter.values()]))
        self.topics = topics(self._text)
        self._lines = {line.strip() for text in starter.values() for line in text.split("\n")}
        self._last = ""
        self._left = MOST_CHARACTERS

    def holds(self, quote: str) -> bool:
        """Whether the task itself says so."""
        plain = fold(quote)
        return bool(plain) and plain in self._text

    def within(self, text: str) -> str:
        """As much of a text as there is time for."""
        text = text[: max(self._left, 0)]
        self._left -= len(text)
        return text

    def new_blocks(self, text: str) -> Iterator[tuple[int, str]]:
        """Runs of lines that were not there before, each with the number of its first line, from 1."""
        if text == self._last:
            return
        self._last = text
        block: list[str] = []
        start = 1
        for number, line in enumerate(text.split("\n"), 1):
            stripped = line.strip()
            if stripped in self._lines:
                if block:
                    yield start, self.within("\n".join(block))
                block = []
                continue
            self._lines.add(stripped)
            if not block:
                start = number
            block.append(line)
        if block:
            yield start, self.within("\n".join(block))


def _hits(text: str, given: Container[str] = (), depth: int = 0) -> list[_Hit]:
    """Places in one text, each told once: plain ones first, then what is hidden."""
    taken: list[_Hit] = []
    _plain(text, given, taken)
    if depth < 2:
        for hidden in (*uncovered(text), *identifiers(text)):
            inner = _hits(hidden.text, given, depth + 1) if len(hidden.text) > 8 else []
            if inner:
                finding = max((hit.finding for hit in inner), key=lambda finding: finding.confidence)
                kind = finding.kind if hidden.how == "in a name" else "encoded"
                note = f"{hidden.how}: {finding.note}"
                _take(taken, _Hit(hidden.start, hidden.end, Finding(kind, finding.confidence, note)))
    return sorted(taken, key=lambda hit: hit.start)


def _plain(text: str, given: Container[str], taken: list[_Hit]) -> None:
    whole = words(text)
    english, languages = may_matter(whole), possible(whole)
    twisted = len(text) < _SPACED_OUT and any(unfolded(text))
    if not (english or languages or twisted):
        return
    parts = list(segments(text))
    # What is joined has the concepts of its parts, so that words are looked up once.
    named = [of_words(words(text[part.start : part.end]).replace("_", " ")) for part in parts]
    for size in (1, 2, 3):
        for number in range(len(parts)):
            dull = not worth_a_look(reduce(or_, named[number : number + size]))
            if dull and not (languages or twisted):
                continue
            place = near(parts, number, size)
            if place is None or any(hit.start < place[1] and place[0] < hit.end for hit in taken):
                continue
            raw = text[place[0] : place[1]]
            finding = _of_window(words(raw), raw, given, languages, twisted=twisted and size == 1)
            if finding is not None:
                _take(taken, _Hit(*place, finding))


def _of_window(
    window: str, raw: str, given: Container[str], languages: Sequence[Language], *, twisted: bool = False
) -> Finding | None:
    finding = weigh(window, given) or judge_foreign(window, languages)
    if finding is not None:
        return (
            Finding("encoded", finding.confidence, f"with hidden characters: {finding.note}") if hides(raw) else finding
        )
    if twisted:
        for said, how in unfolded(raw):
            finding = judge(said)
            if finding is not None:
                return Finding("encoded", finding.confidence, f"{how}: {finding.note}")
    return None


def _take(taken: list[_Hit], hit: _Hit) -> None:
    if not any(one.start < hit.end and hit.start < one.end for one in taken):
        taken.append(hit)


__all__ = ["LONGEST_SEGMENT", "MOST_CHARACTERS", "MOST_FOUND", "Finding", "Planted", "find_planted", "scan"]
