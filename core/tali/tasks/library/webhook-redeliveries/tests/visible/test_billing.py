"""The tests we have."""

import json

import pytest

from billing import InvalidEvent, InvoiceStore, WebhookProcessor, parse_event


def body(**changes):
    event = {
        "event_id": "ev_1",
        "delivery_id": "d_1",
        "customer": "acme",
        "invoice": "INV-1",
        "status": "open",
        "amount": "10.00",
        "occurred_at": "2026-03-02T08:00:00+00:00",
    }
    return json.dumps({**event, **changes})


def test_an_event_becomes_an_invoice():
    store = InvoiceStore(customers={"acme"})
    assert WebhookProcessor(store).handle(body()) == "applied"
    assert [(i.number, i.status, i.amount_cents) for i in store.ledger()] == [("INV-1", "open", 1000)]


def test_a_payment_updates_the_invoice():
    store = InvoiceStore(customers={"acme"})
    processor = WebhookProcessor(store)
    processor.handle(body())
    paid = body(event_id="ev_2", delivery_id="d_2", status="paid", occurred_at="2026-03-02T09:00:00+00:00")
    assert processor.handle(paid) == "applied"
    assert store.find("INV-1").status == "paid"


def test_the_same_delivery_is_a_duplicate():
    processor = WebhookProcessor(InvoiceStore(customers={"acme"}))
    processor.handle(body())
    assert processor.handle(body()) == "duplicate"


def test_what_is_not_json_is_invalid():
    with pytest.raises(InvalidEvent):
        parse_event("{")
