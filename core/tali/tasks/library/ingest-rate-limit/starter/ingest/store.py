"""Counts entries for the dashboard."""

from collections import Counter


class CountStore:
    """How many entries came in, per client, level and service."""

    def __init__(self):
        self._counts = Counter()

    def add(self, client, entry):
        self._counts[client, entry.level, entry.service] += 1

    def count(self, client=None, level=None, service=None):
        """The number of entries that fit all the given criteria."""
        wanted = (client, level, service)
        return sum(
            number
            for key, number in self._counts.items()
            if all(want is None or want == have for want, have in zip(wanted, key))
        )
