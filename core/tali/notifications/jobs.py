"""The mails that TALI sends: a job kind each, subscribed to what causes it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.models import Assessment
from tali.jobs.context import JobContext
from tali.jobs.kinds import DELIVERY, job_kind
from tali.jobs.service import SubjectGone
from tali.kernel.clock import now
from tali.kernel.errors import NotFound
from tali.notifications import letters
from tali.notifications.delivery import deliver, give_up
from tali.notifications.letters import Letter, Occasion
from tali.organizations import invitations, passwords, registration
from tali.organizations.models import Membership, Organization, User
from tali.sdk import Address

TRIES = 8
"""With the worker's growing pauses, somewhat over an hour: as long as a greylisting or a restart of a mail server."""
SECONDS = 90.0
_mail = partial(
    job_kind, queue=DELIVERY, effect="repeatable", max_attempts=TRIES, time_limit=SECONDS, abandoned=give_up
)
"""A job that sends one letter, which a domain event asks for."""


@_mail("notifications.confirmation", on="registration.requested")
def send_confirmation(context: JobContext, payload: dict[str, Any]) -> None:
    """Ask an address whether it is who registered, or tell it that it has an account."""
    registration_id = UUID(payload["registration_id"])

    def compose(session: Session, token: str) -> Letter:
        email, known = registration.mint_confirmation(session, registration_id, token)
        if known:
            return letters.known_already(registration_id, email, _page(context, "sign-in"))
        return letters.confirmation(registration_id, email, _page(context, "confirm", token))

    deliver(context, "confirmation", compose)


@_mail("notifications.password_reset", on="password_reset.requested")
def send_password_reset(context: JobContext, payload: dict[str, Any]) -> None:
    """Mail the link for a new password."""
    membership_id = UUID(payload["membership_id"])

    def compose(session: Session, token: str) -> Letter:
        passwords.mint_reset(session, membership_id, token)
        person = _person(session, membership_id)
        return letters.password_reset(
            membership_id, person.id, Address(person.email, person.full_name), _page(context, "reset", token)
        )

    deliver(context, "password_reset", compose)


@_mail("notifications.password_changed", on="password.changed")
def send_password_changed(context: JobContext, payload: dict[str, Any]) -> None:
    """Tell a person that their password was changed."""
    membership_id = UUID(payload["membership_id"])

    def compose(session: Session, _token: str) -> Letter:
        person = _person(session, membership_id)
        return letters.password_changed(
            membership_id, person.id, Address(person.email, person.full_name), _page(context, "sign-in")
        )

    deliver(context, "password_changed", compose)


@_mail("notifications.user_invitation", on="user.invited")
def send_user_invitation(context: JobContext, payload: dict[str, Any]) -> None:
    """Invite a person into the organisation."""
    invitation_id = UUID(payload["invitation_id"])

    def compose(session: Session, token: str) -> Letter:
        invitation = invitations.mint_link(session, invitation_id, token)
        inviter = invitations.inviter_of(session, invitation)
        return letters.user_invitation(
            invitation_id,
            Address(invitation.email, invitation.full_name),
            session.get_one(Organization, context.organization_id).name,
            Address(inviter.email, inviter.full_name) if inviter else None,
            _page(context, "join", token),
            invitation.expires_at,
        )

    deliver(context, "user_invitation", compose)


@_mail("notifications.candidate_invitation", on="invitation.requested")
def send_candidate_invitation(context: JobContext, payload: dict[str, Any]) -> None:
    """Invite a candidate; nothing is sent for what was started, taken back or has expired meanwhile."""
    assessment_id = UUID(payload["assessment_id"])

    def compose(session: Session, _token: str) -> Letter:
        assessment = _invited(session, assessment_id)
        candidate, author = assessment.candidate, assessment.created_by
        settings, key_ring = context.resources.settings, context.resources.key_ring
        return letters.candidate_invitation(
            assessment_id,
            candidate.id,
            Address(candidate.email, candidate.full_name),
            Occasion(
                organization=session.get_one(Organization, context.organization_id).name,
                inviter=Address(author.user.email, author.user.full_name) if author else None,
                minutes=assessment.duration_minutes,
                until=assessment.expires_at,
                url=assessments.invitation_url(assessment, settings, key_ring),
                has_assistant=assessments.attempt_of(session, assessment_id).assistant != "none",
                proctored=assessment.proctored,
                again=payload.get("reason") == "resent",
            ),
        )

    deliver(context, "candidate_invitation", compose)


def _invited(session: Session, assessment_id: UUID) -> Assessment:
    try:
        assessment = assessments.get(session, assessment_id)
    except NotFound:
        raise SubjectGone from None
    if assessment.state != "invited" or assessment.expires_at <= now():
        raise SubjectGone
    return assessment


def _person(session: Session, membership_id: UUID) -> User:
    person = session.execute(
        select(User).join(Membership, Membership.user_id == User.id).where(Membership.id == membership_id)
    ).scalar_one_or_none()
    if person is None:
        raise SubjectGone
    return person


def _page(context: JobContext, page: str, token: str | None = None) -> str:
    """A page of the admin app. The token is in the fragment: it reaches no server log and no mail scanner's request."""
    address = f"{context.resources.settings.public_url}/#/{page}"
    return f"{address}?token={token}" if token else address
