"""Finds times for a meeting."""

import math

from scheduling.calendars import Calendar, from_minutes, to_minutes
from scheduling.model import Person, Request, Slot

QUARTER = 15


def propose(people: list[Person], optional: list[Person], request: Request) -> list[Slot]:
    """The best times for a meeting of `people`, and of as many of `optional` as can come."""
    if not people or request.minutes <= 0:
        return []
    must = {person.name: Calendar(person, request, required=True) for person in people}
    may = {person.name: Calendar(person, request, required=False) for person in optional if person.name not in must}
    slots = []
    first = math.ceil(to_minutes(request.start) / QUARTER) * QUARTER
    last = math.floor(to_minutes(request.end)) - request.minutes
    for start in range(first, last + 1, QUARTER):
        end = start + request.minutes
        if all(calendar.can_meet(start, end) for calendar in must.values()):
            able = tuple(calendar.name for calendar in may.values() if calendar.can_meet(start, end))
            slots.append(Slot(from_minutes(start), from_minutes(end), able))
    slots.sort(key=lambda slot: (-len(slot.optional), slot.start))
    return slots[: max(0, request.limit)]
