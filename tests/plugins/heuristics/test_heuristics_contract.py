"""The measured signals keep the evaluator contract."""

from __future__ import annotations

import pytest

from tali.sdk import PluginContext, SignalEvaluator
from tali.sdk.testing import SignalEvaluatorContract
from tali_heuristics import tali_signal_evaluators


class TestHeuristics(SignalEvaluatorContract):
    @pytest.fixture
    def provider(self, plugin_context: PluginContext) -> SignalEvaluator:
        return tali_signal_evaluators()[0].create({"tab_switch_limit": 5}, plugin_context)


class TestScan(SignalEvaluatorContract):
    @pytest.fixture
    def provider(self, plugin_context: PluginContext) -> SignalEvaluator:
        return tali_signal_evaluators()[1].create({}, plugin_context)
