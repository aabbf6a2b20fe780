"""Asking a judge: once per submission, on record before it goes out, and never again once there is an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.jobs.context import JobContext
from tali.jobs.models import Job
from tali.jobs.plugin_calls import NotNow
from tali.jobs.service import Fenced, SubjectGone
from tali.kernel.clock import now
from tali.kernel.ids import new_id
from tali.kernel.text import storable
from tali.plugins import PluginFault, ProviderUnknown
from tali.providers import spending
from tali.providers.spending import whole
from tali.scoring.models import JudgeRequest
from tali.scoring.redaction import REDACTION_VERSION
from tali.sdk import AnswerLost, ConfigurationMissing, ModelAnswer, Rejected, Transient, Usage

MAX_ANSWER_BYTES = 1024 * 1024
MAX_LOST = 2
"""Requests that may have cost and brought nothing: the second is the last, until a person asks for more."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be judged, by whom, and under which versions. `run_id` is the score run that wants to know."""

    assessment_id: UUID
    attempt_id: UUID
    evaluator: str
    subject: Literal["session", "calibration"]
    versions: Mapping[str, str]
    redacted_for: Mapping[str, str]
    run_id: UUID | None = None

    @property
    def versions_hash(self) -> str:
        """Versions, ours of what is shown among them, as short as a key."""
        every = {**self.versions, "redaction": REDACTION_VERSION}
        return hashlib.sha256(orjson.dumps(every, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, the request that it is kept with, and whose name was taken out of what was shown."""

    request_id: UUID
    answer: ModelAnswer
    redacted_for: Mapping[str, str]


def answer_of(context: JobContext, question: Question, ask: Callable[[], ModelAnswer]) -> Answered:
    """The stored answer; without one, `ask` is called and what it says is stored.

    Raises:
        SubjectGone: what was to be judged was deleted.
        Rejected: it was asked twice without an answer, its answer in this run could not be read, or the judge will not
            answer.
        Transient: not now; what went out is on record.
    """
    known = _stored(context, question)
    if known is not None:
        return known
    request_id = _begin(context, question)
    try:
        answer = ask()
        if not isinstance(answer, ModelAnswer):
            raise PluginFault(question.evaluator, f"ask answers with ModelAnswer, not {type(answer).__name__}")
    except NotNow:
        # It was not even called.
        with _writing(context) as session:
            session.execute(delete(JudgeRequest).where(JudgeRequest.id == request_id))
        raise
    except AnswerLost as lost:
        _close(context, request_id, "lost", lost.reason, lost.usage)
        raise
    except (Transient, Rejected) as refused:
        _close(context, request_id, "refused", refused.reason)
        raise
    except ConfigurationMissing as missing:
        _close(context, request_id, "refused", str(missing))
        raise
    except (Fenced, ProviderUnknown) as gone:
        taken_over = isinstance(gone, Fenced)
        _close(context, request_id, *(("lost", "the job was taken over") if taken_over else ("refused", str(gone))))
        raise
    except Exception:
        # A bug of the plugin's: nobody can tell whether the request went out.
        _close(context, request_id, "lost", "the judge failed")
        raise
    return _keep(context, question, request_id, answer)


def mark_unusable(session: Session, request_id: UUID, reason: str) -> None:
    """An answer in which nothing can be read stays on record, and does not stand in the way of another."""
    session.execute(
        update(JudgeRequest)
        .where(JudgeRequest.id == request_id, JudgeRequest.state == "answered")
        .values(state="unusable", reason=reason[:500])
    )


def _stored(context: JobContext, question: Question) -> Answered | None:
    with context.reading() as session:
        row = session.execute(
            select(JudgeRequest).where(
                JudgeRequest.attempt_id == question.attempt_id,
                JudgeRequest.evaluator == question.evaluator,
                JudgeRequest.subject == question.subject,
                JudgeRequest.versions_hash == question.versions_hash,
                JudgeRequest.state == "answered",
            )
        ).scalar_one_or_none()
        if row is None:
            return None
        usage = Usage(row.input_tokens, row.output_tokens, row.cost)
        answer = ModelAnswer(row.answer or {}, row.model or "", usage, row.request_id, row.latency_ms)
        return Answered(row.id, answer, row.redacted_for)


def _begin(context: JobContext, question: Question) -> UUID:
    """Put a request on record before it goes out.

    One that is still `asked` is under way in another job, or its process has died.
    """
    with context.transaction() as session:
        attempt = session.get(Attempt, question.attempt_id, with_for_update={"key_share": True})
        if attempt is None:
            raise SubjectGone(str(question.attempt_id))
        earlier = (
            JudgeRequest.attempt_id == question.attempt_id,
            JudgeRequest.evaluator == question.evaluator,
            JudgeRequest.subject == question.subject,
        )
        elsewhere = (
            select(Job.id)
            .join(JudgeRequest, JudgeRequest.job_id == Job.id)
            .where(*earlier, JudgeRequest.state == "asked", Job.state == "running", Job.id != context.claim.job_id)
        )
        if session.execute(elsewhere.limit(1)).first() is not None:
            raise NotNow(f"{question.evaluator} is being asked about this already", retry_after=10)
        session.execute(
            update(JudgeRequest)
            .where(*earlier, JudgeRequest.state == "asked")
            .values(state="lost", reason="the process that asked ended", finished_at=now())
        )
        in_this_run = (*earlier, JudgeRequest.score_run_id.is_not_distinct_from(question.run_id))
        counts = dict(
            session.execute(
                select(JudgeRequest.state, func.count()).where(*in_this_run).group_by(JudgeRequest.state)
            ).all()
        )
        if counts.get("unusable"):
            raise Rejected("The model's answer could not be read. Score again to ask once more.")
        if counts.get("lost", 0) < MAX_LOST:
            request = JudgeRequest(
                id=new_id(),
                created_at=now(),
                organization_id=attempt.organization_id,
                assessment_id=question.assessment_id,
                attempt_id=question.attempt_id,
                score_run_id=question.run_id,
                job_id=context.claim.job_id,
                evaluator=question.evaluator,
                subject=question.subject,
                redacted_for=dict(question.redacted_for),
                versions=dict(question.versions),
                versions_hash=question.versions_hash,
                state="asked",
            )
            session.add(request)
            session.flush()
            return request.id
    raise Rejected(f"The model was asked {MAX_LOST} times and its answer did not arrive. Score again to ask once more.")


def _keep(context: JobContext, question: Question, request_id: UUID, answer: ModelAnswer) -> Answered:
    """Store a paid answer, also where the job is not ours any more: whoever has it now finds it.

    Raises:
        Rejected: it is too large, or no JSON; it is kept as unusable, with what it cost.
    """
    counted = _usage(answer.usage)
    facts: dict[str, Any] = {
        "finished_at": now(),
        "model": storable(str(answer.model))[:200],
        "request_id": None if answer.request_id is None else storable(str(answer.request_id))[:200],
        "latency_ms": whole(answer.latency_ms),
        **counted,
    }
    content, problem = _content(answer.content)
    state = "answered" if problem is None else "unusable"
    mine = update(JudgeRequest).where(JudgeRequest.id == request_id)
    try:
        with _writing(context) as session:
            session.execute(mine.values(state=state, reason=problem, answer=content, **facts))
            spending.add(session, counted.get("cost"), now())
    except IntegrityError:
        # Somebody else's answer to the same question was there first, and counts. This one was paid for all the same.
        with _writing(context) as session:
            session.execute(mine.values(state="lost", reason="another answer came first", **facts))
            spending.add(session, counted.get("cost"), now())
        first = _stored(context, question)
        if first is not None:
            return first
    if problem is not None:
        raise Rejected(problem)
    return Answered(request_id, replace(answer, content=content), question.redacted_for)


def _content(content: Any) -> tuple[dict[str, Any], str | None]:
    """An answer as the database can hold it, or nothing and why."""
    try:
        size = len(orjson.dumps(dict(content)))
    except (TypeError, ValueError):
        return {}, "The model's answer is not JSON."
    if size > MAX_ANSWER_BYTES:
        return {}, f"The model's answer is larger than {MAX_ANSWER_BYTES} bytes."
    kept: dict[str, Any] = _storable(dict(content))
    return kept, None


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(name)): _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _close(context: JobContext, request_id: UUID, state: str, reason: str, usage: Usage | None = None) -> None:
    with _writing(context) as session:
        session.execute(
            update(JudgeRequest)
            .where(JudgeRequest.id == request_id, JudgeRequest.state == "asked")
            .values(state=state, reason=reason[:500], finished_at=now(), **_usage(usage))
        )
        spending.add(session, _usage(usage).get("cost"), now())


def _writing(context: JobContext) -> AbstractContextManager[Session]:
    """A transaction without the job's fence: what was spent is written down whoever has the job by now."""
    return context.resources.database.tenant(context.organization_id)


def _usage(usage: Usage | None) -> dict[str, int | None]:
    """Numbers as the database can hold them; what is none of ours to add up is not known."""
    if not isinstance(usage, Usage):
        return {}
    return {
        "input_tokens": whole(usage.input_tokens),
        "output_tokens": whole(usage.output_tokens),
        "cost": whole(usage.cost),
    }
