"""Judging the same sessions again and again, beside the record: what `tali score judge-stability` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import select

from tali.assessments.models import Assessment
from tali.candidates.models import Candidate
from tali.jobs.resources import Resources
from tali.plugins import Provider, isolated
from tali.scoring.evidence import checked
from tali.scoring.models import Grade, ScoreRun
from tali.scoring.record import assemble
from tali.scoring.redaction import Redaction
from tali.scoring.service import JUDGE, tests_of
from tali.sdk import Judge, SessionRecord


class NothingToJudge(ValueError):
    """These assessments, or this deployment, give a judge nothing to do; the message says why."""


@dataclass(slots=True)
class Measured:
    """Values by assessment, one mapping per time it was judged; and what that took, in millionths of a dollar."""

    values: dict[UUID, list[dict[str, float | None]]] = field(default_factory=dict)
    requests: int = 0
    cost: int = 0


def measure(
    resources: Resources, assessment_ids: Sequence[UUID], runs: int, judge_name: str | None, done: Callable[[], None]
) -> Measured:
    """Judge each assessment `runs` times. Nothing is stored: scores stay what they are.

    Raises:
        NothingToJudge: no judge, or several and none named; an assessment without a score run or without prompts.
        PluginError, PluginFault: as the judge fails.
    """
    provider = _the_judge(resources, judge_name)
    measured = Measured()
    for assessment_id in assessment_ids:
        organization_id, record, redaction = _session(resources, assessment_id)
        shown = redaction.record(record)
        for _ in range(runs):
            with isolated(provider.plugin):
                judge = cast(Judge, resources.plugins.evaluator(provider.spec.name, organization_id))
                answer = judge.ask(shown)
                judgement = judge.read(shown, answer)
            results, _ = checked(provider.plugin, list(judge.signals), redaction.restored(judgement.results), record)
            measured.values.setdefault(assessment_id, []).append({one.name: one.value for one in results})
            measured.requests += 1
            measured.cost += answer.usage.cost or 0
            done()
    return measured


def _the_judge(resources: Resources, name: str | None) -> Provider:
    judges = [one for one in resources.plugins.providers("signal_evaluators") if JUDGE in one.spec.capabilities]
    if name is not None:
        judges = [one for one in judges if one.spec.name == name]
    if len(judges) == 1:
        return judges[0]
    if not judges:
        raise NothingToJudge(f"There is no judge called {name}." if name else "No plugin here judges.")
    raise NothingToJudge(f"Name one with --judge: {', '.join(one.spec.name for one in judges)}.")


def _session(resources: Resources, assessment_id: UUID) -> tuple[UUID, SessionRecord, Redaction]:
    with resources.database.owner() as session:
        run = session.execute(
            select(ScoreRun).where(ScoreRun.assessment_id == assessment_id).order_by(ScoreRun.number.desc()).limit(1)
        ).scalar_one_or_none()
        if run is None:
            raise NothingToJudge(f"Assessment {assessment_id} is not known, or was never scored.")
        grade = session.execute(select(Grade).where(Grade.score_run_id == run.id)).scalar_one_or_none()
        record = assemble(session, run.attempt_id, tests_of(grade))
        if not record.prompts:
            raise NothingToJudge(f"Assessment {assessment_id} has no messages to an assistant.")
        candidate_id = session.get_one(Assessment, assessment_id).candidate_id
        return run.organization_id, record, Redaction.of(session.get_one(Candidate, candidate_id))
