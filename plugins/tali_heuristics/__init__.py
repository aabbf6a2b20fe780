"""Measures a session: everything that can be counted, timed or traced without asking a model."""

from __future__ import annotations

from tali.sdk import PluginContext, ProviderSpec, Setting, Settings, SettingsSpec, SignalEvaluator, hookimpl

__all__ = ["tali_signal_evaluators"]
DEFAULT_TAB_SWITCH_LIMIT = 5
SETTINGS = (
    Setting(
        "tab_switch_limit",
        "Tab switches without a flag",
        "More of them in a proctored session ask for a human look. A flag rejects nobody and changes no score.",
        env="TALI_TAB_SWITCH_LIMIT",
        kind="integer",
        default=DEFAULT_TAB_SWITCH_LIMIT,
        minimum=0,
        maximum=10_000,
    ),
)


def _create(settings: Settings, context: PluginContext) -> SignalEvaluator:
    from tali_heuristics.evaluator import HeuristicsEvaluator

    return HeuristicsEvaluator(tab_switch_limit=int(settings["tab_switch_limit"] or 0))


def _create_scan(settings: Settings, context: PluginContext) -> SignalEvaluator:
    from tali_heuristics.planted import PlantedScan

    return PlantedScan()


@hookimpl
def tali_signal_evaluators() -> list[ProviderSpec[SignalEvaluator]]:
    """Offer the measured signals (a session of a thousand prompts takes a quarter second), and the scan. No network."""
    return [
        ProviderSpec(name="heuristics", title="Measured signals", create=_create, settings=SettingsSpec(SETTINGS)),
        ProviderSpec(name="planted_instructions", title="Scan for planted instructions", create=_create_scan),
    ]
