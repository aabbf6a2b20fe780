"""Asking a judge: once per submission, on record before it goes out, and never again once there is an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.jobs.context import JobContext
from tali.jobs.plugin_calls import NotNow
from tali.jobs.service import SubjectGone
from tali.kernel.clock import now
from tali.kernel.ids import new_id
from tali.plugins import PluginFault
from tali.providers import spending
from tali.scoring.models import JudgeRequest
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
    run_id: UUID | None = None

    @property
    def versions_hash(self) -> str:
        """Versions, as short as a key."""
        return hashlib.sha256(orjson.dumps(dict(self.versions), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def answer_of(context: JobContext, question: Question, ask: Callable[[], ModelAnswer]) -> tuple[UUID, ModelAnswer]:
    """The stored answer; without one, `ask` is called and what it says is stored. Answers (request, answer).

    Raises:
        SubjectGone: what was to be judged was deleted.
        Rejected: it was asked twice without an answer, or the judge will not answer.
        Transient: not now; what went out is on record.
    """
    known = _stored(context, question)
    if known is not None:
        return known
    request_id = _begin(context, question)
    try:
        answer = _valid(ask())
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
    except Exception:
        # A bug of the plugin's: nobody can tell whether the request went out.
        _close(context, request_id, "lost", "the judge failed")
        raise
    _keep(context, question, request_id, answer)
    return request_id, answer


def mark_unusable(session: Session, request_id: UUID, reason: str) -> None:
    """An answer in which nothing can be read stays on record, and does not stand in the way of another."""
    session.execute(
        update(JudgeRequest)
        .where(JudgeRequest.id == request_id, JudgeRequest.state == "answered")
        .values(state="unusable", reason=reason[:500])
    )


def _stored(context: JobContext, question: Question) -> tuple[UUID, ModelAnswer] | None:
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
        return row.id, ModelAnswer(row.answer or {}, row.model or "", usage, row.request_id, row.latency_ms)


def _begin(context: JobContext, question: Question) -> UUID:
    """Put a request on record before it goes out.

    One that is still `asked` belongs to a process that died: the job was ours alone, and is ours again.
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
        session.execute(
            update(JudgeRequest)
            .where(*earlier, JudgeRequest.state == "asked")
            .values(state="lost", reason="the process that asked ended", finished_at=now())
        )
        lost = session.execute(
            select(func.count()).where(
                *earlier, JudgeRequest.state == "lost", JudgeRequest.score_run_id.is_not_distinct_from(question.run_id)
            )
        ).scalar_one()
        if lost < MAX_LOST:
            request = JudgeRequest(
                id=new_id(),
                created_at=now(),
                organization_id=attempt.organization_id,
                assessment_id=question.assessment_id,
                attempt_id=question.attempt_id,
                score_run_id=question.run_id,
                evaluator=question.evaluator,
                subject=question.subject,
                versions=dict(question.versions),
                versions_hash=question.versions_hash,
                state="asked",
            )
            session.add(request)
            session.flush()
            return request.id
    raise Rejected(f"The model was asked {MAX_LOST} times and its answer did not arrive. Score again to ask once more.")


def _valid(answer: Any) -> ModelAnswer:
    if not isinstance(answer, ModelAnswer):
        raise PluginFault("judge", f"ask answers with ModelAnswer, not {type(answer).__name__}")
    if len(orjson.dumps(dict(answer.content))) > MAX_ANSWER_BYTES:
        raise Rejected(f"The model's answer is larger than {MAX_ANSWER_BYTES} bytes.")
    return answer


def _keep(context: JobContext, question: Question, request_id: UUID, answer: ModelAnswer) -> None:
    """Store a paid answer, also where the job is not ours any more: whoever has it now finds it."""
    with suppress(IntegrityError), _writing(context) as session:
        session.execute(
            update(JudgeRequest)
            .where(JudgeRequest.id == request_id)
            .values(
                state="answered",
                reason=None,
                finished_at=now(),
                answer=dict(answer.content),
                model=answer.model,
                request_id=answer.request_id,
                latency_ms=answer.latency_ms,
                **_usage(answer.usage),
            )
        )
        spending.add(session, answer.usage.cost, now())


def _close(context: JobContext, request_id: UUID, state: str, reason: str, usage: Usage | None = None) -> None:
    with _writing(context) as session:
        session.execute(
            update(JudgeRequest)
            .where(JudgeRequest.id == request_id, JudgeRequest.state == "asked")
            .values(state=state, reason=reason[:500], finished_at=now(), **_usage(usage))
        )
        if usage is not None:
            spending.add(session, usage.cost, now())


def _writing(context: JobContext) -> AbstractContextManager[Session]:
    """A transaction without the job's fence: what was spent is written down whoever has the job by now."""
    return context.resources.database.tenant(context.organization_id)


def _usage(usage: Usage | None) -> dict[str, int | None]:
    if usage is None:
        return {}
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cost": usage.cost}
