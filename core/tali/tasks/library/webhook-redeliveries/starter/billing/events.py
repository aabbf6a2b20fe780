"""Reads the provider's webhook payloads."""

import json
from dataclasses import dataclass

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
    occurred_at: str


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
            amount_cents=int(float(payload["amount"]) * 100),
            occurred_at=payload["occurred_at"],
        )
    except KeyError as error:
        raise InvalidEvent(f"missing field {error}") from error
    except json.JSONDecodeError as error:
        raise InvalidEvent("not JSON") from error
    if event.status not in STATUSES:
        raise InvalidEvent(f"unknown status {event.status!r}")
    return event
