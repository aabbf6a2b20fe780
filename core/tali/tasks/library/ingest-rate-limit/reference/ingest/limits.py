"""Settings and errors of rate limiting, as agreed with the client team."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limit:
    """A budget of `burst` lines that refills with `per_second` lines per second. Both are greater than 0."""

    burst: int
    per_second: float

    def __post_init__(self):
        if self.burst <= 0 or self.per_second <= 0:
            raise ValueError("burst and per_second must be greater than 0")


@dataclass(frozen=True)
class Limits:
    """The limit for everybody, and those of clients that have their own."""

    default: Limit
    overrides: dict[str, Limit] = field(default_factory=dict)

    def of(self, client: str) -> Limit:
        """The limit that applies to a client."""
        return self.overrides.get(client, self.default)


class RateLimited(Exception):
    """The client's budget does not suffice for this batch now."""

    def __init__(self, client: str, retry_after: float):
        super().__init__(f"{client}: try again in {retry_after:.3f} s")
        self.client = client
        self.retry_after = retry_after


class BatchTooLarge(Exception):
    """The batch can never be accepted; it must be split into batches of at most `burst` lines."""

    def __init__(self, client: str, burst: int):
        super().__init__(f"{client}: send at most {burst} lines at a time")
        self.client = client
        self.burst = burst
