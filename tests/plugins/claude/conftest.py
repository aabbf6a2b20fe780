"""A Messages API on loopback, and an assistant that speaks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.fakes.messages_api import MessagesServer, messages_server

from tali.sdk import PluginContext
from tali_claude import DEFAULT_MODEL
from tali_claude.assistant import ClaudeAssistant
from tali_claude.judge.provider import ClaudeJudge

KEY = "sk-test"  # pragma: allowlist secret


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with messages_server() as running:
        yield running


@pytest.fixture
def claude(server: MessagesServer, plugin_context: PluginContext) -> Iterator[Callable[..., ClaudeAssistant]]:
    """Make an assistant; settings as a deployment has them, with changes."""
    made: list[ClaudeAssistant] = []

    def make(**changes: Any) -> ClaudeAssistant:
        settings = {
            "api_key": KEY,
            "base_url": server.url,
            "model": DEFAULT_MODEL,
            "conversation_tokens": 60_000,
            "reply_tokens": 4_096,
            "input_price": 3.0,
            "output_price": 15.0,
            **changes,
        }
        made.append(ClaudeAssistant(settings, plugin_context))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def judge(server: MessagesServer, plugin_context: PluginContext) -> Iterator[Callable[..., ClaudeJudge]]:
    """Make a judge; settings as a deployment has them, with changes."""
    made: list[ClaudeJudge] = []

    def make(**changes: Any) -> ClaudeJudge:
        made.append(ClaudeJudge(judge_settings(server.url, **changes), plugin_context))
        return made[-1]

    yield make
    for one in made:
        one.close()


def judge_settings(url: str, **changes: Any) -> dict[str, Any]:
    """A judge's settings with their defaults."""
    return {
        "api_key": KEY,
        "base_url": url,
        "judge_model": DEFAULT_MODEL,
        "session_tokens": 100_000,
        "input_price": 3.0,
        "output_price": 15.0,
        **changes,
    }
