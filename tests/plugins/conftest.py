"""What the plugins' tests share: a local sandbox provider whose tools are installed once per checkout."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tali.sdk import PluginContext, SandboxUnavailable
from tali_bubblewrap import tali_sandboxes
from tali_bubblewrap.provider import BubblewrapProvider

REPOSITORY = Path(__file__).parents[2]
SHARED_TOOLS = Path(os.environ.get("TALI_TEST_SANDBOX_DIR", REPOSITORY / ".tali" / "tests" / "bubblewrap"))


def sandbox_provider(context: PluginContext, python: str = "") -> BubblewrapProvider:
    """A provider with the default settings, and the tools that an earlier test may have installed."""
    provider = tali_sandboxes().create({"python": python, "places": 64}, context)
    assert isinstance(provider, BubblewrapProvider)
    return provider


@pytest.fixture
def bubblewrap(plugin_context: PluginContext) -> Iterator[BubblewrapProvider]:
    """The local sandbox; skips where the host cannot contain code."""
    provider = sandbox_provider(replace(plugin_context, data_dir=SHARED_TOOLS))
    try:
        provider.check()
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    yield provider
    provider.close()


@pytest.fixture
def installed_tools(bubblewrap: BubblewrapProvider) -> Path:
    """The folder that holds the grading tools, installed."""
    bubblewrap.prepare(lambda sentence: None)
    return SHARED_TOOLS / "toolchain"


@pytest.fixture
def setpriv() -> str:
    """The program that runs another as a different user; skips where these tests cannot change user."""
    program = shutil.which("setpriv")
    if os.geteuid() != 0 or program is None:
        pytest.skip("running as another user needs root and setpriv")
    return program
