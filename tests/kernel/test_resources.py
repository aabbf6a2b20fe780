"""What a process holds: no more rights than it needs, and deadlines on everything that waits."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tali.application import create_resources
from tali.kernel import rate_limit
from tali.kernel.database import Database
from tali.kernel.errors import TooManyRequests, Unprocessable
from tali.kernel.settings import Settings, SettingsError
from tali.kernel.valkey import ChunkStream
from tali.tasks import service as tasks
from tali.tasks.folder import library, load


def test_web_and_workers_have_no_owners_pool(services: Settings) -> None:
    resources = create_resources(services, application="tali-web")
    try:
        with pytest.raises(RuntimeError, match="owner=True"), resources.database.owner():
            pass
        with pytest.raises(RuntimeError, match="owner=True"):
            _ = resources.database.owner_engine
    finally:
        resources.close()


def test_an_error_of_a_statement_does_not_tell_its_values(services: Settings) -> None:
    database = Database(services)
    values = {"written": "what a candidate wrote"}
    with pytest.raises(DBAPIError) as told, database.nobody() as session:
        session.execute(text("SELECT 1 / (length(:written) - length(:written))"), values)
    assert "what a candidate wrote" not in str(told.value)
    database.dispose()


def test_reading_a_stream_waits_longer_than_anything_else_may(resources) -> None:
    stream = ChunkStream(resources.streams, "turn:none", 1)
    began = time.monotonic()
    assert stream.read(0, 1200) == ([], False)
    assert time.monotonic() - began >= 1.2
    assert resources.valkey.connection_pool.connection_kwargs["socket_timeout"] == 1


def test_a_limits_window_begins_with_its_first_attempt(resources) -> None:
    for _ in range(2):
        rate_limit.hit(resources.valkey, "test", "somebody", 2, 900)
    (key,) = resources.valkey.keys("limit:test:*")
    assert 0 < resources.valkey.ttl(key) <= 900
    resources.valkey.expire(key, 100)
    with pytest.raises(TooManyRequests) as refused:
        rate_limit.hit(resources.valkey, "test", "somebody", 2, 900)
    assert refused.value.retry_after <= 100, "further attempts do not make the window longer"
    rate_limit.forget(resources.valkey, "test", "somebody")


def test_a_limit_needs_no_command_that_redis_6_lacks(resources) -> None:
    said: list[bytes] = []
    with resources.valkey.monitor() as monitor:
        rate_limit.hit(resources.valkey, "test", "another", 2, 900)
        # Not PING: a connection that rested sends one by itself.
        resources.valkey.echo("that was all")
        for command in monitor.listen():
            said.append(command["command"])
            if command["command"].startswith("ECHO"):
                break
    assert not [command for command in said if command.startswith("EXPIRE") and "NX" in command]
    assert [command for command in said if command.startswith("SET") and "NX" in command]
    rate_limit.forget(resources.valkey, "test", "another")


@pytest.mark.parametrize("weights", [{"test": 1.0}, {"tests": 0.5}, {"tests": 2.0, "code_quality": -1.0}])
def test_default_weights_that_do_not_hold_stop_the_boot(services: Settings, weights: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="SCORE_WEIGHTS"):
        create_resources(replace(services, score_weights=weights), application="tali-web")


def test_a_misspelled_component_of_a_task_is_named_at_publishing(tenant, resources) -> None:
    content = replace(load(library()["webhook-redeliveries"]), slug="typo", weights={"test": 0.5, "tests": 0.5})
    with (
        pytest.raises(Unprocessable, match=r"called test\. Known are code_quality") as refused,
        resources.database.tenant(tenant.organization_id) as session,
    ):
        tasks.publish(session, tenant.organization_id, content, [])
    assert refused.value.code == "component_unknown"
    with resources.database.tenant(tenant.organization_id) as session:
        tasks.publish(session, tenant.organization_id, content, [], other_components=True)
