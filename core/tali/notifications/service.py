"""What became of messages: each move of a row is one guarded UPDATE, by the job that sends it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.assessments.blind import day, under_blind_review
from tali.assessments.models import Assessment
from tali.kernel.actors import Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.database import organization_of
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.notifications.letters import Letter
from tali.notifications.models import Notification


def begin(session: Session, notification_id: UUID, template: str, letter: Letter, notifier: str | None) -> bool:
    """Put a try on record before it is made; False when the message has gone out, or failed for good, already."""
    kind, recipient_id = letter.recipient
    session.execute(
        insert(Notification)
        .values(
            id=notification_id,
            created_at=now(),
            organization_id=organization_of(session),
            template=template,
            subject_id=letter.subject_id,
            recipient_kind=kind,
            recipient_id=recipient_id,
            state="queued",
            tries=0,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )
    begun = session.execute(
        update(Notification)
        .where(Notification.id == notification_id, Notification.state == "queued")
        .values(tries=Notification.tries + 1, notifier=notifier)
        .returning(Notification.id)
    ).scalar_one_or_none()
    return begun is not None


def settle(
    session: Session,
    notification_id: UUID,
    state: str,
    *,
    receipt_id: str | None = None,
    error: str | None = None,
    otherwise: str | None = None,
) -> None:
    """Say what became of a message that was under way. `otherwise` is the error where none was noted before."""
    reason = error if otherwise is None else func.coalesce(Notification.error, otherwise)
    session.execute(
        update(Notification)
        .where(Notification.id == notification_id, Notification.state == "queued")
        .values(state=state, receipt_id=receipt_id, error=reason, settled_at=now())
    )


def note_error(session: Session, notification_id: UUID, error: str) -> None:
    """Say why a message is still under way."""
    session.execute(
        update(Notification)
        .where(Notification.id == notification_id, Notification.state == "queued")
        .values(error=error)
    )


def list_notifications(
    session: Session, actor: Staff, *, subject_id: UUID | None, state: str | None, limit: int, cursor: str | None
) -> list[Notification]:
    """Newest first, `limit + 1` of them. What was mailed to members is for owners; others see candidates' mail.

    Mail about an assessment under blind review is not among them: its moment, and its place in the list, would lead to
    the candidate who was made with it. `about_blind` tells what became of it.
    """
    query = select(Notification).order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit + 1)
    if not isinstance(actor, UserActor) or actor.role != "owner":
        query = query.where(Notification.recipient_kind == "candidate")
    blind_ones = select(Assessment.id).where(Assessment.id == Notification.subject_id, under_blind_review())
    query = query.where(~blind_ones.exists())
    if subject_id:
        query = query.where(Notification.subject_id == subject_id)
    if state:
        query = query.where(Notification.state == state)
    if cursor:
        position: tuple[datetime, UUID] = tuple(decode_cursor(cursor, a_moment, an_id))
        query = query.where(tuple_(Notification.created_at, Notification.id) < position)
    return list(session.execute(query).scalars())


def about_blind(session: Session, assessment_id: UUID, state: str | None) -> list[dict[str, Any]] | None:
    """What became of the newest mail of an assessment under blind review, by its day; None where there is no blind.

    The id of a message is that of its job, which begins with the moment: another stands in its place.
    """
    blind = session.execute(select(Assessment.id).where(Assessment.id == assessment_id, under_blind_review())).first()
    if blind is None:
        return None
    query = select(Notification).where(
        Notification.subject_id == assessment_id, Notification.recipient_kind == "candidate"
    )
    if state:
        query = query.where(Notification.state == state)
    newest = session.execute(query.order_by(Notification.created_at.desc()).limit(1)).scalars()
    return [
        {
            "id": uuid5(assessment_id, str(row.id)),
            "template": row.template,
            "subject_id": row.subject_id,
            "state": row.state,
            "tries": row.tries,
            "error": row.error,
            "created_at": day(row.created_at),
            "settled_at": row.settled_at and day(row.settled_at),
        }
        for row in newest
    ]
