"""Contract tests: what every provider of a kind must keep. Subclass one, give it a `provider` fixture, run pytest.

    from tali.sdk.testing import SignalEvaluatorContract

    class TestMyEvaluator(SignalEvaluatorContract):
        @pytest.fixture
        def provider(self, plugin_context):
            return my_plugin.create({}, plugin_context)

The fixture `plugin_context` comes with TALI's pytest plugin, which pytest finds by itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tali.sdk.testing.assistants import AssistantContract
    from tali.sdk.testing.judges import JudgeContract
    from tali.sdk.testing.notifiers import Arrived, NotifierContract
    from tali.sdk.testing.records import sample_records
    from tali.sdk.testing.sandboxes import SandboxContract
    from tali.sdk.testing.signals import SignalEvaluatorContract

__all__ = [
    "Arrived",
    "AssistantContract",
    "JudgeContract",
    "NotifierContract",
    "SandboxContract",
    "SignalEvaluatorContract",
    "sample_records",
]

_HOMES = {
    "Arrived": "notifiers",
    "AssistantContract": "assistants",
    "JudgeContract": "judges",
    "NotifierContract": "notifiers",
    "SandboxContract": "sandboxes",
    "SignalEvaluatorContract": "signals",
    "sample_records": "records",
}


def __getattr__(name: str) -> Any:
    # On first use: pytest loads our plugin from this package, and must not import a contract before its assertions
    # are to be rewritten.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"tali.sdk.testing.{_HOMES[name]}"), name)
