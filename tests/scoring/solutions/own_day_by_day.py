"""Scheduling, one working stretch at a time, with a binary search over each person's obstacles."""

import bisect
import collections
import datetime
import itertools
import operator

from scheduling.model import Slot

Stretch = collections.namedtuple("Stretch", "opens closes")


class Agenda:
    EPOCH = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)

    def __init__(self, owner, rules, mandatory):
        self.owner = owner
        self.rules = rules
        self.mandatory = mandatory
        self._stretches = self._join(self._working())
        obstacles = self._join(filter(None, map(self._obstacle, owner.events)))
        self._obstacle_ends = [obstacle.closes for obstacle in obstacles]
        self._obstacle_starts = [obstacle.opens for obstacle in obstacles]
        self._stretch_ends = [stretch.closes for stretch in self._stretches]

    def __contains__(self, meeting):
        opens, closes = meeting
        index = bisect.bisect_left(self._stretch_ends, closes)
        if index == len(self._stretches) or self._stretches[index].opens > opens:
            return False
        index = bisect.bisect_right(self._obstacle_ends, opens)
        return index == len(self._obstacle_ends) or self._obstacle_starts[index] >= closes

    @classmethod
    def seconds(cls, moment):
        return (moment - cls.EPOCH).total_seconds()

    def _local_day(self, seconds):
        return (seconds + self.owner.utc_offset_minutes * 60) // 86400

    def _midnight(self, day):
        return day * 86400 - self.owner.utc_offset_minutes * 60

    def _working(self):
        begin = self._local_day(self.seconds(self.rules.start)) - 1
        for day in itertools.count(begin):
            midnight = self._midnight(day)
            if midnight > self.seconds(self.rules.end):
                break
            # 1 January 2001 was a Monday
            if (int(day) % 7) in self.owner.hours:
                yield Stretch(*(midnight + 60 * minutes for minutes in self.owner.hours[int(day) % 7]))

    def _obstacle(self, event):
        handler = getattr(self, f"_when_{event.status}", lambda *_: None)
        return handler(self.seconds(event.start), self.seconds(event.end))

    def _when_away(self, opens, closes):
        days = [self._local_day(opens), self._local_day(closes)]
        if self._midnight(days[1]) == closes and days[0] != days[1]:
            days[1] -= 1
        return Stretch(self._midnight(days[0]), self._midnight(days[1] + 1))

    def _when_confirmed(self, opens, closes):
        air = 60 * self.rules.buffer_minutes
        return Stretch(opens - air, closes + air) if opens != closes else None

    def _when_tentative(self, opens, closes):
        return self._when_confirmed(opens, closes) if self.mandatory else None

    @staticmethod
    def _join(stretches):
        stack = []
        for stretch in sorted(stretches, key=operator.attrgetter("opens")):
            if stretch.opens == stretch.closes:
                continue
            if stack and stack[-1].closes >= stretch.opens:
                stretch = Stretch(stack[-1].opens, max(stack.pop().closes, stretch.closes))
            stack.append(stretch)
        return stack

    def beginnings(self):
        """Full quarters at which the owner could begin, by working stretch."""
        lower, upper = self.seconds(self.rules.start), self.seconds(self.rules.end)
        needed = self.rules.minutes * 60
        for stretch in self._stretches:
            opens, closes = max(stretch.opens, lower), min(stretch.closes, upper)
            quarter = -int(-opens // 900)
            while quarter * 900 + needed <= closes:
                if (quarter * 900, quarter * 900 + needed) in self:
                    yield quarter * 900
                quarter += 1


def propose(people, optional, request):
    if not people or request.minutes <= 0:
        return []
    leader, *followers = [Agenda(person, request, True) for person in people]
    taken = {person.name for person in people}
    guests = []
    for person in optional:
        if person.name not in taken:
            guests.append(Agenda(person, request, False))
            taken.add(person.name)
    shelves = collections.defaultdict(list)
    for opens in leader.beginnings():
        meeting = (opens, opens + request.minutes * 60)
        if any(meeting not in agenda for agenda in followers):
            continue
        coming = tuple(agenda.owner.name for agenda in guests if meeting in agenda)
        shelves[len(coming)].append(
            Slot(*(Agenda.EPOCH + datetime.timedelta(seconds=second) for second in meeting), coming)
        )
    result = []
    for crowd in range(len(guests), -1, -1):
        result.extend(shelves[crowd])
    return result[: max(request.limit, 0)]
