"""An assistant for work without a model key: it answers from the task's hint sheet, and says so."""

from __future__ import annotations

from tali.sdk import Assistant, PluginContext, ProviderSpec, Settings, hookimpl

__all__ = ["tali_assistants"]


def _create(settings: Settings, context: PluginContext) -> Assistant:
    from tali_offline.assistant import OfflineAssistant

    return OfflineAssistant()


@hookimpl
def tali_assistants() -> ProviderSpec[Assistant]:
    """Offer the hint sheet as an assistant. It needs no key, no network and no settings."""
    return ProviderSpec(
        name="offline",
        title="Hint sheet (not an AI)",
        create=_create,
        capabilities=frozenset({"not_an_ai"}),
        notice="This assistant is not an AI: it answers from the hints that come with this task.",
    )
