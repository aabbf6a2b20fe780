"""Scores rank together only where the same model, rubric and evaluators made them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tali.plugins import Provider
from tali.sdk import ProviderSpec, Signal, SignalResult
from tests.scoring.judge import INDEPENDENCE, ScriptedJudge
from tests.scoring.test_judging import good, offer, submit

__all__ = ["offer", "submit"]


def compared(tenant, *held):
    return tenant.call("GET", f"/compare?ids={','.join(one.id for one in held)}").json


@pytest.mark.parametrize("changed", ["rubric", "model"])
def test_scores_by_another_model_or_rubric_do_not_rank_together(offer, submit, tenant, changed) -> None:
    judge = offer(ScriptedJudge(good))
    first, second = submit(), submit()
    alike = compared(tenant, first, second)
    assert (alike["differences"], [one["rank"] for one in alike["assessments"]]) == ([], [1, 1])
    judge.versions = {**judge.versions, changed: "another"}
    told = compared(tenant, first, submit())
    assert told["differences"] == ["They were judged by another model or rubric."]
    assert [one["rank"] for one in told["assessments"]] == [None, None]


def test_a_judge_whose_values_carry_no_weight_keeps_nobody_apart(offer, submit, tenant) -> None:
    aside = (replace(INDEPENDENCE, component=None), replace(INDEPENDENCE, name="prompt_clarity", component=None))
    judge = offer(ScriptedJudge(good, signals=aside))
    first = submit()
    judge.versions = {**judge.versions, "rubric": "2"}
    assert compared(tenant, first, submit())["comparable"] is True


@pytest.mark.parametrize(("component", "sentences"), [("independence", 1), (None, 0)])
def test_what_another_version_of_a_plugin_measured_counts_where_it_has_weight(
    submit, tenant, resources, monkeypatch, component, sentences
) -> None:
    class Counting:
        signals = (Signal("counted", "Counted", "measured", "Always five.", range=(0, 10), component=component),)
        components = ()

        def evaluate(self, record):
            return [SignalResult("counted", 5)]

    def offered(version: str) -> None:
        spec = ProviderSpec("counting", "Counting", lambda *_: Counting(), version=version)
        key = ("signal_evaluators", "counting")
        monkeypatch.setitem(resources.plugins._providers, key, Provider("signal_evaluators", "counting_plugin", spec))
        resources.plugins._instances.clear()

    offered("1.0")
    first = submit()
    offered("1.1")
    told = ["They were measured by another version of an evaluator."] * sentences
    assert compared(tenant, first, submit())["differences"] == told
