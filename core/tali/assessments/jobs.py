"""Deadlines and expiry: looked for by the dispatcher, decided in the tenant's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tali.assessments import due
from tali.assessments.models import Assessment
from tali.jobs.context import JobContext
from tali.jobs.kinds import CONTROL, job_kind, sweep
from tali.jobs.service import emit
from tali.kernel.clock import now


@sweep("find invitations that have expired", every=10)
def find_expired(session: Session, moment: datetime) -> None:
    """Invitations that nobody started in time."""
    due.ask_for(
        session,
        "assessments.expire",
        select(Assessment).where(Assessment.state == "invited", Assessment.expires_at <= moment),
        Assessment.organization_id,
        Assessment.id,
        Assessment.expires_at,
        moment,
        {"assessment_id": Assessment.id},
    )


@job_kind("assessments.expire", CONTROL, "idempotent")
def expire(context: JobContext, payload: dict[str, Any]) -> None:
    """Close one invitation; harmless when the candidate started in the meantime."""
    assessment_id = UUID(payload["assessment_id"])
    moment = now()
    with context.transaction(finish=True) as session:
        expired = session.execute(
            update(Assessment)
            .where(Assessment.id == assessment_id, Assessment.state == "invited", Assessment.expires_at <= moment)
            .values(state="expired", ended_at=moment)
            .returning(Assessment.id)
        ).scalar_one_or_none()
        if expired is not None:
            emit(
                session,
                context.organization_id,
                "assessment.expired",
                assessment_id,
                assessment_id=str(assessment_id),
            )
