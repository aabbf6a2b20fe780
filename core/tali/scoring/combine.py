"""From component values and weights to a score: pure arithmetic, with each contribution kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from tali.sdk import Component


@dataclass(frozen=True, slots=True)
class ComponentValue:
    """A component's value, 0–10, or the reason why there is none."""

    component: Component
    value: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a component gives to the score. `points` is its part of the 0–100, None without a value."""

    component: Component
    value: float | None
    reason: str | None
    weight: float
    points: float | None


@dataclass(frozen=True, slots=True)
class Combined:
    """A score. `value` is None when no weighted component has a value; `coverage` is the share of weight that has."""

    value: float | None
    coverage: float
    contributions: Sequence[Contribution]


def component_value(
    component: Component, values: Sequence[float | None], reasons: Sequence[str | None]
) -> ComponentValue:
    """The mean of the signals that feed a component. Those without a value do not count as zero."""
    present = [value for value in values if value is not None]
    if present:
        return ComponentValue(component, fmean(present), None)
    reason = next((reason for reason in reasons if reason), None)
    return ComponentValue(component, None, reason or "not_judged")


def combine(components: Sequence[ComponentValue], weights: Mapping[str, float]) -> Combined:
    """Score = 10 · Σ wᵢcᵢ / Σ wᵢ over the components that have a value."""
    weighted = [(found, weights.get(found.component.name, 0.0)) for found in components]
    total = math.fsum(weights.values())
    covered = math.fsum(weight for found, weight in weighted if found.value is not None)
    contributions = [
        Contribution(
            found.component,
            found.value,
            found.reason,
            weight,
            10 * found.value * (weight / covered) if found.value is not None and covered > 0 else None,
        )
        for found, weight in weighted
    ]
    if covered <= 0:
        return Combined(None, 0.0, contributions)
    value = math.fsum(entry.points for entry in contributions if entry.points is not None)
    return Combined(min(max(value, 0.0), 100.0), min(covered / total, 1.0), contributions)
