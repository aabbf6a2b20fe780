"""Who is asking. Services take an actor as an argument and never look for one elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tali.kernel.errors import Forbidden

Role = Literal["owner", "recruiter", "viewer"]


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


Staff = UserActor | ApiKeyActor
Actor = UserActor | ApiKeyActor | CandidateActor


def require_role(actor: Staff, *roles: Role) -> None:
    """Raise Forbidden unless the person holds one of the roles. An API key acts as a recruiter."""
    role: Role = actor.role if isinstance(actor, UserActor) else "recruiter"
    if role not in roles:
        raise Forbidden("role_insufficient", f"This needs the role {' or '.join(roles)}. You are signed in as {role}.")
