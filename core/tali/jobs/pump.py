"""Running a plugin's iterator beside the job that waits for it: a plugin that hangs costs a thread, not the job.

The job looks several times a second whether it should stop. Each provider has a bulkhead: what hangs in one of them
fills its own places, and leaves the others theirs.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Generic, TypeVar

from tali.sdk import Transient

ItemT = TypeVar("ItemT")
LOOK_EVERY_SECONDS = 0.1
PLACES = 24
"""Calls that one provider may have under way in one process; fewer than the process has threads."""


class Stopped(Exception):
    """The work was ended before the plugin was done. `reason` is `cancelled`, `deadline` or `lost`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@cache
def _bulkhead(provider: str) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(PLACES)


def call(provider: str, function: Callable[[], ItemT], should_stop: Callable[[], str | None], seconds: float) -> ItemT:
    """One call of a plugin that answers once, in a thread of its own.

    Raises:
        Stopped: with the reason.
        Whatever the plugin raised.
    """

    def once() -> Iterator[ItemT]:
        yield function()

    return next(iter(Pump(provider, once, should_stop, seconds)))


class Pump(Generic[ItemT]):
    """The items of `make()`, produced in a thread of its own.

    `should_stop` answers a reason to stop, or None. The thread closes the plugin's iterator as soon as it can: between
    two items, or when the plugin returns. A plugin that never returns keeps its place in the bulkhead.
    """

    def __init__(
        self, provider: str, make: Callable[[], Iterator[ItemT]], should_stop: Callable[[], str | None], seconds: float
    ) -> None:
        self._items: queue.Queue[tuple[str, ItemT | BaseException | None]] = queue.Queue(maxsize=256)
        self._closing = threading.Event()
        self._make = make
        self._should_stop = should_stop
        self._until = time.monotonic() + seconds
        self._place = _bulkhead(provider)
        if not self._place.acquire(blocking=False):
            raise Transient(f"all {PLACES} places of {provider} are taken", retry_after=5)
        self.thread = threading.Thread(target=self._run, name=f"pump-{provider}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            made = self._make()
            try:
                for item in made:
                    self._hand_over("item", item)
                    if self._closing.is_set():
                        break
            finally:
                close = getattr(made, "close", None)
                if close is not None:
                    close()
            self._hand_over("end", None)
        except BaseException as error:
            self._hand_over("error", error)
        finally:
            self._place.release()

    def _hand_over(self, kind: str, value: ItemT | BaseException | None) -> None:
        while not self._closing.is_set():
            try:
                self._items.put((kind, value), timeout=LOOK_EVERY_SECONDS)
            except queue.Full:
                continue
            return

    def __iter__(self) -> Iterator[ItemT]:
        """The items as they come.

        Raises:
            Stopped: with the reason.
            Whatever the plugin raised.
        """
        try:
            while True:
                try:
                    kind, value = self._items.get(timeout=LOOK_EVERY_SECONDS)
                except queue.Empty:
                    self._look()
                    continue
                if kind == "end":
                    return
                if kind == "error":
                    assert isinstance(value, BaseException)  # noqa: S101
                    raise value
                yield value  # type: ignore[misc]
                self._look()
        finally:
            self._closing.set()

    def _look(self) -> None:
        reason = "deadline" if time.monotonic() > self._until else self._should_stop()
        if reason is not None:
            raise Stopped(reason)
