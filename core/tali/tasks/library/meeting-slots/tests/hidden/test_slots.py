"""What counts as busy, when people work, and what is proposed."""

import datetime
import time

from scheduling import Event, Person, Request, Slot, propose

UTC = datetime.timezone.utc
OFFICE = {weekday: (540, 1020) for weekday in range(5)}
ALWAYS = {weekday: (0, 1440) for weekday in range(7)}


def at(day, hour, minute=0):
    """A moment of March 2026, in UTC; the 9th is a Monday."""
    return datetime.datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def starts(people, start, end, minutes=60, optional=(), **options):
    slots = propose(people, list(optional), Request(start, end, minutes, **{"limit": 1000, **options}))
    return [slot.start for slot in slots]


def quarters(first, last):
    return [first + datetime.timedelta(minutes=15 * step) for step in range((last - first) // datetime.timedelta(minutes=15) + 1)]


def test_everybody_who_must_be_there_can():
    rita = Person("Rita", 0, OFFICE, (Event(at(9, 9), at(9, 11)),))
    jonas = Person("Jonas", 0, OFFICE, (Event(at(9, 12), at(9, 16)),))
    assert starts([rita, jonas], at(9, 0), at(10, 0)) == [at(9, 11), at(9, 16)]


def test_the_whole_meeting_is_free_and_within_hours():
    rita = Person("Rita", 0, OFFICE, (Event(at(9, 10, 30), at(9, 10, 45)),))
    assert starts([rita], at(9, 0), at(9, 13), minutes=90) == [at(9, 9), at(9, 10, 45), at(9, 11), at(9, 11, 15), at(9, 11, 30)]
    assert starts([rita], at(9, 15), at(10, 0), minutes=90) == quarters(at(9, 15), at(9, 15, 30))


def test_events_overlap_nest_and_come_in_any_order():
    events = (
        Event(at(9, 13), at(9, 14)), Event(at(9, 9), at(9, 13)), Event(at(9, 10), at(9, 10, 30)),
        Event(at(9, 13, 30), at(9, 16)), Event(at(9, 16, 20), at(9, 16, 20)),
    )  # fmt: skip
    assert starts([Person("Rita", 0, OFFICE, events)], at(9, 0), at(10, 0)) == [at(9, 16)]


def test_only_some_events_keep_people_busy():
    def with_status(status):
        return Person(status, 0, OFFICE, (Event(at(9, 9), at(9, 16), status),))

    for status in ("cancelled", "free"):
        assert starts([with_status(status)], at(9, 0), at(9, 10)) == [at(9, 9)]
    assert starts([with_status("tentative")], at(9, 0), at(10, 0)) == [at(9, 16)]
    (slot, *_) = propose([Person("Rita", 0, OFFICE)], [with_status("tentative"), with_status("confirmed")], Request(at(9, 9), at(9, 12), 60))
    assert slot == Slot(at(9, 9), at(9, 10), ("tentative",))


def test_away_blocks_whole_days_of_the_persons_own():
    # In Bogotá this is Monday from 20:00 to midnight: Monday only.
    maria = Person("María", -300, ALWAYS, (Event(at(10, 1), at(10, 5), "away"),))
    found = starts([maria], at(9, 3), at(10, 7))
    assert found == [*quarters(at(9, 3), at(9, 4)), *quarters(at(10, 5), at(10, 6))]
    # Without length, it is still a day: the 10th in Auckland, from 11:00 of the 9th in UTC.
    kiri = Person("Kiri", 780, ALWAYS, (Event(at(9, 20), at(9, 20), "away"),))
    assert starts([kiri], at(9, 9), at(10, 13)) == [*quarters(at(9, 9), at(9, 10)), *quarters(at(10, 11), at(10, 12))]


def test_there_is_air_around_events_and_not_around_hours():
    rita = Person("Rita", 0, OFFICE, (Event(at(9, 11), at(9, 12)),))
    assert starts([rita], at(9, 0), at(9, 14), buffer_minutes=15) == [*quarters(at(9, 9), at(9, 9, 45)), *quarters(at(9, 12, 15), at(9, 13))]
    assert starts([rita], at(9, 0), at(9, 14), buffer_minutes=16) == [*quarters(at(9, 9), at(9, 9, 30)), *quarters(at(9, 12, 30), at(9, 13))]
    off = Person("Off", 0, OFFICE, (Event(at(10, 0), at(11, 0), "away"),))
    assert starts([rita, off], at(9, 15), at(11, 10), buffer_minutes=30)[-1] == at(11, 9)


def test_hours_are_those_of_each_persons_own_day():
    berlin, bogota = Person("Jonas", 60, OFFICE), Person("María", -300, OFFICE)
    assert starts([berlin, bogota], at(9, 0), at(10, 0)) == quarters(at(9, 14), at(9, 15))
    # Monday morning in Auckland is Sunday evening in UTC; their Friday ends on our Friday morning.
    kiri = Person("Kiri", 780, OFFICE)
    assert starts([kiri], at(8, 0), at(9, 0)) == quarters(at(8, 20), at(8, 23))
    assert starts([kiri], at(13, 0), at(14, 23)) == quarters(at(13, 0), at(13, 3))


def test_night_shifts_reach_into_the_next_day_and_touching_shifts_are_one():
    night = Person("Nina", 0, {0: (1320, 1800)})
    assert starts([night], at(9, 12), at(10, 12), minutes=180) == quarters(at(9, 22), at(10, 3))
    assert starts([night], at(10, 0), at(10, 12), minutes=180) == quarters(at(10, 0), at(10, 3))
    round_the_clock = Person("Omar", 0, {0: (1200, 1440), 1: (0, 240)})
    assert starts([round_the_clock], at(9, 12), at(10, 12), minutes=420) == quarters(at(9, 20), at(9, 21))


def test_starts_lie_on_quarters_in_utc_and_within_the_request():
    kolkata = datetime.timezone(datetime.timedelta(minutes=330))
    priya = Person("Priya", 330, ALWAYS)
    start, end = datetime.datetime(2026, 3, 9, 9, 7, tzinfo=kolkata), datetime.datetime(2026, 3, 9, 10, 50, tzinfo=kolkata)
    slots = propose([priya], [], Request(start, end, 50))
    assert [(slot.start.isoformat(), slot.end.isoformat()) for slot in slots] == [
        (f"2026-03-09T{begin}:00+00:00", f"2026-03-09T{finish}:00+00:00")
        for begin, finish in (("03:45", "04:35"), ("04:00", "04:50"), ("04:15", "05:05"), ("04:30", "05:20"))
    ]


def test_most_optional_people_first_then_the_earliest():
    ben = Person("Ben", 0, OFFICE, (Event(at(9, 9), at(9, 10)),))
    cem = Person("Cem", 60, OFFICE, (Event(at(9, 14), at(9, 15), "away"),))
    dora = Person("Dora", 0, {0: (600, 720)})
    rita = Person("Rita", 0, OFFICE)
    found = propose([rita], [dora, cem, ben, rita], Request(at(9, 9), at(9, 13), 60, limit=7))
    assert [(slot.start, slot.optional) for slot in found] == [
        *((start, ("Dora", "Ben")) for start in quarters(at(9, 10), at(9, 11))),
        *((start, ("Ben",)) for start in quarters(at(9, 11, 15), at(9, 11, 30))),
    ]


def test_nobody_or_no_time_is_an_empty_list():
    rita, sunday = Person("Rita", 0, OFFICE), Person("Sun", 0, {6: (0, 1440)})
    for people in ([], [rita, sunday]):
        assert propose(people, [rita], Request(at(9, 0), at(10, 0), 30)) == []
    assert propose([rita], [], Request(at(9, 12), at(9, 12, 20), 30)) == []
    assert propose([rita], [], Request(at(10, 0), at(9, 0), 30)) == []
    assert propose([rita], [], Request(at(9, 0), at(10, 0), 30, limit=0)) == []


def test_a_large_office_over_three_months_is_quick():
    start = at(2, 0)
    hour = datetime.timedelta(hours=1)
    people = [
        Person(f"p{number}", 0, ALWAYS, tuple(Event(start + hour * (4 * n + number % 3), start + hour * (4 * n + number % 3 + 1)) for n in range(500)))
        for number in range(100)
    ]
    began = time.perf_counter()
    found = propose(people[:50], people[50:], Request(start, start + 90 * 24 * hour, 60, limit=3))
    assert [slot.start for slot in found] == [start + hour * 3, start + hour * 7, start + hour * 11]
    assert time.perf_counter() - began < 4
