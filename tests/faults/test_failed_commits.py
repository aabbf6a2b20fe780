"""A life in which every commit fails once: nothing remains of it, and the same request then succeeds.

Rows, jobs, sandboxes and messages are looked at after each failure. The commit fails in two ways: our own process
breaks just before it, or the database cuts the connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psutil
import psycopg
import pytest
from sqlalchemy import event, select, text, update

from tali.assessments import deadlines
from tali.assessments.jobs import find_expired
from tali.assessments.models import Assessment, Attempt
from tali.jobs import worker
from tali.jobs.models import Job
from tali.jobs.publisher import Publisher
from tali.kernel.clock import now
from tali.kernel.database import TenantSession
from tali.kernel.models import Base
from tali.workspace.closing import find_overdue, find_overlong_pauses

TABLES = sorted(table.name for table in Base.metadata.sorted_tables if "organization_id" in table.columns)
WAYS = ("breaks", "is cut")


class World:
    """One organisation, and faults for it."""

    def __init__(self, tenant, resources, services, way: str, monkeypatch) -> None:
        self.tenant, self.resources, self.way = tenant, resources, way
        self.superuser = services.owner_database_url.replace("tali_owner@/tali", "postgres@/postgres")
        self.sent: list[object] = []
        self.steps = 0
        real = Publisher.publish

        def noted(publisher, job_id, kind):
            self.sent.append(job_id)
            return real(publisher, job_id, kind)

        monkeypatch.setattr(Publisher, "publish", noted)

    def rows(self, *, but: tuple[str, ...] = ()) -> dict[str, tuple[int, int]]:
        """How many rows each table holds, and a sum over all that they say."""
        found = {}
        with self.resources.database.owner() as session:
            for table in TABLES:
                if table in but:
                    continue
                found[table] = tuple(
                    session.execute(
                        text(
                            f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
                            " WHERE organization_id = :id"
                        ),
                        {"id": self.tenant.organization_id},
                    ).one()
                )
        return found

    @contextmanager
    def failing(self, nth: int = 1) -> Iterator[None]:
        """The `nth` commit of the organisation in this thread fails."""
        mine, seen = threading.get_ident(), []

        def fail(session) -> None:
            if session.info.get("organization_id") is None or threading.get_ident() != mine:
                return
            seen.append(session)
            if len(seen) != nth:
                return
            session.flush()
            if self.way == "breaks":
                raise RuntimeError("the process breaks before its commit")
            pid = session.connection().connection.dbapi_connection.info.backend_pid
            with psycopg.connect(self.superuser, autocommit=True) as server:
                server.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

        event.listen(TenantSession, "before_commit", fail)
        try:
            yield
        finally:
            event.remove(TenantSession, "before_commit", fail)
        assert len(seen) >= nth, "nothing was committed, so nothing failed"

    def write(self, what: str, send: Callable[[], object], status: int):
        """A request that fails, leaves nothing, and succeeds."""
        before = self.rows()
        sent = len(self.sent)
        with self.failing():
            failed = send()
        assert failed.status in (500, 503), f"{what}: {failed.json}"
        assert self.rows() == before, f"{what} left something behind"
        assert len(self.sent) == sent, f"{what} sent a message for what never was"
        assert sandboxes() == []
        answer = send()
        assert answer.status == status, f"{what}: {answer.json}"
        assert self.rows() != before, f"{what} writes nothing, so this shows nothing"
        self.steps += 1
        return answer

    def due(self, kind: str):
        with self.resources.database.tenant(self.tenant.organization_id) as session:
            return session.execute(
                select(Job.id).where(Job.kind == kind, Job.state == "queued").order_by(Job.id).limit(1)
            ).scalar_one()

    def hurry(self) -> None:
        with self.resources.database.tenant(self.tenant.organization_id) as session:
            session.execute(update(Job).where(Job.state == "queued").values(run_at=now() - timedelta(seconds=1)))

    def job(self, kind: str) -> None:
        """A job whose first commit fails: it has done nothing, and does it when it comes again."""
        self.hurry()
        job_id = self.due(kind)
        before, sent = self.rows(but=("job",)), len(self.sent)
        count = self.rows()["job"][0]
        with self.failing():
            worker.run(self.resources, job_id)
        assert self.rows(but=("job",)) == before, f"{kind} left something behind"
        assert self.rows()["job"][0] == count, f"{kind} left a job behind"
        assert len(self.sent) == sent
        assert sandboxes() == []
        self.hurry()
        worker.run(self.resources, job_id)
        with self.resources.database.tenant(self.tenant.organization_id) as session:
            assert session.get_one(Job, job_id).state == "done", kind
        assert self.rows(but=("job",)) != before
        self.steps += 1

    def set(self, model, **values) -> None:
        with self.resources.database.tenant(self.tenant.organization_id) as session:
            session.execute(update(model).values(**values))

    def sweep(self, look) -> None:
        with self.resources.database.owner() as session:
            look(session, now())


def sandboxes() -> list[str]:
    """Sandboxes that run below this process."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "bwrap" in child.name():
                found.append(child.name())
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(params=WAYS)
def world(request, tenant, resources, services, monkeypatch) -> World:
    return World(tenant, resources, services, request.param, monkeypatch)


def test_inviting_leaves_nothing_when_its_commit_fails(world: World, tenant) -> None:
    person = {"full_name": "Ada Byron", "email": "ada@example.com"}
    body = {"task_id": str(tenant.task_id), "candidate": person}
    made = world.write("create", lambda: tenant.call("POST", "/assessments", key="c", json=body), 201).json
    path = f"/assessments/{made['id']}"
    world.write("change", lambda: tenant.call("PATCH", path, json={"duration_minutes": 31}), 200)
    given = {"percent": 25, "reason": "x"}
    world.write("time before", lambda: tenant.call("POST", f"{path}/accommodation", key="a", json=given), 200)
    again = {"void_old_link": True}
    world.write("resend", lambda: tenant.call("POST", f"{path}/resend", key="r", json=again), 200)
    world.write("cancel", lambda: tenant.call("POST", f"{path}/cancel"), 200)
    world.write("delete", lambda: tenant.call("DELETE", path), 204)
    people = [{"full_name": "B", "email": "b@example.com"}]
    listed = {"task_id": str(tenant.task_id), "people": people}
    world.write("list", lambda: tenant.call("POST", "/assessments/bulk", key="l", json=listed), 202)
    world.job("assessments.invite_rows")
    world.set(Assessment, expires_at=now() - timedelta(seconds=1))
    world.sweep(find_expired)
    world.job("assessments.expire")
    world.write("defaults", lambda: tenant.call("PATCH", "/assessment-defaults", json={"blind_review": True}), 200)
    assert world.steps == 10


def test_a_session_leaves_nothing_when_its_commit_fails(world: World, tenant, run_jobs) -> None:
    candidate = tenant.candidate(start=False)
    path = f"/assessments/{candidate.assessment['id']}"
    consent = {"consent_version": candidate.session["consent_version"]}
    started = world.write("start", lambda: candidate.call("POST", "/start", json=consent), 200)
    candidate._take(started.json)
    world.write("takeover", candidate.take_over, 200)
    world.write("edits", lambda: candidate.type("# x\n"), 200)
    world.write("events", lambda: candidate.observe({"kind": "paste"}), 204)
    world.write("turn", lambda: candidate.ask("Why does it fail?", key="t"), 202)
    run_jobs(tenant)
    key = {"Idempotency-Key": "e"}
    world.write("execution", lambda: candidate.call("POST", "/execute", headers=key, json={"kind": "test"}), 202)
    run_jobs(tenant)
    given = {"minutes": 10, "reason": "x"}
    world.write("time during", lambda: tenant.call("POST", f"{path}/accommodation", key="a", json=given), 200)
    world.write("pause", lambda: tenant.call("POST", f"{path}/pause", json={"reason": "x"}), 200)
    world.write("resume", lambda: tenant.call("POST", f"{path}/resume"), 200)
    tenant.call("POST", f"{path}/pause", json={"reason": "x"})
    world.set(Attempt, paused_at=now() - deadlines.LONGEST_PAUSE - timedelta(seconds=1))
    world.sweep(find_overlong_pauses)
    world.job("workspace.end_pause")
    world.write("submit", lambda: candidate.submit(key="s"), 200)
    world.job("scoring.fingerprint")
    world.job("scoring.grade")
    assert world.steps == 13


def test_a_deadline_leaves_nothing_when_its_commit_fails(world: World, tenant) -> None:
    tenant.candidate()
    world.set(Attempt, deadline=now() - timedelta(seconds=1))
    world.sweep(find_overdue)
    world.job("workspace.close_at_deadline")


def test_scoring_and_reviewing_leave_nothing_when_their_commit_fails(world: World, tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    candidate.type("x = 1\n")
    candidate.submit()
    path = f"/assessments/{candidate.assessment['id']}"
    world.hurry()
    worker.run(world.resources, world.due("scoring.grade"))
    world.job("scoring.evaluate")
    run_jobs(tenant)

    def post(what: str, **body):
        return lambda: tenant.call("POST", f"{path}/{what}", key=what, json=body)

    note = world.write("note", post("notes", text="x"), 201).json
    world.write("note edited", lambda: tenant.call("PATCH", f"{path}/notes/{note['id']}", json={"text": "y"}), 200)
    world.write("note deleted", lambda: tenant.call("DELETE", f"{path}/notes/{note['id']}"), 204)
    world.write("override", post("override", value=50, reason="x"), 201)
    world.write("override withdrawn", lambda: tenant.call("DELETE", f"{path}/override"), 204)
    world.write("rating", post("ratings", dimension="independence", value=5), 201)
    world.write("unblinding", lambda: tenant.call("POST", f"{path}/unblind"), 200)
    world.write("decision", post("decision", verdict="hold", reason="x"), 201)
    world.write("other weights", post("rescore", preset="solution_focused"), 200)
    world.write("another run", lambda: tenant.call("POST", f"{path}/rescore", key="run"), 202)
    world.write("delete", lambda: tenant.call("DELETE", path), 204)
    assert world.steps == 12


def test_a_turn_and_a_run_whose_commit_fails_end_as_interrupted_and_leave_no_sandbox(world: World, tenant) -> None:
    candidate = tenant.candidate()
    turn = candidate.ask("Why?").json["turn"]
    execution = candidate.run().json["execution"]
    for kind, nth in (("workspace.reply", 1), ("workspace.execute", 2)):
        job_id = world.due(kind)
        with world.failing(nth):
            worker.run(world.resources, job_id)
        assert sandboxes() == []
    shown = candidate.call("GET", f"/turns/{turn['id']}?wait=0").json["turn"]
    ran = candidate.call("GET", f"/executions/{execution['id']}?wait=0").json["execution"]
    for ended in (shown, ran):
        assert (ended["state"], ended["error"]["code"]) == ("interrupted", "interrupted")
    assert candidate.ask("And now?").status == 202
    assert candidate.run().status == 202


def test_a_grade_whose_last_commit_fails_is_made_again_and_counts_once(world: World, tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    candidate.submit()
    job_id = world.due("scoring.grade")
    with world.failing(2):
        worker.run(world.resources, job_id)
    assert sandboxes() == []
    assert world.rows()["grade"][0] == 0
    assert world.rows()["evaluation"][0] == 0
    world.hurry()
    run_jobs(tenant)
    assert tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["scoring_state"] == "scored"
    assert world.rows()["score"][0] == 1
