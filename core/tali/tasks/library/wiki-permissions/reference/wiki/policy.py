"""Who may do what. The only place that decides it."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from wiki.model import Document, Space, User

ROLES = ("viewer", "commenter", "editor", "owner")
NEEDED = {"view": "viewer", "comment": "commenter", "edit": "editor", "share": "editor", "delete": "owner"}
ACTIONS = tuple(NEEDED)
_POSSIBLE_WHEN_ARCHIVED = ("view", "delete")


@dataclass(frozen=True)
class Decision:
    """`reason` is None when it is allowed."""

    allowed: bool
    reason: str | None = None


def decide(user: User | None, action: str, document: Document, space: Space, today: datetime.date) -> Decision:
    """Whether `user` (None: not signed in) may do that to the document.

    Raises ValueError for an action that there is not.
    """
    if action not in NEEDED:
        raise ValueError(f"there is no action {action!r}")
    reason = _refusal(user, action, document, space, today)
    return Decision(reason is None, reason)


def _refusal(user: User | None, action: str, document: Document, space: Space, today: datetime.date) -> str | None:
    if user is not None and user.suspended:
        return "suspended"
    rank = max((ROLES.index(role) for role in _roles(user, document, space, today)), default=-1)
    if rank < 0:
        return "no_access"
    if document.archived and action not in _POSSIBLE_WHEN_ARCHIVED:
        return "archived"
    if rank < ROLES.index(NEEDED[action]):
        return "role"
    return "locked" if action == "edit" and _is_locked_out(user, document, space) else None


def _roles(user: User | None, document: Document, space: Space, today: datetime.date) -> Iterator[str]:
    """Every role that the user gets from anywhere."""
    if document.public:
        yield "viewer"
    if user is None:
        return
    position = space.people.get(user.id)
    if document.owner == user.id or position == "admin":
        yield "owner"
    if position == "member" and not document.private:
        yield "viewer"
    yield from _shared_roles(user, document, today)


def _shared_roles(user: User, document: Document, today: datetime.date) -> Iterator[str]:
    names = {f"user:{user.id}", *(f"group:{group}" for group in user.groups)}
    for share in document.shares:
        if share.to in names and (share.until is None or today <= share.until):
            yield share.role


def _is_locked_out(user: User | None, document: Document, space: Space) -> bool:
    if document.locked_by is None or user is None:
        return document.locked_by is not None
    return document.locked_by != user.id and space.people.get(user.id) != "admin"
