"""The count of prompts alone moves no component and no score."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tali.scoring.combine import combine
from tali.scoring.evidence import declared_data
from tali.scoring.models import Grade, SignalValue
from tali.scoring.ratings import JUDGED_SIGNALS
from tali.scoring.service import component_values
from tali.sdk import Signal
from tali.tasks.weights import components, preset, presets
from tali_heuristics.evaluator import HeuristicsEvaluator
from tests.plugins.heuristics.sessions import prompt, session

GRADE = Grade(tests={"state": "failed", "passed": 3, "total": 4, "results": []}, quality={"value": 7.0, "reason": None})
COMPONENT_OF = {
    "prompt_clarity": "prompt_quality",
    "prompt_specificity": "prompt_quality",
    "prompt_progression": "prompt_quality",
}


def judged(values: dict[str, float]) -> list[SignalValue]:
    """As a judge answers about the same conversation: it judges how, and was told nothing of how often."""
    known = {component.name for component in components()}
    found = []
    for name, value in values.items():
        component = COMPONENT_OF.get(name, name if name in known else None)
        declared = declared_data(Signal(name, name, "judged", name, component=component, range=(0, 10)))
        found.append(SignalValue(name=name, declared=declared, value=value, reason=None))
    return found


def measured(count: int, words: int, gap: float) -> list[SignalValue]:
    """What the measured signals say of a session in which the same thing was asked `count` times."""
    asked = [prompt(n, 30 + n * gap, " ".join(["word"] * words)) for n in range(count)]
    evaluator = HeuristicsEvaluator()
    results = evaluator.evaluate(session(prompts=asked, length=36_000))
    return [
        SignalValue(name=signal.name, declared=declared_data(signal), value=result.value, reason=result.reason)
        for signal, result in zip(evaluator.signals, results, strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(1, 80),
    st.floats(0.5, 500),
    st.fixed_dictionaries({name: st.floats(0, 10) for name in JUDGED_SIGNALS}),
    st.sampled_from([preset.name for preset in presets()]),
)
def test_asking_more_or_less_often_moves_nothing(few, many, words, gap, said, weights) -> None:
    scored = []
    for count in (few, many):
        values = component_values(GRADE, [*measured(count, words, gap), *judged(said)])
        combined = combine(values, preset(weights).weights)
        scored.append(([(value.component.name, value.value) for value in values], combined.value, combined.coverage))
    assert scored[0] == scored[1]


def test_two_candidates_who_did_the_same_and_asked_differently_often_score_the_same(tenant, run_jobs) -> None:
    results = []
    for count, address in ((1, "a@example.com"), (6, "b@example.com")):
        candidate = tenant.candidate(tenant.invite(address))
        for _ in range(count):
            assert candidate.ask("Where is a delivery looked up?").status == 202
            run_jobs(tenant)
        candidate.type("SEEN = {}\n")
        candidate.submit()
        run_jobs(tenant)
        results.append(tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["result"])
    first, second = results
    assert first["score"] == pytest.approx(second["score"])
    for one, other in zip(first["components"], second["components"], strict=True):
        assert (one["name"], one["value"]) == (other["name"], other["value"])
