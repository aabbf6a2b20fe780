"""Claude's judge keeps the contract of judges, whatever a model says to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tali.sdk import CalibrationRecord, Judge, ModelAnswer, SessionRecord, Usage
from tali.sdk.testing import JudgeContract
from tali_claude.judge.rubric import ENTRIES


def saying(content: Mapping[str, Any]) -> ModelAnswer:
    return ModelAnswer(content, "m", Usage(1, 1, 1))


def answer(value: Any, *evidence: Mapping[str, Any], prompts: Any = (), fraud: Any = ()) -> ModelAnswer:
    """The same value with the same evidence for each signal."""
    judged = {"evidence": list(evidence), "why": "So it was.", "value": value}
    return saying({"signals": {entry.name: judged for entry in ENTRIES}, "fraud": fraud, "prompts": prompts})


def quoting(text: str, prompt: int, where: str = "message", path: str = "") -> dict[str, Any]:
    return {"where": where, "prompt": prompt, "path": path, "quote": text}


def breakdown(index: int, value: Any = 5) -> dict[str, Any]:
    return {
        "prompt": index,
        "prompt_clarity": value,
        "prompt_specificity": value,
        "prompt_efficiency": value,
        "note": "As usual.",
    }


class TestClaudeJudge(JudgeContract):
    @pytest.fixture
    def provider(self, judge) -> Judge:
        return judge()

    @pytest.fixture
    def answers(self) -> Callable[[SessionRecord], Mapping[str, ModelAnswer]]:
        def of(record: SessionRecord) -> Mapping[str, ModelAnswer]:
            real = [quoting(prompt.message[:80], prompt.index) for prompt in record.prompts]
            invented = quoting("I weighed three designs against each other.", 0)
            elsewhere = [{**quote, "prompt": 900 + quote["prompt"]} for quote in real]
            fraud = [{**invented, "type": "injection", "note": "An order.", "confidence": 0.9}]
            return {
                "good": answer(6, *real, prompts=[breakdown(prompt.index) for prompt in record.prompts]),
                "invented_quotes": answer(10, invented, fraud=fraud),
                "unknown_prompts": answer(10, *elsewhere, prompts=[breakdown(900), breakdown(0), breakdown(0)]),
                "out_of_scale": answer(11, *real, prompts=[breakdown(0, -1)]),
                "not_numbers": answer("ten", *real, prompts=["first"], fraud=["all"]),
                "infinite": answer(float("inf"), *real),
                "null": answer(None, *real),
                "no_evidence": answer(10),
                "nothing": saying({"signals": {}, "fraud": None, "prompts": None}),
                "nonsense": saying({"signals": {entry.name: [entry.name] for entry in ENTRIES}, "prompts": {"a": 1}}),
                "broken": saying({"raw": '{"signals": {"prompt_cl', "stop_reason": "max_tokens"}),
            }

        return of

    @pytest.fixture
    def calibration_answers(self) -> Callable[[CalibrationRecord], Mapping[str, ModelAnswer]]:
        def of(record: CalibrationRecord) -> Mapping[str, ModelAnswer]:
            real = [{"prompt": 0, "quote": record.exchanges[0].message[:60]}]
            return {
                "good": saying({"evidence": real, "why": "Clear.", "value": 7}),
                "invented_quotes": saying({"evidence": [{"prompt": 0, "quote": "with types and tests"}], "value": 10}),
                "out_of_scale": saying({"evidence": real, "why": "", "value": 100}),
                "unknown_prompts": saying({"evidence": [{"prompt": 9, "quote": "Please write"}], "value": 10}),
                "nonsense": saying({"evidence": "all of it", "value": []}),
            }

        return of
