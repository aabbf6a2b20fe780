"""From a request's credential to an actor and a transaction bound to its organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast
from uuid import UUID

from flask import current_app, request
from sqlalchemy import select, text, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from tali.jobs.resources import Resources
from tali.kernel.actors import (
    ApiKeyActor,
    CandidateActor,
    Role,
    Scope,
    Staff,
    UserActor,
    require_role,
    require_scope,
)
from tali.kernel.clock import now
from tali.kernel.errors import Forbidden, Gone, Unauthorized
from tali.kernel.http import bearer_token
from tali.kernel.security import token_hash
from tali.organizations.models import ApiKey, Membership, User

ACCESS_AUDIENCE = "tali-admin"
CANDIDATE_AUDIENCE = "tali-candidate"
API_KEY_PREFIX = "tali_sk_"  # pragma: allowlist secret
LAST_USED_GRANULARITY = timedelta(minutes=1)
WRITE_SCOPES: dict[str, Scope] = {
    "candidates": "assessments:write",
    "assessments": "assessments:write",
    "reviewing": "assessments:write",
    "attempt_time": "assessments:write",
    "scoring": "assessments:write",
    "reports": "assessments:write",
    "tasks": "tasks:write",
    "embed": "embed",
}
"""What a key needs to change things through a room's routes. A room that is not here is closed to keys for writing."""
EVERY_ROLE: tuple[Role, ...] = ("owner", "recruiter", "viewer")


def resources() -> Resources:
    """What this process holds."""
    return cast(Resources, current_app.extensions["tali"])


def resolve_credential(kind: str, token: str) -> tuple[UUID, UUID] | None:
    """Which organisation and row a random credential leads to; None when it leads nowhere."""
    with resources().database.nobody() as session:
        row = session.execute(
            text("SELECT organization_id, id FROM tali_resolve_credential(:kind, :hash)"),
            {"kind": kind, "hash": token_hash(token)},
        ).first()
    return (row.organization_id, row.id) if row else None


def _scope_of_request() -> Scope | None:
    """What a key needs for this request, by its method and room."""
    if request.method in {"GET", "HEAD"}:
        return "read"
    return WRITE_SCOPES.get(request.blueprint or "")


@contextmanager
def as_staff(*roles: Role, scope: Scope | None = None) -> Iterator[tuple[Session, Staff]]:
    """One transaction as a signed-in user or an API key that holds one of `roles` (default: any).

    A key needs `scope`; where none is given, `read` for a GET and its room's scope (`WRITE_SCOPES`) for all else.

    Raises:
        Unauthorized: `token_missing`, `token_invalid`, `token_expired`, `session_ended`, `api_key_invalid`,
            `api_key_expired`.
        Forbidden: `role_insufficient`, `scope_missing`, `user_required`.
    """
    token = bearer_token()
    if token is None:
        raise Unauthorized("token_missing", "Sign in, or send an API key as Authorization: Bearer …")
    if token.startswith(API_KEY_PREFIX):
        found = resolve_credential("api_key", token)
        if found is None:
            raise Unauthorized(
                "api_key_invalid", "This API key is not known. Make a new one under Settings → API keys."
            )
        organization_id, key_id = found
        with resources().database.tenant(organization_id) as session:
            actor: Staff = _api_key_actor(session, key_id)
            require_scope(actor, scope or _scope_of_request())
            require_role(actor, *(roles or EVERY_ROLE))
            yield session, actor
        return
    claims = resources().key_ring.verify(ACCESS_AUDIENCE, token)
    with resources().database.tenant(UUID(claims["org"])) as session:
        actor = _user_actor(session, UUID(claims["mid"]), int(claims["sv"]), int(claims.get("mv", 0)))
        require_role(actor, *(roles or EVERY_ROLE))
        yield session, actor


@contextmanager
def as_user(*roles: Role) -> Iterator[tuple[Session, UserActor]]:
    """Like `as_staff`, for what only a person may do.

    Raises:
        Forbidden: `user_required`.
    """
    if (bearer_token() or "").startswith(API_KEY_PREFIX):
        raise Forbidden("user_required", "An API key cannot do this; sign in as a person.")
    with as_staff(*roles) as (session, actor):
        assert isinstance(actor, UserActor)  # noqa: S101 -- no key comes this far
        yield session, actor


def candidate_actor() -> CandidateActor:
    """The candidate that the bearer speaks for. Signed, so no query is needed.

    Raises:
        Unauthorized: `token_missing`, `token_invalid`, `token_expired`.
    """
    token = bearer_token()
    if token is None:
        raise Unauthorized("token_missing", "Open your invitation link again.")
    claims = resources().key_ring.verify(CANDIDATE_AUDIENCE, token)
    return CandidateActor(UUID(claims["org"]), UUID(claims["asm"]), UUID(claims["att"]))


@contextmanager
def as_candidate() -> Iterator[tuple[Session, CandidateActor]]:
    """One transaction as the candidate of one attempt.

    Raises:
        Gone: `assessment_deleted`, when the attempt that the bearer speaks for is no more.
    """
    actor = candidate_actor()
    try:
        with resources().database.tenant(actor.organization_id) as session:
            yield session, actor
    except NoResultFound:
        raise Gone("assessment_deleted", "This assessment does not exist any more. Ask whoever invited you.") from None


def _user_actor(session: Session, membership_id: UUID, session_version: int, membership_version: int) -> UserActor:
    row = session.execute(
        select(
            Membership.organization_id,
            Membership.user_id,
            Membership.role,
            Membership.session_version.label("membership_version"),
            User.session_version,
        )
        .join(User, User.id == Membership.user_id)
        .where(Membership.id == membership_id, Membership.active)
    ).one_or_none()
    if row is None or (row.session_version, row.membership_version) != (session_version, membership_version):
        raise Unauthorized("session_ended", "Your session has ended. Sign in again.")
    return UserActor(row.organization_id, row.user_id, membership_id, row.role)


def _api_key_actor(session: Session, key_id: UUID) -> ApiKeyActor:
    key = session.get(ApiKey, key_id)
    moment = now()
    if key is None or key.revoked_at is not None:
        raise Unauthorized("api_key_invalid", "This API key was revoked. Make a new one under Settings → API keys.")
    if key.expires_at is not None and key.expires_at <= moment:
        raise Unauthorized("api_key_expired", "This API key has expired. Make a new one under Settings → API keys.")
    if key.last_used_at is None or moment - key.last_used_at > LAST_USED_GRANULARITY:
        # To the minute: a write per request would make every read a write.
        session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=moment))
    return ApiKeyActor(key.organization_id, key.id, frozenset(key.scopes))
