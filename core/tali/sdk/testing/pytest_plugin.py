"""TALI's pytest plugin: readable failures in contract tests, and a `PluginContext` to create providers with."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

# Before anything imports them: a failed contract must show the values that broke it.
pytest.register_assert_rewrite(
    *(f"tali.sdk.testing.{name}" for name in ("assistants", "notifiers", "sandboxes", "signals"))
)


@pytest.fixture
def plugin_context(tmp_path: Path) -> Any:
    """A `PluginContext` with a store in memory, a data folder of its own, and no network."""
    from tali.sdk import PluginContext

    return PluginContext(
        plugin="under-test",
        organization_id=None,
        logger=logging.getLogger("tali.plugin.under-test"),
        clock=lambda: datetime.now(UTC),
        http=NoNetwork(),
        store=MemoryStore(),
        data_dir=tmp_path / "plugin-data",
    )


class NoNetwork:
    """An `HttpClient` that refuses: contract tests talk to nobody."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: Any = None,
        timeout: float = 10.0,
    ) -> Any:
        from tali.sdk import Transient

        raise Transient(f"no network in contract tests: {method} {url}")


class MemoryStore:
    """A `Store` in memory. Time limits are accepted and not kept."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._values.get(key)

    def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        self._values[key] = value

    def compare_and_set(self, key: str, expected: bytes | None, value: bytes, *, ttl: float | None = None) -> bool:
        if self._values.get(key) != expected:
            return False
        self._values[key] = value
        return True

    def delete(self, key: str) -> None:
        self._values.pop(key, None)
