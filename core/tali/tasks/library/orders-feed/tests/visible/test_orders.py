"""The tests we have."""

from api import Order, OrdersApi, OrderStore


def api_of(count):
    return OrdersApi(OrderStore(Order(f"o{n}", 1000 + n, "open", n) for n in range(count)), secret=b"secret")


def test_the_newest_come_first():
    response = api_of(3).list_orders({})
    assert response.status == 200
    assert [order["id"] for order in response.body["orders"]] == ["o2", "o1", "o0"]


def test_the_limit_and_the_offset_are_kept():
    response = api_of(9).list_orders({"limit": "2", "offset": "3"})
    assert [order["id"] for order in response.body["orders"]] == ["o5", "o4"]


def test_orders_are_filtered_by_status():
    api = api_of(3)
    api.store.add(Order("paid", 5000, "paid", 100))
    (order,) = api.list_orders({"status": "paid"}).body["orders"]
    assert order == {"id": "paid", "created_at": 5000, "status": "paid", "total_cents": 100}
