"""The development mailbox: where messages lie while there is no notifier. In Valkey, sealed, few and not for long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import redis

from tali.kernel.clock import isoformat, now
from tali.kernel.security import KeyRing
from tali.sdk import MailMessage, Transient

KEY = "dev:mailbox"
CAP = 100
LIFETIME = timedelta(days=3)


def keep(valkey: redis.Redis, key_ring: KeyRing, message: MailMessage) -> None:
    """Put a message on top.

    Raises:
        Transient: Valkey does not answer.
    """
    body = {
        "id": message.idempotency_key,
        "at": isoformat(now()),
        "name": message.to.name,
        "email": message.to.email,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
    }
    try:
        pipeline = valkey.pipeline()
        pipeline.lpush(KEY, key_ring.encrypt(orjson.dumps(body).decode()))
        pipeline.ltrim(KEY, 0, CAP - 1)
        pipeline.expire(KEY, LIFETIME)
        pipeline.execute()
    except redis.exceptions.RedisError as error:
        raise Transient(f"the mailbox cannot be reached: {type(error).__name__}") from error


def kept(valkey: redis.Redis, key_ring: KeyRing) -> list[dict[str, Any]]:
    """What lies there, newest first; of a message that was kept twice, the later."""
    oldest = isoformat(now() - LIFETIME)
    sealed: Any = valkey.lrange(KEY, 0, CAP - 1)
    found: dict[str, dict[str, Any]] = {}
    for entry in sealed:
        try:
            message = orjson.loads(key_ring.decrypt(entry.decode()))
        except ValueError:
            continue  # under a key that was dropped meanwhile
        if message["at"] >= oldest:
            found.setdefault(message["id"], message)
    return list(found.values())
