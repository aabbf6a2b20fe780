"""What is due is closed in the end, also after the job that was to close it has died."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tali.assessments import deadlines, due
from tali.assessments.jobs import find_expired
from tali.assessments.models import Assessment, Attempt
from tali.jobs.models import Job
from tali.kernel.clock import now
from tali.workspace.closing import find_overdue, find_overlong_pauses

LONG_AGO = timedelta(hours=3)


def overdue(tenant) -> None:
    tenant.candidate()
    change(tenant, Attempt, deadline=now() - LONG_AGO)


def paused(tenant) -> None:
    candidate = tenant.candidate()
    tenant.call("POST", f"/assessments/{candidate.assessment['id']}/pause", json={"reason": "A fire alarm."})
    change(tenant, Attempt, paused_at=now() - deadlines.LONGEST_PAUSE - timedelta(seconds=5))


def expired(tenant) -> None:
    tenant.invite()
    change(tenant, Assessment, expires_at=now() - LONG_AGO)


def change(tenant, model, **values) -> None:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(model).values(**values))


@pytest.mark.parametrize(
    ("prepare", "sweep", "kind", "closed"),
    [
        (overdue, find_overdue, "workspace.close_at_deadline", Attempt.state == "submitted"),
        (paused, find_overlong_pauses, "workspace.end_pause", Attempt.paused_at.is_(None)),
        (expired, find_expired, "assessments.expire", Assessment.state == "expired"),
    ],
)
def test_a_job_that_died_is_not_the_last_word(tenant, run_jobs, resources, prepare, sweep, kind, closed) -> None:
    prepare(tenant)

    def look(after: float) -> int:
        with resources.database.owner() as session:
            sweep(session, now() + timedelta(seconds=after))
        with resources.database.tenant(tenant.organization_id) as session:
            return len(session.execute(select(Job).where(Job.kind == kind)).all())

    asked = look(0)
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Job).where(Job.kind == kind).values(state="dead"))
    assert look(due.AGAIN_AFTER) == asked + 1
    assert look(due.AGAIN_AFTER) == asked + 1, "once in that time"
    run_jobs(tenant)
    with resources.database.tenant(tenant.organization_id) as session:
        assert session.execute(select(closed)).scalars().all() == [True]


def test_rows_that_fail_hold_up_no_others(tenant, run_jobs, resources, monkeypatch) -> None:
    monkeypatch.setattr(due, "MOST", 1)
    for address in ("first@example.com", "second@example.com"):
        tenant.invite(address)
    change(tenant, Assessment, expires_at=now() - LONG_AGO)
    moment = now()
    for _ in range(2):
        with resources.database.owner() as session:
            find_expired(session, moment)
    with resources.database.tenant(tenant.organization_id) as session:
        named = session.execute(select(Job.payload).where(Job.kind == "assessments.expire")).scalars().all()
    assert len({payload["assessment_id"] for payload in named}) == 2
