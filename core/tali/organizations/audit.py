"""The audit log: who did what to which thing, and when. Ids and settings; never a name, never what somebody wrote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from tali.kernel.actors import Actor
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.organizations.models import ApiKey, AuditEntry, Membership, User

PROGRAM = "A program (API key)"
GONE = "Somebody who has left"


def record(session: Session, actor: Actor, action: str, subject_id: UUID, **facts: Any) -> None:
    """Write one line in the transaction of what it tells, so that neither is there without the other.

    Args:
        action: thing and verb, as `assessment.cancelled`; the thing is what `subject_id` is an id of.
        facts: what changed, small and JSON-able: ids, numbers, settings. No personal data, no secret.
    """
    record_as(session, actor.organization_id, actor.key, action, subject_id, **facts)


def record_as(
    session: Session, organization_id: UUID, actor_key: str, action: str, subject_id: UUID, **facts: Any
) -> None:
    """The same for a job, of which only the key is left of whoever asked for it."""
    session.add(
        AuditEntry(
            organization_id=organization_id,
            actor=actor_key,
            action=action,
            subject_id=subject_id,
            facts=facts,
        )
    )


def list_entries(
    session: Session,
    *,
    action: str | None,
    subject_id: UUID | None,
    actor: str | None,
    limit: int,
    cursor: str | None,
) -> list[AuditEntry]:
    """Newest first, `limit + 1` of them. `action` is how one begins: `assessment.` finds all about assessments."""
    query = select(AuditEntry).order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if subject_id:
        query = query.where(AuditEntry.subject_id == subject_id)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    if cursor:
        created_at, entry_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(AuditEntry.created_at, AuditEntry.id) < (created_at, entry_id))
    return list(session.execute(query).scalars())


def names_of(session: Session, actors: set[str]) -> dict[str, str]:
    """What actors are called, where they still are: the log itself holds ids alone."""
    ids: dict[str, list[UUID]] = {"user": [], "api_key": []}
    for actor in actors:
        kind, _, actor_id = actor.partition(":")
        if kind in ids:
            ids[kind].append(UUID(actor_id))
    people = (
        select(User.id, User.full_name).join(Membership, Membership.user_id == User.id).where(User.id.in_(ids["user"]))
    )
    keys = select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(ids["api_key"]))
    return {f"user:{user_id}": name for user_id, name in session.execute(people)} | {
        f"api_key:{key_id}": name for key_id, name in session.execute(keys)
    }


def shown_names(session: Session, actors: set[str]) -> dict[str, str]:
    """The same for answers to people: every actor is called something, whoever is gone included."""
    names = names_of(session, actors)
    return {actor: names.get(actor) or (PROGRAM if actor.startswith("api_key:") else GONE) for actor in actors}
