"""One session, judged: people taken out, the judge asked once, its answer read, checked, and people put back in."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments.models import Assessment
from tali.candidates.models import Candidate
from tali.jobs.context import JobContext
from tali.jobs.plugin_calls import plugin_call
from tali.jobs.pump import Stopped, call
from tali.jobs.service import Fenced, SubjectGone
from tali.plugins import PluginFault, ProviderUnknown, isolated
from tali.scoring.evidence import checked
from tali.scoring.judging import Question, answer_of
from tali.scoring.models import Evaluation, Grade, ScoreRun
from tali.scoring.record import assemble
from tali.scoring.redaction import Redaction
from tali.scoring.service import Settled, tests_of
from tali.sdk import (
    AnswerLost,
    Component,
    ConfigurationMissing,
    Judge,
    JudgedPrompt,
    Judgement,
    Rejected,
    SessionRecord,
    Signal,
    SignalResult,
)

AnswerT = TypeVar("AnswerT")
ASK_SECONDS = 660.0
"""A judge's own limits are tighter; this is for one that has none."""
READ_SECONDS = 60.0
MAX_NOTE = 500
MAX_LEFT_OUT = 50
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


def judged(context: JobContext, run_id: UUID, name: str) -> Settled | None:
    """What one judge says of the session of a score run; None where nobody waits for it any more.

    Raises:
        SubjectGone: the assessment was deleted.
        Transient: not now.
        Fenced: the job is somebody else's by now.
    """
    with context.reading() as session:
        run = session.get(ScoreRun, run_id)
        if run is None:
            raise SubjectGone(str(run_id))
        waiting = select(Evaluation.id).where(
            Evaluation.score_run_id == run_id, Evaluation.evaluator == name, Evaluation.state == "pending"
        )
        if session.execute(waiting).first() is None:
            return None
        record = _record(session, run)
        assessment = session.get_one(Assessment, run.assessment_id)
        redaction = Redaction.of(session.get_one(Candidate, assessment.candidate_id))
    try:
        plugin = context.resources.plugins.provider("signal_evaluators", name).plugin
        judge, signals, components, versions = calling(context, name, READ_SECONDS, lambda: _declared(context, name))
    except ConfigurationMissing as missing:
        return not_set_up(missing)
    except (ProviderUnknown, PluginFault) as fault:
        return Settled(None, str(fault))
    if not record.prompts:
        nothing = [SignalResult(signal.name, None, "no_prompts") for signal in signals]
        return Settled(nothing, None, signals, components, versions)
    shown = redaction.record(record)
    # A model takes its time, and sessions are large: what is not needed meanwhile is not held.
    del record
    question = Question(run.assessment_id, run.attempt_id, name, "session", versions, redaction.person, run_id)
    failed = partial(Settled, None, signals=signals, components=components, versions=versions)
    try:
        answered = answer_of(context, question, lambda: calling(context, name, ASK_SECONDS, lambda: judge.ask(shown)))
    except ConfigurationMissing as missing:
        return not_set_up(missing)
    except (Rejected, ProviderUnknown, PluginFault) as refused:
        return failed(str(refused))
    with context.reading() as session:
        run = session.get(ScoreRun, run_id)
        if run is None:
            raise SubjectGone(str(run_id))
        record = _record(session, run)
    if answered.redacted_for != redaction.person:
        # The candidate is called otherwise since then; the answer speaks of the text that was sent.
        redaction = Redaction(**answered.redacted_for)
        shown = redaction.record(record)
    try:
        judgement = calling(context, name, READ_SECONDS, lambda: judge.read(shown, answered.answer))
        with isolated(plugin):
            return _believed(plugin, judgement, record, redaction, signals, components, versions, answered.request_id)
    except Rejected as unreadable:
        return failed(str(unreadable), judge_request_id=answered.request_id, unreadable=True)
    except PluginFault as fault:
        # The answer is there, and can be read once the plugin is mended.
        return failed(str(fault), judge_request_id=answered.request_id)


def _record(session: Session, run: ScoreRun) -> SessionRecord:
    graded = session.execute(select(Grade).where(Grade.score_run_id == run.id)).scalar_one_or_none()
    return assemble(session, run.attempt_id, tests_of(graded))


def _believed(
    plugin: str,
    judgement: Judgement,
    record: SessionRecord,
    redaction: Redaction,
    signals: list[Signal],
    components: list[Component],
    versions: dict[str, str],
    request_id: UUID,
) -> Settled:
    """What of a judgement holds against the session as it is."""
    if not isinstance(judgement, Judgement):
        raise PluginFault(plugin, f"read answers with Judgement, not {type(judgement).__name__}")
    results, dropped = checked(plugin, signals, redaction.restored(judgement.results), record)
    prompts, unknown = _breakdown(plugin, judgement.prompts, record, redaction)
    left_out = [str(redaction.restore(sentence))[:MAX_NOTE] for sentence in judgement.left_out[:MAX_LEFT_OUT]]
    dropped += Counter({str(kind)[:60]: int(count) for kind, count in judgement.dropped.items()}) + unknown
    return Settled(results, None, signals, components, versions, prompts, dropped, left_out, request_id)


def calling(context: JobContext, name: str, seconds: float, function: Callable[[], AnswerT]) -> AnswerT:
    """One call of a judge, with a deadline.

    Raises:
        AnswerLost: it took too long.
        Fenced: the job is not ours any more.
        What `plugin_call` raises.
    """
    try:
        with plugin_call(context.resources, "signal_evaluators", name, context.organization_id, passing=(Fenced,)):
            return call(f"judge:{name}", function, lambda: "lost" if context.lost.is_set() else None, seconds)
    except Stopped as stopped:
        if stopped.reason == "lost":
            raise Fenced(name) from stopped
        raise AnswerLost(f"{name} did not answer within {seconds:g} s") from stopped


def not_set_up(missing: ConfigurationMissing) -> Settled:
    """Not a fault: an evaluator that nobody set up leaves its part of the weight uncovered, and says why."""
    return Settled((), f"{', '.join(missing.names)} is not set")


def _declared(context: JobContext, name: str) -> tuple[Judge, list[Signal], list[Component], dict[str, str]]:
    judge = cast(Judge, context.resources.plugins.evaluator(name, context.organization_id))
    versions = {str(part): str(version) for part, version in dict(judge.versions).items()}
    return judge, list(judge.signals), list(judge.components), versions


def _breakdown(
    plugin: str, prompts: Sequence[JudgedPrompt], record: SessionRecord, redaction: Redaction
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The breakdown per prompt as it is stored: known prompts, once each, with values on the scale."""
    known = {prompt.index for prompt in record.prompts}
    kept: dict[int, dict[str, Any]] = {}
    dropped = Counter[str]()
    for prompt in prompts:
        if not isinstance(prompt, JudgedPrompt):
            raise PluginFault(plugin, f"a breakdown is made of JudgedPrompt, not {type(prompt).__name__}")
        if prompt.index not in known or prompt.index in kept:
            dropped["unknown_prompt"] += 1
            continue
        values = {name: float(value) for name, value in prompt.values.items() if _is_on_scale(name, value)}
        dropped["out_of_scale"] += len(prompt.values) - len(values)
        note = str(redaction.restore(prompt.note))[:MAX_NOTE]
        kept[prompt.index] = {"index": prompt.index, "values": values, "note": note}
    return [kept[index] for index in sorted(kept)], +dropped


def _is_on_scale(name: Any, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(name, str) and bool(_SLUG.match(name)) and number and 0 <= value <= 10
