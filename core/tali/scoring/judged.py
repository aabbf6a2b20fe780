"""One session, judged: people taken out, the judge asked once, its answer read, checked, and people put back in."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import select

from tali.assessments.models import Assessment
from tali.candidates.models import Candidate
from tali.jobs.context import JobContext
from tali.jobs.plugin_calls import plugin_call
from tali.jobs.pump import Stopped, call
from tali.jobs.service import Fenced, SubjectGone
from tali.plugins import PluginFault, ProviderUnknown
from tali.scoring.evidence import checked
from tali.scoring.judging import Question, answer_of, mark_unusable
from tali.scoring.models import Grade, ScoreRun
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


def judged(context: JobContext, run_id: UUID, name: str) -> Settled:
    """What one judge says of the session of a score run.

    Raises:
        SubjectGone: the assessment was deleted.
        Transient: not now.
        Fenced: the job is somebody else's by now.
    """
    with context.reading() as session:
        run = session.get(ScoreRun, run_id)
        if run is None:
            raise SubjectGone(str(run_id))
        graded = session.execute(select(Grade).where(Grade.score_run_id == run_id)).scalar_one_or_none()
        record = assemble(session, run.attempt_id, tests_of(graded))
        assessment = session.get_one(Assessment, run.assessment_id)
        redaction = Redaction(session.get_one(Candidate, assessment.candidate_id))
    plugins = context.resources.plugins
    try:
        plugin = plugins.provider("signal_evaluators", name).plugin
        judge, signals, components, versions = calling(context, name, READ_SECONDS, lambda: _declared(context, name))
    except ConfigurationMissing as missing:
        return not_set_up(missing)
    except (ProviderUnknown, PluginFault) as fault:
        return Settled(None, str(fault))
    if not record.prompts:
        nothing = [SignalResult(signal.name, None, "no_prompts") for signal in signals]
        return Settled(nothing, None, signals, components, versions)
    shown = redaction.record(record)
    question = Question(run.assessment_id, run.attempt_id, name, "session", versions, run_id)
    try:
        request_id, answer = answer_of(
            context, question, lambda: calling(context, name, ASK_SECONDS, lambda: judge.ask(shown))
        )
    except ConfigurationMissing as missing:
        return not_set_up(missing)
    except (Rejected, PluginFault) as refused:
        return _without_values(signals, components, versions, str(refused))
    try:
        judgement = calling(context, name, READ_SECONDS, lambda: judge.read(shown, answer))
        if not isinstance(judgement, Judgement):
            raise PluginFault(plugin, f"read answers with Judgement, not {type(judgement).__name__}")
        results, dropped = checked(plugin, signals, redaction.restored(judgement.results), record)
        prompts, unknown = _breakdown(plugin, judgement.prompts, record, redaction)
    except (Rejected, PluginFault, AnswerLost) as unusable:
        with context.transaction() as session:
            mark_unusable(session, request_id, str(unusable))
        return _without_values(signals, components, versions, str(unusable), request_id)
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


def _without_values(
    signals: Sequence[Signal],
    components: Sequence[Component],
    versions: dict[str, str],
    reason: str,
    request_id: UUID | None = None,
) -> Settled:
    """It failed for good: every signal is null, and the reason is on record."""
    return Settled(None, reason, signals, components, versions, judge_request_id=request_id)


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
