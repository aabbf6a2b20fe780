"""Measures a session: everything that can be counted, timed or traced without asking a model."""

from __future__ import annotations

from tali.sdk import PluginContext, ProviderSpec, Settings, SignalEvaluator, hookimpl

__all__ = ["tali_signal_evaluators"]


def _create(settings: Settings, context: PluginContext) -> SignalEvaluator:
    from tali_heuristics.evaluator import HeuristicsEvaluator

    return HeuristicsEvaluator()


@hookimpl
def tali_signal_evaluators() -> ProviderSpec[SignalEvaluator]:
    """Offer the measured signals. No settings, no network; a session of a thousand prompts takes a quarter second."""
    return ProviderSpec(name="heuristics", title="Measured signals", create=_create)
