"""Judging the same sessions again and again, beside the record: what `tali score judge-stability` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import select

from tali.assessments.models import Assessment
from tali.candidates.models import Candidate
from tali.jobs.resources import Resources
from tali.kernel.clock import now
from tali.plugins import PluginFault, Provider, isolated
from tali.providers import service as providers
from tali.providers import spending
from tali.scoring.evidence import checked
from tali.scoring.models import Grade, ScoreRun
from tali.scoring.record import assemble
from tali.scoring.redaction import Redaction
from tali.scoring.service import JUDGE, tests_of
from tali.sdk import AnswerLost, ConfigurationMissing, Judge, PluginError, SessionRecord


class NothingToJudge(ValueError):
    """These assessments, or this deployment, give a judge nothing to do; the message says why."""


@dataclass(slots=True)
class Measured:
    """Values by assessment, one mapping per time it was judged; and what that took, in millionths of a dollar.

    `failed`: why requests brought no values, and how many each; they are among `requests`.
    """

    values: dict[UUID, list[dict[str, float | None]]] = field(default_factory=dict)
    requests: int = 0
    cost: int = 0
    failed: Counter[str] = field(default_factory=Counter)


def measure(
    resources: Resources, assessment_ids: Sequence[UUID], runs: int, judge_name: str | None, done: Callable[[], None]
) -> Measured:
    """Judge each assessment `runs` times. Scores stay what they are; what it costs, its organisation has spent.

    Raises:
        NothingToJudge: no judge, or several and none named; an assessment without a score run or without prompts, or
            whose organisation does without this judge; nothing was asked yet. Or the judge is not set up.
        ProviderUnknown: the judge went away.
    """
    provider = _the_judge(resources, judge_name)
    sessions = [(one, *_session(resources, one, provider.spec.name)) for one in assessment_ids]
    measured = Measured()
    for assessment_id, organization_id, record, redaction in sessions:
        for _ in range(runs):
            try:
                values = _once(resources, provider, organization_id, record, redaction, measured)
            except ConfigurationMissing as missing:
                raise NothingToJudge(str(missing)) from missing
            except (PluginError, PluginFault) as failed:
                # The others are paid for, and stand.
                measured.failed[str(failed)] += 1
            else:
                measured.values.setdefault(assessment_id, []).append(values)
            measured.requests += 1
            done()
    return measured


def _once(
    resources: Resources,
    provider: Provider,
    organization_id: UUID,
    record: SessionRecord,
    redaction: Redaction,
    measured: Measured,
) -> dict[str, float | None]:
    """One request, and what of its answer holds. Its cost counts whatever becomes of the answer."""
    shown = redaction.record(record)
    with isolated(provider.plugin):
        judge = cast(Judge, resources.plugins.evaluator(provider.spec.name, organization_id))
        try:
            answer = judge.ask(shown)
        except AnswerLost as lost:
            _spend(resources, organization_id, lost.usage.cost if lost.usage else None, measured)
            raise
    _spend(resources, organization_id, answer.usage.cost, measured)
    with isolated(provider.plugin):
        judgement = judge.read(shown, answer)
    results, _ = checked(provider.plugin, list(judge.signals), redaction.restored(judgement.results), record)
    return {one.name: one.value for one in results}


def _spend(resources: Resources, organization_id: UUID, cost: int | None, measured: Measured) -> None:
    measured.cost += cost or 0
    with resources.database.tenant(organization_id) as session:
        spending.add(session, cost, now())


def _the_judge(resources: Resources, name: str | None) -> Provider:
    judges = [one for one in resources.plugins.providers("signal_evaluators") if JUDGE in one.spec.capabilities]
    if name is not None:
        judges = [one for one in judges if one.spec.name == name]
    if len(judges) == 1:
        return judges[0]
    if not judges:
        raise NothingToJudge(f"There is no judge called {name}." if name else "No plugin here judges.")
    raise NothingToJudge(f"Name one with --judge: {', '.join(one.spec.name for one in judges)}.")


def _session(resources: Resources, assessment_id: UUID, judge: str) -> tuple[UUID, SessionRecord, Redaction]:
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
        redaction = Redaction.of(session.get_one(Candidate, candidate_id))
    with resources.database.tenant(run.organization_id) as session:
        if judge in providers.switched_off(session, "signal_evaluators"):
            raise NothingToJudge(f"The organisation of assessment {assessment_id} has switched {judge} off.")
    return run.organization_id, record, redaction
