"""What the platform itself promises: measuring a long session, and lists that do not slow down as they grow."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
from sqlalchemy import text

from benchmarks.figures import Figure
from tali.application import create_resources
from tali.cli import schema
from tali.cli.embedded import EmbeddedPostgres, EmbeddedValkey, free_port
from tali.jobs.resources import Resources
from tali.kernel.settings import Settings
from tali.organizations import service as organizations
from tali.organizations.models import Membership
from tali.sdk import Prompt, SessionRecord, TaskFacts, TestOutcome
from tali.tasks import service as tasks
from tali.tasks.folder import library, load, recorded_tests

AREA = "core"
SMALL, LARGE = 10_000, 1_000_000
REQUESTS = 60


def figures() -> Iterator[Figure]:
    """Heuristics first, then the lists."""
    yield from _heuristics()
    yield from _lists()


def _heuristics() -> Iterator[Figure]:
    """1,000 prompts over 20 KB of code, and ten times as many; the reference reads the same text once."""
    thousand, ten_thousand = _long_session(1000), _long_session(10_000)
    once = [_milliseconds(lambda: _measure(thousand)) for _ in range(7)]
    reading = [_milliseconds(lambda: _read(thousand)) for _ in range(7)]
    yield Figure(AREA, "heuristics_1000_prompts", "ms", once, "hashing the same text", reading, 250.0)
    often = [_milliseconds(lambda: _measure(ten_thousand)) for _ in range(3)]
    yield Figure(AREA, "heuristics_growth", "ms", often, "1,000 prompts", once, 12.0, target_is_ratio=True)


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _measure(record: SessionRecord) -> None:
    from tali_heuristics.evaluator import HeuristicsEvaluator

    HeuristicsEvaluator().evaluate(record)


def _read(record: SessionRecord) -> None:
    for prompt in record.prompts:
        for code in (prompt.code_before, prompt.code_after or {}):
            hashlib.sha256("".join(code.values()).encode()).digest()


def _long_session(prompts: int) -> SessionRecord:
    """Each prompt is followed by five changed lines in 20 KB of code."""
    chance = random.Random(1)
    lines = [f"    value_{number} = compute({number}, {chance.random()})  # why" for number in range(480)]
    snapshots, replies = ["\n".join(lines)], []
    for number in range(prompts):
        new = [f"    fixed_{number}_{place} = better({place}, {number})" for place in range(5)]
        replies.append("Try:\n```python\n" + "\n".join(new) + "\n```\n")
        for line in new:
            lines[chance.randrange(len(lines))] = line
        snapshots.append("\n".join(lines))
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    message = "please fix this function " * 5
    asked = [
        Prompt(
            index=number,
            turn_id=UUID(int=number + 1),
            message=message,
            response=replies[number],
            timestamp=start + timedelta(seconds=20 * number),
            input_tokens=None,
            output_tokens=None,
            response_latency_ms=None,
            code_before={"a.py": snapshots[number]},
            code_after={"a.py": snapshots[number + 1]},
            word_count=len(message.split()),
            char_count=len(message),
            time_since_last_prompt_ms=None,
            paste_detected=False,
            browser_focused=True,
        )
        for number in range(prompts)
    ]
    return SessionRecord(
        attempt_id=UUID(int=1),
        task=TaskFacts("Fix", "Fix it.", ["python"], {"a.py": snapshots[0]}, 20 * prompts),
        started_at=start,
        submitted_at=start + timedelta(seconds=20 * prompts),
        final_files={"a.py": snapshots[-1]},
        prompts=asked,
        tests=TestOutcome("failed", 1, 2),
    )


@dataclass
class Tenant:
    """An organisation, the tasks that it uses, and the assessment that its other ones are copies of."""

    organization_id: UUID
    task_ids: list[UUID]
    model_id: UUID
    token: str


@dataclass
class Deployment:
    """One database, TALI in front of it, and the bare handler beside it."""

    resources: Resources
    large: Tenant
    small: Tenant
    ours: httpx.Client
    bare: httpx.Client


QUERIES = {
    "newest": "newest=1",
    "status": "state=completed",
    "task": "task_id={task}",
    "score": "sort=score",
    "search_rare": "q=p4711@",
    "search_common": "q=Anna",
}
"""`Anna` is one in a hundred; `p4711@` is one person."""


def _lists() -> Iterator[Figure]:
    """Lists of 50 at 10,000 and at 1,000,000 assessments, of which one organisation owns 90 %."""
    with _deployment() as deployment:
        _fill(deployment, 0, SMALL)
        small = {name: _timed(deployment, query) for name, query in QUERIES.items()}
        _fill(deployment, SMALL, LARGE)
        for name, query in QUERIES.items():
            ours, bare = _timed(deployment, query)
            yield Figure(AREA, f"list_{name}", "ms", ours, "bare psycopg and orjson", bare, 6.0, target_is_ratio=True)
            before = small[name][0]
            yield Figure(AREA, f"list_{name}_growth", "ms", ours, "10,000 rows", before, 1.3, target_is_ratio=True)


def _timed(deployment: Deployment, query: str) -> tuple[list[float], list[float]]:
    """Milliseconds of our list and of the bare one, in turns; the first few warm up plans and connections."""
    ours, bare = [], []
    query = query.format(task=deployment.large.task_ids[0])
    for number in range(REQUESTS + 20):
        for client, times in ((deployment.ours, ours), (deployment.bare, bare)):
            path = (
                f"/?{query}" if client is deployment.bare else f"/api/v1/assessments?{query.removeprefix('newest=1')}"
            )
            began = time.perf_counter()
            answer = client.get(path)
            seconds = time.perf_counter() - began
            assert answer.status_code == 200, answer.text
            if number >= 20:
                times.append(seconds * 1000)
    assert answer.json()["data"], f"{query} finds nothing"
    return ours, bare


@contextmanager
def _deployment() -> Iterator[Deployment]:
    with tempfile.TemporaryDirectory(prefix="tali-bench-") as name:
        data_dir = Path(name)
        data_dir.chmod(0o755)
        postgres, valkey = EmbeddedPostgres(data_dir), EmbeddedValkey(data_dir)
        environment = {
            "TALI_DATABASE_URL": postgres.start(lambda _: None),
            "TALI_REDIS_URL": valkey.start(),
            "TALI_DATA_DIR": name,
            "TALI_LOG_LEVEL": "ERROR",
            "TALI_PORT": str(free_port()),
            "TALI_WEB_PROCESSES": "1",
        }
        settings = Settings.from_environment(environment)
        schema.upgrade(settings)
        resources = create_resources(settings, application="tali-bench", pool_size=2, owner=True)
        servers: list[subprocess.Popen[bytes]] = []
        try:
            with _serving(settings, resources, environment, servers) as deployment:
                yield deployment
        finally:
            for server in servers:
                server.terminate()
                server.wait(20)
            resources.close()
            postgres.stop()
            valkey.stop()


@contextmanager
def _serving(
    settings: Settings, resources: Resources, environment: dict[str, str], servers: list[subprocess.Popen[bytes]]
) -> Iterator[Deployment]:
    servers.append(subprocess.Popen([sys.executable, "-m", "tali.cli", "web"], env={**os.environ, **environment}))
    ours = httpx.Client(base_url=settings.public_url, timeout=60)
    _wait_for(ours, "/health/live")
    large, small = (_tenant(resources, ours, name, tasks) for name, tasks in (("Large", 10), ("Small", 1)))
    ours.headers["Authorization"] = f"Bearer {large.token}"
    port = free_port()
    bare = {
        "BARE_DATABASE_URL": settings.app_database_url(resources.key_ring.derived_secret("tali_app")),
        "BARE_ORGANIZATION": str(large.organization_id),
    }
    granian = ["granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-log"]
    command = [sys.executable, "-m", *granian, "--port", str(port), "benchmarks.bare_list:application"]
    servers.append(subprocess.Popen(command, env={**os.environ, **bare}))
    other = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    _wait_for(other, "/?newest=1")
    yield Deployment(resources, large, small, ours, other)


def _tenant(resources: Resources, client: httpx.Client, name: str, task_count: int) -> Tenant:
    slug = "webhook-redeliveries"
    content = load(library()[slug])
    with resources.database.owner() as session:
        membership = organizations.create_organization(session, name, f"{name}@example.com", "Olive Owner")
        organization_id, membership_id = membership.organization_id, membership.id
    with resources.database.tenant(organization_id) as session:
        link = organizations.create_sign_in_link(session, session.get_one(Membership, membership_id))
        published = [
            tasks.publish(session, organization_id, replace(content, slug=f"{slug}-{number}"), recorded_tests_of(slug))
            for number in range(task_count)
        ]
        task_ids = [task.id for task, _ in published]
    token = client.post("/api/v1/auth/links/redeem", json={"token": link}).json()["access_token"]
    body = {"task_id": str(task_ids[0]), "candidate": {"full_name": "Model", "email": "model@example.com"}}
    model = client.post("/api/v1/assessments", json=body, headers={"Authorization": f"Bearer {token}"})
    assert model.status_code == 201, model.text
    return Tenant(organization_id, task_ids, UUID(model.json()["id"]), token)


def recorded_tests_of(slug: str) -> list[str]:
    """The hidden tests that a library task was validated with."""
    recorded = recorded_tests(library()[slug], load(library()[slug]))
    assert recorded is not None
    return recorded


def _wait_for(client: httpx.Client, path: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if client.get(path).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, f"{client.base_url} does not answer"
        time.sleep(0.1)


NUMBERS = "generate_series(CAST(:first AS int), CAST(:last AS int)) n WHERE (n % 10 = 9) = :small"
"""A tenth of the rows are the other organisation's, in between."""
PEOPLE = f"""
    INSERT INTO candidate (id, organization_id, created_at, full_name, email)
    SELECT md5('candidate' || n)::uuid, :organization, now() - (2000000 - n) * interval '1 second',
        CASE WHEN n % 100 = 11 THEN 'Anna' ELSE initcap(substr(md5((n % 97)::text), 1, 6)) END || ' '
            || initcap(substr(md5((n % 7919)::text), 1, 9)),
        'p' || n || '@' || substr(md5((n % 499)::text), 1, 8) || '.example'
    FROM {NUMBERS}
"""
ASSESSMENTS = """
    INSERT INTO assessment SELECT copy.* FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n
    JOIN assessment m ON m.id = :model AND (n % 10 = 9) = :small
    CROSS JOIN LATERAL jsonb_populate_record(m, jsonb_build_object(
        'id', md5('assessment' || n)::uuid, 'candidate_id', md5('candidate' || n)::uuid,
        'created_at', now() - (2000000 - n) * interval '1 second', 'public_id', 'b' || n, 'invitation_hash', 'b' || n,
        'created_by_id', NULL, 'task_id', (CAST(:tasks AS uuid[]))[1 + n % cardinality(CAST(:tasks AS uuid[]))],
        'state', (ARRAY['completed', 'invited', 'expired'])[1 + n % 3],
        'score', CASE WHEN n % 3 = 0 THEN (n::bigint * 7919 % 1000) / 10.0 END
    )) copy
"""


def _fill(deployment: Deployment, first: int, last: int) -> None:
    """Rows `first` to `last`, in the order of their creation."""
    with deployment.resources.database.owner() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        for tenant in (deployment.large, deployment.small):
            values = {"first": first, "last": last - 1, "small": tenant is deployment.small}
            session.execute(text(PEOPLE), {**values, "organization": tenant.organization_id})
            session.execute(text(ASSESSMENTS), {**values, "tasks": tenant.task_ids, "model": tenant.model_id})
    # As autovacuum does in time.
    with psycopg.connect(deployment.resources.settings.owner_database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE candidate, assessment")
