"""Reads all orders, page by page, while new ones come in."""

from collections import Counter

from api import STATUSES, Order, OrdersApi, OrderStore


def main():
    store = OrderStore(Order(f"o{n:03}", 1_772_000_000_000 + n // 3, STATUSES[n % 3], 100 * n) for n in range(200))
    api = OrdersApi(store, secret=b"a secret for the sample")
    seen = Counter()
    cursor, offset, page = None, 0, 0
    while True:
        params = {"limit": "25"}
        if cursor is not None:
            params["cursor"] = cursor
        elif offset:
            params["offset"] = str(offset)
        response = api.list_orders(params)
        orders = response.body["orders"]
        seen.update(order["id"] for order in orders)
        page += 1
        print(f"page {page}: {len(orders)} orders, {store.reads} reads")
        store.reads = 0
        store.add(Order(f"new{page}", 1_772_000_999_000 + page, "open", 1))
        cursor, offset = response.body.get("next_cursor"), offset + len(orders)
        if cursor is None and ("next_cursor" in response.body or len(orders) < 25):
            break
    twice = sorted(order for order, count in seen.items() if count > 1)
    missing = sorted({f"o{n:03}" for n in range(200)} - set(seen))
    print(f"{len(seen)} orders; twice: {twice}; missing: {missing}")


if __name__ == "__main__":
    main()
