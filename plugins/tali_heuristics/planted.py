"""Text that tries to tell whoever judges the session what to say: found by a scan that needs no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tali.sdk import Component, Flag, SessionRecord, Signal, SignalResult
from tali.sdk.scanning import find_planted
from tali_heuristics.evidence import first_few

SIGNALS = (
    Signal(
        name="planted_instructions",
        title="Instructions to whoever judges",
        kind="measured",
        display="count",
        help="Places in prompts, code and names of files that read like an instruction to a grader or to a model that "
        "judges. It may be a joke, or a task about such things; it asks for a look, and changes no score.",
    ),
)


class PlantedScan:
    """`tali.sdk.SignalEvaluator` of this one signal, apart from the others: it reads every word, which takes longer."""

    @property
    def signals(self) -> Sequence[Signal]:
        return SIGNALS

    @property
    def components(self) -> Sequence[Component]:
        return ()

    def evaluate(self, record: SessionRecord) -> Sequence[SignalResult]:
        return measure(record)


def measure(record: SessionRecord) -> Sequence[SignalResult]:
    """How many places there are, and where."""
    found = find_planted(record)
    flag = None
    if found:
        places = "1 place reads" if len(found) == 1 else f"{len(found)} places read"
        flag = Flag("planted_instructions", f"{places} like an instruction to whoever judges the session.")
    return (
        SignalResult(
            "planted_instructions",
            len(found),
            flag=flag,
            evidence=first_few(one.evidence() for one in found),
            detail={"kinds": dict(sorted(Counter(one.kind for one in found).items()))},
        ),
    )
