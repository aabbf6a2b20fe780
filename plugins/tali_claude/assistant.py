"""A turn with Claude: one streamed request, its text as it comes, and an end that tells the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import anthropic
import httpx2
from anthropic.types import Message as FinalMessage

from tali.sdk import Chunk, Conversation, Done, Notice, PluginContext, Rejected, Settings, Text, Transient, Usage
from tali_claude import failures
from tali_claude.prices import Prices
from tali_claude.request import Request, build, instructions_hash

FIRST_WORD_SECONDS = 60.0
"""The longest silence of the server that is waited through."""
TELL_EVERY_LETTERS = 400
"""How often a reply says what it has taken: a stopped one is counted as far as its last word on it."""
# What a stream breaks off with: the SDK lets its HTTP client's own errors through once an answer has begun, and what
# its reading of events trips over besides.
BROKEN_STREAM = (
    anthropic.APIError,
    httpx2.HTTPError,
    ValueError,
    AssertionError,
    RuntimeError,
    LookupError,
    TypeError,
    AttributeError,
)
STOPS = {"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal"}


class ClaudeAssistant:
    """`tali.sdk.Assistant`, one client an organisation."""

    def __init__(self, settings: Settings, context: PluginContext) -> None:
        self._model = str(settings["model"])
        self._budget = int(cast(int, settings["conversation_tokens"]))
        self._reply_tokens = int(cast(int, settings["reply_tokens"]))
        self._prices = Prices.of(settings)
        # The key explicitly: an explicit one keeps the SDK from reading any other credential of the process.
        # No retries of its own: a candidate waits, and is told at once.
        self._client = anthropic.Anthropic(
            api_key=str(settings["api_key"]),
            base_url=str(settings["base_url"] or "https://api.anthropic.com"),
            timeout=FIRST_WORD_SECONDS,
            max_retries=0,
        )

    def reply(self, conversation: Conversation) -> Iterator[Chunk]:
        """Answer the last message."""
        request, under = build(conversation, self._budget), instructions_hash(conversation.help_level)
        yield from _left_out(request)
        # Whoever presses Stop before the first event leaves no other account of what they had sent.
        usage = self._prices.about(request.size)
        yield usage
        counted, model, letters, told = None, self._model, 0, 0
        try:
            with self._client.messages.stream(
                model=self._model,
                max_tokens=self._reply_tokens,
                system=cast(Any, request.system),
                messages=cast(Any, request.messages),
            ) as stream:
                for event in stream:
                    if event.type == "message_start":
                        model = event.message.model
                        counted = event.message.usage
                        usage = self._prices.so_far(counted, 0)
                        yield usage
                    elif event.type == "message_delta":
                        usage = self._prices.usage(counted, event.usage.output_tokens)
                    elif event.type == "text":
                        yield Text(event.text)
                        letters += len(event.text)
                        usage = self._prices.so_far(counted, letters)
                        if letters - told >= TELL_EVERY_LETTERS:
                            told = letters
                            yield usage
                final = stream.get_final_message()
        except anthropic.APIStatusError as error:
            if letters:
                # What there was stays, with what it cost so far; the candidate is told that it broke off.
                yield Done(usage, "cut_short", model, under)
                return
            if counted is None and not failures.may_have_been_served(error):
                yield Usage()
            raise _meaning(error) from error
        except BROKEN_STREAM as error:
            if letters:
                yield Done(usage, "cut_short", model, under)
                return
            if isinstance(error.__cause__, (*failures.NEVER_SENT, httpx2.LocalProtocolError)):
                yield Usage()
            raise Transient("Claude could not be reached") from error
        yield from _ending(final, usage, under, letters > 0)

    def check(self) -> None:
        """Ask for the smallest thing there is; whoever set it up reads what comes of it."""
        failures.check(self._client, self._model)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _left_out(request: Request) -> Iterator[Chunk]:
    if request.left_out_messages:
        many = request.left_out_messages
        oldest = "Your oldest message was" if many == 1 else f"The oldest {many} messages were"
        yield Notice("info", f"{oldest} not sent along: the conversation is longer than the assistant's budget.")
    if request.left_out_files:
        yield Notice("info", f"Too large to be sent along: {', '.join(request.left_out_files)}.")


def _ending(final: FinalMessage, usage: Usage, under: str, begun: bool) -> Iterator[Chunk]:
    if final.stop_reason is None:
        # The connection ended before the message did, and the SDK raises nothing.
        yield Done(usage, "cut_short", final.model, under)
        return
    if final.stop_reason == "refusal" and not begun:
        yield Text("I cannot help with that.")
    if final.stop_reason == "refusal":
        yield Notice("warning", "Claude declined to go on with this. Ask in another way.")
    if STOPS.get(final.stop_reason) == "length":
        yield Notice("info", "The reply reached its longest length. Ask it to go on.")
    elif not begun and final.stop_reason != "refusal":
        yield Text("(The model had nothing to say. Ask again.)")
    stop = cast(Any, STOPS.get(final.stop_reason, "complete"))
    yield Done(usage, stop, final.model, under)


def _meaning(error: anthropic.APIStatusError) -> Exception:
    """What a status means to the candidate and to core."""
    if isinstance(error, anthropic.RateLimitError):
        return Transient("Claude takes no more requests at the moment", failures.retry_after(error))
    if failures.overloaded(error) or error.status_code == 408:
        return Transient("Claude is overloaded", failures.retry_after(error))
    if isinstance(error, (anthropic.AuthenticationError, anthropic.PermissionDeniedError)):
        return Rejected("Claude does not accept the key that is set up here. Tell whoever invited you.")
    if isinstance(error, anthropic.NotFoundError):
        return Rejected("The model that is set up here is not known to Claude. Tell whoever invited you.")
    if error.status_code == 402:
        return Rejected("The account that Claude is paid from is empty. Tell whoever invited you.")
    if error.status_code == 413:
        return Rejected("The conversation is too long for Claude. Close files that it need not see.")
    return Rejected("Claude did not take this request. You can ask in another way, or work without it.")
