"""Proposes meetings. A person's bad minutes are counted once, so that any window is judged by two look-ups."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import accumulate, chain
from typing import NamedTuple

from scheduling.model import Event, Person, Request, Slot


class Window(NamedTuple):
    """The minutes that a request is about."""

    start: datetime
    length: int

    @classmethod
    def of(cls, request: Request) -> Window:
        whole_hour = request.start.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0)
        return cls(whole_hour, max(0, (request.end - whole_hour) // timedelta(minutes=1)))

    def clip(self, moment: datetime, *, up: bool = False) -> int:
        delta = moment - self.start
        minutes = -(-delta // timedelta(minutes=1)) if up else delta // timedelta(minutes=1)
        return min(max(minutes, 0), self.length)


class Availability:
    def __init__(self, person: Person, request: Request, window: Window, *, tentative: bool):
        changes_at_work = array("i", bytes(4 * (window.length + 1)))
        changes_busy = array("i", bytes(4 * (window.length + 1)))
        for opened, closed in self._shifts(person, window):
            changes_at_work[window.clip(opened)] += 1
            changes_at_work[window.clip(closed)] -= 1
        for begun, ended in self._blocked(person, request, tentative):
            changes_busy[window.clip(begun)] += 1
            changes_busy[window.clip(ended, up=True)] -= 1
        bad = (
            int(working == 0 or busy > 0)
            for working, busy in zip(accumulate(changes_at_work), accumulate(changes_busy))
        )
        self.bad_before = array("i", chain((0,), accumulate(bad)))

    def fits(self, minute: int, length: int) -> bool:
        return self.bad_before[minute + length] == self.bad_before[minute]

    @staticmethod
    def _midnight(moment: datetime, person: Person) -> datetime:
        zone = timezone(timedelta(minutes=person.utc_offset_minutes))
        return datetime.combine(moment.astimezone(zone).date(), datetime.min.time(), zone)

    def _shifts(self, person: Person, window: Window) -> Iterable[tuple[datetime, datetime]]:
        today = self._midnight(window.start, person) - timedelta(days=1)
        for _ in range(window.length // 1440 + 4):
            if hours := person.hours.get(today.weekday()):
                opened, closed = (today + timedelta(minutes=minute) for minute in hours)
                yield opened, closed
            today += timedelta(days=1)

    def _blocked(self, person: Person, request: Request, tentative: bool) -> Iterable[tuple[datetime, datetime]]:
        air = timedelta(minutes=request.buffer_minutes)
        for event in person.events:
            match event:
                case Event(status="away"):
                    begun, ended = self._midnight(event.start, person), self._midnight(event.end, person)
                    whole = ended == event.end and ended > begun
                    yield begun, ended if whole else ended + timedelta(days=1)
                case Event(status="confirmed" | "tentative" as status) if event.start < event.end:
                    if status == "confirmed" or tentative:
                        yield event.start - air, event.end + air


def propose(people: list[Person], optional: list[Person], request: Request) -> list[Slot]:
    """The best times for a meeting of `people`, and of as many of `optional` as can come."""
    if not people or request.limit < 1 or request.minutes < 1:
        return []
    window = Window.of(request)
    obliged = {person.name: person for person in people}
    invited = {person.name: person for person in optional if person.name not in obliged}
    theirs = [Availability(person, request, window, tentative=True) for person in obliged.values()]
    others = {name: Availability(person, request, window, tentative=False) for name, person in invited.items()}
    candidates: dict[int, list[Slot]] = {}
    for minute in range(0, window.length - request.minutes + 1, 15):
        moment = window.start + timedelta(minutes=minute)
        if moment >= request.start and all(one.fits(minute, request.minutes) for one in theirs):
            coming = tuple(name for name, one in others.items() if one.fits(minute, request.minutes))
            slot = Slot(moment, moment + timedelta(minutes=request.minutes), coming)
            candidates.setdefault(len(coming), []).append(slot)
    best_first = chain.from_iterable(candidates[count] for count in sorted(candidates, reverse=True))
    return list(best_first)[: request.limit]
