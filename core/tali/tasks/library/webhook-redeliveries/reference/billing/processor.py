"""Applies webhooks to the ledger."""

import time

from billing.errors import UnknownCustomer
from billing.events import parse_event
from billing.seen import SeenEvents
from billing.store import Invoice


class WebhookProcessor:
    """Handles one webhook at a time.

    `clock` returns seconds; tests hand in their own.
    """

    def __init__(self, store, clock=time.time, seen=None):
        self.store = store
        self.clock = clock
        self.seen = seen if seen is not None else SeenEvents()

    def handle(self, body: str) -> str:
        """Apply a webhook; answers "applied", "duplicate" or "stale"."""
        event = parse_event(body)
        if event.event_id in self.seen:
            return "duplicate"
        if event.customer not in self.store.customers:
            raise UnknownCustomer(event.customer)
        answer = self._apply(event)
        # Only now: an event that failed must be welcome when it comes again.
        self.seen.add(event.event_id, self.clock())
        return answer

    def _apply(self, event) -> str:
        known = self.store.find(event.invoice)
        if known is None:
            self.store.add(
                Invoice(event.invoice, event.customer, event.status, event.amount_cents, event.occurred_at)
            )
            return "applied"
        if event.occurred_at < known.updated_at:
            return "stale"
        known.status = event.status
        known.amount_cents = event.amount_cents
        known.updated_at = event.occurred_at
        return "applied"
