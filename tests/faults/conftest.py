"""A product of its own for tests that break it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stack, running_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """`tali up`, for the tests of one file."""
    with tempfile.TemporaryDirectory(prefix="tali-stack-") as folder:
        Path(folder).chmod(0o755)
        with running_stack(Path(folder)) as running:
            running.sign_in()
            yield running
