"""Valkey: two clients a process, and streams of numbered chunks that any web process can serve from any offset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)
CHUNK_CAP = 10_000
LIFETIME_SECONDS = 3600
"""A stream outlives its end by this long; after that the row alone tells what was said."""


def connect(url: str) -> redis.Redis:
    """A client for reads that wait, which is `ChunkStream.read` alone; thread-safe."""
    return _client(url, connect_timeout=2, timeout=30)


def connect_quick(url: str) -> redis.Redis:
    """A client for everything else; thread-safe.

    A Valkey that hangs, rather than refuses, must not hold a login or a turn for longer than a person would notice.
    """
    return _client(url, connect_timeout=1, timeout=1)


def _client(url: str, *, connect_timeout: float, timeout: float) -> redis.Redis:
    # One more try on a connection that broke (Valkey was restarted), none on silence: that would multiply the deadline.
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=connect_timeout,
        socket_timeout=timeout,
        health_check_interval=15,
        retry_on_timeout=False,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.exceptions.ConnectionError,)),
    )


class ChunkStream:
    """The output of one turn or execution, chunk by chunk, numbered from 1.

    `producer` (the job's attempt) is part of the key: a process that wakes from a pause writes to a stream that nobody
    reads any more. Numbers are entry ids, so a second writer of the same number is refused by Valkey itself.
    """

    def __init__(self, valkey: redis.Redis, subject: str, producer: int) -> None:
        self._valkey = valkey
        self._key = f"chunks:{subject}:{producer}"

    def append(self, number: int, chunk: dict[str, Any]) -> None:
        """Add chunk `number`. Without Valkey nobody sees it live; the row at the end has it all the same."""
        try:
            self._append(number, chunk)
        except redis.exceptions.RedisError as error:
            log.warning("chunk not streamed", stream=self._key, error=type(error).__name__)

    def _append(self, number: int, chunk: dict[str, Any]) -> None:
        pipeline = self._valkey.pipeline(transaction=False)
        pipeline.xadd(self._key, {b"c": orjson.dumps(chunk)}, id=f"{number}-1", maxlen=CHUNK_CAP, approximate=True)
        pipeline.expire(self._key, LIFETIME_SECONDS)
        pipeline.execute()

    def finish(self) -> None:
        """Wake all readers: nothing more will come."""
        try:
            self._valkey.xadd(self._key, {b"end": b"1"}, id=f"{2**53}-1")
            self._valkey.expire(self._key, LIFETIME_SECONDS)
        except redis.exceptions.RedisError as error:
            log.warning("end not streamed", stream=self._key, error=type(error).__name__)

    def read(self, after: int, wait_ms: int) -> tuple[list[dict[str, Any]], bool]:
        """Chunks after number `after`, waiting up to `wait_ms` for the first, and whether the end was reached.

        The stream must stand on the client of `connect`: the quick one gives up before a long wait does.
        """
        found: Any = self._valkey.xread({self._key: f"{after}-1"}, block=max(wait_ms, 1), count=500)
        chunks: list[dict[str, Any]] = []
        for _, entries in found or []:
            for entry_id, fields in entries:
                if b"end" in fields:
                    return chunks, True
                number = int(entry_id.split(b"-")[0])
                chunks.append({"n": number, **orjson.loads(fields[b"c"])})
        return chunks, False

    def all(self) -> Iterator[dict[str, Any]]:
        """What has been written so far; nothing where Valkey has lost it."""
        try:
            entries: Any = self._valkey.xrange(self._key)
        except redis.exceptions.RedisError:
            entries = []
        for entry_id, fields in entries:
            if b"end" not in fields:
                yield {"n": int(entry_id.split(b"-")[0]), **orjson.loads(fields[b"c"])}


class CancelFlag:
    """A request to stop, from any process to the one that does the work.

    Work that belongs to something greater stops with it too: a flag on any of its `subjects` counts.
    """

    def __init__(self, valkey: redis.Redis, *subjects: str) -> None:
        self._valkey = valkey
        self._keys = [f"cancel:{subject}" for subject in subjects]

    def raise_flag(self) -> None:
        for key in self._keys:
            self._valkey.set(key, b"1", ex=LIFETIME_SECONDS)

    def is_raised(self) -> bool:
        try:
            return bool(self._valkey.exists(*self._keys))
        except redis.exceptions.RedisError:
            return False
