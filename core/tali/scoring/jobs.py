"""The jobs of scoring: grade in a fresh sandbox, then ask each evaluator; each in a process that may be killed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.grading import service as grading
from tali.grading.quality import CodeQuality
from tali.grading.service import Grade as GradeResult
from tali.grading.service import GradeRequest
from tali.jobs.context import JobContext
from tali.jobs.kinds import ASKING, CONTROL, GRADING, JUDGING, job_kind, sweep
from tali.jobs.plugin_calls import plugin_call, record_fault
from tali.jobs.service import SubjectGone, enqueue
from tali.kernel.clock import now
from tali.plugins import PluginFault, Provider, ProviderUnknown
from tali.providers import service as providers
from tali.scoring import service
from tali.scoring.evidence import checked
from tali.scoring.judged import judged, not_set_up
from tali.scoring.models import Grade, ScoreRun
from tali.scoring.record import assemble
from tali.scoring.service import Settled
from tali.sdk import ConfigurationMissing, Rejected, SandboxUnavailable, TestOutcome, TestResult
from tali.tasks import service as tasks
from tali.tasks.models import TaskVersion
from tali.workspace import files, turns
from tali.workspace.service import starter_files


def _give_up_grading(context: JobContext, payload: dict[str, Any]) -> None:
    """Hidden tests could not be run for good: the score is made without them, and says so."""
    with context.transaction(finish=True) as session:
        attempt = session.get(Attempt, UUID(payload["attempt_id"]))
        if attempt is None:
            return
        run = service.begin(session, attempt.assessment_id, attempt.id)
        service.keep_grade(session, run, attempt.sandbox, None, context.last_error)
        service.ask_evaluators(session, run, _evaluators(context, session))
        service.close_if_complete(session, run)


@job_kind(
    "scoring.grade",
    GRADING,
    "repeatable",
    max_attempts=3,
    time_limit=180,
    abandoned=_give_up_grading,
    on="attempt.submitted",
)
def grade(context: JobContext, payload: dict[str, Any]) -> None:
    """Run the hidden tests and the analysers on the final code."""
    with context.transaction() as session:
        attempt = session.get(Attempt, UUID(payload["attempt_id"]), with_for_update=True)
        if attempt is None:
            raise SubjectGone(payload["attempt_id"])
        # No more edits can come: the code as it is now is the code after the last prompt.
        turns.close_last(session, attempt)
        run = service.begin(session, attempt.assessment_id, attempt.id)
        content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
        expected = session.execute(
            select(TaskVersion.hidden_tests).where(TaskVersion.id == attempt.task_version_id)
        ).scalar_one()
        final = files.contents(session, attempt.id)
    starter, readonly = starter_files(content)
    labels = {"organization": str(context.organization_id), "assessment": payload["assessment_id"]}
    request = GradeRequest(
        languages=content.languages,
        files=final,
        hidden_tests=content.hidden_tests,
        expected=expected,
        starter=starter,
        readonly={path: starter[path] for path in readonly},
        labels=labels,
    )
    result: GradeResult | None = None
    error: str | None = None
    try:
        with plugin_call(context.resources, "sandboxes", attempt.sandbox, context.organization_id):
            provider = context.resources.plugins.sandbox(attempt.sandbox, context.organization_id)
            result = grading.grade(provider, request)
    except (ProviderUnknown, SandboxUnavailable, ConfigurationMissing) as missing:
        error = str(missing)
    except Rejected as refused:
        # The sandbox works and will not take these files: that is what was handed in, and it passes nothing.
        failed = [TestResult(name, False, refused.reason) for name in expected]
        result = GradeResult(TestOutcome("error", 0, len(failed), failed), CodeQuality(None, "analysis_failed"))
    with context.transaction(finish=True) as session:
        if session.get(Attempt, run.attempt_id, populate_existing=True) is None:
            # Deleted while it was graded.
            raise SubjectGone(payload["attempt_id"])
        run = service.begin(session, run.assessment_id, run.attempt_id)
        service.keep_grade(session, run, attempt.sandbox, result, error)
        service.ask_evaluators(session, run, _evaluators(context, session))
        service.close_if_complete(session, run)


def _evaluators(context: JobContext, session: Session) -> list[Provider]:
    without = providers.switched_off(session, "signal_evaluators")
    return [one for one in context.resources.plugins.providers("signal_evaluators") if one.spec.name not in without]


def _give_up_evaluation(context: JobContext, payload: dict[str, Any]) -> None:
    name = payload["evaluator"]
    with suppress(ProviderUnknown):
        plugin = context.resources.plugins.provider("signal_evaluators", name).plugin
        record_fault(context.resources.valkey, plugin, f"{name} gave no answer, or took its process down")
    _settle(context, payload, Settled(None, context.last_error or "it did not answer in time"))


@job_kind(
    "scoring.evaluate",
    JUDGING,
    "repeatable",
    max_attempts=2,
    time_limit=lambda settings: settings.evaluator_seconds,
    abandoned=_give_up_evaluation,
)
def evaluate(context: JobContext, payload: dict[str, Any]) -> None:
    """Have one evaluator look at the session."""
    run_id, name = UUID(payload["score_run_id"]), payload["evaluator"]
    plugins = context.resources.plugins
    with context.reading() as session:
        graded = session.execute(select(Grade).where(Grade.score_run_id == run_id)).scalar_one_or_none()
        run = session.get(ScoreRun, run_id)
        if run is None:
            raise SubjectGone(str(run_id))
        record = assemble(session, run.attempt_id, service.tests_of(graded))
    try:
        with plugin_call(context.resources, "signal_evaluators", name, context.organization_id):
            plugin = plugins.provider("signal_evaluators", name).plugin
            evaluator = plugins.evaluator(name, context.organization_id)
            signals, components = list(evaluator.signals), list(evaluator.components)
            versions = {str(part): str(version) for part, version in dict(getattr(evaluator, "versions", {})).items()}
            results, dropped = checked(plugin, signals, evaluator.evaluate(record), record)
    except ConfigurationMissing as missing:
        _settle(context, payload, not_set_up(missing))
        return
    except (ProviderUnknown, PluginFault) as fault:
        _settle(context, payload, Settled(None, str(fault)))
        return
    _settle(context, payload, Settled(results, None, signals, components, versions, dropped=dropped))


def _give_up_judging(context: JobContext, payload: dict[str, Any]) -> None:
    _settle(context, payload, Settled(None, context.last_error or "it did not answer in time"))


@job_kind("scoring.judge", ASKING, "repeatable", max_attempts=6, abandoned=_give_up_judging)
def judge(context: JobContext, payload: dict[str, Any]) -> None:
    """Have one judge look at the session, by the answer that it gave once."""
    settled = judged(context, UUID(payload["score_run_id"]), payload["evaluator"])
    if settled is not None:
        _settle(context, payload, settled)


def _settle(context: JobContext, payload: dict[str, Any], settled: Settled) -> None:
    with context.transaction(finish=True) as session:
        service.settle_evaluation(session, UUID(payload["score_run_id"]), payload["evaluator"], settled)


@sweep("find scoring that nobody does any more", every=60)
def find_abandoned(session: Session, moment: datetime) -> None:
    """Scoring without a living job would stay under way for ever, and refuse to be asked for again."""
    for organization_id, assessment_id in session.execute(service.abandoned_scoring(moment).limit(200)):
        enqueue(
            session,
            organization_id,
            "scoring.close_abandoned",
            {"assessment_id": str(assessment_id)},
            dedupe_key=f"{assessment_id}:{int(moment.timestamp()) // 300}",
        )


@job_kind("scoring.close_abandoned", CONTROL, "idempotent")
def close_abandoned(context: JobContext, payload: dict[str, Any]) -> None:
    """Close a run with what there is, and say that it was given up."""
    with context.transaction(finish=True) as session:
        service.give_up(session, UUID(payload["assessment_id"]), now())
