"""Places on this machine: each open sandbox holds one, and as root each place has a user id of its own.

Process limits and signals go by user id, so two sandboxes that shared one could starve each other. A place is an
exclusive `flock` on a file: the kernel frees it when its holder dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import random
from dataclasses import dataclass
from pathlib import Path

from tali.sdk import Transient

# 66,000 lies between systemd's dynamic users and the first subordinate ids (100,000). Inside a container whose map
# ends at 65,535 it does not exist; there the top of the map serves.
_UID_BASES = (66_000, 64_900)


@dataclass(slots=True)
class Slot:
    """A held place. `uid` is None where this process is not root and can only be itself."""

    number: int
    uid: int | None
    _lock: int

    def release(self) -> None:
        """Give the place back. Idempotent."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class Slots:
    """All places of one deployment on this machine; `folder` is shared by its processes."""

    def __init__(self, folder: Path, places: int) -> None:
        self._folder = folder
        self._places = places
        self._uid_base = _mapped_base(places) if os.geteuid() == 0 else None

    def take(self) -> Slot:
        """Hold a free place.

        Raises:
            Transient: all are taken.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        first = random.randrange(self._places)  # noqa: S311 - spreads contention, decides nothing
        for step in range(self._places):
            number = (first + step) % self._places
            lock = os.open(self._folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            return Slot(number, None if self._uid_base is None else self._uid_base + number, lock)
        raise Transient(f"All {self._places} sandboxes of this machine are in use.", retry_after=1.0)


def _mapped_base(places: int) -> int | None:
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    for base in _UID_BASES:
        if any(inside <= base and base + places <= inside + count for inside, _, count in ranges):
            return base
    return None
