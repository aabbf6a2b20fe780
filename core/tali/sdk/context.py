"""What core lends a plugin: a logger, a clock, HTTP and a small store. Nothing else of core is reachable."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from tali.sdk.http import HttpClient
from tali.sdk.settings import Settings, SettingsSpec

ProviderT_co = TypeVar("ProviderT_co", covariant=True)


class Store(Protocol):
    """Encrypted key–value pairs of one plugin in one organisation. Keys up to 200 characters, values up to 64 KiB."""

    def get(self, key: str) -> bytes | None: ...

    def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        """Write `value`; with `ttl` it is gone after that many seconds."""
        ...

    def compare_and_set(self, key: str, expected: bytes | None, value: bytes, *, ttl: float | None = None) -> bool:
        """Write only if the present value is `expected` (None: absent); tells whether it was written."""
        ...

    def delete(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class PluginContext:
    """Handed to `create`. `organization_id` is None for instances that serve the whole deployment.

    `data_dir` is a folder of the plugin's own that survives restarts, on this machine only: caches, never truth.
    """

    plugin: str
    organization_id: UUID | None
    logger: logging.Logger
    clock: Callable[[], datetime]
    http: HttpClient
    store: Store
    data_dir: Path


@dataclass(frozen=True, slots=True)
class ProviderSpec(Generic[ProviderT_co]):
    """What a hook returns: enough to list and configure a provider before it has a key.

    Args:
        name: unique within its kind, lower case; what settings and rows refer to.
        title: for people.
        capabilities: facts that core may ask for before creating an instance; each kind documents its own.
        create: called once per (organisation, settings version), in a worker; may raise `ConfigurationMissing`.
        notice: a sentence that people see beside the provider; for an assistant, above the conversation.
        version: recorded beside everything the provider produced.
    """

    name: str
    title: str
    create: Callable[[Settings, PluginContext], ProviderT_co]
    settings: SettingsSpec = field(default_factory=SettingsSpec)
    capabilities: frozenset[str] = frozenset()
    notice: str | None = None
    version: str = "1"
