"""Finds times for a meeting."""

import datetime

from scheduling.model import Person, Request, Slot

QUARTER = datetime.timedelta(minutes=15)


def propose(people: list[Person], optional: list[Person], request: Request) -> list[Slot]:
    """The best times for a meeting of `people`, and of as many of `optional` as can come."""
    length = datetime.timedelta(minutes=request.minutes)
    slots = []
    start = request.start
    while start + length <= request.end and len(slots) < request.limit:
        if _works(people[0], start) and not _is_busy(people[0], start):
            slots.append(Slot(start, start + length))
        start += QUARTER
    return slots


def _works(person: Person, moment: datetime.datetime) -> bool:
    begin, end = person.hours.get(moment.weekday(), (0, 0))
    return begin <= moment.hour * 60 + moment.minute < end


def _is_busy(person: Person, moment: datetime.datetime) -> bool:
    return any(event.start <= moment < event.end for event in person.events)
