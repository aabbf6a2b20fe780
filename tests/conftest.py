"""What all tests stand on: a real PostgreSQL and Valkey of their own, the migrated schema, and a fresh tenant."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from tali.application import create_resources
from tali.cli import schema
from tali.cli.embedded import EmbeddedPostgres, EmbeddedValkey
from tali.jobs import worker
from tali.jobs.kinds import KINDS
from tali.jobs.models import Job
from tali.jobs.resources import Resources
from tali.kernel.clock import now
from tali.kernel.settings import Settings
from tali.organizations import service as organizations
from tali.organizations.models import Membership
from tali.plugins import Provider
from tali.sdk import ProviderSpec
from tali.tasks import service as tasks
from tali.tasks.folder import library, load, recorded_tests
from tali.web import create_app
from tests.candidate import Candidate, Reply

REPOSITORY = Path(__file__).parents[1]
# No test speaks to a vendor, whatever keys the developer's own environment holds.
for variable in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
    del os.environ[variable]
SANDBOX_TOOLS = Path(os.environ.get("TALI_TEST_SANDBOX_DIR", REPOSITORY / ".tali" / "tests" / "bubblewrap"))


def pytest_runtest_setup() -> None:
    """Sockets to anywhere but this machine fail a test."""
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def services() -> Iterator[Settings]:
    """Settings of a running database, migrated, and a queue; this test process's own."""
    with tempfile.TemporaryDirectory(prefix="tali-tests-") as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)
        postgres, valkey = EmbeddedPostgres(data_dir), EmbeddedValkey(data_dir)
        try:
            environment = {
                "TALI_DATABASE_URL": postgres.start(lambda _: None),
                "TALI_REDIS_URL": valkey.start(),
                "TALI_DATA_DIR": str(data_dir),
                "TALI_LOG_LEVEL": "ERROR",
            }
            # The grading tools are installed once a checkout, not once a run.
            plugins = data_dir / "plugins"
            plugins.mkdir()
            SANDBOX_TOOLS.mkdir(parents=True, exist_ok=True)
            (plugins / "bubblewrap").symlink_to(SANDBOX_TOOLS)
            settings = Settings.from_environment(environment)
            schema.upgrade(settings)
            yield settings
        finally:
            postgres.stop()
            valkey.stop()


@pytest.fixture(scope="session")
def resources(services: Settings) -> Iterator[Resources]:
    """What a process holds."""
    held = create_resources(services, application="tali-tests", pool_size=20, owner=True)
    held.plugins.sandbox(services.sandbox).prepare(lambda _: None)
    yield held
    held.close()


@pytest.fixture(scope="session")
def app(resources: Resources) -> Flask:
    """The web application."""
    return create_app(resources.settings, resources)


@dataclass
class Tenant:
    """An organisation of this test's own, with an owner who is signed in."""

    organization_id: UUID
    membership_id: UUID
    client: FlaskClient
    token: str
    task_id: UUID
    resources: Resources

    def call(
        self, method: str, path: str, *, key: str | None = None, token: str | None = None, **options: Any
    ) -> Reply:
        """Call the API as the owner (or with another token)."""
        headers = {"Authorization": f"Bearer {token or self.token}", **options.pop("headers", {})}
        if key:
            headers["Idempotency-Key"] = key
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)
        return Reply(answer.status_code, answer.get_json(silent=True), answer.headers, answer.get_data())

    def invite(self, email: str = "ada@example.com", **options: Any) -> dict[str, Any]:
        """Create an assessment, however many open ones the person has."""
        person = {"full_name": "Ada Byron", "email": email}
        body = {"task_id": str(self.task_id), "candidate": person, "again": True, **options}
        made = self.call("POST", "/assessments", json=body)
        assert made.status == 201, made.json
        return made.json

    def candidate(self, assessment: dict[str, Any] | None = None, *, start: bool = True) -> Candidate:
        """Open a session as the invited candidate, started unless told otherwise."""
        invited = assessment or self.invite()
        candidate = Candidate(self.client, invited)
        candidate.open(invitation=invited["invitation_url"].partition("#")[2])
        if start:
            candidate.start()
        return candidate


@pytest.fixture(scope="session")
def hidden_tests_of() -> Callable[[str], list[str]]:
    """The validated hidden tests of a library task, from the record that it carries."""

    def find(slug: str) -> list[str]:
        recorded = recorded_tests(library()[slug], load(library()[slug]))
        assert recorded is not None, f"{slug} was changed: run `tali tasks validate --record` on its folder"
        return recorded

    return find


LIBRARY_TASK = "webhook-redeliveries"


@pytest.fixture
def make_tenant(app: Flask, resources: Resources, hidden_tests_of: Callable[[str], list[str]]) -> Callable[[], Tenant]:
    """Make organisations; each test's are its own."""

    def make() -> Tenant:
        with resources.database.owner() as session:
            membership = organizations.create_organization(
                session, "Test organisation", f"owner-{os.urandom(6).hex()}@example.com", "Olive Owner"
            )
            organization_id, membership_id = membership.organization_id, membership.id
        with resources.database.tenant(organization_id) as session:
            link = organizations.create_sign_in_link(session, session.get_one(Membership, membership_id))
            task, _ = tasks.publish(
                session, organization_id, load(library()[LIBRARY_TASK]), hidden_tests_of(LIBRARY_TASK)
            )
            task_id = task.id
        client = app.test_client()
        signed_in = client.post("/api/v1/auth/links/redeem", json={"token": link})
        assert signed_in.status_code == 200, signed_in.get_data()
        token = signed_in.get_json()["access_token"]
        return Tenant(organization_id, membership_id, client, token, task_id, resources)

    return make


@pytest.fixture
def tenant(make_tenant: Callable[[], Tenant]) -> Tenant:
    """One organisation."""
    return make_tenant()


@pytest.fixture
def assistant(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """Replace the assistant that new assessments get by one that does what the test says."""

    def use(reply: Any) -> None:
        class Scripted:
            is_ai = True
            notice = None

            def reply(self, conversation: Any) -> Any:
                return reply(conversation)

        name = f"scripted-{id(reply)}"
        spec = ProviderSpec(name, "Scripted", lambda settings, context: Scripted())
        monkeypatch.setitem(
            resources.plugins._providers, ("assistants", name), Provider("assistants", "scripted", spec)
        )
        object.__setattr__(resources.settings, "assistant_setting", name)

    before = resources.settings.assistant_setting
    yield use
    object.__setattr__(resources.settings, "assistant_setting", before)


@pytest.fixture
def at_once(app: Flask, tenant: Tenant) -> Callable[..., list[Reply]]:
    """Make calls (method, path, body) at the same time, each through a client of its own."""

    def call(wanted: tuple[str, str, Any]) -> Reply:
        method, path, body = wanted
        answer = app.test_client().open(
            f"/api/v1{path}", method=method, json=body, headers={"Authorization": f"Bearer {tenant.token}"}
        )
        return Reply(answer.status_code, answer.get_json(silent=True))

    def run(*wanted: tuple[str, str, Any]) -> list[Reply]:
        with ThreadPoolExecutor(len(wanted)) as pool:
            return list(pool.map(call, wanted))

    return run


@pytest.fixture
def run_jobs(resources: Resources) -> Callable[[Tenant], int]:
    """Run a tenant's due jobs here, with the workers' own code, until none is due; tells how many ran."""

    def run(of: Tenant) -> int:
        ran = 0
        while True:
            with resources.database.tenant(of.organization_id) as session:
                due = session.execute(
                    select(Job.id).where(Job.state == "queued", Job.run_at <= now()).order_by(Job.created_at).limit(1)
                ).scalar_one_or_none()
            if due is None:
                return ran
            worker.run(resources, due)
            ran += 1
            assert ran < 200, "jobs keep coming back"

    return run


@pytest.fixture
def count_queries() -> Callable[[Callable[[], Any]], int]:
    """How many statements a call sends to the database."""

    def count(call: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(seen)

    return count


@pytest.fixture
def known_kinds() -> dict[str, Any]:
    """The job kinds, restored after a test that adds its own."""
    before = dict(KINDS)
    yield KINDS
    KINDS.clear()
    KINDS.update(before)
