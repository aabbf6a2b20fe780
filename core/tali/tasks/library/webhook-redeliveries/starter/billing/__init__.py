"""Turns payment webhooks into invoices."""

from billing.errors import InvalidEvent, UnknownCustomer
from billing.events import Event, parse_event
from billing.processor import WebhookProcessor
from billing.seen import SeenEvents
from billing.store import Invoice, InvoiceStore

__all__ = [
    "Event",
    "InvalidEvent",
    "Invoice",
    "InvoiceStore",
    "SeenEvents",
    "UnknownCustomer",
    "WebhookProcessor",
    "parse_event",
]
