"""A session as one JSON document within a budget: what fits whole, the rest in part, and every omission said.

Beginning and end of a session say most about it: the first three and the last three prompts come first. In between,
each prompt keeps the ends of its texts, and where even that is too much, runs of prompts are told by their counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tali.sdk import Prompt, RunRecord, SessionRecord
from tali_claude.judge.changes import Stretch, sides, stretch, stretches, unified
from tali_claude.judge.writing import as_json, compact, cut, level, nonce, size

PACKING_VERSION = "2"
BYTES_A_TOKEN = 3
_EDGE = 3
_LEAST_OF_A_TURN = 900
_SUMMARY = 240
_RUNS_SHOWN = 5
_TESTS_NAMED = 50


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that the model was shown, and whose it is: what a quote is looked for in."""

    where: str
    prompt: int | None
    path: str | None
    text: str


@dataclass
class Packed:
    """The document, the texts in it that may be quoted, and in words what is not in it."""

    document: str
    pieces: Sequence[Piece]
    left_out: Sequence[str]

    @cached_property
    def nonce(self) -> str:
        return nonce(self.document)


def pack(record: SessionRecord, tokens: int) -> Packed:
    """The session in about `tokens` tokens at most. The same record gives the same bytes."""
    available = budget = tokens * BYTES_A_TOKEN
    turns = _turns(record)
    while True:
        packed = _Packing(record, turns, available).pack()
        over = size_of(packed.document) - budget
        if over <= 0 or available < 600:
            return packed
        available -= over + budget // 100


def size_of(document: str) -> int:
    """Bytes on the wire."""
    return len(document.encode())


@dataclass
class _Turn:
    """A prompt before it is written: what follows it, and how much it would take whole."""

    prompt: Prompt
    first_changes: Sequence[Stretch]
    changes: Sequence[Stretch]
    runs: Sequence[RunRecord]
    size: int = 0

    def __post_init__(self) -> None:
        code = sum(change.characters + 120 for change in (*self.first_changes, *self.changes))
        self.size = 200 + size(self.prompt.message) + size(self.prompt.response) + code * 11 // 10
        self.size += 60 * min(len(self.runs), _RUNS_SHOWN)


def _turns(record: SessionRecord) -> Sequence[_Turn]:
    prompts, starter = record.prompts, record.task.starter_files
    turns = []
    for number, prompt in enumerate(prompts):
        upto = prompts[number + 1].timestamp if number + 1 < len(prompts) else None
        runs = [run for run in record.runs if prompt.timestamp <= run.at and (upto is None or run.at < upto)]
        first: Sequence[Stretch] = ()
        if number == 0:
            known = {path: starter.get(path, "") for path in prompt.code_before}
            first = tuple(stretches(known, prompt.code_before))
        after = () if prompt.code_after is None else tuple(stretches(prompt.code_before, prompt.code_after))
        turns.append(_Turn(prompt, first, after, runs))
    return turns


@dataclass
class _Packing:
    record: SessionRecord
    turns: Sequence[_Turn]
    budget: int
    pieces: list[Piece] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def pack(self) -> Packed:
        task = self._task(self.budget // 5)
        turns = self.turns
        left = self.budget - size(task) - 1200
        wanted_by_files, wanted_by_turns = sum(map(size, self.record.final_files.values())), sum(t.size for t in turns)
        for_files = min(wanted_by_files + 400, max(left // 3, left - wanted_by_turns))
        files = self._files(for_files)
        shown = self._shown(turns, left - size(files))
        document = {
            "task": task,
            "session": compact(
                {
                    "prompts": len(turns),
                    "minutes": round((self.record.submitted_at - self.record.started_at).total_seconds() / 60),
                    "runs_before_first_prompt": _runs(self._runs_before(turns)),
                    "left_out_of_this_document": list(self.left_out),
                }
            ),
            "turns": shown,
            "final_files": files,
            "hidden_tests": self._tests(),
        }
        return Packed(as_json(document), tuple(self.pieces), tuple(self.left_out))

    def _task(self, allowed: int) -> Mapping[str, Any]:
        task = self.record.task
        brief, shown = cut(task.brief, allowed * 2 // 3)
        if len(shown) != 1 or shown[0] != task.brief:
            self.left_out.append("The middle of the task's brief was left out.")
        starter, allowed = {}, allowed - size(brief)
        for path in sorted(task.starter_files):
            taken = size(task.starter_files[path]) + size(path)
            if taken <= allowed:
                starter[path], allowed = task.starter_files[path], allowed - taken
        missing = len(task.starter_files) - len(starter)
        if missing:
            self.left_out.append(f"{missing} of {len(task.starter_files)} starter files were left out.")
        return {
            "title": task.title[:200],
            "languages": list(task.languages)[:20],
            "minutes": task.duration_seconds // 60,
            "assistant": "a model" if self.record.assistant_is_ai else "no model: it answers from a sheet of hints",
            "help_allowed": self.record.help_level,
            "brief": brief,
            "starter_files": starter,
        }

    def _runs_before(self, turns: Sequence[_Turn]) -> Sequence[RunRecord]:
        first = turns[0].prompt.timestamp if turns else self.record.submitted_at
        return [run for run in self.record.runs if run.at < first]

    def _shown(self, turns: Sequence[_Turn], allowed: int) -> list[Mapping[str, Any]]:
        """Every turn in its order, whole, in part, or as one of many in a summary."""
        if sum(turn.size for turn in turns) <= allowed:
            return [self._turn(turn, turn.size) for turn in turns]
        edges = {*range(min(_EDGE, len(turns))), *range(max(0, len(turns) - _EDGE), len(turns))}
        middle = [number for number in range(len(turns)) if number not in edges]
        bound = level([turns[number].size for number in edges], allowed * 3 // 5 if middle else allowed)
        allowances = {number: min(turns[number].size, bound) for number in edges}
        left = allowed - sum(allowances.values())
        bound = level([turns[number].size for number in middle], left)
        if middle and bound < _LEAST_OF_A_TURN:
            places = max(0, left // (_LEAST_OF_A_TURN + _SUMMARY))
            chosen = {middle[number * len(middle) // places] for number in range(places)} if places else set()
            self.left_out.append(
                f"{len(middle) - len(chosen)} of {len(turns)} prompts are told by their counts only: the session is "
                "longer than the judge's budget."
            )
            middle = sorted(chosen)
            bound = _LEAST_OF_A_TURN
        allowances |= {number: min(turns[number].size, bound) for number in middle}
        in_part = sum(turns[number].size > allowance for number, allowance in allowances.items())
        if in_part:
            self.left_out.append(
                f"{in_part} of {len(turns)} prompts are shown in part: beginnings and ends of messages, replies and "
                "code changes."
            )
        return self._in_order(turns, allowances)

    def _in_order(self, turns: Sequence[_Turn], allowances: Mapping[int, int]) -> list[Mapping[str, Any]]:
        shown: list[Mapping[str, Any]] = []
        skipped: list[_Turn] = []
        for number, turn in enumerate(turns):
            if number not in allowances:
                skipped.append(turn)
                continue
            if skipped:
                shown.append(_summary(skipped))
                skipped = []
            shown.append(self._turn(turn, allowances[number]))
        return shown

    def _turn(self, turn: _Turn, allowed: int) -> Mapping[str, Any]:
        prompt = turn.prompt
        whole = turn.size <= allowed
        room = max(allowed - 200 - 60 * min(len(turn.runs), _RUNS_SHOWN), 150)
        changed = (*turn.first_changes, *turn.changes)
        code = sum(change.characters + 120 for change in changed) * 11 // 10
        wanted = [size(prompt.message), size(prompt.response), code]
        # Message and code before reply: it is the candidate who is judged.
        bound = 2 * turn.size if whole else level([wanted[0], wanted[2], wanted[1] * 2], room)
        message, pieces = cut(prompt.message, max(min(wanted[0], bound), 40))
        self.pieces += [Piece("message", prompt.index, None, text) for text in pieces]
        reply, pieces = cut(
            prompt.response, max(min(wanted[1], bound // 2 if wanted[1] * 2 > bound else wanted[1]), 40)
        )
        self.pieces += [Piece("reply", prompt.index, None, text) for text in pieces]
        for_code = min(code, bound)
        return compact(
            {
                "prompt": prompt.index,
                "second": round((prompt.timestamp - self.record.started_at).total_seconds()),
                "own_changes_before": self._changes(prompt.index, turn.first_changes, for_code // 2, own=True),
                "message": message,
                "pasted": prompt.paste_detected,
                "reply": reply,
                "reply_state": "" if prompt.state == "done" else prompt.state,
                "code_changes_after": self._changes(prompt.index, turn.changes, for_code),
                "runs_after": _runs(turn.runs),
            }
        )

    def _changes(self, index: int, changed: Sequence[Stretch], allowed: int, *, own: bool = False) -> Mapping[str, Any]:
        """`own`: what was there before is the task's, which proves nothing of the candidate's and is not quoted."""
        shown: dict[str, Any] = {}
        for number, change in enumerate(changed):
            room = max(allowed // (len(changed) - number), 0)
            added, removed = change.counts
            text, pieces = cut(unified(change, room), room, by_line=True)
            if room < 80 or not pieces:
                text = {"lines_added": added, "lines_removed": removed}
                pieces = ()
            name = change.path[:200]
            shown[name] = text
            allowed -= size(text) + size(name)
            for piece in pieces:
                for old, new in sides(piece):
                    texts = (new,) if own else (old, new)
                    self.pieces += [Piece("code", index, change.path, text) for text in texts if text.strip()]
            if allowed < 80 and number + 1 < len(changed):
                shown["…"] = {"further_files_changed": len(changed) - number - 1}
                break
        return shown

    def _files(self, allowed: int) -> Mapping[str, Any]:
        shown: dict[str, Any] = {}
        final, starter = self.record.final_files, self.record.task.starter_files
        changed = [path for path in sorted(final) if final[path] != starter.get(path)]
        unchanged = [path[:200] for path in sorted(final) if final[path] == starter.get(path)][:50]
        bound = level([size(final[path]) for path in changed], allowed - size(unchanged))
        told = 0
        for number, path in enumerate(changed):
            if allowed < 200:
                self.left_out.append(f"{len(changed) - number} of {len(changed)} final files were left out.")
                break
            text, pieces = cut(final[path], bound, by_line=True)
            if text != final[path] and path in starter:
                change, was = cut(unified(stretch(path, starter[path], final[path]), bound), bound, by_line=True)
                text = {"changes_against_starter": change}
                pieces = [new for piece in was for _, new in sides(piece)]
                told += 1
            elif text != final[path]:
                self.left_out.append(f"The middle of the final {path[:80]} was left out.")
            shown[path] = text
            allowed -= size(text) + size(path)
            self.pieces += [Piece("final", None, path, piece) for piece in pieces if piece.strip()]
        if told:
            self.left_out.append(f"{told} final files are shown by their changes against the starter files.")
        return compact({"as_the_starter": unchanged, "changed": shown})

    def _tests(self) -> Mapping[str, Any] | None:
        tests = self.record.tests
        if tests is None:
            return None
        failed = [result.name[:120] for result in tests.results if not result.passed]
        return {"passed": tests.passed, "total": tests.total, "state": tests.state, "failed": failed[:_TESTS_NAMED]}


def _runs(runs: Sequence[RunRecord]) -> list[str]:
    shown = [_outcome(run) for run in runs[:_RUNS_SHOWN]]
    return shown if len(runs) <= _RUNS_SHOWN else [*shown, f"and {len(runs) - _RUNS_SHOWN} further runs"]


def _outcome(run: RunRecord) -> str:
    if run.tests:
        return f"{sum(test.passed for test in run.tests)} of {len(run.tests)} visible tests passed"
    return f"{run.kind}: {run.state}" + ("" if run.exit_code is None else f", exit code {run.exit_code}")


def _summary(turns: Sequence[_Turn]) -> Mapping[str, Any]:
    """Prompts that are not shown, by what can be counted of them."""
    counts = [change.counts for turn in turns for change in (*turn.first_changes, *turn.changes)]
    return {
        "prompts_not_shown": len(turns),
        "from": turns[0].prompt.index,
        "to": turns[-1].prompt.index,
        "words": sum(turn.prompt.word_count for turn in turns),
        "code_lines_added": sum(added for added, _ in counts),
        "code_lines_removed": sum(removed for _, removed in counts),
        "runs": sum(len(turn.runs) for turn in turns),
    }
