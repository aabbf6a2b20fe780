from datetime import timedelta, timezone, datetime
import heapq

from scheduling.model import Slot

MIN = timedelta(minutes=1)
DAY = timedelta(days=1)


def walker(person, request, needed_there):
    """A function that is asked for later and later times: (start, end) -> can they come?"""
    tz = timezone(person.utc_offset_minutes * MIN)
    waiting = sorted(
        (busy for busy in (blocked(e, tz, request, needed_there) for e in person.events) if busy),
        reverse=True,
    )
    going_on = []  # ends of what has begun
    day = request.start.astimezone(tz).date() - DAY
    shift_from = shift_to = None

    def next_shift():
        nonlocal day
        while day <= request.end.astimezone(tz).date():
            hours = person.hours.get(day.weekday())
            midnight = datetime(day.year, day.month, day.day, tzinfo=tz)
            day += DAY
            if hours and hours[0] < hours[1]:
                return midnight + hours[0] * MIN, midnight + hours[1] * MIN
        return None

    upcoming = next_shift()

    def ask(start, end):
        nonlocal shift_from, shift_to, upcoming
        while upcoming and (shift_to is None or shift_to < end) and upcoming[0] <= start or (
            upcoming and shift_to is not None and upcoming[0] <= shift_to
        ):
            if shift_to is not None and upcoming[0] <= shift_to:
                shift_to = max(shift_to, upcoming[1])
            else:
                shift_from, shift_to = upcoming
            upcoming = next_shift()
        if shift_to is None or not (shift_from <= start and end <= shift_to):
            return False
        while waiting and waiting[-1][0] < end:
            heapq.heappush(going_on, waiting.pop()[1])
        while going_on and going_on[0] <= start:
            heapq.heappop(going_on)
        return not going_on

    return ask


def blocked(event, tz, request, needed_there):
    if event.status in ("free", "cancelled"):
        return None
    if event.status == "away":
        begin = event.start.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
        end = event.end.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
        if end < event.end or end == begin:
            end += DAY
        return begin, end
    if event.status == "tentative" and not needed_there:
        return None
    if event.start == event.end:
        return None
    return event.start - request.buffer_minutes * MIN, event.end + request.buffer_minutes * MIN


def propose(people, optional, request):
    must_names = [p.name for p in people]
    musts = [walker(p, request, True) for p in people]
    mays = []
    for p in optional:
        if p.name not in must_names and p.name not in [n for n, _ in mays]:
            mays.append((p.name, walker(p, request, False)))

    found = []
    t = request.start.astimezone(timezone.utc)
    if t.minute % 15 or t.second or t.microsecond:
        t = t.replace(minute=t.minute - t.minute % 15, second=0, microsecond=0) + 15 * MIN
    size = request.minutes * MIN
    while musts and size > 0 * MIN and t + size <= request.end:
        # everybody is asked each time: whoever is not asked falls behind
        if all([ask(t, t + size) for ask in musts]):
            found.append(Slot(t, t + size, tuple([n for n, ask in mays if ask(t, t + size)])))
        t += 15 * MIN
    if request.limit <= 0:
        return []
    return heapq.nsmallest(request.limit, found, key=lambda s: (-len(s.optional), s.start))
