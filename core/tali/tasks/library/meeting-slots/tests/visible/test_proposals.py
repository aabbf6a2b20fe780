"""The tests we have."""

import datetime

from scheduling import Event, Person, Request, propose

OFFICE = {weekday: (540, 1020) for weekday in range(5)}


def at(hour, minute=0):
    # A Monday.
    return datetime.datetime(2026, 3, 9, hour, minute, tzinfo=datetime.timezone.utc)


def test_the_day_begins_at_nine():
    slots = propose([Person("Rita", 0, OFFICE)], [], Request(at(0), at(23), minutes=30, limit=2))
    assert [(slot.start, slot.end) for slot in slots] == [(at(9), at(9, 30)), (at(9, 15), at(9, 45))]


def test_nobody_meets_during_another_meeting():
    rita = Person("Rita", 0, OFFICE, (Event(at(9), at(11)),))
    (slot,) = propose([rita], [], Request(at(0), at(23), minutes=60, limit=1))
    assert slot.start == at(11)


def test_without_working_hours_there_is_no_time():
    assert propose([Person("Rita")], [], Request(at(0), at(23), minutes=30)) == []
