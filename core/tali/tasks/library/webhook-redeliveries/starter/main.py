"""Replays a slice of webhook traffic and prints the ledger."""

import json
from collections import Counter

from billing import InvalidEvent, InvoiceStore, UnknownCustomer, WebhookProcessor


def main():
    store = InvoiceStore(customers={"acme", "globex"})
    processor = WebhookProcessor(store)
    answers = Counter()
    with open("events.jsonl", encoding="utf-8") as lines:
        for line in lines:
            if json.loads(line).get("sync"):
                store.customers.add(json.loads(line)["sync"])
                continue
            try:
                answers[processor.handle(line)] += 1
            except (InvalidEvent, UnknownCustomer) as error:
                answers[type(error).__name__] += 1

    print(dict(answers))
    for invoice in store.ledger():
        print(f"{invoice.number}  {invoice.customer:<8} {invoice.status:<5} {invoice.amount_cents / 100:>9.2f}")
    print(f"paid: {store.total_cents('paid') / 100:.2f}   open: {store.total_cents('open') / 100:.2f}")


if __name__ == "__main__":
    main()
