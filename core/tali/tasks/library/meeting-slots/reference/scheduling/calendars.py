"""When a person can meet: their working hours, and what keeps them busy."""

import datetime
import math

from scheduling.intervals import Interval, Stretches
from scheduling.model import Event, Person, Request

DAY = 24 * 60
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MINUTE = datetime.timedelta(minutes=1)
# 1 January 1970 was a Thursday.
_FIRST_WEEKDAY = 3


def to_minutes(moment: datetime.datetime) -> float:
    """Minutes since 1970."""
    return (moment - _EPOCH) / _MINUTE


def from_minutes(minutes: int) -> datetime.datetime:
    """The moment, in UTC."""
    return _EPOCH + minutes * _MINUTE


class Calendar:
    """One person's time. Those who must be there are kept busy by tentative events too."""

    def __init__(self, person: Person, request: Request, required: bool):
        self.name = person.name
        keeping = ("confirmed", "tentative") if required else ("confirmed",)
        busy = [_around(event, request.buffer_minutes) for event in person.events if event.status in keeping]
        away = [_days_of(event, person.utc_offset_minutes) for event in person.events if event.status == "away"]
        self._busy = Stretches([interval for interval in busy if interval is not None] + away)
        self._hours = Stretches(_working_hours(person, request))

    def can_meet(self, start: int, end: int) -> bool:
        """Whether a meeting from `start` to `end`, in minutes since 1970, is possible."""
        return self._hours.hold(start, end) and not self._busy.touch(start, end)


def _around(event: Event, buffer: int) -> Interval | None:
    if event.start >= event.end:
        return None
    return math.floor(to_minutes(event.start)) - buffer, math.ceil(to_minutes(event.end)) + buffer


def _days_of(event: Event, offset: int) -> Interval:
    """The person's own days that the event touches, as one stretch."""
    first = math.floor((to_minutes(event.start) + offset) / DAY)
    last = max(first + 1, math.ceil((to_minutes(event.end) + offset) / DAY))
    return first * DAY - offset, last * DAY - offset


def _working_hours(person: Person, request: Request) -> list[Interval]:
    offset = person.utc_offset_minutes
    # A shift that began the day before may reach into the first day.
    first = math.floor((to_minutes(request.start) + offset) / DAY) - 1
    last = math.ceil((to_minutes(request.end) + offset) / DAY)
    hours = []
    for day in range(first, last + 1):
        begin, end = person.hours.get((day + _FIRST_WEEKDAY) % 7, (0, 0))
        hours.append((day * DAY - offset + begin, day * DAY - offset + end))
    return hours
