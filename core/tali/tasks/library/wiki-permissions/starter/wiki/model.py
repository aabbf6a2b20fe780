"""What there is in the wiki."""

import datetime
from dataclasses import dataclass, field


@dataclass(frozen=True)
class User:
    """Somebody who is signed in."""

    id: str
    groups: frozenset[str] = frozenset()
    suspended: bool = False


@dataclass(frozen=True)
class Share:
    """`to` is "user:<id>" or "group:<name>"; `role` is "viewer", "commenter" or "editor"."""

    to: str
    role: str
    until: datetime.date | None = None


@dataclass(frozen=True)
class Space:
    """Where documents live; `people` maps a user's id to "admin", "member" or "guest"."""

    id: str
    people: dict[str, str] = field(default_factory=dict)


@dataclass
class Document:
    """A page."""

    id: str
    space: str
    owner: str
    text: str = ""
    private: bool = False
    public: bool = False
    archived: bool = False
    locked_by: str | None = None
    shares: list[Share] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)
