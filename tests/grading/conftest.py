"""A real sandbox for grading tests; skips where the host cannot contain code."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tali.sdk import PluginContext, SandboxProvider, SandboxUnavailable
from tali_bubblewrap import tali_sandboxes

SHARED_TOOLS = Path(
    os.environ.get("TALI_TEST_SANDBOX_DIR", Path(__file__).parents[2] / ".tali" / "tests" / "bubblewrap")
)


@pytest.fixture
def sandboxes(plugin_context: PluginContext) -> SandboxProvider:
    """The local sandbox, its tools installed once per checkout."""
    provider = tali_sandboxes().create({"python": "", "places": 64}, replace(plugin_context, data_dir=SHARED_TOOLS))
    try:
        provider.prepare(lambda sentence: None)
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    return provider
