"""The life of an assessment and its attempt; each move is one guarded UPDATE, and a lost race carries the state."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import redis
import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from tali.assessments import blind, conditions, deadlines
from tali.assessments.conditions import Wishes
from tali.assessments.models import Assessment, Attempt
from tali.candidates import service as candidates
from tali.candidates.models import Candidate
from tali.jobs.service import emit
from tali.kernel.actors import CandidateActor, Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.database import after_commit, database_now
from tali.kernel.errors import Conflict, Gone, NotFound, Unprocessable
from tali.kernel.idempotency import forget_about
from tali.kernel.ids import new_id
from tali.kernel.security import KeyRing, new_token, token_hash
from tali.kernel.settings import Settings
from tali.kernel.valkey import CancelFlag
from tali.organizations import audit
from tali.organizations.models import Membership
from tali.providers import service as providers
from tali.tasks import service as tasks
from tali.tasks.models import Task

log = structlog.get_logger(__name__)
INVITATION_PREFIX = "inv_"
OPEN = ("invited", "in_progress")
"""States in which a second invitation of one person to one task is mostly a slip."""
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
    conditions: Wishes = field(default_factory=Wishes)
    send_invitation: bool = True
    again: bool = False
    """Whether somebody with an open invitation to the task is to get another."""


def new_invitation(key_ring: KeyRing) -> dict[str, str]:
    """A link of its own, as columns: what finds it, and what shows it again."""
    invitation = INVITATION_PREFIX + new_token()
    return {"invitation_hash": token_hash(invitation), "invitation_sealed": key_ring.encrypt(invitation)}


def create(
    session: Session,
    actor: Staff,
    wish: NewAssessment,
    settings: Settings,
    key_ring: KeyRing,
    *,
    other_components: bool = False,
) -> Assessment:
    """Invite a candidate to a task; the attempt is ready at once.

    Raises:
        NotFound: `task_not_found`, `candidate_not_found`.
        Conflict: `task_not_published`; `already_invited`, with the open one, unless another is asked for.
        Unprocessable: `candidate_missing`, and those of `conditions.effective`.
    """
    task, version = tasks.published_version(session, wish.task_id)
    content = tasks.content_of(version)
    if wish.candidate_id is not None:
        candidate = candidates.hold(session, wish.candidate_id)
    elif wish.candidate_name and wish.candidate_email:
        candidate = candidates.find_or_create(session, wish.candidate_name, wish.candidate_email)
    else:
        raise Unprocessable(
            "candidate_missing", "Say who is assessed: candidate_id, or candidate with name and e-mail."
        )
    if not wish.again:
        _refuse_twice(session, task.id, candidate.id)
    held = conditions.effective(session, wish.conditions, content, settings, other_components=other_components)
    chosen = providers.choices(session, settings)
    moment = now()
    assessment = Assessment(
        # Random, unlike other ids: the time in them would lead from a blind assessment to the candidate made with it.
        id=uuid4(),
        created_at=blind.day(moment) if held["blind_review"] else moment,
        organization_id=actor.organization_id,
        public_id=secrets.token_hex(12),
        candidate_id=candidate.id,
        task_id=task.id,
        task_version_id=version.id,
        created_by_id=actor.membership_id if isinstance(actor, UserActor) else None,
        state="invited",
        **held,
        **new_invitation(key_ring),
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
            allowed_time=timedelta(minutes=held["duration_minutes"]),
            assistant=chosen["assistants"],
            sandbox=chosen["sandboxes"],
            help_level=held["help_level"],
            recorder_version=RECORDER_VERSION,
        )
    )
    emit(session, actor.organization_id, "assessment.created", assessment.id, assessment_id=str(assessment.id))
    if wish.send_invitation:
        request_invitation(session, actor.organization_id, assessment.id, "created")
    audit.record(
        session,
        actor,
        "assessment.created",
        assessment.id,
        task_version_id=str(version.id),
        blind_review=held["blind_review"],
        weights_hash=held["weights_hash"],
    )
    session.flush()
    return get(session, assessment.id)


def _refuse_twice(session: Session, task_id: UUID, candidate_id: UUID) -> None:
    """Make sure that this person has no open invitation to this task, until the transaction ends.

    Raises:
        Conflict: `already_invited`, with the open one's state, and its id unless its review is blind: whoever invites
            knows the name.
    """
    # Whoever else invites this person waits here, and then sees what was made meanwhile.
    session.execute(select(Candidate.id).where(Candidate.id == candidate_id).with_for_update(key_share=True))
    found = session.execute(
        select(Assessment)
        .where(Assessment.candidate_id == candidate_id, Assessment.task_id == task_id, Assessment.state.in_(OPEN))
        .order_by(Assessment.created_at.desc(), Assessment.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is not None:
        raise Conflict(
            "already_invited",
            ALREADY_INVITED,
            state=found.state,
            assessment_id=None if blind.is_blind(found) else str(found.id),
        )


ALREADY_INVITED = "This person has an open invitation to this task."


def request_invitation(session: Session, organization_id: UUID, assessment_id: UUID, reason: str) -> None:
    """Ask for the invitation to be sent; whoever sends subscribes. Each request is its own event."""
    emit(session, organization_id, "invitation.requested", new_id(), assessment_id=str(assessment_id), reason=reason)


def with_people(query: Select[Assessment]) -> Select[Assessment]:
    """Everything that a row of the list shows, in one query."""
    return query.options(*shown_with())


def shown_with() -> tuple[ExecutableOption, ...]:
    """What an assessment is shown with."""
    return (
        joinedload(Assessment.candidate),
        joinedload(Assessment.task).load_only(Task.id, Task.title),
        joinedload(Assessment.created_by).joinedload(Membership.user),
    )


def get(session: Session, assessment_id: UUID) -> Assessment:
    """One assessment with its candidate and task.

    Raises:
        NotFound: `assessment_not_found`.
    """
    found = session.execute(
        with_people(select(Assessment).where(Assessment.id == assessment_id)).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("assessment_not_found", "There is no such assessment.")
    return found


def attempt_of(session: Session, assessment_id: UUID) -> Attempt:
    """The attempt that counts."""
    return session.execute(
        select(Attempt).where(Attempt.assessment_id == assessment_id).order_by(Attempt.number.desc()).limit(1)
    ).scalar_one()


def cancel(session: Session, actor: Staff, assessment_id: UUID) -> Assessment:
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
    audit.record(session, actor, "assessment.cancelled", assessment_id)
    return assessment


def remove(session: Session, actor: Staff, assessment_id: UUID, valkey: redis.Redis) -> None:
    """Delete an assessment with everything that was recorded in it; what runs for it in a sandbox is stopped.

    Raises:
        NotFound: `assessment_not_found`.
    """
    attempts = session.execute(select(Attempt.id).where(Attempt.assessment_id == assessment_id)).scalars().all()
    # What was answered of it holds the link and the address; a late repetition must not show them again.
    forget_about(session, [assessment_id, *attempts], [f"attempt:{attempt_id}" for attempt_id in attempts])
    state = session.execute(
        delete(Assessment).where(Assessment.id == assessment_id).returning(Assessment.state)
    ).scalar_one_or_none()
    if state is None:
        raise NotFound("assessment_not_found", "There is no such assessment.")
    audit.record(session, actor, "assessment.deleted", assessment_id, state=state)
    for attempt_id in attempts:
        after_commit(session, partial(_stop_all, valkey, attempt_id))


def _stop_all(valkey: redis.Redis, attempt_id: UUID) -> None:
    try:
        CancelFlag(valkey, work_of(attempt_id)).raise_flag()
    except redis.exceptions.RedisError:
        log.warning("could not ask to stop what runs", attempt_id=str(attempt_id))


def work_of(attempt_id: UUID) -> str:
    """The name under which all work of an attempt is asked to stop."""
    return f"attempt:{attempt_id}"


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

    The deadline is the server's: `moment` + the time allowed × accommodation, frozen here.

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
            deadline=deadlines.deadline(started_at=moment),
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
        Conflict: `attempt_not_in_progress`, carrying the state; `attempt_paused`.
    """
    submitted = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == "in_progress", Attempt.paused_at.is_(None))
        .values(state="submitted", submitted_at=moment, submitted_by=by)
        .returning(Attempt)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if submitted is None:
        state, paused_at = session.execute(
            select(Attempt.state, Attempt.paused_at).where(Attempt.id == attempt.id)
        ).one()
        raise paused() if paused_at is not None else not_in_progress(state)
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


def time_is_up() -> Conflict:
    """The answer to work that comes after the deadline, before the dispatcher has closed the attempt."""
    return Conflict("attempt_not_in_progress", "The time of this attempt is up.", state="over")


def paused() -> Conflict:
    """The answer to work that comes while the clock stands still."""
    return Conflict(
        "attempt_paused",
        "This assessment is paused. Your time stands still; you can go on when it ends.",
        state="paused",
    )


def invitation_url(assessment: Assessment, settings: Settings, key_ring: KeyRing) -> str:
    """The candidate's link. The token is in the fragment: it reaches no server log and no mail scanner's request."""
    return f"{settings.public_url}/take#{key_ring.decrypt(assessment.invitation_sealed)}"
