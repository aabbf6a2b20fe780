"""How far two ways of judging agree: weighted kappa, intraclass correlation, and how sure that is.

Sources: Cohen 1968 for kappa with quadratic weights; Shrout and Fleiss 1979 and McGraw and Wong 1996 for the ICC.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from statistics import fmean, quantiles
from typing import TypeVar

ItemT = TypeVar("ItemT")
RESAMPLES = 1000


def weighted_kappa(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Cohen's kappa with quadratic weights over values rounded to whole numbers; 1 is agreement, 0 is chance.

    None with fewer than two pairs, or where both gave everything the same single value and chance explains all.
    """
    if len(pairs) < 2:
        return None
    rounded = [(round(first), round(second)) for first, second in pairs]
    observed = fmean((first - second) ** 2 for first, second in rounded)
    firsts, seconds = [first for first, _ in rounded], [second for _, second in rounded]
    by_chance = fmean((first - second) ** 2 for first in firsts for second in seconds)
    return None if by_chance == 0 else 1 - observed / by_chance


def icc_agreement(pairs: Sequence[tuple[float, float]]) -> float | None:
    """ICC(2,1): two raters who both rated everything, absolute agreement of a single rating."""
    n, k = len(pairs), 2
    if n < 3:
        return None
    grand = fmean(value for pair in pairs for value in pair)
    rows = [fmean(pair) for pair in pairs]
    columns = [fmean(pair[side] for pair in pairs) for side in range(k)]
    between_rows = k * math.fsum((row - grand) ** 2 for row in rows) / (n - 1)
    between_columns = n * math.fsum((column - grand) ** 2 for column in columns) / (k - 1)
    total = math.fsum((value - grand) ** 2 for pair in pairs for value in pair)
    error = (total - between_rows * (n - 1) - between_columns * (k - 1)) / ((n - 1) * (k - 1))
    below = between_rows + (k - 1) * error + k * (between_columns - error) / n
    return None if below <= 0 else (between_rows - error) / below


def icc_oneway(groups: Sequence[Sequence[float]]) -> float | None:
    """ICC(1,1): several ratings of each thing, by whomever; groups may differ in size, and single ones tell nothing."""
    groups = [group for group in groups if len(group) > 1]
    total, n = sum(len(group) for group in groups), len(groups)
    if n < 2:
        return None
    grand = fmean(value for group in groups for value in group)
    between = math.fsum(len(group) * (fmean(group) - grand) ** 2 for group in groups) / (n - 1)
    within = math.fsum((value - fmean(group)) ** 2 for group in groups for value in group) / (total - n)
    size = (total - sum(len(group) ** 2 for group in groups) / total) / (n - 1)
    below = between + (size - 1) * within
    return None if below <= 0 else (between - within) / below


def interval(
    items: Sequence[ItemT], statistic: Callable[[Sequence[ItemT]], float | None]
) -> tuple[float, float] | None:
    """A 95 % interval by resampling the things that were rated, the same each time; None with fewer than ten."""
    if len(items) < 10:
        return None
    dice = random.Random(1)  # noqa: S311 - resampling, no secret
    found = []
    for _ in range(RESAMPLES):
        value = statistic([items[dice.randrange(len(items))] for _ in items])
        if value is not None:
            found.append(value)
    if len(found) < RESAMPLES // 2:
        return None
    cuts = quantiles(found, n=40)
    return cuts[0], cuts[-1]
