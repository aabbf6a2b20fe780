"""What partners were promised."""

import re

from api import STATUSES, Order, OrdersApi, OrderStore

SECRET = b"the secret of these tests"
NOW = 1_772_000_000_000


def order(number, created_at=None, status=None):
    return Order(f"ord-{number:05}", NOW + (number if created_at is None else created_at), status or STATUSES[number % 3], number)


def api_of(orders, secret=SECRET):
    return OrdersApi(OrderStore(orders), secret)


def page(api, **params):
    response = api.list_orders({name: str(value) for name, value in params.items()})
    assert response.status == 200, response.body
    return [shown["id"] for shown in response.body["orders"]], response.body["next_cursor"]


def pages(api, between=lambda: None, **params):
    """All pages, with something happening between any two of them."""
    found, cursor = [], None
    while True:
        ids, cursor = page(api, **params, **({} if cursor is None else {"cursor": cursor}))
        found.append(ids)
        if cursor is None:
            return found
        between()


def code_of(api, **params):
    response = api.list_orders(params)
    assert response.status == 400, response
    assert set(response.body) == {"code", "parameter", "message"}
    assert " " in response.body["message"]
    return response.body["code"], response.body["parameter"]


def newest_first(orders):
    return [one.id for one in sorted(orders, key=lambda one: one.position, reverse=True)]


def test_following_the_cursors_shows_everything_once():
    orders = [order(number) for number in range(101)]
    assert [len(ids) for ids in pages(api_of(orders))] == [20, 20, 20, 20, 20, 1]
    found = pages(api_of(orders), limit=7)
    assert sum(found, []) == newest_first(orders)
    assert page(api_of([])) == ([], None)


def test_the_last_page_is_never_empty():
    for count in (1, 9, 10):
        assert [len(ids) for ids in pages(api_of([order(n) for n in range(count)]), limit=10)] == [count]
    assert [len(ids) for ids in pages(api_of([order(n) for n in range(20)]), limit=10)] == [10, 10]


def test_orders_of_the_same_time_are_neither_lost_nor_repeated():
    orders = [order(number, created_at=number // 40) for number in range(100)]
    assert sum(pages(api_of(orders), limit=9), []) == newest_first(orders)


def test_new_orders_disturb_nothing():
    orders = [order(number) for number in range(60)]
    api, numbers = api_of(orders), iter(range(1000, 2000))
    found = sum(pages(api, lambda: api.store.add(order(next(numbers))), limit=10), [])
    assert found == newest_first(orders)


def test_deleted_orders_disturb_nothing_either():
    orders = [order(number) for number in range(30)]
    api = api_of(orders)
    first, cursor = page(api, limit=10)
    api.store.delete(first[-1])
    api.store.delete("ord-00019")
    assert page(api, limit=10, cursor=cursor)[0] == newest_first(orders)[11:21]


def test_a_page_costs_what_it_shows_however_deep_it_is():
    api = api_of([order(number, status="paid" if number % 50 == 0 else "open") for number in range(2000)])
    for params in ({"limit": 20}, {"limit": 3, "status": "paid"}):
        costs = []

        def note():
            costs.append(api.store.reads)
            api.store.reads = 0

        note()
        pages(api, note, **params)
        assert len(costs) > 10
        assert max(costs[1:]) <= params["limit"] + 1


def test_a_cursor_goes_with_its_status_and_with_any_limit():
    api = api_of([order(number) for number in range(90)])
    ids, cursor = page(api, limit=5, status="paid")
    assert len(ids) == 5
    assert len(page(api, limit=7, status="paid", cursor=cursor)[0]) == 7
    assert code_of(api, cursor=cursor) == ("cursor_mismatch", "cursor")
    assert code_of(api, cursor=cursor, status="open") == ("cursor_mismatch", "cursor")
    _, plain = page(api, limit=5)
    assert code_of(api, cursor=plain, status="paid") == ("cursor_mismatch", "cursor")


def test_a_cursor_is_opaque_and_fits_into_a_url():
    import base64

    api = api_of([order(number) for number in range(50)])
    ids, cursor = page(api, limit=10)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,200}", cursor)
    decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for text in (cursor.encode(), decoded):
        assert ids[-1].encode() not in text
        assert str(NOW)[:7].encode() not in text


def test_a_cursor_that_is_not_ours_is_refused():
    api = api_of([order(number) for number in range(50)])
    _, cursor = page(api, limit=10)
    changed = [cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in range(len(cursor))]
    made_up = ["", "x", "ord-00040", "****", "é", "AAAA" * 10, cursor[:-1], cursor[:-4], cursor[4:], cursor * 2, cursor + "="]
    for text in changed + made_up:
        assert code_of(api, cursor=text) == ("cursor_invalid", "cursor"), text


def test_servers_share_cursors_when_they_share_the_secret():
    orders = [order(number) for number in range(50)]
    _, cursor = page(api_of(orders), limit=10)
    assert page(api_of(orders), limit=10, cursor=cursor)[0] == newest_first(orders)[10:20]
    assert code_of(api_of(orders, b"another secret"), cursor=cursor) == ("cursor_invalid", "cursor")


def test_mistakes_are_told_by_name_and_in_order():
    api = api_of([order(number) for number in range(50)])
    _, cursor = page(api)
    for limit in ("0", "101", "-1", "abc", "", "1.5", "1e1"):
        assert code_of(api, limit=limit) == ("limit_invalid", "limit")
    for offset in ("-1", "x", "", "0.5"):
        assert code_of(api, offset=offset) == ("offset_invalid", "offset")
    assert code_of(api, status="lost") == ("status_invalid", "status")
    assert code_of(api, page_size="5", limit="0") == ("parameter_unknown", "page_size")
    assert code_of(api, status="lost", limit="0") == ("limit_invalid", "limit")
    assert code_of(api, cursor="x", status="lost") == ("status_invalid", "status")
    assert code_of(api, cursor=cursor, offset="x") == ("parameter_conflict", "offset")
    assert code_of(api, cursor="x", offset="1") == ("cursor_invalid", "cursor")
    assert len(page(api, limit=100)[0]) == 50


def test_offsets_go_on_working_and_say_that_they_will_not():
    orders = [order(number) for number in range(50)]
    api = api_of(orders)
    for offset in (0, 7, 45, 60):
        response = api.list_orders({"limit": "10", "offset": str(offset)})
        assert (response.status, set(response.body)) == (200, {"orders"})
        assert [shown["id"] for shown in response.body["orders"]] == newest_first(orders)[offset : offset + 10]
        assert response.headers == {"Deprecation": "true"}
    assert api.list_orders({}).headers == {}
    assert api.list_orders({})
    assert "next_cursor" in api.list_orders({}).body
