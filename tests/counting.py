"""Counting what goes to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event


@pytest.fixture
def statements(resources):
    """Every statement that a block sends as the application."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection, cursor, statement, *_):
            seen.append(statement)

        event.listen(resources.database.app_engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(resources.database.app_engine, "before_cursor_execute", note)

    return watch
