"""Stretches of time as pairs of minutes since 1970: joined, and asked whether they hold something."""

import bisect

Interval = tuple[int, int]


def joined(intervals: list[Interval]) -> list[Interval]:
    """The same time in as few stretches as possible, in order; those without length are left out."""
    result: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


class Stretches:
    """Joined stretches of time, with quick answers."""

    def __init__(self, intervals: list[Interval]):
        self._intervals = joined(intervals)
        self._starts = [start for start, _ in self._intervals]

    def hold(self, start: int, end: int) -> bool:
        """Whether all of the time from `start` to `end` lies in one stretch."""
        place = bisect.bisect_right(self._starts, start) - 1
        return place >= 0 and end <= self._intervals[place][1]

    def touch(self, start: int, end: int) -> bool:
        """Whether any of the time from `start` to `end` lies in a stretch."""
        place = bisect.bisect_left(self._starts, end) - 1
        return place >= 0 and self._intervals[place][1] > start
