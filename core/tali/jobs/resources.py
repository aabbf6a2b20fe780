"""What a process holds for its whole life: settings, keys, database, Valkey, plugins, publisher."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from tali.jobs.publisher import Publisher
from tali.kernel.database import Database
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings
from tali.plugins import PluginManager


@dataclass(frozen=True)
class Resources:
    """One a process, made after any fork (connections do not survive one).

    `valkey` gives up after a second; `streams` is for reading chunk streams, which waits.
    """

    settings: Settings
    key_ring: KeyRing
    database: Database
    valkey: redis.Redis
    streams: redis.Redis
    plugins: PluginManager
    publisher: Publisher

    def close(self) -> None:
        """Let go of every connection."""
        self.plugins.close()
        self.publisher.close()
        self.database.dispose()
        self.valkey.close()
        self.streams.close()
