"""How far judged values can be trusted: against themselves, asked again, and against people who rated the same."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from statistics import fmean, stdev
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments.models import Assessment, Attempt
from tali.scoring.agreement import icc_agreement, icc_oneway, interval, weighted_kappa
from tali.scoring.mixes import latest_score
from tali.scoring.models import Rating, SignalValue

COLUMNS = ("assessment_id", "rater", "signal", "value")
BLIND = {"true": True, "false": False, "": False}
"""What the column `blind` may hold; where nobody says so, a rater knew what the evaluators had said."""
SCALE = (0, 10)
"""That people rate on. Signals on another one (a count, a share) are held against nobody."""


class RatingsInvalid(ValueError):
    """A file of ratings that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One person's value for one judged signal of one assessment.

    `blind`: the person knew neither the candidate nor what the evaluators had said.
    """

    assessment_id: UUID
    rater: str
    signal: str
    value: float
    blind: bool = False


def read_ratings(lines: Iterable[str]) -> list[Rated]:
    """Ratings from a CSV file: assessment_id, rater, signal, value (0–10), and perhaps blind (true or false).

    Raises:
        RatingsInvalid: a column is missing, or a line does not hold.
    """
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise RatingsInvalid(f"The file has no column {', '.join(missing)}. It takes {', '.join(COLUMNS)}.")
    rated: dict[tuple[UUID, str, str], Rated] = {}
    for row in reader:
        try:
            value = float(row["value"])
            if not 0 <= value <= 10:
                raise ValueError("value is outside 0 to 10")
            blind = BLIND.get((row.get("blind") or "").strip().lower())
            if blind is None:
                raise ValueError("blind is neither true nor false")
            one = Rated(UUID(row["assessment_id"]), row["rater"].strip(), row["signal"].strip(), value, blind)
        except (ValueError, TypeError, AttributeError) as error:
            raise RatingsInvalid(f"Line {reader.line_num}: {error}.") from None
        key = (one.assessment_id, one.rater, one.signal)
        if key in rated:
            raise RatingsInvalid(f"Line {reader.line_num}: {one.rater} rated {one.signal} of this assessment already.")
        rated[key] = one
    return list(rated.values())


def stored_ratings(session: Session) -> list[Rated]:
    """What people rated in TALI."""
    rows = session.execute(
        select(Attempt.assessment_id, Rating.rater, Rating.dimension, Rating.value, Rating.blind).join(
            Attempt, Attempt.id == Rating.attempt_id
        )
    )
    return [Rated(*row) for row in rows]


def judged_values(session: Session, assessment_ids: Sequence[UUID]) -> dict[tuple[UUID, str], float]:
    """The values from 0 to 10 in the newest score of each of these assessments, by (assessment, signal)."""
    found: dict[tuple[UUID, str], float] = {}
    for assessment_id in session.execute(select(Assessment.id).where(Assessment.id.in_(assessment_ids))).scalars():
        score = latest_score(session, assessment_id)
        if score is None:
            continue
        for name, value, bounds in session.execute(
            select(SignalValue.name, SignalValue.value, SignalValue.declared["range"]).where(
                SignalValue.score_run_id == score.score_run_id
            )
        ):
            if value is not None and tuple(bounds or ()) == SCALE:
                found[assessment_id, name] = value
    return found


def agreement(rated: Sequence[Rated], values: Mapping[tuple[UUID, str], float]) -> list[dict[str, Any]]:
    """Per signal: how far people agree with each other, and the signal with the people's mean.

    A signal can be held against people only as far as people agree among themselves. Whoever had seen what the
    evaluators said may have followed them, so that those ratings make a row of their own.
    """
    by_signal: dict[tuple[str, bool], dict[UUID, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in rated:
        by_signal[one.signal, one.blind][one.assessment_id].append(one.value)
    rows = []
    for (name, blind), by_assessment in sorted(by_signal.items(), key=lambda item: (item[0][0], not item[0][1])):
        groups = list(by_assessment.values())
        pairs = [
            (fmean(people), values[assessment_id, name])
            for assessment_id, people in by_assessment.items()
            if (assessment_id, name) in values
        ]
        between = [pair for group in groups for pair in permutations(group, 2)]
        rows.append(
            {
                "signal": name,
                "blind": blind,
                "rated": len(groups),
                "ratings": sum(len(group) for group in groups),
                "people_kappa": weighted_kappa(between),
                "people_icc": icc_oneway(groups),
                "compared": len(pairs),
                "signal_kappa": weighted_kappa(pairs),
                "signal_icc": icc_agreement(pairs),
                "signal_icc_interval": interval(pairs, icc_agreement),
                "mean_difference": fmean(value - people for people, value in pairs) if pairs else None,
            }
        )
    return rows


def spread(answers: Mapping[Any, Sequence[Mapping[str, float | None]]]) -> list[dict[str, Any]]:
    """Per signal: how much a judge differs from itself over the same sessions.

    Args:
        answers: session → one mapping of signal → value per time that it was asked.
    """
    names = sorted({name for runs in answers.values() for run in runs for name in run})
    rows = []
    for name in names:
        groups = [[value for run in runs if (value := run.get(name)) is not None] for runs in answers.values()]
        asked = sum(len(runs) for runs in answers.values())
        spreads = [stdev(group) for group in groups if len(group) > 1]
        rows.append(
            {
                "signal": name,
                "sessions": len([group for group in groups if group]),
                "answers": sum(len(group) for group in groups),
                "null_share": 1 - sum(len(group) for group in groups) / asked if asked else None,
                "sd": fmean(spreads) if spreads else None,
                "widest": max((max(group) - min(group) for group in groups if group), default=None),
                "icc": icc_oneway(groups),
            }
        )
    return rows
