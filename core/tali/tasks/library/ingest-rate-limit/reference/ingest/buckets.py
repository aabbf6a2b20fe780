"""Budgets of lines, one per client, that refill with time."""

from dataclasses import dataclass

from ingest.limits import BatchTooLarge, Limit, Limits, RateLimited

# Far below one line, far above what rounding can add up to.
TOLERANCE = 1e-6
SWEEP_EVERY_SECONDS = 60.0


@dataclass
class Bucket:
    """What was left at a moment."""

    left: float
    at: float

    def refill(self, limit: Limit, now: float) -> None:
        elapsed = max(0.0, now - self.at)
        self.left = min(limit.burst, self.left + elapsed * limit.per_second)
        self.at = now


class Buckets:
    """All clients' budgets. A client that is not here has a full one."""

    def __init__(self, limits: Limits):
        self._limits = limits
        self._buckets: dict[str, Bucket] = {}
        self._swept_at: float | None = None

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str, lines: int, now: float) -> None:
        """Take `lines` from the client's budget, or raise and leave it as it is."""
        limit = self._limits.of(client)
        if lines > limit.burst:
            raise BatchTooLarge(client, limit.burst)
        self._sweep(now)
        bucket = self._buckets.get(client) or Bucket(limit.burst, now)
        bucket.refill(limit, now)
        missing = lines - bucket.left
        if missing > TOLERANCE:
            raise RateLimited(client, missing / limit.per_second)
        bucket.left = max(0.0, bucket.left - lines)
        if lines:
            self._buckets[client] = bucket

    def _sweep(self, now: float) -> None:
        if self._swept_at is not None and 0 <= now - self._swept_at < SWEEP_EVERY_SECONDS:
            return
        self._swept_at = now
        for client, bucket in list(self._buckets.items()):
            limit = self._limits.of(client)
            bucket.refill(limit, now)
            if bucket.left >= limit.burst:
                del self._buckets[client]
