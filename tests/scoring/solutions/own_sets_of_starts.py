"""Counts quarters of an hour, and keeps for each person the set of quarters at which a meeting could begin."""
from math import ceil, floor

from scheduling.model import Slot
import datetime

Q = 900
D = 86400
utc = datetime.timezone.utc


def propose(people, optional, request):
    first = ceil(request.start.timestamp() / Q)
    last = floor((request.end.timestamp() - request.minutes * 60) / Q)
    if len(people) == 0 or request.minutes <= 0 or last < first or request.limit <= 0:
        return []
    required = []
    for p in people:
        if p not in required:
            required.append(p)
    possible = set(range(first, last + 1))
    for p in required:
        possible = possible & starts(p, request, first, last, strict=True)
    names = [p.name for p in required]
    attendance = dict((q, []) for q in possible)
    for p in optional:
        if p.name in names:
            continue
        names.append(p.name)
        for q in starts(p, request, first, last, strict=False) & possible:
            attendance[q].append(p.name)
    order = sorted(attendance, key=lambda q: (-len(attendance[q]), q))
    result = []
    for q in order[0:request.limit]:
        begin = datetime.datetime.fromtimestamp(q * Q, utc)
        result.append(Slot(start=begin, end=begin + datetime.timedelta(minutes=request.minutes), optional=tuple(attendance[q])))
    return result


def starts(p, request, first, last, strict):
    need = request.minutes * 60
    shift = p.utc_offset_minutes * 60
    # hours: join what touches
    blocks = []
    day = (first * Q + shift) // D - 1
    while day * D - shift < last * Q + need:
        weekday = (day + 3) % 7
        if weekday in p.hours:
            a = day * D - shift + p.hours[weekday][0] * 60
            b = day * D - shift + p.hours[weekday][1] * 60
            blocks.append((a, b))
        day = day + 1
    blocks.sort()
    can = set()
    until = None
    since = None
    for a, b in blocks:
        if until is not None and a <= until:
            until = max(until, b)
        else:
            if until is not None:
                can.update(range(ceil(since / Q), floor((until - need) / Q) + 1))
            since, until = a, b
    if until is not None:
        can.update(range(ceil(since / Q), floor((until - need) / Q) + 1))
    # events
    for e in p.events:
        a = e.start.timestamp()
        b = e.end.timestamp()
        if e.status == 'away':
            d1 = (a + shift) // D
            d2 = ceil((b + shift) / D)
            if d2 <= d1:
                d2 = d1 + 1
            a = d1 * D - shift
            b = d2 * D - shift
        elif a < b and (e.status == 'confirmed' or (e.status == 'tentative' and strict)):
            a = a - request.buffer_minutes * 60
            b = b + request.buffer_minutes * 60
        else:
            continue
        # a start s collides when s < b and s + need > a
        can.difference_update(range(floor((a - need) / Q) + 1, ceil(b / Q)))
    return can
