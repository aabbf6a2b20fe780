"""Errors that reach people: a sentence to act on, a slug to match, a status that means what it means."""

from __future__ import annotations

from typing import Any


class TaliError(Exception):
    """Base of every error that becomes an answer. `extra` is merged into the JSON body."""

    status = 500

    def __init__(self, code: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra = extra
        self.retry_after: float | None = None


class BadRequest(TaliError):
    """The request cannot be understood."""

    status = 400


class Unauthorized(TaliError):
    """No credential, or one that does not hold."""

    status = 401


class PaymentRequired(TaliError):
    """The plan or the credits do not cover it."""

    status = 402


class Forbidden(TaliError):
    """A valid credential without the right."""

    status = 403


class NotFound(TaliError):
    """No such thing, or not this organisation's: both look the same from outside."""

    status = 404


class Conflict(TaliError):
    """A lost race or a move that the state machine does not have; carries the state."""

    status = 409


class Gone(TaliError):
    """It was there and has ended."""

    status = 410


class Unprocessable(TaliError):
    """Understood, but the values do not hold. `errors` names them: `{field: [sentence]}`."""

    status = 422


class TooManyRequests(TaliError):
    """Over a limit; `retry_after` is in seconds, None where waiting does not help.

    `first`: nobody was told so in this window before.
    """

    status = 429
    first = False

    def __init__(self, code: str, message: str, retry_after: float | None, **extra: Any) -> None:
        super().__init__(code, message, **extra)
        self.retry_after = retry_after


class Unavailable(TaliError):
    """Something outside is missing or down, and the sentence says what."""

    status = 503

    def __init__(self, code: str, message: str, retry_after: float | None = None, **extra: Any) -> None:
        super().__init__(code, message, **extra)
        self.retry_after = retry_after
