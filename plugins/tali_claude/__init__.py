"""Claude as the assistant that candidates work with, through Anthropic's Messages API or any server that speaks it."""

from __future__ import annotations

from tali.sdk import Assistant, PluginContext, ProviderSpec, Setting, Settings, SettingsSpec, hookimpl

__all__ = ["tali_assistants"]

DEFAULT_MODEL = "claude-sonnet-5-5"
"""The one model name in the code: what a deployment gets that chooses none."""


def _create(settings: Settings, context: PluginContext) -> Assistant:
    # The SDK is large, and most processes never need it.
    from tali_claude.assistant import ClaudeAssistant

    return ClaudeAssistant(settings, context)


@hookimpl
def tali_assistants() -> ProviderSpec[Assistant]:
    """Offer Claude; it is ready once it has a key."""
    return ProviderSpec(
        name="claude",
        title="Claude",
        create=_create,
        settings=SettingsSpec(
            (
                Setting(
                    "api_key",
                    "API key",
                    "From Anthropic's console.",
                    "secret",
                    required=True,
                    env="ANTHROPIC_API_KEY",
                ),
                Setting(
                    "base_url",
                    "Address",
                    "Another server that speaks the Messages API. Empty: Anthropic's own.",
                    env="ANTHROPIC_BASE_URL",
                    deployment_only=True,
                ),
                Setting(
                    "model",
                    "Model",
                    "Which model answers candidates.",
                    default=DEFAULT_MODEL,
                    env="TALI_CLAUDE_MODEL",
                ),
                Setting(
                    "conversation_tokens",
                    "Tokens of a request",
                    "About how much of brief, files and conversation is sent; the oldest messages are left out first.",
                    "integer",
                    60_000,
                    env="TALI_CLAUDE_CONVERSATION_TOKENS",
                    minimum=4_000,
                    maximum=900_000,
                ),
                Setting(
                    "reply_tokens",
                    "Tokens of a reply",
                    "The longest reply, in tokens.",
                    "integer",
                    4_096,
                    env="TALI_CLAUDE_REPLY_TOKENS",
                    minimum=256,
                    maximum=64_000,
                ),
            )
        ),
    )
