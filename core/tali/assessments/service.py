"""The life of an assessment and its attempt; each move is one guarded UPDATE, and a lost race carries the state."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, or_, select, tuple_, update
from sqlalchemy.orm import Session, joinedload

from tali.assessments.models import Assessment, Attempt
from tali.candidates import service as candidates
from tali.candidates.models import Candidate
from tali.jobs.service import emit
from tali.kernel.actors import CandidateActor, Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.database import database_now
from tali.kernel.errors import Conflict, Gone, NotFound, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.kernel.security import KeyRing, new_token, token_hash
from tali.kernel.settings import Settings
from tali.organizations.models import Membership
from tali.tasks import service as tasks
from tali.tasks.models import Task
from tali.tasks.weights import effective_weights

INVITATION_PREFIX = "inv_"
LATE_EDITS = timedelta(seconds=60)
"""Edits made before the deadline may arrive this long after it; scoring waits for them."""
RECORDER_VERSION = "1"


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """What a recruiter or an ATS asks for. Give `candidate_id`, or name and e-mail address."""

    task_id: UUID
    candidate_id: UUID | None = None
    candidate_name: str | None = None
    candidate_email: str | None = None
    duration_minutes: int | None = None
    expires_in_days: int | None = None
    preset: str | None = None
    proctored: bool | None = None


def create(session: Session, actor: Staff, wish: NewAssessment, settings: Settings, key_ring: KeyRing) -> Assessment:
    """Invite a candidate to a task; the attempt is ready at once.

    Raises:
        NotFound: `task_not_found`, `candidate_not_found`.
        Conflict: `task_not_published`.
        Unprocessable: `candidate_missing`, `preset_unknown`.
    """
    task, version = tasks.published_version(session, wish.task_id)
    content = tasks.content_of(version)
    if wish.candidate_id is not None:
        candidate = candidates.get(session, wish.candidate_id)
    elif wish.candidate_name and wish.candidate_email:
        candidate = candidates.find_or_create(session, wish.candidate_name, wish.candidate_email)
    else:
        raise Unprocessable(
            "candidate_missing", "Say who is assessed: candidate_id, or candidate with name and e-mail."
        )
    preset, weights = effective_weights(wish.preset, content.preset, content.weights, settings.score_weights)
    invitation = INVITATION_PREFIX + new_token()
    duration = wish.duration_minutes or content.duration_minutes
    moment = now()
    assessment = Assessment(
        id=new_id(),
        created_at=moment,
        organization_id=actor.organization_id,
        public_id=secrets.token_hex(12),
        candidate_id=candidate.id,
        task_id=task.id,
        task_version_id=version.id,
        created_by_id=actor.membership_id if isinstance(actor, UserActor) else None,
        state="invited",
        duration_minutes=duration,
        preset=preset,
        weights=weights,
        proctored=content.proctoring if wish.proctored is None else wish.proctored,
        invitation_hash=token_hash(invitation),
        invitation_sealed=key_ring.encrypt(invitation),
        expires_at=moment + timedelta(days=wish.expires_in_days or settings.assessment_expiry_days),
    )
    session.add(assessment)
    session.flush()
    session.add(
        Attempt(
            organization_id=actor.organization_id,
            assessment_id=assessment.id,
            task_version_id=version.id,
            state="ready",
            variant_seed=random.SystemRandom().randrange(2**31),
            allowed_time=timedelta(minutes=duration),
            assistant=settings.assistant,
            sandbox=settings.sandbox,
            help_level=content.help_level,
            recorder_version=RECORDER_VERSION,
        )
    )
    emit(session, actor.organization_id, "assessment.created", assessment.id, assessment_id=str(assessment.id))
    session.flush()
    return get(session, assessment.id)


def _with_people(query: Select[Assessment]) -> Select[Assessment]:
    """Everything that a row of the list shows, in one query."""
    return query.options(
        joinedload(Assessment.candidate),
        joinedload(Assessment.task).load_only(Task.id, Task.title),
        joinedload(Assessment.created_by).joinedload(Membership.user),
    )


def list_assessments(
    session: Session, *, status: str | None, search: str | None, limit: int, cursor: str | None
) -> Sequence[Assessment]:
    """Newest first, `limit + 1` of them."""
    query = _with_people(select(Assessment)).order_by(Assessment.created_at.desc(), Assessment.id.desc())
    if status:
        query = query.where(Assessment.state == status)
    if search:
        pattern = f"%{candidates.escape_like(search)}%"
        query = (
            query.join(Candidate, Candidate.id == Assessment.candidate_id)
            .join(Task, Task.id == Assessment.task_id)
            .where(or_(Candidate.full_name.ilike(pattern), Candidate.email.ilike(pattern), Task.title.ilike(pattern)))
        )
    if cursor:
        created_at, assessment_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(Assessment.created_at, Assessment.id) < (created_at, assessment_id))
    return session.execute(query.limit(limit + 1)).scalars().all()


def get(session: Session, assessment_id: UUID) -> Assessment:
    """One assessment with its candidate and task.

    Raises:
        NotFound: `assessment_not_found`.
    """
    found = session.execute(
        _with_people(select(Assessment).where(Assessment.id == assessment_id)).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("assessment_not_found", "There is no such assessment.")
    return found


def attempt_of(session: Session, assessment_id: UUID) -> Attempt:
    """The attempt that counts."""
    return session.execute(
        select(Attempt).where(Attempt.assessment_id == assessment_id).order_by(Attempt.number.desc()).limit(1)
    ).scalar_one()


def cancel(session: Session, assessment_id: UUID) -> Assessment:
    """Take an invitation back.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `assessment_not_cancellable`, with the state that it is in.
    """
    cancelled = session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id, Assessment.state == "invited")
        .values(state="cancelled", ended_at=now())
        .returning(Assessment.organization_id)
    ).scalar_one_or_none()
    assessment = get(session, assessment_id)
    if cancelled is None:
        raise Conflict(
            "assessment_not_cancellable",
            f"Only an invitation that nobody started can be cancelled; this one is {assessment.state}.",
            state=assessment.state,
        )
    emit(session, cancelled, "assessment.cancelled", assessment_id, assessment_id=str(assessment_id))
    return assessment


def remove(session: Session, assessment_id: UUID) -> None:
    """Delete an assessment with everything that was recorded in it.

    Raises:
        NotFound: `assessment_not_found`.
    """
    gone = session.execute(
        delete(Assessment).where(Assessment.id == assessment_id).returning(Assessment.id)
    ).scalar_one_or_none()
    if gone is None:
        raise NotFound("assessment_not_found", "There is no such assessment.")


def require_open(assessment: Assessment, moment: datetime) -> None:
    """Make sure that a candidate may come in.

    Raises:
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    if assessment.state == "cancelled":
        raise Gone("assessment_cancelled", "This invitation was taken back. Ask whoever invited you.")
    if assessment.state == "expired" or (assessment.state == "invited" and assessment.expires_at <= moment):
        raise Gone("assessment_expired", "This invitation has expired. Ask whoever invited you for a new one.")


def start(session: Session, actor: CandidateActor, consent_version: str, moment: datetime) -> Attempt:
    """Start the clock of an attempt.

    The deadline is the server's: `moment` + the time allowed, frozen here.

    Raises:
        Conflict: `attempt_not_ready`, carrying the state that a concurrent request left it in.
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    opened = session.execute(
        update(Assessment)
        .where(Assessment.id == actor.assessment_id, Assessment.state == "invited", Assessment.expires_at > moment)
        .values(state="in_progress", started_at=moment)
        .returning(Assessment.id)
    ).scalar_one_or_none()
    if opened is None:
        require_open(session.get_one(Assessment, actor.assessment_id), moment)
    started = session.execute(
        update(Attempt)
        .where(Attempt.id == actor.attempt_id, Attempt.state == "ready")
        .values(
            state="in_progress",
            started_at=moment,
            deadline=moment + Attempt.allowed_time,
            consent_version=consent_version,
            writer_epoch=1,
        )
        .returning(Attempt)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if started is None:
        state = state_of(session, actor.attempt_id)
        raise Conflict("attempt_not_ready", f"This attempt is {state} already.", state=state)
    emit(
        session,
        actor.organization_id,
        "assessment.started",
        actor.assessment_id,
        assessment_id=str(actor.assessment_id),
    )
    return started


def state_of(session: Session, attempt_id: UUID) -> str:
    """The attempt's state as it is now."""
    return session.execute(select(Attempt.state).where(Attempt.id == attempt_id)).scalar_one()


def submit(
    session: Session, attempt: Attempt, moment: datetime, *, by: str, score_after: timedelta = timedelta(0)
) -> Attempt:
    """Close an attempt, by the candidate or by the deadline; the first to come wins and work is never thrown away.

    `score_after` delays scoring for edits that are still on their way; from now, by the database's clock.

    Raises:
        Conflict: `attempt_not_in_progress`, carrying the state.
    """
    submitted = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == "in_progress")
        .values(state="submitted", submitted_at=moment, submitted_by=by)
        .returning(Attempt)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if submitted is None:
        raise not_in_progress(state_of(session, attempt.id))
    session.execute(
        update(Assessment)
        .where(Assessment.id == attempt.assessment_id, Assessment.state == "in_progress")
        .values(state="completed", submitted_at=moment, ended_at=moment, scoring_state="pending")
    )
    organization_id, assessment_id = submitted.organization_id, submitted.assessment_id
    ids = {"assessment_id": str(assessment_id), "attempt_id": str(submitted.id)}
    emit(
        session,
        organization_id,
        "attempt.submitted",
        submitted.id,
        run_at=database_now(session) + score_after if score_after else None,
        **ids,
    )
    emit(session, organization_id, "assessment.completed", assessment_id, assessment_id=str(assessment_id))
    return submitted


def submit_at_deadline(session: Session, attempt: Attempt) -> Attempt:
    """Close an attempt whose time is up, as of its deadline; scoring waits for edits that are still on their way.

    Raises:
        Conflict: `attempt_not_in_progress`, carrying the state.
    """
    if attempt.deadline is None:
        raise not_in_progress(attempt.state)
    return submit(session, attempt, attempt.deadline, by="deadline", score_after=LATE_EDITS)


def not_in_progress(state: str) -> Conflict:
    """The answer to work that comes when an attempt is not live."""
    sentence = "has not been started yet" if state == "ready" else f"is {state}"
    return Conflict("attempt_not_in_progress", f"This attempt {sentence}.", state=state)


def invitation_url(assessment: Assessment, settings: Settings, key_ring: KeyRing) -> str:
    """The candidate's link. The token is in the fragment: it reaches no server log and no mail scanner's request."""
    return f"{settings.public_url}/take#{key_ring.decrypt(assessment.invitation_sealed)}"


def embed_snippet(settings: Settings) -> str:
    """The two lines that a host page needs."""
    return (
        f'<script type="module" src="{settings.public_url}/embed/v1.js"></script>\n'
        '<tali-assessment session="ONE_TIME_TOKEN"></tali-assessment>'
    )


def summary(assessment: Assessment) -> dict[str, Any]:
    """A row of the list."""
    return {
        "id": assessment.id,
        "status": assessment.state,
        "candidate": assessment.candidate,
        "task": {"id": assessment.task.id, "title": assessment.task.title},
        "created_at": assessment.created_at,
        "started_at": assessment.started_at,
        "submitted_at": assessment.submitted_at,
        "expires_at": assessment.expires_at,
        "scoring_state": assessment.scoring_state,
        "score": assessment.score,
        "coverage": assessment.coverage,
        "flag_count": assessment.flag_count,
    }


def card(
    assessment: Assessment, attempt: Attempt, actor: Staff, settings: Settings, key_ring: KeyRing
) -> dict[str, Any]:
    """An assessment with its settings and its ways in. A viewer gets no link: whoever has it sits the assessment."""
    author = assessment.created_by
    viewer = isinstance(actor, UserActor) and actor.role == "viewer"
    return {
        **summary(assessment),
        "invitation_url": None if viewer else invitation_url(assessment, settings, key_ring),
        "embed": {"public_id": assessment.public_id, "snippet": embed_snippet(settings)},
        "duration_minutes": assessment.duration_minutes,
        "deadline": attempt.deadline,
        "preset": assessment.preset,
        "weights": assessment.weights,
        "proctored": assessment.proctored,
        "created_by": {"full_name": author.user.full_name} if author else None,
    }
