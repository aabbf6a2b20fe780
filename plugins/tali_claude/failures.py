"""What a failed request means: whether to try again, whether it may have cost something, and whom its words are for."""

from __future__ import annotations

import anthropic
import httpx2

from tali.sdk import Rejected, Transient

NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
"""Causes of an error by which the request did not go out."""
_REFUSED = frozenset({500, 503, 529})
"""Faults of the server's that it tells before it has served anything; others may come from something in between."""


def may_have_been_served(error: anthropic.APIStatusError) -> bool:
    """Whether the model may have answered all the same: somebody on the way gave up waiting, or nobody can tell."""
    if isinstance(error, anthropic.RateLimitError):
        return False
    status = error.status_code
    return error.type == "timeout_error" or status == 408 or (status >= 500 and status not in _REFUSED)


def meaning(error: anthropic.APIStatusError) -> Transient | Rejected:
    """What a status means, to core and to whoever runs the organisation."""
    status = error.status_code
    if isinstance(error, anthropic.RateLimitError):
        return Transient("Claude takes no more requests at the moment.", retry_after(error))
    if overloaded(error) or status in {408, 409}:
        return Transient("Claude is overloaded.", retry_after(error))
    reasons = {
        400: "Claude did not take the request; it may be longer than the model's window.",
        401: "Claude does not accept the key that is set up.",
        402: "The account that Claude is paid from is empty.",
        403: "The key that is set up may not use this model.",
        404: "The model that is set up is not known to Claude.",
        413: "The request is too long for Claude. Set a smaller budget of tokens.",
    }
    return Rejected(reasons.get(status, f"Claude did not take the request (status {status})."))


def overloaded(error: anthropic.APIStatusError) -> bool:
    """A fault on the other side. An error event in a stream carries status 200 and says what it is in its body."""
    return error.type in {"overloaded_error", "api_error", "timeout_error"} or error.status_code >= 500


def retry_after(error: anthropic.APIStatusError) -> float | None:
    """Seconds to wait, as the server asks for, and no longer than five minutes."""
    try:
        return min(max(float(error.response.headers["retry-after"]), 0.0), 300.0)
    except (KeyError, ValueError):
        return None


def check(client: anthropic.Anthropic, model: str) -> None:
    """The smallest request there is: counting the tokens of one word. Whoever pressed Test reads what it raises."""
    try:
        client.messages.count_tokens(model=model, messages=[{"role": "user", "content": "Hello"}])
    except anthropic.APIStatusError as error:
        raise meaning(error) from error
    except anthropic.APIError as error:
        if isinstance(error.__cause__, httpx2.LocalProtocolError):
            raise Rejected("The key that is set up holds characters that no key has.") from error
        raise Transient("Claude could not be reached.") from error
