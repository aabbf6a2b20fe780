"""Messages to people: what a notifier sends, what it answers, and what a provider reports back later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. The name is what somebody typed somewhere: it may hold anything."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One message to one person, rendered whole. The sender is the notifier's own setting.

    Args:
        text: the message as plain text; `html` says the same.
        headers: further ones, such as `List-Unsubscribe`. They are checked like all else.
        idempotency_key: names this message for ever. It comes again when core does not know whether the first call went
            through: a provider that knows such keys is given it, another makes its own message id from it.
    """

    to: Address
    subject: str
    text: str
    html: str
    idempotency_key: str
    reply_to: Address | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """That the provider took the message on. `id` is its name there, the same for the same idempotency key."""

    id: str


class Notifier(Protocol):
    """Sends messages, in worker processes."""

    def send(self, message: MailMessage) -> Receipt:
        """Hand one message over, within a deadline of the notifier's own that is below a minute.

        A line break in a header or an address that is none is refused before anything is sent: names are untrusted.

        Raises:
            Transient: it may work later (the server is down, busy, or wants to be asked again).
            Rejected: it will not work however often it is tried; `reason` is shown to whoever caused the message.
            ConfigurationMissing: a setting is missing or does not hold.
        """
        ...
