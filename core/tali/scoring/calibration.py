"""Judging a warm-up: one small request of its own, whose value stands beside the score and is no part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, update

from tali.assessments.models import Assessment
from tali.candidates.models import Candidate
from tali.jobs.context import JobContext
from tali.jobs.kinds import ASKING, CONTROL, job_kind
from tali.jobs.service import SubjectGone, enqueue
from tali.kernel.clock import now
from tali.plugins import PluginFault, ProviderUnknown, isolated
from tali.providers import service as providers
from tali.scoring.evidence import checked, evidence_data
from tali.scoring.judged import ASK_SECONDS, READ_SECONDS, calling
from tali.scoring.judging import Question, answer_of, mark_unusable
from tali.scoring.models import ScoreRun
from tali.scoring.redaction import Redaction
from tali.scoring.service import JUDGE
from tali.sdk import (
    CalibrationRecord,
    ConfigurationMissing,
    Evidence,
    Exchange,
    Judge,
    Prompt,
    Rejected,
    SessionRecord,
    Signal,
    SignalResult,
    TaskFacts,
)
from tali.workspace import calibrations
from tali.workspace.models import Calibration, CalibrationTurn

NOT_JUDGED = "not_judged"
SIGNAL = Signal(
    "calibration_score",
    "Warm-up",
    "judged",
    "How the candidate asked for one small, well-known thing before the clock started. It feeds no score.",
    range=(0, 10),
    display="score",
)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A warm-up as it was, what takes its author out of it, and the score run that wants to know, if one does."""

    calibration: Calibration
    assessment_id: UUID
    run_id: UUID | None
    said: Sequence[CalibrationTurn]
    redaction: Redaction


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of asking: a value with its evidence, or why there is none, as a slug; and what stands behind it."""

    score: float | None = None
    reason: str | None = None
    detail: str | None = None
    evidence: Sequence[Evidence] = ()
    evaluator: str | None = None
    unreadable: UUID | None = None


def _give_up(context: JobContext, payload: dict[str, Any]) -> None:
    _keep(context, UUID(payload["attempt_id"]), _Told(reason=NOT_JUDGED, detail=context.last_error))


@job_kind("scoring.calibrate", ASKING, "repeatable", max_attempts=6, abandoned=_give_up, on="calibration.finished")
def calibrate(context: JobContext, payload: dict[str, Any]) -> None:
    """Have the organisation's judge look at a warm-up; of several, the first that can."""
    taken = _taken(context, payload)
    told = _Told(reason="no_calibration" if not taken.said else NOT_JUDGED)
    for name in _judges(context) if taken.said else ():
        told = _judged(context, taken, name)
        if told.reason != NOT_JUDGED:
            break
    _keep(context, taken.calibration.attempt_id, told)


@job_kind("scoring.calibrate_again", CONTROL, "idempotent", on="scoring.requested")
def calibrate_again(context: JobContext, payload: dict[str, Any]) -> None:
    """Whoever scores again gets a warm-up judged too that nobody could judge before.

    Asked on behalf of the newest run that there is, so that each scoring may ask once more.
    """
    with context.transaction(finish=True) as session:
        found = session.execute(
            select(ScoreRun.id, ScoreRun.attempt_id)
            .join(Calibration, Calibration.attempt_id == ScoreRun.attempt_id)
            .where(ScoreRun.assessment_id == UUID(payload["assessment_id"]), Calibration.reason == NOT_JUDGED)
            .order_by(ScoreRun.number.desc())
            .limit(1)
        ).one_or_none()
        if found is not None:
            ids = {"attempt_id": str(found.attempt_id), "run_id": str(found.id)}
            again = {"assessment_id": payload["assessment_id"], **ids}
            enqueue(
                session, context.organization_id, "scoring.calibrate", again, dedupe_key=f"again:{context.claim.job_id}"
            )


def _taken(context: JobContext, payload: dict[str, Any]) -> _Taken:
    assessment_id, attempt_id = UUID(payload["assessment_id"]), UUID(payload["attempt_id"])
    run_id = UUID(payload["run_id"]) if "run_id" in payload else None
    with context.reading() as session:
        calibration = calibrations.of_attempt(session, attempt_id)
        assessment = session.get(Assessment, assessment_id)
        if calibration is None or assessment is None:
            raise SubjectGone(str(attempt_id))
        said = [turn for turn in calibrations.turns(session, attempt_id) if turn.response]
        redaction = Redaction.of(session.get_one(Candidate, assessment.candidate_id))
    return _Taken(calibration, assessment_id, run_id, said, redaction)


def _judges(context: JobContext) -> list[str]:
    with context.reading() as session:
        without = providers.switched_off(session, "signal_evaluators")
    offered = context.resources.plugins.providers("signal_evaluators")
    return [one.spec.name for one in offered if JUDGE in one.spec.capabilities and one.spec.name not in without]


def _judged(context: JobContext, taken: _Taken, name: str) -> _Told:
    """What one judge says, by the answer that it gave once.

    Raises:
        Transient: not now.
        Fenced: the job is somebody else's by now.
    """
    plugins = context.resources.plugins
    exchanges = [Exchange(turn.message, turn.response) for turn in taken.said]
    record, redaction = CalibrationRecord(taken.calibration.prompt, exchanges), taken.redaction
    shown = redaction.calibration(record)

    def prepare() -> tuple[Judge, dict[str, str]]:
        judge = cast(Judge, plugins.evaluator(name, context.organization_id))
        return judge, {str(part): str(version) for part, version in dict(judge.versions).items()}

    try:
        plugin = plugins.provider("signal_evaluators", name).plugin
        judge, versions = calling(context, name, READ_SECONDS, prepare)
        attempt_id = taken.calibration.attempt_id
        question = Question(
            taken.assessment_id, attempt_id, name, "calibration", versions, redaction.person, taken.run_id
        )
        answered = answer_of(
            context, question, lambda: calling(context, name, ASK_SECONDS, lambda: judge.ask_about_calibration(shown))
        )
    except ConfigurationMissing as missing:
        return _Told(reason=NOT_JUDGED, detail=f"{', '.join(missing.names)} is not set")
    except (ProviderUnknown, Rejected, PluginFault) as refused:
        return _Told(reason=NOT_JUDGED, detail=str(refused), evaluator=name)
    if answered.redacted_for != redaction.person:
        # The candidate is called otherwise since then; the answer speaks of the text that was sent.
        redaction = Redaction(**answered.redacted_for)
        shown = redaction.calibration(record)
    try:
        result = calling(context, name, READ_SECONDS, lambda: judge.read_calibration(shown, answered.answer))
        with isolated(plugin):
            if not isinstance(result, SignalResult):
                raise PluginFault(plugin, f"read_calibration answers with SignalResult, not {type(result).__name__}")
            [held], _ = checked(plugin, [SIGNAL], redaction.restored([result]), _as_session(taken))
    except Rejected as unreadable:
        return _Told(reason=NOT_JUDGED, detail=str(unreadable), evaluator=name, unreadable=answered.request_id)
    except PluginFault as fault:
        return _Told(reason=NOT_JUDGED, detail=str(fault), evaluator=name)
    value = None if held.value is None else float(held.value)
    pointing = [_at_turn(piece, taken.said) for piece in held.evidence if piece.kind == "prompt"]
    why = held.detail.get("why")
    return _Told(value, held.reason, why if isinstance(why, str) else None, pointing, name)


def _as_session(taken: _Taken) -> SessionRecord:
    """What evidence may point at: the messages and replies, by their place, and nothing else."""
    prompts = [
        Prompt(
            index=place,
            turn_id=turn.id,
            message=turn.message,
            response=turn.response,
            timestamp=turn.created_at,
            input_tokens=turn.input_tokens,
            output_tokens=turn.output_tokens,
            response_latency_ms=turn.response_latency_ms,
            code_before={},
            code_after=None,
            word_count=len(turn.message.split()),
            char_count=len(turn.message),
            time_since_last_prompt_ms=None,
            paste_detected=False,
            browser_focused=True,
        )
        for place, turn in enumerate(taken.said)
    ]
    begun = taken.calibration.created_at
    task = TaskFacts("", taken.calibration.prompt, (), {}, 0)
    return SessionRecord(taken.calibration.attempt_id, task, begun, begun, {}, prompts)


def _at_turn(piece: Evidence, said: Sequence[CalibrationTurn]) -> Evidence:
    """A judge counts exchanges; people read messages by their number, those without an answer included."""
    turn = said[piece.prompt_index or 0]
    return replace(piece, prompt_index=turn.index, turn_id=turn.id)


def _keep(context: JobContext, attempt_id: UUID, told: _Told) -> None:
    with context.transaction(finish=True) as session:
        if told.unreadable is not None:
            mark_unusable(session, told.unreadable, told.detail or "")
        # A late failure takes nothing away that was given meanwhile.
        replaceable = () if told.score is not None else (Calibration.score.is_(None),)
        session.execute(
            update(Calibration)
            .where(Calibration.attempt_id == attempt_id, Calibration.state == "closed", *replaceable)
            .values(
                score=told.score,
                reason=told.reason,
                reason_detail=told.detail[:500] if told.detail else None,
                evidence=evidence_data(told.evidence),
                evaluator=told.evaluator,
                judged_at=now(),
            )
        )
