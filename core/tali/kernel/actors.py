"""Who is asking. Services take an actor as an argument and never look for one elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tali.kernel.errors import Forbidden

Role = Literal["owner", "recruiter", "viewer"]
Scope = Literal["read", "assessments:write", "tasks:write", "embed"]
SCOPES: tuple[Scope, ...] = ("read", "assessments:write", "tasks:write", "embed")
"""What an API key may be for: reading, inviting and moving assessments (and candidates), tasks, embed tokens."""


@dataclass(frozen=True, slots=True)
class UserActor:
    """A signed-in person, in one organisation."""

    organization_id: UUID
    user_id: UUID
    membership_id: UUID
    role: Role

    @property
    def key(self) -> str:
        return f"user:{self.user_id}"


@dataclass(frozen=True, slots=True)
class ApiKeyActor:
    """A program of an organisation: its ATS, its backend."""

    organization_id: UUID
    api_key_id: UUID
    scopes: frozenset[str] = frozenset(SCOPES)

    @property
    def key(self) -> str:
        return f"api_key:{self.api_key_id}"


@dataclass(frozen=True, slots=True)
class CandidateActor:
    """The candidate of one attempt. The bearer *is* the attempt: no path ever names another."""

    organization_id: UUID
    assessment_id: UUID
    attempt_id: UUID

    @property
    def key(self) -> str:
        return f"attempt:{self.attempt_id}"


@dataclass(frozen=True, slots=True)
class AnonymousActor:
    """Somebody who has shown nothing but an address: who asks for a new password, or guesses at one."""

    organization_id: UUID

    @property
    def key(self) -> str:
        return "anonymous"


Staff = UserActor | ApiKeyActor
Actor = UserActor | ApiKeyActor | CandidateActor | AnonymousActor


def require_role(actor: Staff, *roles: Role) -> None:
    """Raise Forbidden unless the person holds one of the roles. An API key acts as a recruiter."""
    role: Role = actor.role if isinstance(actor, UserActor) else "recruiter"
    if role not in roles:
        raise Forbidden("role_insufficient", f"This needs the role {' or '.join(roles)}. You are signed in as {role}.")


def require_scope(actor: Staff, scope: Scope | None) -> None:
    """Raise Forbidden unless the program's key has the scope; None is for what no key may do. People have all."""
    if not isinstance(actor, ApiKeyActor):
        return
    if scope is None:
        raise Forbidden("user_required", "An API key cannot do this; sign in as a person.")
    if scope not in actor.scopes:
        raise Forbidden("scope_missing", f"This API key lacks the scope {scope}. Make one that has it.", scope=scope)
