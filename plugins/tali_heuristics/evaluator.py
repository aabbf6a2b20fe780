"""The evaluator: asks each group of signals for its results."""

from __future__ import annotations

from collections.abc import Sequence

from tali.sdk import Component, SessionRecord, Signal, SignalResult
from tali_heuristics import DEFAULT_TAB_SWITCH_LIMIT, attention, code, prompts, provenance, timing

_GROUPS = (timing, prompts, code, provenance)


class HeuristicsEvaluator:
    """Implements `tali.sdk.SignalEvaluator`. All its signals are facts beside the score: none feeds a component.

    `tab_switch_limit`: with more tab switches than this, a proctored session is flagged.
    """

    def __init__(self, *, tab_switch_limit: int = DEFAULT_TAB_SWITCH_LIMIT) -> None:
        self._tab_switch_limit = tab_switch_limit

    @property
    def signals(self) -> Sequence[Signal]:
        return [signal for group in (*_GROUPS, attention) for signal in group.SIGNALS]

    @property
    def components(self) -> Sequence[Component]:
        return ()

    def evaluate(self, record: SessionRecord) -> Sequence[SignalResult]:
        return [
            *(result for group in _GROUPS for result in group.measure(record)),
            *attention.measure(record, self._tab_switch_limit),
        ]
