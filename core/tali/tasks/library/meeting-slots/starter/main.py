"""Asks for a meeting between three offices."""

import datetime

from scheduling import Event, Person, Request, propose

UTC = datetime.timezone.utc
OFFICE = {weekday: (9 * 60, 17 * 60) for weekday in range(5)}


def at(day, hour, minute=0):
    return datetime.datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def main():
    rita = Person("Rita, Lisbon", 0, OFFICE, (Event(at(9, 9), at(9, 12)), Event(at(9, 11), at(9, 13), "tentative")))
    jonas = Person("Jonas, Berlin", 60, OFFICE, (Event(at(9, 8), at(9, 9), "free"), Event(at(9, 14), at(9, 15))))
    maria = Person("María, Bogotá", -300, OFFICE, (Event(at(10, 0), at(10, 12), "away"),))
    request = Request(at(9, 0), at(12, 0), minutes=30, buffer_minutes=10)
    for slot in propose([rita, jonas], [maria], request):
        print(f"{slot.start:%a %d %b %H:%M} - {slot.end:%H:%M} UTC   {', '.join(slot.optional)}")


if __name__ == "__main__":
    main()
