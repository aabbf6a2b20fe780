"""One request to the model: sent once, streamed, and told apart by whether it may have cost something."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import anthropic
import httpx2

from tali.sdk import AnswerLost, ModelAnswer, Rejected, Transient
from tali_claude.failures import NEVER_SENT, may_have_been_served, meaning
from tali_claude.judge.writing import UNSTORABLE
from tali_claude.prices import Prices

SILENCE_SECONDS = 90.0
"""The longest silence of the server, before its first word or between two."""
ANSWER_SECONDS = 600.0
"""The longest answer: 48,000 tokens at 80 a second."""
_RAW_CHARACTERS = 200_000
_LOST = "The model's answer did not come back whole."


def ask(client: anthropic.Anthropic, model: str, prices: Prices, request: Mapping[str, Any]) -> ModelAnswer:
    """Send one request and bring back what came, whether it can be read or not: it has been paid for.

    Streamed, because a connection that is silent for minutes gets cut on its way. Raises as `Judge.ask`.
    """
    began, usage, answered_by, answering = time.monotonic(), None, model, False
    try:
        with client.messages.stream(model=model, **request) as stream:
            answering = True
            for event in stream:
                if event.type == "message_start":
                    answered_by, usage = event.message.model, prices.usage(event.message.usage)
                if time.monotonic() - began > ANSWER_SECONDS:
                    raise AnswerLost(f"The model's answer took longer than {ANSWER_SECONDS:.0f} seconds.", usage)
            final = stream.get_final_message()
            usage = prices.usage(final.usage)
            text = "".join(block.text for block in final.content if block.type == "text")
    except AnswerLost:
        raise
    except anthropic.APIStatusError as error:
        if usage is not None or may_have_been_served(error):
            raise AnswerLost(_LOST, usage) from error
        raise meaning(error) from error
    except Exception as error:
        # Once an answer has begun, the SDK lets its HTTP client's own errors through, and what its reading of events
        # trips over besides: a ValueError, RuntimeError, IndexError, TypeError, AttributeError or AssertionError.
        if not answering and not isinstance(error, (anthropic.APIError, httpx2.HTTPError)):
            raise
        if isinstance(error.__cause__, NEVER_SENT):
            raise Transient("Claude could not be reached.") from error
        if isinstance(error.__cause__, httpx2.LocalProtocolError):
            raise Rejected("The key that is set up holds characters that no key has.") from error
        raise AnswerLost(_LOST, usage) from error
    if final.stop_reason is None:
        # The connection ended before the message did, and the SDK raises nothing.
        raise AnswerLost(_LOST, usage)
    latency = round((time.monotonic() - began) * 1000)
    return ModelAnswer(_content(text, final.stop_reason), answered_by, usage, stream.request_id, latency)


def _content(text: str, stop_reason: str) -> Mapping[str, Any]:
    """The answer as JSON; where it is none, what came and why it ended."""
    if stop_reason == "end_turn":
        try:
            content = storable(json.loads(text))
        except (ValueError, RecursionError):
            content = None
        if isinstance(content, dict):
            return content
    return {"raw": storable(text)[:_RAW_CHARACTERS], "stop_reason": stop_reason}


def storable(value: Any) -> Any:
    """The same JSON, without what a database cannot keep: NUL, halves of characters, and numbers without end.

    A model that quotes such a text quotes it whole, and one odd character must not cost a whole answer.
    """
    match value:
        case str():
            return UNSTORABLE.sub("\ufffd", value)
        case dict():
            return {storable(name): storable(inner) for name, inner in value.items()}
        case list():
            return [storable(inner) for inner in value]
        case float() | int():
            # Also false for what is no number.
            return value if abs(value) < 2**53 else None
        case _:
            return value


def require_readable(content: Mapping[str, Any]) -> None:
    """Raise Rejected for an answer that is no answer, with the reason in words."""
    if "raw" not in content:
        return
    match content.get("stop_reason"):
        case "refusal":
            raise Rejected("The model declined to judge this.")
        case "max_tokens" | "model_context_window_exceeded":
            raise Rejected("The model's answer reached its longest length before its end.")
        case _:
            raise Rejected("The model's answer was not the JSON that it was asked for.")
