"""Signals: what an evaluator declares, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from tali.sdk.sessions import SessionRecord

Direction = Literal["higher", "lower", "neutral"]
Display = Literal["score", "count", "ratio", "duration_ms", "duration_s", "number", "flags"]


@dataclass(frozen=True, slots=True)
class Component:
    """Something that weights apply to. Its value is the mean of the signals (range 0–10) that name it."""

    name: str
    title: str
    help: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured or judged fact, declared before anything is measured.

    Args:
        name: stable slug; results, API and storage refer to it.
        unit: as printed after a number, "" for none.
        direction: what a recruiter should read as better; `neutral` where more is neither.
        range: inclusive bounds that results are checked against; None where there are none.
        display: how people read the value; `duration_ms` of 72000 reads "1 min 12 s".
        help: one or two sentences: what it is, and what it is not.
        component: the component it feeds; needs range (0, 10).
        anchors: what a value means, for judged signals: (2, "…"), (5, "…"), (8, "…"), (10, "…"). Shown to recruiters.
    """

    name: str
    title: str
    kind: Literal["measured", "judged"]
    help: str
    unit: str = ""
    direction: Direction = "neutral"
    range: tuple[float, float] | None = None
    display: Display = "number"
    component: str | None = None
    anchors: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A pointer to the moment a value comes from. `quote` is verbatim: core drops quotes that the text lacks."""

    kind: Literal["prompt", "event", "line", "test"]
    prompt_index: int | None = None
    turn_id: UUID | None = None
    event_seq: int | None = None
    path: str | None = None
    line: int | None = None
    quote: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Asks for a human look. It rejects nobody and changes no score."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class SignalResult:
    """The value of one declared signal.

    Args:
        value: None where there is nothing to measure; then `reason` says why, as a slug: `no_prompts`, `one_prompt`,
            `no_tests`, `no_edits`, `no_evidence`, `not_observed`, or one of the evaluator's own.
        detail: JSON beside the value (a distribution, a list per prompt), at most 64 KiB.
    """

    name: str
    value: float | int | None
    reason: str | None = None
    flag: Flag | None = None
    evidence: Sequence[Evidence] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


class SignalEvaluator(Protocol):
    """Provider protocol of `tali_signal_evaluators`.

    `evaluate` runs in a worker process under a hard time limit, once per score run. It answers with exactly one result
    per declared signal, in any order.

    An evaluator whose values depend on more than its own code (a list of patterns, another tool) may also have
    `versions`, a mapping of name → version, which is kept with every score. Whoever asks a model must be a
    `tali.sdk.Judge` instead: only then are people taken out of the session, and an answer paid for once and kept.
    """

    @property
    def signals(self) -> Sequence[Signal]: ...

    @property
    def components(self) -> Sequence[Component]:
        """Components that this evaluator adds to those of core; empty for most."""
        ...

    def evaluate(self, record: SessionRecord) -> Sequence[SignalResult]:
        """Measure or judge one session.

        Raises:
            ConfigurationMissing: there are no values, coverage shows it, and the report names what is missing.
            Transient: tried again; when tries are used up the run is `partial`.
            Rejected: the run is `partial`, with the reason.
        """
        ...
