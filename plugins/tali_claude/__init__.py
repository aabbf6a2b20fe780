"""Claude as the assistant that candidates work with and as the judge of their sessions.

Through Anthropic's Messages API, or any server that speaks it.
"""

from __future__ import annotations

from tali.sdk import Assistant, Judge, PluginContext, ProviderSpec, Setting, Settings, SettingsSpec, hookimpl
from tali_claude.prices import PRICES

__all__ = ["tali_assistants", "tali_signal_evaluators"]

DEFAULT_MODEL = "claude-sonnet-5-5"
"""The one model name in the code: what a deployment gets that chooses none."""

_KEY = Setting(
    "api_key",
    "API key",
    "From Anthropic's console.",
    "secret",
    required=True,
    env="ANTHROPIC_API_KEY",
)
_ADDRESS = Setting(
    "base_url",
    "Address",
    "Another server that speaks the Messages API. Empty: Anthropic's own.",
    env="ANTHROPIC_BASE_URL",
    deployment_only=True,
)


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
                _KEY,
                _ADDRESS,
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
                *PRICES,
            )
        ),
    )


def _create_judge(settings: Settings, context: PluginContext) -> Judge:
    from tali_claude.judge.provider import ClaudeJudge

    return ClaudeJudge(settings, context)


@hookimpl
def tali_signal_evaluators() -> ProviderSpec[Judge]:
    """Offer the judge: one request for each submission, read against the text that it was shown."""
    return ProviderSpec(
        name="claude_judge",
        title="Claude as judge",
        create=_create_judge,
        capabilities=frozenset({"judge"}),
        settings=SettingsSpec(
            (
                _KEY,
                _ADDRESS,
                Setting(
                    "judge_model",
                    "Model",
                    "Which model judges. Scores of different models are not compared.",
                    default=DEFAULT_MODEL,
                    env="TALI_CLAUDE_JUDGE_MODEL",
                ),
                Setting(
                    "session_tokens",
                    "Tokens of a session",
                    "About how much of a session is sent; longer ones are shown in part, and the report says which.",
                    "integer",
                    100_000,
                    env="TALI_CLAUDE_SESSION_TOKENS",
                    minimum=16_000,
                    maximum=900_000,
                ),
                *PRICES,
            )
        ),
    )
