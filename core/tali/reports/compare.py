"""Two to four assessments side by side, and whether their scores may be held against each other at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments import cards
from tali.assessments import service as assessments
from tali.assessments.models import Assessment
from tali.kernel.errors import Unprocessable
from tali.scoring.mixes import latest_scores
from tali.scoring.models import Score, SignalValue
from tali.tasks.models import TaskVersion

MOST = 4


def compare(session: Session, ids: Sequence[UUID]) -> dict[str, Any]:
    """Assessments side by side. A rank is given only among scores that were made alike.

    Raises:
        NotFound: `assessment_not_found`.
        Unprocessable: `comparison_size`.
    """
    wanted = list(dict.fromkeys(ids))
    if not 2 <= len(wanted) <= MOST:
        raise Unprocessable("comparison_size", f"Compare two to {MOST} different assessments.")
    found = [assessments.get(session, one) for one in wanted]
    scores = latest_scores(session, wanted)
    versions = {
        row.id: row.number
        for row in session.execute(
            select(TaskVersion.id, TaskVersion.number).where(
                TaskVersion.id.in_({assessment.task_version_id for assessment in found})
            )
        )
    }
    differences = _differences(session, found, scores)
    ranked = sorted((a.score for a in found if a.score is not None), reverse=True)
    return {
        "comparable": not differences,
        "differences": differences,
        "assessments": [
            {
                **cards.summary(assessment),
                "task_version": versions[assessment.task_version_id],
                "rank": None if differences or assessment.score is None else ranked.index(assessment.score) + 1,
                "components": scores[assessment.id].components if assessment.id in scores else [],
            }
            for assessment in found
        ],
    }


def _differences(session: Session, found: Sequence[Assessment], scores: dict[UUID, Score]) -> list[str]:
    """What keeps these scores from being compared, as sentences."""
    told = []
    unscored = sum(1 for assessment in found if assessment.score is None)
    if unscored:
        told.append(f"{unscored} of them {'has' if unscored == 1 else 'have'} no score.")
    if len({assessment.task_id for assessment in found}) > 1:
        told.append("They are of different tasks.")
    elif len({assessment.task_version_id for assessment in found}) > 1:
        told.append("They are of different versions of the task.")
    made = [scores[assessment.id] for assessment in found if assessment.id in scores]
    if len({score.weights_hash for score in made}) > 1:
        told.append("Their scores were made with different weights. Score them again with the same.")
    if len({_covered(score) for score in made}) > 1:
        shares = sorted(f"{round(score.coverage * 100)}%" for score in made)
        told.append(f"Their scores stand on different components ({', '.join(shares)} of the weight).")
    makers = _makers(session, made)
    if len({judges for judges, _ in makers}) > 1:
        told.append("They were judged by another model or rubric.")
    if len({measurers for _, measurers in makers}) > 1:
        told.append("They were measured by another version of an evaluator.")
    overridden = sum(1 for assessment in found if assessment.overridden)
    if 0 < overridden < len(found):
        told.append("Some of the scores were given by a person, others were measured.")
    return told


def _covered(score: Score) -> tuple[str, ...]:
    """The components that a score stands on: the same share of the weight can be made of others."""
    return tuple(
        sorted(entry["name"] for entry in score.components if entry["weight"] > 0 and entry["value"] is not None)
    )


Maker = tuple[str, str]
"""An evaluator, and all that its values depend on."""


def _makers(session: Session, scores: Sequence[Score]) -> list[tuple[frozenset[Maker], frozenset[Maker]]]:
    """Of each score, who judged and who measured what it stands on.

    A judge says itself what its values depend on; of whoever measures it is the code, and so the plugin's version.
    """
    rows = session.execute(
        select(
            SignalValue.score_run_id,
            SignalValue.evaluator,
            SignalValue.declared["component"].astext.label("component"),
            SignalValue.declared["kind"].astext.label("kind"),
        )
        .where(SignalValue.score_run_id.in_({score.score_run_id for score in scores}), SignalValue.value.is_not(None))
        .distinct()
    )
    fed = defaultdict(set)
    for run_id, *part in rows:
        fed[run_id].add(tuple(part))
    makers = []
    for score in scores:
        parts = [(name, kind) for name, component, kind in fed[score.score_run_id] if component in _covered(score)]
        judging = {name for name, kind in parts if kind == "judged"}
        measuring = {name for name, kind in parts} - judging
        judges = {(one["name"], _said(one["versions"])) for one in score.evaluators if one["name"] in judging}
        measurers = {
            (one["name"], _said({**one["versions"], "plugin": one["version"]}))
            for one in score.evaluators
            if one["name"] in measuring
        }
        makers.append((frozenset(judges), frozenset(measurers)))
    return makers


def _said(versions: Mapping[str, str]) -> str:
    return orjson.dumps(dict(versions), option=orjson.OPT_SORT_KEYS).decode()
