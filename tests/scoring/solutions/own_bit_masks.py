"""Every minute of the request is one bit of an integer; calendars are combined with & and shifts."""

import datetime as dt

from scheduling import model

PER_DAY = 1440


def _ones(begin: int, end: int, size: int) -> int:
    begin, end = max(begin, 0), min(end, size)
    return ((1 << (end - begin)) - 1) << begin if end > begin else 0


def _runs_of(mask: int, length: int) -> int:
    """The bits from which `length` set bits follow."""
    have = 1
    while have < length:
        step = min(have, length - have)
        mask &= mask >> step
        have += step
    return mask


class Board:
    def __init__(self, request: model.Request) -> None:
        self.request = request
        self.origin = request.start.astimezone(dt.timezone.utc).replace(second=0, microsecond=0)
        if self.origin < request.start:
            self.origin += dt.timedelta(minutes=1)
        self.size = int((request.end - self.origin).total_seconds() // 60)

    def floor(self, when: dt.datetime) -> int:
        return int((when - self.origin).total_seconds() // 60)

    def ceil(self, when: dt.datetime) -> int:
        return -int(-(when - self.origin).total_seconds() // 60)

    def local_midnight(self, when: dt.datetime, offset: int) -> int:
        """The minute at which the day of `when` began for somebody."""
        wall = when.astimezone(dt.timezone.utc) + dt.timedelta(minutes=offset)
        start = wall.replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(minutes=offset)
        return self.floor(start)

    def at_work(self, who: model.Person) -> int:
        mask = 0
        wall = self.origin + dt.timedelta(minutes=who.utc_offset_minutes)
        minute = self.local_midnight(self.origin, who.utc_offset_minutes) - PER_DAY
        weekday = (wall.weekday() - 1) % 7
        while minute < self.size:
            opening, closing = who.hours.get(weekday, (0, 0))
            mask |= _ones(minute + opening, minute + closing, self.size)
            minute, weekday = minute + PER_DAY, (weekday + 1) % 7
        return mask

    def taken(self, who: model.Person, blocking: set[str]) -> int:
        mask, air = 0, self.request.buffer_minutes
        for event in who.events:
            if event.status == "away":
                first = self.local_midnight(event.start, who.utc_offset_minutes)
                stop = self.local_midnight(event.end, who.utc_offset_minutes)
                if self.floor(event.end) > stop or stop == first:
                    stop += PER_DAY
                mask |= _ones(first, stop, self.size)
            elif event.status in blocking and event.end > event.start:
                mask |= _ones(self.floor(event.start) - air, self.ceil(event.end) + air, self.size)
        return mask

    def possible(self, who: model.Person, blocking: set[str]) -> int:
        return _runs_of(self.at_work(who) & ~self.taken(who, blocking), self.request.minutes)


def propose(people, optional, request):
    board = Board(request)
    if not people or board.size < request.minutes or request.minutes <= 0:
        return []
    everybody = -1
    for who in people:
        everybody &= board.possible(who, {"confirmed", "tentative"})
        if not everybody:
            return []
    wished = {}
    for who in optional:
        if all(who.name != other.name for other in people) and who.name not in wished:
            wished[who.name] = board.possible(who, {"confirmed"})
    ranked = []
    offset = -(board.origin.hour * 60 + board.origin.minute) % 15
    digits = {name: bin(mask)[:1:-1] for name, mask in wished.items()}
    required = bin(everybody)[:1:-1]
    for minute in range(offset, min(len(required), board.size), 15):
        if required[minute] == "1":
            able = tuple(name for name, bits in digits.items() if bits[minute : minute + 1] == "1")
            ranked.append((-len(able), minute, able))
    ranked.sort()
    length = dt.timedelta(minutes=request.minutes)
    answer = []
    for _, minute, able in ranked[: max(request.limit, 0)]:
        begin = board.origin + dt.timedelta(minutes=minute)
        answer.append(model.Slot(begin, begin + length, able))
    return answer
