"""The plans that queries inside a function of the database really ran with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg


def plans_of(owner_url: str, organization_id: UUID, call: str, values: Sequence[Any]) -> list[str]:
    """Run `call` as one organisation and read the plans of the queries in it, one after another.

    As a superuser, who alone may load what shows them: the embedded server lets one in over its socket.
    """
    plans: list[str] = []
    with psycopg.connect(owner_url.replace("tali_owner@", "postgres@"), autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
        for setting in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_nested_statements = on",
            "SET auto_explain.log_level = 'notice'",
            f"SET tali.organization_id = '{organization_id}'",
        ):
            connection.execute(setting)
        plans.clear()
        connection.execute(call, values)
    # The last one is the call itself.
    return plans[:-1]
