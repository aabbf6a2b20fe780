"""Reads the provider's webhook payloads."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from billing.errors import InvalidEvent

STATUSES = ("open", "paid", "void")


@dataclass(frozen=True)
class Event:
    """One thing that happened to one invoice."""

    event_id: str
    delivery_id: str
    customer: str
    invoice: str
    status: str
    amount_cents: int
    occurred_at: datetime


def parse_event(body: str) -> Event:
    """Parse the body of a webhook.

    Raises InvalidEvent when it is not one.
    """
    try:
        payload = json.loads(body)
        event = Event(
            event_id=payload["event_id"],
            delivery_id=payload["delivery_id"],
            customer=payload["customer"],
            invoice=payload["invoice"],
            status=payload["status"],
            amount_cents=_cents(payload["amount"]),
            occurred_at=_instant(payload["occurred_at"]),
        )
    except json.JSONDecodeError as error:
        raise InvalidEvent("not JSON") from error
    except KeyError as error:
        raise InvalidEvent(f"missing field {error}") from error
    except TypeError as error:
        raise InvalidEvent("a field has the wrong type") from error
    if event.status not in STATUSES:
        raise InvalidEvent(f"unknown status {event.status!r}")
    return event


def _cents(amount: str) -> int:
    try:
        cents = Decimal(amount).scaleb(2)
    except InvalidOperation as error:
        raise InvalidEvent(f"{amount!r} is not an amount") from error
    if not cents.is_finite() or cents < 0 or cents != cents.to_integral_value():
        raise InvalidEvent(f"{amount!r} is not an amount in whole cents")
    return int(cents)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidEvent(f"{text!r} is not a time") from error
    if instant.tzinfo is None:
        raise InvalidEvent(f"{text!r} has no offset")
    return instant
