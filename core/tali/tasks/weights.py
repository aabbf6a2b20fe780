"""Weights: the components and presets that ship with TALI, and which vector applies to an assessment."""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from uuid import UUID

import orjson

from tali.kernel.errors import Unprocessable
from tali.plugins import PluginFault, PluginManager, ProviderUnknown, isolated
from tali.sdk import Component, PluginError

DEFAULT_PRESET = "balanced"
OWN_DISTRIBUTION = "tali"


@dataclass(frozen=True, slots=True)
class Preset:
    """A named, whole weight vector."""

    name: str
    title: str
    description: str
    weights: Mapping[str, float]


@cache
def _data() -> tuple[tuple[Component, ...], tuple[Preset, ...]]:
    raw = tomllib.loads(files("tali.tasks").joinpath("presets.toml").read_text())
    return tuple(Component(**entry) for entry in raw["components"]), tuple(Preset(**entry) for entry in raw["presets"])


def components() -> tuple[Component, ...]:
    """The components that core knows; evaluators may add theirs."""
    return _data()[0]


def presets() -> tuple[Preset, ...]:
    """The presets, in the order in which people see them."""
    return _data()[1]


def preset(name: str) -> Preset:
    """One preset.

    Raises:
        Unprocessable: `preset_unknown`.
    """
    for found in presets():
        if found.name == name:
            return found
    names = ", ".join(entry.name for entry in presets())
    raise Unprocessable("preset_unknown", f"There is no preset {name}. Choose one of {names}.")


def effective_weights(
    chosen_preset: str | None,
    task_preset: str | None,
    task_weights: Mapping[str, float] | None,
    deployment_weights: Mapping[str, float] | None,
) -> tuple[str | None, dict[str, float]]:
    """Which vector applies: the assessment's own choice, else the task's, else SCORE_WEIGHTS, else the default preset.

    Answers (preset name or None for a vector of its own, weights).
    """
    if chosen_preset:
        return chosen_preset, dict(preset(chosen_preset).weights)
    if task_weights:
        return None, check_weights(task_weights)
    if task_preset:
        return task_preset, dict(preset(task_preset).weights)
    if deployment_weights:
        return None, check_weights(deployment_weights)
    return DEFAULT_PRESET, dict(preset(DEFAULT_PRESET).weights)


def check_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """A vector that holds: no negative or endless share, and a sum of 1.

    Raises:
        Unprocessable: `weights_invalid`.
    """
    if any(not math.isfinite(share) or share < 0 for share in weights.values()):
        raise Unprocessable("weights_invalid", "Weights are shares: no share may be negative or endless.")
    total = math.fsum(weights.values())
    if not math.isclose(total, 1, abs_tol=1e-6):
        raise Unprocessable("weights_invalid", f"Weights sum to {total:.4f}; they must sum to 1.")
    return dict(weights)


def check_components(weights: Mapping[str, float], *, others: bool) -> None:
    """Refuse components that nobody can have declared: a misspelled share would count for nothing, in every score.

    `others`: whether evaluators beyond TALI's own may add components (`adds_components`). Which ones is only known
    from their instances, which need an organisation's settings; so any name passes then.

    Raises:
        Unprocessable: `component_unknown`, with the names that are known.
    """
    known = {component.name for component in components()}
    unknown = sorted(weights.keys() - known)
    if unknown and not others:
        raise Unprocessable(
            "component_unknown",
            f"There is no component called {', '.join(unknown)}. Known are {', '.join(sorted(known))}.",
        )


def adds_components(plugins: PluginManager) -> bool:
    """Whether an installed evaluator may add components. TALI's own evaluators feed those of core."""
    own = _own_plugins(plugins)
    return any(provider.plugin not in own for provider in plugins.providers("signal_evaluators"))


def _own_plugins(plugins: PluginManager) -> set[str]:
    return {plugin.name for plugin in plugins.plugins() if plugin.distribution == OWN_DISTRIBUTION}


def check_declared(
    weights: Mapping[str, float], plugins: PluginManager, organization_id: UUID, without: Collection[str]
) -> None:
    """Refuse a weight for a component that neither core nor an evaluator of this organisation has.

    Makes the evaluators' instances, so it is for workers. One that cannot be asked (it is not set up, or fails) may
    have any component, unless it is TALI's own: a missing key must not keep a task from being published. `without`
    names those that the organisation has switched off.

    Raises:
        Unprocessable: `component_unknown`, with the names that are known.
    """
    known = {component.name for component in components()}
    if not weights.keys() - known:
        return
    own = _own_plugins(plugins)
    for provider in plugins.providers("signal_evaluators"):
        if provider.spec.name in without or provider.plugin in own:
            continue
        try:
            with isolated(provider.plugin):
                evaluator = plugins.evaluator(provider.spec.name, organization_id)
                known |= {component.name for component in evaluator.components}
        except (PluginError, PluginFault, ProviderUnknown):
            return
    if unknown := sorted(weights.keys() - known):
        raise Unprocessable(
            "component_unknown",
            f"No evaluator here has a component called {', '.join(unknown)}. Known are {', '.join(sorted(known))}.",
        )


def weights_hash(weights: Mapping[str, float]) -> str:
    """Tells vectors apart: scores are only compared where it is the same."""
    return hashlib.sha256(orjson.dumps(dict(sorted(weights.items())))).hexdigest()[:16]
