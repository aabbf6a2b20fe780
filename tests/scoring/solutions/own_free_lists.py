"""Meeting proposals by intersecting lists of free time."""

from datetime import datetime, timedelta, timezone
from functools import reduce

from scheduling.model import Slot

QUARTER = timedelta(minutes=15)
ZERO = datetime(2000, 1, 3, tzinfo=timezone.utc)  # a Monday


def merge(spans):
    out = []
    for span in sorted(s for s in spans if s[0] < s[1]):
        if out and out[-1][1] >= span[0]:
            out[-1][1] = max(out[-1][1], span[1])
        else:
            out.append(list(span))
    return out


def subtract(spans, holes):
    """What is left of sorted spans without sorted holes."""
    left, h = [], 0
    for a, b in spans:
        while h < len(holes) and holes[h][1] <= a:
            h += 1
        k = h
        while k < len(holes) and holes[k][0] < b:
            if holes[k][0] > a:
                left.append((a, holes[k][0]))
            a = max(a, holes[k][1])
            k += 1
        if a < b:
            left.append((a, b))
    return left


def intersect(one, two):
    i = j = 0
    both = []
    while i < len(one) and j < len(two):
        a, b = max(one[i][0], two[j][0]), min(one[i][1], two[j][1])
        if a < b:
            both.append((a, b))
        if one[i][1] < two[j][1]:
            i += 1
        else:
            j += 1
    return both


def shifts(person, lo, hi):
    local = timedelta(minutes=person.utc_offset_minutes)
    day = (lo + local - ZERO).days - 2
    spans = []
    while ZERO + timedelta(days=day) - local <= hi:
        if day % 7 in person.hours:
            opens, closes = person.hours[day % 7]
            midnight = ZERO + timedelta(days=day) - local
            spans.append((midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)))
        day += 1
    return merge(spans)


def obstacles(person, air, tentative_counts):
    local = timedelta(minutes=person.utc_offset_minutes)
    for e in person.events:
        if e.status == "away":
            first = (e.start + local - ZERO).days
            final = (e.end + local - ZERO - timedelta(microseconds=1)).days
            yield (
                ZERO + timedelta(days=first) - local,
                ZERO + timedelta(days=max(first, final) + 1) - local,
            )
        elif e.start < e.end and (e.status == "confirmed" or tentative_counts and e.status == "tentative"):
            yield (e.start - air, e.end + air)


def free_time(person, request, must):
    air = timedelta(minutes=request.buffer_minutes)
    return subtract(shifts(person, request.start, request.end), merge(obstacles(person, air, must)))


def propose(people, optional, request):
    if not people or request.minutes < 1:
        return []
    together = reduce(intersect, [free_time(p, request, True) for p in people], [(request.start, request.end)])
    asked = {p.name for p in people}
    extras = []
    for p in optional:
        if p.name not in asked:
            asked.add(p.name)
            extras.append((p.name, free_time(p, request, False), [0]))
    needed = timedelta(minutes=request.minutes)
    found = []
    for a, b in together:
        t = ZERO - ((ZERO - a) // QUARTER) * QUARTER
        while t + needed <= b:
            names = []
            for name, spans, at in extras:
                while at[0] < len(spans) and spans[at[0]][1] < t + needed:
                    at[0] += 1
                if at[0] < len(spans) and spans[at[0]][0] <= t:
                    names.append(name)
            found.append(Slot(t.astimezone(timezone.utc), (t + needed).astimezone(timezone.utc), tuple(names)))
            t += QUARTER
    found.sort(key=lambda s: len(s.optional), reverse=True)
    return found[: request.limit] if request.limit > 0 else []
