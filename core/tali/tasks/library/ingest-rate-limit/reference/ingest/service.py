"""Takes batches of log lines from clients."""

import time
from dataclasses import dataclass

from ingest.buckets import Buckets
from ingest.limits import Limit, Limits
from ingest.parser import UnreadableLine, parse_line
from ingest.store import CountStore

DEFAULT_LIMITS = Limits(Limit(burst=10_000, per_second=500.0))


@dataclass(frozen=True)
class Receipt:
    """What became of a batch."""

    accepted: int
    unreadable: int


class IngestService:
    """Parses and counts what clients send.

    `clock` returns seconds as a float; tests hand in their own.
    """

    def __init__(self, store=None, limits=DEFAULT_LIMITS, clock=time.time):
        self.store = store if store is not None else CountStore()
        self.limits = limits
        self.clock = clock
        self._buckets = Buckets(limits)

    def submit(self, client: str, lines: list[str]) -> Receipt:
        """Take a batch.

        Raises RateLimited when the client's budget does not suffice, BatchTooLarge when it never could.
        """
        lines = [line for line in lines if line.strip()]
        self._buckets.take(client, len(lines), self.clock())
        accepted = unreadable = 0
        for line in lines:
            try:
                entry = parse_line(line)
            except UnreadableLine:
                unreadable += 1
                continue
            self.store.add(client, entry)
            accepted += 1
        return Receipt(accepted, unreadable)

    def tracked_clients(self) -> int:
        """How many clients' budgets are being remembered."""
        return len(self._buckets)
