"""Letting a candidate in: one-time embed tokens, invitation links and rotating resume keys, all ending in a bearer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.blind import is_blind
from tali.assessments.models import Assessment
from tali.embed.models import CandidateSession, EmbedToken
from tali.kernel.actors import CandidateActor, Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Forbidden, Unauthorized
from tali.kernel.ids import new_id
from tali.kernel.security import KeyRing, new_token, token_hash
from tali.organizations import audit
from tali.organizations.access import CANDIDATE_AUDIENCE

TOKEN_LIFETIME = timedelta(minutes=5)
SAME_CLIENT = timedelta(seconds=60)
"""React's StrictMode and moves in the DOM exchange the same token twice; a lost answer asks again."""
BEARER_LIFETIME = timedelta(minutes=15)
SESSION_LIFETIME = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Opened:
    """A way into a session: a bearer for the page's memory, a key to come back with."""

    bearer: str
    resume_key: str
    actor: CandidateActor


def mint(session: Session, actor: Staff, assessment_id: UUID) -> tuple[Assessment, str]:
    """A one-time token for a host's page, of the form `<public id>.<secret>`: the public id names the frame's address.

    Raises:
        NotFound: `assessment_not_found`.
        Forbidden: `review_blind`, to people while the review is blind: the session greets the candidate by name.
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    assessment = assessments.get(session, assessment_id)
    if isinstance(actor, UserActor) and is_blind(assessment):
        raise Forbidden(
            "review_blind",
            "The review of this assessment is blind, and its session would show the candidate's name. "
            "A program with an API key can let the candidate in.",
        )
    moment = now()
    assessments.require_open(assessment, moment)
    token = f"{assessment.public_id}.{new_token()}"
    session.add(
        EmbedToken(
            organization_id=assessment.organization_id,
            assessment_id=assessment.id,
            token_hash=token_hash(token),
            expires_at=moment + TOKEN_LIFETIME,
        )
    )
    audit.record(session, actor, "embed_session.minted", assessment_id)
    return assessment, token


def exchange(session: Session, token_id: UUID, nonce: str, key_ring: KeyRing) -> Opened:
    """Trade an embed token for a session, once; the same client may ask again for a minute.

    Raises:
        Unauthorized: `token_used`, `token_expired`.
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    moment = now()
    token = session.get_one(EmbedToken, token_id)
    first = session.execute(
        update(EmbedToken)
        .where(EmbedToken.id == token_id, EmbedToken.exchanged_at.is_(None), EmbedToken.expires_at > moment)
        .values(exchanged_at=moment, nonce=nonce)
        .returning(EmbedToken.id)
    ).scalar_one_or_none()
    if first is None:
        session.refresh(token)
        if token.exchanged_at is None:
            raise Unauthorized("token_expired", "This token was not used in time. Ask the page to load it again.")
        if token.nonce != nonce or moment - token.exchanged_at > SAME_CLIENT:
            raise Unauthorized("token_used", "This token was used already. Ask the page to load it again.")
    return _open(session, token.assessment_id, key_ring, moment)


def accept_invitation(session: Session, assessment_id: UUID, key_ring: KeyRing) -> Opened:
    """Come in by the long-lived link. Nothing changes but that a session exists: a button in the page starts the clock.

    Raises:
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    return _open(session, assessment_id, key_ring, now())


def _open(session: Session, assessment_id: UUID, key_ring: KeyRing, moment: datetime) -> Opened:
    assessment = session.get_one(Assessment, assessment_id)
    assessments.require_open(assessment, moment)
    attempt = assessments.attempt_of(session, assessment_id)
    resume_key = new_token()
    session.add(
        CandidateSession(
            id=new_id(),
            organization_id=assessment.organization_id,
            assessment_id=assessment_id,
            attempt_id=attempt.id,
            resume_hash=token_hash(resume_key),
            rotated_at=moment,
            expires_at=moment + SESSION_LIFETIME,
        )
    )
    session.flush()
    actor = CandidateActor(assessment.organization_id, assessment_id, attempt.id)
    return Opened(_bearer(actor, key_ring, moment), resume_key, actor)


def resume(session: Session, session_id: UUID, resume_key: str, key_ring: KeyRing) -> Opened:
    """Come back after a reload. The key rotates; the one before holds for a minute, for an answer that got lost.

    Raises:
        Unauthorized: `token_expired`.
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    moment = now()
    known = session.execute(
        select(CandidateSession).where(CandidateSession.id == session_id).with_for_update()
    ).scalar_one_or_none()
    hashed = token_hash(resume_key)
    if known is None or known.expires_at <= moment:
        raise _reopen()
    if known.resume_hash != hashed and moment - known.rotated_at > SAME_CLIENT:
        raise _reopen()
    assessments.require_open(session.get_one(Assessment, known.assessment_id), moment)
    fresh = new_token()
    known.previous_resume_hash = hashed
    known.resume_hash = token_hash(fresh)
    known.rotated_at = moment
    known.expires_at = moment + SESSION_LIFETIME
    actor = CandidateActor(known.organization_id, known.assessment_id, known.attempt_id)
    return Opened(_bearer(actor, key_ring, moment), fresh, actor)


def _reopen() -> Unauthorized:
    return Unauthorized("token_expired", "This page cannot be resumed any more. Open your invitation link again.")


def _bearer(actor: CandidateActor, key_ring: KeyRing, moment: datetime) -> str:
    claims = {"org": str(actor.organization_id), "asm": str(actor.assessment_id), "att": str(actor.attempt_id)}
    return key_ring.sign(CANDIDATE_AUDIENCE, claims, moment, BEARER_LIFETIME)


def forget_expired(session: Session, moment: datetime) -> None:
    """Delete tokens and sessions that no longer open anything."""
    session.execute(delete(EmbedToken).where(EmbedToken.expires_at < moment - timedelta(days=1)))
    session.execute(delete(CandidateSession).where(CandidateSession.expires_at < moment))


def forget_ways_in(session: Session, assessment_id: UUID) -> None:
    """Delete every token and session of an assessment; a bearer that was handed out lasts its fifteen minutes."""
    session.execute(delete(EmbedToken).where(EmbedToken.assessment_id == assessment_id))
    session.execute(delete(CandidateSession).where(CandidateSession.assessment_id == assessment_id))
