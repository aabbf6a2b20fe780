"""What of an answer holds: values on the scale, prompts that there are, quotes that were shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tali.sdk import Evidence, JudgedPrompt, Judgement, Rejected, SessionRecord, SignalResult
from tali_claude.judge.fraud import fraud_result
from tali_claude.judge.packing import Packed
from tali_claude.judge.quotes import Held, Shown, line_of
from tali_claude.judge.rubric import ENTRIES, Entry
from tali_claude.judge.schema import BREAKDOWN

_MOST_QUOTES = 12
_WHY = 500
_NOTE = 200


class Reader:
    """Reads one answer about one session."""

    def __init__(self, record: SessionRecord, packed: Packed) -> None:
        self.record = record
        self.packed = packed
        self.shown = Shown(packed.pieces)
        self.dropped: Counter[str] = Counter()
        self._turns = {prompt.index: prompt.turn_id for prompt in record.prompts}

    def judgement(self, content: Mapping[str, Any]) -> Judgement:
        """Raises Rejected where the answer has not even the outline of one."""
        signals = content.get("signals")
        if not isinstance(signals, Mapping):
            raise Rejected("The model's answer holds no signals.")
        results = [self._signal(entry, signals.get(entry.name)) for entry in ENTRIES]
        results.append(fraud_result(self, content.get("fraud")))
        prompts = sorted(self._prompts(content.get("prompts")), key=lambda prompt: prompt.index)
        return Judgement(results, prompts, dict(sorted((+self.dropped).items())), self.packed.left_out)

    def _signal(self, entry: Entry, said: object) -> SignalResult:
        if len(self.record.prompts) < entry.least_prompts:
            return SignalResult(entry.name, None, entry.too_few)
        if not isinstance(said, Mapping):
            self.dropped["not_answered"] += 1
            return SignalResult(entry.name, None, "not_answered")
        detail = {"why": why} if (why := words(said.get("why"), _WHY)) else {}
        held = list(self.held(said.get("evidence")))
        evidence = [self.evidence(one) for one in held]
        if said.get("value") is None:
            return SignalResult(entry.name, None, "not_observed", evidence=evidence, detail=detail)
        value = number(said.get("value"), 10)
        if value is None:
            self.dropped["out_of_scale"] += 1
            return SignalResult(entry.name, None, "out_of_scale", evidence=evidence, detail=detail)
        if not any(entry.proof in ("any", one.where) for one in held):
            self.dropped["value_without_evidence"] += 1
            return SignalResult(entry.name, None, "no_evidence", evidence=evidence, detail=detail)
        return SignalResult(entry.name, value, evidence=evidence, detail=detail)

    def held(self, quoted: object) -> Iterator[Held]:
        """The quotes that hold; what does not is counted."""
        seen = set()
        for one in quoted[:_MOST_QUOTES] if isinstance(quoted, Sequence) and not isinstance(quoted, str) else ():
            found = self.find(one)
            if found is not None and found not in seen:
                seen.add(found)
                yield found

    def find(self, said: object) -> Held | None:
        """One quote, if it holds."""
        if not isinstance(said, Mapping):
            self.dropped["quote_not_found"] += 1
            return None
        where, prompt = said.get("where"), said.get("prompt")
        if where == "final":
            prompt = None
        elif not self.shown.has_prompt(prompt):
            self.dropped["unknown_prompt"] += 1
            return None
        found = self.shown.find(said.get("quote"), where, prompt, said.get("path"))
        if found is None:
            self.dropped["quote_not_found"] += 1
        return found

    def evidence(self, held: Held) -> Evidence:
        """A pointer to what holds: a prompt, or a line of the final code."""
        if held.where == "final" and held.path is not None:
            line = line_of(held.quote, self.record.final_files[held.path]) or 1
            return Evidence("line", path=held.path, line=line, quote=held.quote)
        note = {"reply": "in the reply", "code": f"in {held.path}"}.get(held.where, "")
        turn = self._turns[held.prompt] if held.prompt is not None else None
        return Evidence("prompt", prompt_index=held.prompt, turn_id=turn, quote=held.quote, note=note)

    def _prompts(self, said: object) -> Iterator[JudgedPrompt]:
        seen = set()
        for one in said if isinstance(said, Sequence) and not isinstance(said, str) else ():
            index = one.get("prompt") if isinstance(one, Mapping) else None
            if not isinstance(index, int) or not self.shown.has_prompt(index) or index in seen:
                self.dropped["unknown_prompt"] += 1
                continue
            seen.add(index)
            values = {name: number(one.get(name), 10) for name in BREAKDOWN}
            self.dropped["out_of_scale"] += sum(value is None for value in values.values())
            on_scale = {name: value for name, value in values.items() if value is not None}
            if on_scale:
                yield JudgedPrompt(index, on_scale, words(one.get("note"), _NOTE))


def number(said: object, most: float) -> float | None:
    """A number from 0 to `most`; None where it is anything else."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        return None
    return round(float(said), 2) if 0 <= said <= most else None


def words(said: object, most: int) -> str:
    """A sentence of the model's, at most so long."""
    return " ".join(said.split())[:most] if isinstance(said, str) else ""
