"""The reference for lists: the same queries under the same role and policies, with psycopg and orjson and nothing else.

Run under granian, as TALI is: `granian --interface wsgi benchmarks.bare_list:application`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import orjson
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

ROW = """
    a.id, a.state, a.created_at, a.started_at, a.submitted_at, a.expires_at, a.scoring_state, a.score,
    a.coverage, a.flag_count, c.id AS candidate_id, c.full_name, c.email, t.id AS task_id, t.title
"""
JOINED = "assessment a JOIN candidate c ON c.id = a.candidate_id JOIN task t ON t.id = a.task_id"
NEWEST = "ORDER BY a.created_at DESC, a.id DESC LIMIT 51"
QUERIES = {
    "newest": f"SELECT {ROW} FROM {JOINED} {NEWEST}",
    "state": f"SELECT {ROW} FROM {JOINED} WHERE a.state = %(value)s {NEWEST}",
    "task_id": f"SELECT {ROW} FROM {JOINED} WHERE a.task_id = %(value)s {NEWEST}",
    "sort": f"SELECT {ROW} FROM {JOINED} WHERE a.score IS NOT NULL ORDER BY a.score DESC, a.id DESC LIMIT 51",
    "q": f"""
        SELECT {ROW} FROM tali_search_assessments(%(value)s, NULL, NULL, false, NULL, NULL, NULL, 51)
        WITH ORDINALITY AS found (id, place) JOIN assessment a ON a.id = found.id
        JOIN candidate c ON c.id = a.candidate_id JOIN task t ON t.id = a.task_id ORDER BY found.place
    """,
}
_pool: list[ConnectionPool[Any]] = []


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/?<name>=<value>` answers the query of that name."""
    if not _pool:
        _pool.append(ConnectionPool(os.environ["BARE_DATABASE_URL"], min_size=2, max_size=4, open=True))
    [(name, [value])] = parse_qs(environ["QUERY_STRING"]).items()
    with _pool[0].connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SELECT set_config('tali.organization_id', %s, true)", (os.environ["BARE_ORGANIZATION"],))
        rows = cursor.execute(QUERIES[name], {"value": value}).fetchall()
    body = orjson.dumps({"data": rows[:50]})
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
