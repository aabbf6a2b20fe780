"""What the calendar gives us, and what the screen gets. All datetimes are aware."""

import datetime
from dataclasses import dataclass, field

STATUSES = ("confirmed", "tentative", "away", "cancelled", "free")


@dataclass(frozen=True)
class Event:
    """Something in a calendar, from `start` until just before `end`."""

    start: datetime.datetime
    end: datetime.datetime
    status: str = "confirmed"


@dataclass(frozen=True)
class Person:
    """Somebody with a calendar. `hours`: weekday (0 is Monday) → (start, end), in minutes from midnight of their day."""

    name: str
    utc_offset_minutes: int = 0
    hours: dict[int, tuple[int, int]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Request:
    """What kind of meeting, and when."""

    start: datetime.datetime
    end: datetime.datetime
    minutes: int
    buffer_minutes: int = 0
    limit: int = 5


@dataclass(frozen=True)
class Slot:
    """A proposal, in UTC; `optional` names the optional people who can come."""

    start: datetime.datetime
    end: datetime.datetime
    optional: tuple[str, ...] = ()
