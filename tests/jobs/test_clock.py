"""Jobs go by the database's clock: a host whose own is wrong neither delays one nor loses it."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tali.jobs import service, worker
from tali.jobs.kinds import BULK, GRADING, job_kind
from tali.jobs.models import Job
from tali.kernel import clock
from tali.sdk import Transient

AHEAD, BEHIND = timedelta(minutes=5), timedelta(minutes=-5)


@pytest.fixture(params=[AHEAD, BEHIND], ids=["ahead", "behind"])
def wrong_clock(request, monkeypatch, tenant):
    """This process believes that it is earlier, or later, than it is."""
    right = clock.now
    for name, module in list(sys.modules.items()):
        if name.startswith("tali.") and getattr(module, "now", None) is right:
            monkeypatch.setattr(module, "now", lambda: right() + request.param)


@pytest.fixture
def enqueue(tenant, resources, known_kinds):
    def add(perform, queue=GRADING):
        job_kind("test.clock", queue, "idempotent")(perform)
        with resources.database.tenant(tenant.organization_id) as session:
            return service.enqueue(session, tenant.organization_id, "test.clock", {})

    return add


def nothing(context, payload):
    pass


def read(resources, tenant, job_id):
    """The job, and the seconds until it is due."""
    with resources.database.tenant(tenant.organization_id) as session:
        due_in = session.execute(select(Job.run_at - func.clock_timestamp()).where(Job.id == job_id)).scalar_one()
        return session.get_one(Job, job_id), due_in.total_seconds()


def test_a_new_job_is_due_at_once(wrong_clock, enqueue, tenant, resources) -> None:
    job_id = enqueue(nothing)
    worker.run(resources, job_id)
    assert read(resources, tenant, job_id)[0].state == "done"


def test_a_due_job_is_published_at_once(wrong_clock, enqueue, resources) -> None:
    job_id = enqueue(nothing, BULK)
    with resources.database.owner() as session:
        assert job_id in {published for published, _ in service.take_due(session)}
    with resources.database.owner() as session:
        assert job_id not in {published for published, _ in service.take_due(session)}, "sent once"


def test_a_lease_that_was_extended_holds(wrong_clock, enqueue, tenant, resources) -> None:
    job_id = enqueue(nothing)
    with resources.database.nobody() as session:
        claim = service.claim(session, job_id, "test", 10)
    with resources.database.tenant(tenant.organization_id) as session:
        assert service.extend_lease(session, claim, 10)
    with resources.database.owner() as session:
        assert job_id not in service.recover_lapsed(session)
    with resources.database.tenant(tenant.organization_id) as session:
        assert service.extend_lease(session, claim, -1)
    with resources.database.owner() as session:
        assert job_id in service.recover_lapsed(session)


def test_a_retry_waits_as_long_as_it_says(wrong_clock, enqueue, tenant, resources) -> None:
    def busy(context, payload):
        raise Transient("busy", retry_after=60)

    job_id = enqueue(busy)
    worker.run(resources, job_id)
    job, due_in = read(resources, tenant, job_id)
    assert job.state == "queued"
    assert 55 < due_in <= 60
