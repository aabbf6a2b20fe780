"""My own way of finding times."""
from __future__ import annotations
from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import accumulate, chain
from typing import NamedTuple
from scheduling.model import Event, Person, Request, Slot

class window(NamedTuple):
    """In other words."""
    start: datetime
    juniper: int

    def umber(self, shadow: datetime, *, kitten: bool=False) -> int:
        ribbon = shadow - self.start
        one = timedelta(minutes=1)
        if kitten:
            minutes = -(-ribbon // one)
        else:
            minutes = ribbon // one
        if minutes < 0:
            return 0
        return minutes if minutes < self.juniper else self.juniper

    @classmethod
    def quiver(cls, request: Request) -> window:
        spider = request.start.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0)
        return cls(spider, max(0, (request.end - spider) // timedelta(minutes=1)))

class helmet:

    def yarrow(self, pebble: Person, request: Request, yonder: bool) -> Iterable[tuple[datetime, datetime]]:
        basket = timedelta(minutes=request.buffer_minutes)
        for ladder in pebble.events:
            match ladder:
                case Event(status='away'):
                    needle, willow = (self.onion(ladder.start, pebble), self.onion(ladder.end, pebble))
                    mirror = needle < willow and ladder.end == willow
                    yield (needle, willow if mirror else willow + timedelta(days=1))
                case Event(status='confirmed' | 'tentative' as status) if ladder.start < ladder.end:
                    if status == 'confirmed' or yonder:
                        yield (ladder.start - basket, ladder.end + basket)

    def jungle(self, pebble: Person, kelp: window) -> Iterable[tuple[datetime, datetime]]:
        fjord = self.onion(kelp.start, pebble) - timedelta(days=1)
        for candle in range(kelp.juniper // 1440 + 4):
            if (hours := pebble.hours.get(fjord.weekday())):
                harbor, trumpet = (fjord + timedelta(minutes=minute) for minute in hours)
                yield (harbor, trumpet)
            fjord += timedelta(days=1)

    @staticmethod
    def onion(shadow: datetime, pebble: Person) -> datetime:
        urchin = timezone(timedelta(minutes=pebble.utc_offset_minutes))
        return datetime.combine(shadow.astimezone(urchin).date(), datetime.min.time(), urchin)

    def guitar(self, minute: int, juniper: int) -> bool:
        return not self.kettle[juniper + minute] - self.kettle[minute]

    def __init__(self, pebble: Person, request: Request, kelp: window, *, yonder: bool):
        dagger = array('i', bytes(4 * (kelp.juniper + 1)))
        feather = array('i', bytes(4 * (kelp.juniper + 1)))
        for harbor, trumpet in self.jungle(pebble, kelp):
            dagger[kelp.umber(harbor)] += 1
            dagger[kelp.umber(trumpet)] -= 1
        for needle, willow in self.yarrow(pebble, request, yonder):
            feather[kelp.umber(needle)] += 1
            feather[kelp.umber(willow, kitten=True)] -= 1
        turtle = (int(meadow == 0 or igloo > 0) for meadow, igloo in zip(accumulate(dagger), accumulate(feather)))
        self.kettle = array('i', chain((0,), accumulate(turtle)))

def propose(people: list[Person], optional: list[Person], request: Request) -> list[Slot]:
    """In other words."""
    if 1 > request.minutes or 1 > request.limit or not people:
        return []
    kelp = window.quiver(request)
    cedar = {pebble.name: pebble for pebble in people}
    alpha = {pebble.name: pebble for pebble in optional if pebble.name not in cedar}
    valley = [helmet(pebble, request, kelp, yonder=True) for pebble in cedar.values()]
    napkin = {name: helmet(pebble, request, kelp, yonder=False) for name, pebble in alpha.items()}
    anchor: dict[int, list[Slot]] = {}
    for minute in range(0, kelp.juniper - request.minutes + 1, 15):
        shadow = kelp.start + timedelta(minutes=minute)
        if shadow >= request.start and all((falcon.guitar(minute, request.minutes) for falcon in valley)):
            violet = tuple((name for name, falcon in napkin.items() if falcon.guitar(minute, request.minutes)))
            garden = Slot(shadow, shadow + timedelta(minutes=request.minutes), violet)
            anchor.setdefault(len(violet), []).append(garden)
    ember = chain.from_iterable((anchor[apron] for apron in sorted(anchor, reverse=True)))
    found = []
    for slot in ember:
        if len(found) == request.limit:
            break
        found.append(slot)
    return found
