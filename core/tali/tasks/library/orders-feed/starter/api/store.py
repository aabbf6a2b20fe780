"""Orders, sorted as the database sorts them. Generated; the database behaves exactly like this."""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass

STATUSES = ("open", "paid", "cancelled")


@dataclass(frozen=True)
class Order:
    """`created_at` is in milliseconds since 1970; `id` is unique."""

    id: str
    created_at: int
    status: str
    total_cents: int

    @property
    def position(self) -> tuple[int, str]:
        """What orders are sorted by."""
        return (self.created_at, self.id)


class OrderStore:
    """Keeps orders and an index for each status. `reads` counts the orders that were read."""

    def __init__(self, orders=()):
        self._indexes = {status: [] for status in (None, *STATUSES)}
        self.reads = 0
        for order in orders:
            self.add(order)

    def add(self, order: Order) -> None:
        for index in (self._indexes[None], self._indexes[order.status]):
            bisect.insort(index, order, key=lambda other: other.position)

    def delete(self, order_id: str) -> None:
        for index in self._indexes.values():
            index[:] = [order for order in index if order.id != order_id]

    def scan(self, status: str | None = None, before: tuple[int, str] | None = None) -> Iterator[Order]:
        """Orders from the newest to the oldest; with `before`, only those that sort before that position.

        Each order costs a read when it is taken from the iterator, and not earlier.
        """
        index = self._indexes[status]
        end = len(index) if before is None else bisect.bisect_left(index, before, key=lambda order: order.position)
        for place in range(end - 1, -1, -1):
            self.reads += 1
            yield index[place]
