"""The audit log: who did what to which thing, and when. Ids and settings; never a name, never what somebody wrote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tali.kernel.actors import Actor
from tali.organizations.models import AuditEntry


def record(session: Session, actor: Actor, action: str, subject_id: UUID, **facts: Any) -> None:
    """Write one line in the transaction of what it tells, so that neither is there without the other.

    Args:
        action: thing and verb, as `assessment.cancelled`; the thing is what `subject_id` is an id of.
        facts: what changed, small and JSON-able: ids, numbers, settings. No personal data, no secret.
    """
    session.add(
        AuditEntry(
            organization_id=actor.organization_id,
            actor=actor.key,
            action=action,
            subject_id=subject_id,
            facts=facts,
        )
    )
