"""The store that a plugin is lent: its own, encrypted, with expiry and compare-and-set."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from tali.kernel.plugin_services import DatabaseStore
from tali.sdk import Rejected


@pytest.fixture
def store(tenant, resources):
    return DatabaseStore(resources.database, resources.key_ring, "ats", tenant.organization_id)


def test_what_is_set_is_read_and_what_is_deleted_is_gone(store) -> None:
    store.set("token", b"\x00secret\xff")
    assert store.get("token") == b"\x00secret\xff"
    store.delete("token")
    assert store.get("token") is None


def test_values_expire(store) -> None:
    store.set("short", b"x", ttl=0.05)
    assert store.get("short") == b"x"
    time.sleep(0.1)
    assert store.get("short") is None
    assert store.compare_and_set("short", None, b"y"), "an expired value counts as absent"


def test_plugins_and_organisations_do_not_see_each_other(store, make_tenant, resources, tenant) -> None:
    store.set("k", b"mine")
    other_plugin = DatabaseStore(resources.database, resources.key_ring, "lms", tenant.organization_id)
    other_tenant = DatabaseStore(resources.database, resources.key_ring, "ats", make_tenant().organization_id)
    assert other_plugin.get("k") is None
    assert other_tenant.get("k") is None


def test_nothing_lies_in_the_database_in_the_clear(store, resources) -> None:
    store.set("k", b"in the clear")
    with resources.database.owner() as session:
        stored = session.execute(text("SELECT value FROM plugin_entry WHERE key = 'k'")).scalars().all()
    assert all(
        b"in the clear" not in bytes(value) and b"in the clear".hex().encode() not in bytes(value) for value in stored
    )


@pytest.mark.parametrize("before", [None, b"old"])
def test_of_many_that_compare_and_set_one_wins(store, before) -> None:
    if before is not None:
        store.set("race", before)
    won = []
    barrier = threading.Barrier(6)

    def attempt(number: int) -> None:
        barrier.wait()
        if store.compare_and_set("race", before, b"%d" % number):
            won.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.get("race") == b"%d" % won[0]


@pytest.mark.parametrize(("key", "value"), [("", b"x"), ("k" * 201, b"x"), ("k", b"x" * (64 * 1024 + 1))])
def test_limits_are_kept(store, key: str, value: bytes) -> None:
    with pytest.raises(Rejected):
        store.set(key, value)


def test_an_instance_of_the_deployment_has_no_store(resources) -> None:
    with pytest.raises(Rejected, match="whole deployment"):
        DatabaseStore(resources.database, resources.key_ring, "sandbox", None).get("k")
