"""A judged value that the facts speak against is kept, marked and flagged."""

from __future__ import annotations

import pytest

from tali.scoring.contradictions import RULES, contradictions

TITLES = {rule.judged: rule.judged.replace("_", " ").capitalize() for rule in RULES}


@pytest.mark.parametrize(
    ("judged", "value", "measured", "fact", "broken"),
    [
        ("independence", 9, "assistant_share", 1.0, True),
        ("independence", 4, "assistant_share", 1.0, False),
        ("independence", 9, "assistant_share", 0.3, False),
        ("context_utilization", 1, "assistant_share", 0.95, True),
        ("context_utilization", 3, "assistant_share", 0.95, False),
        ("debugging_strategy", 7, "verification_rate", 0.0, True),
        ("debugging_strategy", 7, "verification_rate", 0.2, False),
        ("error_recovery", 9, "self_correction_rate", 0.1, True),
        ("prompt_specificity", 9, "prompt_length_stats", 2.0, True),
        ("prompt_specificity", 9, "prompt_length_stats", 12.0, False),
    ],
)
def test_beyond_the_margin_and_not_before(judged, value, measured, fact, broken) -> None:
    found = contradictions({judged: value, measured: fact}, TITLES)
    assert [one.signal for one in found] == ([judged] if broken else [])
    for one in found:
        assert str(value) in one.message
        assert (one.bound < value) == (judged != "context_utilization")


def test_without_either_value_nothing_is_contradicted() -> None:
    assert contradictions({"independence": 10, "assistant_share": None}, TITLES) == []
    assert contradictions({"independence": None, "assistant_share": 1.0}, TITLES) == []
    assert contradictions({}, {}) == []


def test_no_rule_can_be_broken_by_facts_at_their_best() -> None:
    """Whatever is judged, a session whose facts leave everything open contradicts nothing above it."""
    best = {"assistant_share": 0.0, "verification_rate": 1.0, "self_correction_rate": 1.0, "prompt_length_stats": 50.0}
    for rule in RULES:
        for value in (0, 5, 10):
            assert contradictions({rule.judged: value, rule.measured: best[rule.measured]}, TITLES) == []
