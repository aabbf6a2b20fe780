"""Customers and invoices, in memory."""

from dataclasses import dataclass


@dataclass
class Invoice:
    """What we know about an invoice."""

    number: str
    customer: str
    status: str
    amount_cents: int
    updated_at: object


class InvoiceStore:
    """Holds the customers that are synchronised, and the ledger of invoices."""

    def __init__(self, customers=()):
        self.customers = set(customers)
        self._entries = []

    def find(self, number):
        """The invoice with that number, or None."""
        for invoice in self._entries:
            if invoice.number == number:
                return invoice
        return None

    def add(self, invoice):
        self._entries.append(invoice)

    def ledger(self):
        """All invoices, in the order in which they were booked."""
        return list(self._entries)

    def total_cents(self, status):
        return sum(invoice.amount_cents for invoice in self._entries if invoice.status == status)
