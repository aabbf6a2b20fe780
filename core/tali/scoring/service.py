"""Score runs: begun after a submission or on request, filled in by grading and evaluators, closed with a score."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, Text, cast, exists, func, select, update
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.models import Assessment, Attempt
from tali.grading.service import Grade as GradeResult
from tali.jobs.models import Job
from tali.jobs.service import SubjectGone, emit, enqueue
from tali.kernel.actors import Staff
from tali.kernel.clock import now
from tali.kernel.errors import Conflict
from tali.kernel.ids import new_id
from tali.organizations import audit
from tali.plugins import Provider
from tali.scoring.combine import ComponentValue, combine, component_value
from tali.scoring.contradictions import contradictions
from tali.scoring.evidence import declared_data, evidence_data
from tali.scoring.judging import mark_unusable
from tali.scoring.mixes import latest_score, stored
from tali.scoring.models import Evaluation, Grade, Score, ScoreRun, SignalValue
from tali.sdk import Component, Signal, SignalResult, TestOutcome, TestResult
from tali.tasks.weights import components as core_components
from tali.tasks.weights import weights_hash
from tali.workspace.models import ExecutionRecord, Turn, WorkspaceFile

UNFINISHED = ("pending", "running")
JUDGE = "judge"
"""The capability of evaluators that follow `tali.sdk.Judge`."""


def _hold(session: Session, assessment_id: UUID) -> Assessment:
    """The assessment, locked and as it is now: people override and weigh anew while evaluators work.

    Taken before any run is locked, so that nobody waits for a run while holding what its holder waits for.

    Raises:
        SubjectGone: it was deleted.
    """
    held = session.execute(
        select(Assessment)
        .where(Assessment.id == assessment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if held is None:
        raise SubjectGone(str(assessment_id))
    return held


def begin(session: Session, assessment_id: UUID, attempt_id: UUID) -> ScoreRun:
    """The run that is under way for this attempt, begun when there is none.

    Raises:
        SubjectGone: the assessment was deleted.
    """
    assessment = _hold(session, assessment_id)
    run = session.execute(
        select(ScoreRun)
        .where(ScoreRun.attempt_id == attempt_id, ScoreRun.state == "running")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if run is not None:
        return run
    attempt = session.get_one(Attempt, attempt_id)
    number = session.execute(select(func.max(ScoreRun.number)).where(ScoreRun.attempt_id == attempt_id)).scalar_one()
    moment = now()
    run = ScoreRun(
        id=new_id(),
        created_at=moment,
        organization_id=attempt.organization_id,
        assessment_id=assessment_id,
        attempt_id=attempt_id,
        number=(number or 0) + 1,
        state="running",
        started_at=moment,
    )
    session.add(run)
    assessment.scoring_state = "running"
    session.flush()
    return run


def request_rescore(session: Session, actor: Staff, assessment_id: UUID) -> None:
    """Score again: tests, signals, everything. The scores so far stay on record.

    Raises:
        Conflict: `assessment_not_completed`, `scoring_running`, with the state.
    """
    assessment = _hold(session, assessment_id)
    if assessment.state != "completed":
        raise Conflict("assessment_not_completed", "Only a completed assessment can be scored.", state=assessment.state)
    gone = session.execute(abandoned_scoring(now()).where(Assessment.id == assessment_id)).one_or_none()
    if assessment.scoring_state in UNFINISHED and gone is not None:
        give_up(session, assessment_id, now())
        session.refresh(assessment)
    if assessment.scoring_state in UNFINISHED:
        raise Conflict("scoring_running", "Scoring is under way.", state=assessment.scoring_state)
    attempt = assessments.attempt_of(session, assessment_id)
    assessment.scoring_state = "pending"
    enqueue(
        session,
        assessment.organization_id,
        "scoring.grade",
        {"assessment_id": str(assessment_id), "attempt_id": str(attempt.id)},
    )
    # Each request is its own event.
    emit(session, assessment.organization_id, "scoring.requested", new_id(), assessment_id=str(assessment_id))
    audit.record(session, actor, "score.run_requested", assessment_id)


def keep_grade(session: Session, run: ScoreRun, sandbox: str, result: GradeResult | None, error: str | None) -> None:
    """Store what grading said, once per run."""
    known = session.execute(select(Grade.id).where(Grade.score_run_id == run.id)).scalar_one_or_none()
    if known is not None:
        return
    session.add(
        Grade(
            organization_id=run.organization_id,
            score_run_id=run.id,
            sandbox=sandbox,
            tests=asdict(result.tests) if result else None,
            quality=asdict(result.quality) if result else None,
            error=error,
        )
    )


def ask_evaluators(session: Session, run: ScoreRun, evaluators: Sequence[Provider]) -> None:
    """Give each evaluator a job of its own, so that a slow or broken one costs only itself."""
    known = set(session.execute(select(Evaluation.evaluator).where(Evaluation.score_run_id == run.id)).scalars())
    for provider in evaluators:
        if provider.spec.name in known:
            continue
        session.add(
            Evaluation(
                organization_id=run.organization_id,
                score_run_id=run.id,
                evaluator=provider.spec.name,
                version=provider.spec.version,
            )
        )
        enqueue(
            session,
            run.organization_id,
            "scoring.judge" if JUDGE in provider.spec.capabilities else "scoring.evaluate",
            {
                "score_run_id": str(run.id),
                "evaluator": provider.spec.name,
                "assessment_id": str(run.assessment_id),
            },
            dedupe_key=f"{run.id}:{provider.spec.name}",
        )
    session.flush()


def tests_of(grade: Grade | None) -> TestOutcome | None:
    """Stored test results, typed."""
    if grade is None or grade.tests is None:
        return None
    results = [TestResult(**result) for result in grade.tests["results"]]
    return TestOutcome(grade.tests["state"], grade.tests["passed"], grade.tests["total"], results)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one evaluator's part: its results, or (None) why there are none, beside what was declared.

    `prompts`, `dropped`, `left_out` and `judge_request_id` are a judge's (`tali.scoring.models.Evaluation`);
    `unreadable`: the answer of that request cannot be read.
    """

    results: Sequence[SignalResult] | None
    reason: str | None = None
    signals: Sequence[Signal] = ()
    components: Sequence[Component] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    prompts: Sequence[Mapping[str, Any]] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    judge_request_id: UUID | None = None
    unreadable: bool = False


def settle_evaluation(session: Session, run_id: UUID, evaluator: str, settled: Settled) -> None:
    """Store one evaluator's answer, or why there is none; the last one to settle closes the run."""
    of = session.execute(select(ScoreRun.assessment_id).where(ScoreRun.id == run_id)).scalar_one_or_none()
    if of is None:
        raise SubjectGone(str(run_id))
    assessment = _hold(session, of)
    run = session.execute(
        select(ScoreRun).where(ScoreRun.id == run_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    if settled.unreadable and settled.judge_request_id is not None:
        mark_unusable(session, settled.judge_request_id, settled.reason or "")
    if taken := _taken_names(session, run_id, settled.signals):
        settled = Settled(None, settled.reason or f"another evaluator has signals of the same name: {', '.join(taken)}")
    ours = session.execute(
        update(Evaluation)
        .where(Evaluation.score_run_id == run_id, Evaluation.evaluator == evaluator, Evaluation.state == "pending")
        .values(
            state="failed" if settled.results is None else "done",
            reason=settled.reason,
            versions=dict(settled.versions),
            prompts=[dict(prompt) for prompt in settled.prompts],
            dropped=dict(settled.dropped),
            left_out=list(settled.left_out),
            judge_request_id=settled.judge_request_id,
            finished_at=now(),
        )
        .returning(Evaluation.id)
    ).scalar_one_or_none()
    if ours is None or run.state != "running":
        return
    titles = {component.name: asdict(component) for component in settled.components}
    # Known signals of an evaluator that failed are null rather than missing.
    results = settled.results or [SignalResult(signal.name, None, "evaluator_failed") for signal in settled.signals]
    for position, (signal, result) in enumerate(zip(settled.signals, results, strict=True)):
        declared = {**declared_data(signal), "added_component": titles.get(signal.component or "")}
        session.add(
            SignalValue(
                organization_id=run.organization_id,
                score_run_id=run_id,
                evaluator=evaluator,
                position=position,
                name=signal.name,
                declared=declared,
                value=None if result.value is None else float(result.value),
                reason=result.reason,
                flag=asdict(result.flag) if result.flag else None,
                evidence=evidence_data(result.evidence),
                detail=dict(result.detail),
            )
        )
    session.flush()
    _close_if_complete(session, assessment, run)


def _taken_names(session: Session, run_id: UUID, signals: Sequence[Signal]) -> list[str]:
    names = [signal.name for signal in signals]
    query = select(SignalValue.name).where(SignalValue.score_run_id == run_id, SignalValue.name.in_(names))
    return sorted(session.execute(query).scalars())


def abandoned_scoring(moment: datetime) -> Select[UUID, UUID]:
    """(organisation, assessment) of scoring that is said to be under way, with no job that lives (as the owner)."""
    living = exists().where(
        Job.organization_id == Assessment.organization_id,
        Job.state.in_(("queued", "running")),
        Job.kind.in_(("scoring.grade", "scoring.evaluate", "scoring.judge")),
        Job.payload["assessment_id"].astext == cast(Assessment.id, Text),
    )
    return select(Assessment.organization_id, Assessment.id).where(
        Assessment.scoring_state.in_(UNFINISHED), Assessment.submitted_at < moment - timedelta(minutes=3), ~living
    )


def give_up(session: Session, assessment_id: UUID, moment: datetime) -> None:
    """Close scoring that nobody does any more, with what there is; it can be asked for again."""
    abandoned = session.execute(
        abandoned_scoring(moment).where(Assessment.id == assessment_id).with_for_update(of=Assessment)
    ).one_or_none()
    if abandoned is None:
        return
    assessment = _hold(session, assessment_id)
    run = session.execute(
        select(ScoreRun)
        .where(ScoreRun.assessment_id == assessment_id, ScoreRun.state == "running")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if run is None:
        assessment.scoring_state = "failed"
        session.flush()
        return
    session.execute(
        update(Evaluation)
        .where(Evaluation.score_run_id == run.id, Evaluation.state == "pending")
        .values(state="failed", reason="it was given up", finished_at=moment)
    )
    _close(session, assessment, run, moment)


def close_if_complete(session: Session, run: ScoreRun) -> None:
    """Once nobody is missing, make the score. The run comes from `begin`, which holds it and its assessment."""
    _close_if_complete(session, _hold(session, run.assessment_id), run)


def _close_if_complete(session: Session, assessment: Assessment, run: ScoreRun) -> None:
    waiting = session.execute(
        select(func.count()).where(Evaluation.score_run_id == run.id, Evaluation.state == "pending")
    ).scalar_one()
    if waiting or run.state != "running":
        return
    _close(session, assessment, run, now())


def _close(session: Session, assessment: Assessment, run: ScoreRun, moment: datetime) -> None:
    grade = session.execute(select(Grade).where(Grade.score_run_id == run.id)).scalar_one_or_none()
    signals = session.execute(select(SignalValue).where(SignalValue.score_run_id == run.id)).scalars().all()
    evaluations = session.execute(
        select(Evaluation).where(Evaluation.score_run_id == run.id).order_by(Evaluation.evaluator)
    ).scalars().all()  # fmt: skip
    combined = combine(component_values(grade, signals), assessment.weights)
    before = latest_score(session, assessment.id)
    session.add(
        Score(
            id=new_id(),
            created_at=moment,
            organization_id=run.organization_id,
            assessment_id=assessment.id,
            score_run_id=run.id,
            cause="run",
            preset=assessment.preset,
            supersedes_id=before.id if before else None,
            value=combined.value,
            coverage=combined.coverage,
            components=stored(combined),
            weights=assessment.weights,
            weights_hash=weights_hash(assessment.weights),
            evaluators=[
                {"name": entry.evaluator, "version": entry.version, "versions": entry.versions} for entry in evaluations
            ],
            inputs_hash=_inputs_hash(session, run, grade),
        )
    )
    failed = [entry for entry in evaluations if entry.state == "failed"]
    problems = [f"{entry.evaluator}: {entry.reason}" for entry in failed]
    if grade is None or grade.error is not None:
        problems.insert(0, f"hidden tests: {grade.error if grade else 'not run'}")
    if combined.value is None and not problems:
        problems.append("none of the components that have weight has a value")
    run.state = "failed" if combined.value is None else "partial" if problems else "scored"
    run.reason = "; ".join(problems)[:2000] or None
    run.finished_at = moment
    spoken_against = contradictions(
        {signal.name: signal.value for signal in signals}, {signal.name: signal.declared["title"] for signal in signals}
    )
    run.contradictions = [one.stored() for one in spoken_against]
    assessment.scoring_state = run.state
    assessment.measured_score = None if combined.value is None else round(combined.value, 1)
    if not assessment.overridden:
        assessment.score = assessment.measured_score
    assessment.coverage = combined.coverage
    assessment.weights_hash = weights_hash(assessment.weights)
    assessment.flag_count = sum(1 for signal in signals if signal.flag) + len(spoken_against)
    emit(session, run.organization_id, "assessment.scored", run.id, assessment_id=str(assessment.id), state=run.state)


def component_values(grade: Grade | None, signals: Sequence[SignalValue]) -> list[ComponentValue]:
    """Every component's value: two from grading, the others from the signals that name them."""
    feeding: dict[str, list[SignalValue]] = defaultdict(list)
    added: dict[str, Component] = {}
    for signal in signals:
        name = signal.declared.get("component")
        if name:
            feeding[name].append(signal)
            if signal.declared.get("added_component"):
                added[name] = Component(**signal.declared["added_component"])
    values = []
    for component in [*core_components(), *(c for name, c in added.items() if name not in _core_names())]:
        if component.name == "tests":
            values.append(_tests_value(component, grade))
        elif component.name == "code_quality":
            values.append(_quality_value(component, grade))
        else:
            fed = feeding[component.name]
            values.append(component_value(component, [s.value for s in fed], [s.reason for s in fed]))
    return values


def _core_names() -> set[str]:
    return {component.name for component in core_components()}


def _tests_value(component: Component, grade: Grade | None) -> ComponentValue:
    outcome = tests_of(grade)
    if outcome is None:
        return ComponentValue(component, None, "grading_failed")
    if outcome.total == 0:
        return ComponentValue(component, None, "no_tests")
    return ComponentValue(component, 10 * outcome.passed / outcome.total, None)


def _quality_value(component: Component, grade: Grade | None) -> ComponentValue:
    if grade is None or grade.quality is None:
        return ComponentValue(component, None, "grading_failed")
    outcome = tests_of(grade)
    if outcome is not None and outcome.total and not outcome.passed and grade.quality["value"] is not None:
        # A tidy file that does nothing would otherwise earn the weight of its tidiness.
        return ComponentValue(component, None, "nothing_works")
    return ComponentValue(component, grade.quality["value"], grade.quality["reason"])


def _inputs_hash(session: Session, run: ScoreRun, grade: Grade | None) -> str:
    """What the score was made from: code, conversation, runs, timeline, tests. The same inputs give the same hash."""
    attempt = session.get_one(Attempt, run.attempt_id)
    outcome = tests_of(grade)
    code = session.execute(
        select(WorkspaceFile.path, WorkspaceFile.content)
        .where(WorkspaceFile.attempt_id == attempt.id)
        .order_by(WorkspaceFile.path)
    )
    conversation = session.execute(
        select(Turn.index, Turn.state, Turn.message, Turn.response, Turn.code_before_id, Turn.code_after_id)
        .where(Turn.attempt_id == attempt.id)
        .order_by(Turn.index)
    )
    runs = session.execute(
        select(ExecutionRecord.seq, ExecutionRecord.state, ExecutionRecord.exit_code)
        .where(ExecutionRecord.attempt_id == attempt.id)
        .order_by(ExecutionRecord.seq)
    )
    inputs = {
        "task_version": attempt.task_version_id,
        "timeline_length": attempt.last_event_seq,
        "files": [list(row) for row in code],
        "conversation": [list(row) for row in conversation],
        "runs": [list(row) for row in runs],
        # Not the durations: they differ from run to run and change nothing.
        "tests": [[test.name, test.passed] for test in outcome.results] if outcome else None,
        "quality": grade.quality["value"] if grade and grade.quality else None,
    }
    return hashlib.sha256(orjson.dumps(inputs, default=str)).hexdigest()[:32]
