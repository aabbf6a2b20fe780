"""Calling a plugin: not while its breaker is open, its faults its own, its health where every process can read it.

A breaker is one organisation's for one provider: keys and addresses are the organisation's, and so are their failures.
Only waiting trips it (an answer that the plugin calls transient, a deadline): a bug fails fast, and a candidate who
found one must not be able to switch a provider off.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import orjson
import redis
import structlog

from tali.jobs.pump import Stopped
from tali.jobs.resources import Resources
from tali.plugins import Kind, PluginFault, isolated
from tali.sdk import Transient

log = structlog.get_logger(__name__)
FAILURES_TO_OPEN = 5
COUNT_SECONDS = 60
"""Failures are counted over this time; it outlasts `OPEN_SECONDS`, so that one more failure after it opens again."""
OPEN_SECONDS = 30
REMEMBER_FAULT_SECONDS = 600


class NotNow(Transient):
    """The breaker is open: the plugin was not called, so that a job that waits for it has lost no attempt."""


@contextmanager
def plugin_call(
    resources: Resources,
    kind: Kind,
    name: str,
    organization_id: UUID | None,
    *,
    passing: tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """One call of a provider. `passing` are core's own exceptions, which are nobody's fault.

    Raises:
        ProviderUnknown: nobody offers it (any more).
        NotNow: it failed again and again just now.
        PluginFault: it did something outside its contract.
        PluginError: what its contract allows.
    """
    plugin = resources.plugins.provider(kind, name).plugin
    breaker = Breaker(resources.valkey, kind, name, organization_id)
    breaker.refuse_if_open()
    begun, outcome = time.monotonic(), "ok"
    try:
        with isolated(plugin, passing=(Stopped, *passing)):
            yield
        breaker.succeeded()
    except Stopped as stopped:
        outcome = stopped.reason
        if stopped.reason == "deadline":
            breaker.failed()
            record_fault(resources.valkey, plugin, f"{name} did not answer in time")
        raise
    except Transient as error:
        outcome = "transient"
        if not isinstance(error, NotNow):
            breaker.failed()
        raise
    except PluginFault as fault:
        outcome = "fault"
        # The type alone: a message can hold what a candidate wrote, and health is for everybody.
        cause = type(fault.__cause__).__name__ if fault.__cause__ else "a wrong answer"
        record_fault(resources.valkey, plugin, f"{name} failed: {cause}")
        raise
    except Exception as error:
        outcome = type(error).__name__
        raise
    finally:
        if resources.settings.trace_plugins:
            seconds = round(time.monotonic() - begun, 4)
            log.info("plugin call", plugin=plugin, kind=kind, provider=name, outcome=outcome, seconds=seconds)


class Breaker:
    """Counts a provider's failures for all processes. Without Valkey it stays closed: calls have deadlines anyway."""

    def __init__(self, valkey: redis.Redis, kind: Kind, name: str, organization_id: UUID | None) -> None:
        self._valkey = valkey
        subject = f"{kind}:{name}:{organization_id or 'deployment'}"
        self._failures, self._open = f"breaker:failures:{subject}", f"breaker:open:{subject}"
        self._name = name

    def refuse_if_open(self) -> None:
        """Raise NotNow while it is open, with the seconds that are left."""
        left = 0
        with suppress(redis.exceptions.RedisError):
            left = int(self._valkey.pttl(self._open))
        if left > 0:
            raise NotNow(f"{self._name} failed {FAILURES_TO_OPEN} times in a row and rests", retry_after=left / 1000)

    def failed(self) -> None:
        """Count a failure; enough of them in a row open it."""
        with suppress(redis.exceptions.RedisError):
            pipeline = self._valkey.pipeline()
            pipeline.incr(self._failures)
            pipeline.expire(self._failures, COUNT_SECONDS)
            count, _ = pipeline.execute()
            if count >= FAILURES_TO_OPEN:
                self._valkey.set(self._open, b"1", ex=OPEN_SECONDS)
                log.warning("breaker opened", provider=self._name, failures=count)

    def succeeded(self) -> None:
        """Start over."""
        with suppress(redis.exceptions.RedisError):
            self._valkey.delete(self._failures)


@dataclass(frozen=True, slots=True)
class Fault:
    """The last thing that went wrong with a plugin, in words, and how long ago in seconds."""

    reason: str
    seconds_ago: int


def record_fault(valkey: redis.Redis, plugin: str, reason: str) -> None:
    """Remember that a plugin misbehaved, for `/health` in every process."""
    with suppress(redis.exceptions.RedisError):
        body = orjson.dumps({"reason": reason, "at": time.time()})
        valkey.set(f"plugin-fault:{plugin}", body, ex=REMEMBER_FAULT_SECONDS)


def recent_faults(valkey: redis.Redis, plugins: Sequence[str]) -> dict[str, Fault]:
    """What went wrong in the last ten minutes, by plugin."""
    found: dict[str, Fault] = {}
    if not plugins:
        return found
    with suppress(redis.exceptions.RedisError):
        stored = cast(list[bytes | None], valkey.mget([f"plugin-fault:{plugin}" for plugin in plugins]))
        for plugin, body in zip(plugins, stored, strict=True):
            if body is not None:
                fault = orjson.loads(body)
                found[plugin] = Fault(fault["reason"], max(int(time.time() - fault["at"]), 0))
    return found


def plugin_states(resources: Resources) -> list[dict[str, str | None]]:
    """Every plugin that was found: healthy, or degraded with why (it did not load, or misbehaved just now)."""
    loaded = resources.plugins.plugins()
    faults = recent_faults(resources.valkey, [plugin.name for plugin in loaded])
    states = []
    for plugin in loaded:
        reason, fault = plugin.error, faults.get(plugin.name)
        if reason is None and fault is not None:
            reason = f"{fault.reason} ({fault.seconds_ago} s ago)"
        states.append(
            {
                "name": plugin.name,
                "distribution": plugin.distribution,
                "version": plugin.version,
                "status": "degraded" if reason else "healthy",
                "reason": reason,
            }
        )
    return states
