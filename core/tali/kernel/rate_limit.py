"""Rate limits in Valkey: fixed windows, counted by whoever serves the request."""

from __future__ import annotations

import hashlib

import redis
import structlog

from tali.kernel.errors import TooManyRequests

log = structlog.get_logger(__name__)


def hit(valkey: redis.Redis, name: str, subject: str, limit: int, seconds: int) -> None:
    """Count one more for `subject`.

    Raises:
        TooManyRequests: `too_many_attempts`, when the window's limit is used up.
    """
    # Hashed, so that no address or name lies in Valkey.
    key = f"limit:{name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
    try:
        pipeline = valkey.pipeline()
        # The window begins with its first attempt. EXPIRE NX would say so too, but Redis 6 does not know it.
        pipeline.set(key, 0, ex=seconds, nx=True)
        pipeline.incr(key)
        pipeline.ttl(key)
        _, count, left = pipeline.execute()
    except redis.exceptions.RedisError:
        # Failing open: a queue that is down must not lock everybody out; passwords are still checked.
        log.warning("rate limit not counted", limit=name)
        return
    if count > limit:
        refusal = TooManyRequests(
            "too_many_attempts", "Too many attempts. Wait a little and try again.", max(int(left), 1)
        )
        refusal.first = count == limit + 1
        raise refusal


def forget(valkey: redis.Redis, name: str, subject: str) -> None:
    """Start `subject` over, after a success."""
    try:
        valkey.delete(f"limit:{name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}")
    except redis.exceptions.RedisError:
        log.warning("rate limit not reset", limit=name)
