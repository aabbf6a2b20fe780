"""A judge whose model answers what the test tells it, and counts how often it is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tali.sdk import (
    CalibrationRecord,
    Evidence,
    JudgedPrompt,
    Judgement,
    ModelAnswer,
    Rejected,
    SessionRecord,
    Signal,
    SignalResult,
    Usage,
)

INDEPENDENCE = Signal(
    "independence",
    "Independence",
    "judged",
    "Whether the candidate tried before asking.",
    range=(0, 10),
    component="independence",
    anchors=((2, "Asks at once."), (5, "Asks early."), (8, "Tries first."), (10, "Asks about what was tried.")),
)
CLARITY = Signal(
    "prompt_clarity", "Clarity", "judged", "Whether messages are clear.", range=(0, 10), component="prompt_quality"
)
USAGE = Usage(1200, 300, 8100)


@dataclass
class ScriptedJudge:
    """`answer` makes what the model says of a record, or raises. A quote is `[prompt index, text]`."""

    answer: Callable[[SessionRecord], dict[str, Any]]
    asked: list[SessionRecord] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=lambda: {"rubric": "1", "model": "scripted-1"})
    signals: Sequence[Signal] = (INDEPENDENCE, CLARITY)
    components = ()
    usage: Usage | None = USAGE

    def ask(self, record: SessionRecord) -> ModelAnswer:
        self.asked.append(record)
        return ModelAnswer(self.answer(record), "scripted-1", self.usage, f"req_{len(self.asked)}", 12)

    def read(self, record: SessionRecord, answer: ModelAnswer) -> Judgement:
        if "raw" in answer.content:
            raise Rejected("The model's answer is not JSON.")
        return Judgement(
            [
                SignalResult(
                    signal.name,
                    value=answer.content[signal.name][0],
                    reason="not_observed" if answer.content[signal.name][0] is None else None,
                    evidence=[Evidence("prompt", index, quote=text) for index, text in answer.content[signal.name][1:]],
                )
                for signal in self.signals
            ],
            [JudgedPrompt(index, {"clarity": 7}, f"about prompt {index}") for index in answer.content["prompts"]],
            {"out_of_scale": 2},
            ["The files are shown as diffs."],
        )

    def ask_about_calibration(self, record: CalibrationRecord) -> ModelAnswer:
        return ModelAnswer({"value": 6}, "scripted-1", Usage(100, 20, 600))

    def read_calibration(self, record: CalibrationRecord, answer: ModelAnswer) -> SignalResult:
        quotes = [Evidence("prompt", 0, quote=record.exchanges[0].message[:40])]
        return SignalResult("calibration_score", answer.content["value"], evidence=quotes)
