"""Inviting again: a mail that got lost, an invitation that expired, a link that fell into other hands."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tali.assessments import service
from tali.assessments.models import Assessment
from tali.jobs.service import emit
from tali.kernel.actors import Staff
from tali.kernel.clock import now
from tali.kernel.errors import Conflict
from tali.kernel.ids import new_id
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings
from tali.organizations import audit

RESENDS = (5, 3600)
"""Mails that one assessment may cause in so many seconds, so that nobody's inbox is flooded from here."""


def resend(
    session: Session,
    actor: Staff,
    assessment_id: UUID,
    settings: Settings,
    key_ring: KeyRing,
    *,
    expires_in_days: int | None,
    void_old_link: bool,
) -> Assessment:
    """Send an invitation again. An expired one can be started once more; `void_old_link` makes the old link useless.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `assessment_not_invited`, with the state.
    """
    moment = now()
    days = timedelta(days=expires_in_days or settings.assessment_expiry_days)
    link = service.new_invitation(key_ring) if void_old_link else {}
    # Without a wish, an invitation that still holds keeps its end.
    expires_at = moment + days if expires_in_days else func.greatest(Assessment.expires_at, moment + days)
    before = session.execute(
        select(Assessment.state).where(Assessment.id == assessment_id).with_for_update()
    ).scalar_one_or_none()
    sent = session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id, Assessment.state.in_(("invited", "expired")))
        # What was decided when it had expired stays on record; of an invitation that holds again nothing is decided.
        .values(state="invited", ended_at=None, decision=None, expires_at=expires_at, **link)
        .returning(Assessment.id)
    ).scalar_one_or_none()
    assessment = service.get(session, assessment_id)
    if sent is None:
        raise Conflict(
            "assessment_not_invited",
            f"Only an invitation that nobody has used can be sent again; this one is {assessment.state}.",
            state=assessment.state,
        )
    if void_old_link:
        emit(session, actor.organization_id, "invitation.voided", new_id(), assessment_id=str(assessment_id))
    service.request_invitation(session, actor.organization_id, assessment_id, "resent")
    audit.record(
        session,
        actor,
        "assessment.invited_again",
        assessment_id,
        revived=before == "expired",
        link_replaced=void_old_link,
        expires_at=assessment.expires_at.isoformat(),
    )
    return assessment
