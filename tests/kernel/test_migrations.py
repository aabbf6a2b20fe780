"""The schema goes up, agrees with the models, goes all the way down, and up again."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from tali.cli import schema
from tali.kernel.settings import Settings


@pytest.fixture
def empty_database(services: Settings):
    """A database of its own on the same server."""
    name = "migrations"
    with psycopg.connect(
        services.owner_database_url.replace("tali_owner@/tali", "postgres@/postgres"), autocommit=True
    ) as server:
        server.execute(sql.SQL("CREATE DATABASE {} OWNER tali_owner").format(sql.Identifier(name)))
        try:
            yield replace(services, owner_database_url=services.owner_database_url.replace("/tali?", f"/{name}?"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_up_check_down_up(empty_database: Settings) -> None:
    assert schema.current(empty_database) is None
    assert schema.upgrade(empty_database)
    schema.check(empty_database)
    assert schema.current(empty_database) == schema.head()
    schema.downgrade(empty_database, "base")
    with psycopg.connect(empty_database.owner_database_url) as connection:
        left = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        functions = connection.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'tali_%'").fetchall()
    assert left == [("alembic_version",)]
    assert functions == []
    assert schema.upgrade(empty_database)
    schema.check(empty_database)


def test_an_up_to_date_database_is_left_alone(services: Settings) -> None:
    assert not schema.upgrade(services)


def password_of_the_role(settings: Settings) -> str:
    """As the server keeps it: it trusts local connections, so a login would tell nothing."""
    superuser = settings.owner_database_url.replace("tali_owner@/tali", "postgres@/postgres")
    with psycopg.connect(superuser) as server:
        row = server.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'tali_app'").fetchone()
    assert row is not None
    return str(row[0])


def test_another_oldest_key_gives_the_role_its_password_on_an_up_to_date_database(services: Settings) -> None:
    before = password_of_the_role(services)
    rotated = replace(services, secret_keys=("n" * 32,))
    assert not schema.upgrade(rotated)
    assert password_of_the_role(services) != before
    schema.upgrade(services)


def test_a_role_whose_password_the_operator_chose_is_left_alone(services: Settings) -> None:
    before = password_of_the_role(services)
    given = replace(services, app_database_url_setting="postgresql://tali_app:chosen@127.0.0.1/tali")
    assert not schema.upgrade(replace(given, secret_keys=("n" * 32,)))
    assert password_of_the_role(services) == before
