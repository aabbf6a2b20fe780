"""Judges: evaluators that ask a model, once, and whose answer is kept.

Asking costs money and gives another answer each time, so it is apart from reading: core has a judge `ask` once per
submission, stores what came back as it came, and has it `read` as often as scores are made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tali.sdk.assistants import Usage
from tali.sdk.errors import Transient
from tali.sdk.sessions import SessionRecord
from tali.sdk.signals import Component, Signal, SignalResult


class AnswerLost(Transient):
    """The request went out and its answer did not come back whole: it may have cost, and nobody can tell.

    Core puts such a request on record and asks once more at most; `usage` is what is known of its cost.
    """

    def __init__(self, reason: str, usage: Usage | None = None) -> None:
        super().__init__(reason)
        self.usage = usage


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model said, stored so that it is never asked again.

    Args:
        content: its answer as JSON, as it came and unchecked; at most 1 MiB.
        model: what answered, as the provider names it.
        request_id: the provider's name for the request, for whoever has to ask about it.
        latency_ms: from the request to the end of its answer.
    """

    content: Mapping[str, Any]
    model: str
    usage: Usage
    request_id: str | None = None
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True)
class JudgedPrompt:
    """The breakdown of one prompt. `values` are 0–10 and feed nothing; `note` says in a sentence what stands out."""

    index: int
    values: Mapping[str, float]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer, read: what holds of it, and what does not.

    Args:
        results: one per declared signal.
        prompts: a breakdown per prompt, at most one each, in their order.
        dropped: what did not hold, by kind: `out_of_scale`, `unknown_prompt`, `quote_not_found`, or the judge's own.
        left_out: in words, what of a long session was not shown to the model.
    """

    results: Sequence[SignalResult]
    prompts: Sequence[JudgedPrompt] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message of a calibration, and its reply."""

    message: str
    response: str


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """The small exercise before the main task: what was asked for, and what the candidate and the assistant wrote."""

    prompt: str
    exchanges: Sequence[Exchange]


class Judge(Protocol):
    """Provider protocol of `tali_signal_evaluators` with the capability `judge`, in place of `SignalEvaluator`.

    Text of candidates is data to a judge, never instruction. Records come with names and e-mail addresses replaced by
    placeholders such as `[name 1]`; quotes hold the placeholders, and core maps them back. A session without prompts
    is never asked about.

    Every value that `read` gives points at its evidence: core takes a value away that has none which holds.
    """

    @property
    def signals(self) -> Sequence[Signal]: ...

    @property
    def components(self) -> Sequence[Component]: ...

    @property
    def versions(self) -> Mapping[str, str]:
        """Everything that a value depends on beside the record (rubric, instructions, model), by name.

        Kept with every score. An answer that was given under other versions is not read: the model is asked anew.
        """
        ...

    def ask(self, record: SessionRecord) -> ModelAnswer:
        """Have the session judged: exactly one request, without retries of the judge's own.

        Raises:
            ConfigurationMissing: as for evaluators.
            Transient: the request was not taken (overload, rate limit, no connection): core tries again later.
            AnswerLost: it may have been taken.
            Rejected: it will not be answered, with the reason.
        """
        ...

    def read(self, record: SessionRecord, answer: ModelAnswer) -> Judgement:
        """What of the answer holds. Pure: the same record and answer give the same judgement, without a model.

        Raises:
            Rejected: the answer cannot be read at all; it is kept, and can be asked for again by a person.
        """
        ...

    def ask_about_calibration(self, record: CalibrationRecord) -> ModelAnswer:
        """Have a calibration judged: one small request. Raises as `ask`."""
        ...

    def read_calibration(self, record: CalibrationRecord, answer: ModelAnswer) -> SignalResult:
        """The calibration's value, 0–10, named `calibration_score`, with quotes as evidence. Raises as `read`.

        Evidence is of the kind `prompt`; its `prompt_index` is the exchange's place in the record, from 0.
        """
        ...
