"""A plugin for tests: an assistant that answers with the settings that it was made with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tali.sdk import (
    Chunk,
    Conversation,
    Done,
    PluginContext,
    ProviderSpec,
    Rejected,
    Setting,
    Settings,
    SettingsSpec,
    Text,
    Transient,
    Usage,
    hookimpl,
)

KEY = "TALI_TEST_MIRROR_KEY"  # pragma: allowlist secret


class Mirror:
    """Says what it was set up with; `be busy` makes it fail as a vendor would, and some models fail its test."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.closed = dict(settings), False
        MADE.append(self)

    def reply(self, conversation: Conversation) -> Iterator[Chunk]:
        if conversation.messages[-1].text == "be busy":
            raise Transient("the vendor is overloaded", retry_after=1)
        yield Text(repr(sorted(self.settings.items(), key=str)))
        yield Done(Usage())

    def check(self) -> None:
        match self.settings["model"]:
            case "wrong":
                raise Rejected("there is no model called wrong")
            case "broken":
                raise RuntimeError("secret detail")

    def close(self) -> None:
        self.closed = True


MADE: list[Mirror] = []


def _create(settings: Settings, context: PluginContext) -> Mirror:
    return Mirror(settings)


@hookimpl
def tali_assistants() -> ProviderSpec[Any]:
    return ProviderSpec(
        name="mirror",
        title="Mirror",
        create=_create,
        settings=SettingsSpec(
            (
                Setting("key", "Key", "From the vendor's page.", "secret", required=True, env=KEY),
                Setting("model", "Model", "Which model answers.", default="small"),
                Setting("budget", "Budget", "Tokens a reply.", "integer", default=100, minimum=1, maximum=1000),
                Setting("tone", "Tone", "How it speaks.", "choice", default="dry", choices=("dry", "warm")),
                Setting("socket", "Socket", "Where it listens.", default="/run/x", deployment_only=True),
            )
        ),
    )
