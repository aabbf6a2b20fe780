"""Jobs: claimed once, fenced, retried, recovered, and never silently done twice."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from tali.jobs import service, worker
from tali.jobs.context import JobContext
from tali.jobs.kinds import BULK, GRADING, job_kind
from tali.jobs.models import Job
from tali.jobs.service import Fenced, SubjectGone
from tali.kernel.clock import now
from tali.kernel.errors import Conflict
from tali.sdk import Rejected, Transient


@pytest.fixture
def enqueue(tenant, resources, known_kinds):
    """Enqueue a job of a kind that does what the test says."""

    def add(perform, effect="idempotent", queue=GRADING, **options):
        name = f"test.{perform.__name__}"
        job_kind(name, queue, effect, **options)(perform)
        with resources.database.tenant(tenant.organization_id) as session:
            return service.enqueue(session, tenant.organization_id, name, {"word": "hello"})

    return add


@pytest.fixture
def job(tenant, resources):
    def read(job_id):
        with resources.database.tenant(tenant.organization_id) as session:
            return session.get(Job, job_id)

    return read


def claim(resources, job_id, lease=60.0):
    with resources.database.nobody() as session:
        return service.claim(session, job_id, "test", lease)


def make_due(resources, job_id):
    with resources.database.owner() as session:
        session.execute(update(Job).where(Job.id == job_id).values(run_at=func.clock_timestamp()))


def lapse(resources):
    with resources.database.owner() as session:
        session.execute(update(Job).where(Job.state == "running").values(lease_until=now() - timedelta(seconds=1)))
        return service.recover_lapsed(session)


def test_a_job_runs_and_is_done(enqueue, job, resources) -> None:
    seen = []

    def work(context, payload):
        seen.append((context.organization_id, payload))

    job_id = enqueue(work)
    worker.run(resources, job_id)
    assert [payload for _, payload in seen] == [{"word": "hello"}]
    assert (job(job_id).state, job(job_id).attempt) == ("done", 1)


def test_many_workers_one_claim(enqueue, resources) -> None:
    def work(context, payload):
        pass

    job_id = enqueue(work)
    claims = []
    barrier = threading.Barrier(8)

    def grab() -> None:
        barrier.wait()
        claims.append(claim(resources, job_id))

    threads = [threading.Thread(target=grab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken is not None for taken in claims) == 1


def test_a_process_that_wakes_from_a_pause_cannot_write(enqueue, job, resources) -> None:
    def work(context, payload):
        pass

    job_id = enqueue(work)
    paused = claim(resources, job_id)
    assert job_id in lapse(resources)
    assert claim(resources, job_id) is not None, "another worker takes it up"
    context = JobContext(resources, paused)
    with pytest.raises(Fenced), context.transaction():
        pytest.fail("the woken process was let in")
    with resources.database.tenant(paused.organization_id) as session:
        assert not service.settle(session, paused, "done")
        assert not service.extend_lease(session, paused, 60)
    assert job(job_id).state == "running"


def test_a_silent_worker_loses_an_idempotent_job_to_the_next(enqueue, job, resources) -> None:
    ran = []

    def work(context, payload):
        ran.append(context.claim.attempt)

    job_id = enqueue(work)
    claim(resources, job_id)
    lapse(resources)
    assert job(job_id).state == "queued"
    worker.run(resources, job_id)
    assert ran == [2]
    assert job(job_id).state == "done"


def test_an_ambiguous_effect_stops_and_shows_itself(enqueue, job, resources) -> None:
    def work(context, payload):
        context.begin_effect()
        raise SystemExit  # the process dies in mid-effect

    job_id = enqueue(work, effect="ambiguous")
    with pytest.raises(SystemExit):
        worker.run(resources, job_id)
    lapse(resources)
    assert job(job_id).state == "ambiguous"
    worker.run(resources, job_id)
    assert job(job_id).state == "ambiguous", "nobody repeats it without a human"


def test_an_ambiguous_job_that_died_before_its_effect_is_simply_tried_again(enqueue, job, resources) -> None:
    def work(context, payload):
        pass

    job_id = enqueue(work, effect="ambiguous")
    claim(resources, job_id)
    lapse(resources)
    assert job(job_id).state == "queued"


def test_an_ambiguous_effect_is_not_repeated_after_an_error_that_says_nothing(enqueue, job, resources) -> None:
    def work(context, payload):
        context.begin_effect()
        raise ConnectionResetError("sent, and no answer")

    job_id = enqueue(work, effect="ambiguous")
    worker.run(resources, job_id)
    assert (job(job_id).state, job(job_id).error) == ("ambiguous", "ConnectionResetError: sent, and no answer")


def test_an_error_before_an_ambiguous_effect_is_simply_tried_again(enqueue, job, resources) -> None:
    def work(context, payload):
        raise ConnectionRefusedError("nothing was sent")

    job_id = enqueue(work, effect="ambiguous")
    worker.run(resources, job_id)
    assert job(job_id).state == "queued"


def test_transient_says_that_nothing_happened_and_the_next_attempt_begins_anew(enqueue, job, resources) -> None:
    def work(context, payload):
        context.begin_effect()
        raise Transient("not taken")

    job_id = enqueue(work, effect="ambiguous")
    worker.run(resources, job_id)
    assert (job(job_id).state, job(job_id).effect_started_at) == ("queued", None)


def test_a_lost_job_that_is_queued_again_has_begun_nothing(enqueue, job, resources) -> None:
    def work(context, payload):
        context.begin_effect()
        raise SystemExit

    job_id = enqueue(work, effect="repeatable")
    with pytest.raises(SystemExit):
        worker.run(resources, job_id)
    lapse(resources)
    assert (job(job_id).state, job(job_id).effect_started_at) == ("queued", None)


def test_a_job_whose_subject_is_gone_is_done(enqueue, job, resources) -> None:
    def work(context, payload):
        raise SubjectGone

    job_id = enqueue(work)
    worker.run(resources, job_id)
    assert (job(job_id).state, job(job_id).error) == ("done", "what it was for is gone")


def test_a_job_that_this_process_does_not_know_waits_for_one_that_does(enqueue, job, resources, known_kinds) -> None:
    ran = []

    def work(context, payload):
        ran.append(context.claim.attempt)

    job_id = enqueue(work, max_attempts=1)
    kind = known_kinds.pop("test.work")
    worker.run(resources, job_id)
    waiting = job(job_id)
    assert (waiting.state, waiting.max_attempts) == ("queued", 2), "it lost no attempt, and no number is used twice"
    assert timedelta(seconds=25) < waiting.run_at - now() < timedelta(seconds=31)
    make_due(resources, job_id)
    with resources.database.owner() as session:
        assert job_id not in {published for published, _ in service.take_due(session)}
    known_kinds[kind.name] = kind
    worker.run(resources, job_id)
    assert (job(job_id).state, ran) == ("done", [2])


def test_a_failure_is_retried_later_and_at_last_abandoned(enqueue, job, resources) -> None:
    closed = []

    def work(context, payload):
        raise ValueError("no luck")

    def close(context, payload):
        closed.append(context.last_error)

    job_id = enqueue(work, max_attempts=2, abandoned=close)
    worker.run(resources, job_id)
    waiting = job(job_id)
    assert (waiting.state, waiting.error) == ("queued", "ValueError: no luck")
    assert waiting.run_at > now()
    worker.run(resources, job_id)
    assert job(job_id).attempt == 1, "it is not due yet"
    make_due(resources, job_id)
    worker.run(resources, job_id)
    assert (job(job_id).state, closed) == ("dead", ["ValueError: no luck"])


def test_transient_waits_as_long_as_it_says(enqueue, job, resources) -> None:
    def work(context, payload):
        raise Transient("busy", retry_after=300)

    job_id = enqueue(work)
    worker.run(resources, job_id)
    assert job(job_id).run_at > now() + timedelta(seconds=290)


def test_rejected_is_not_tried_again(enqueue, job, resources) -> None:
    def work(context, payload):
        raise Rejected("never")

    job_id = enqueue(work)
    worker.run(resources, job_id)
    assert (job(job_id).state, job(job_id).error) == ("dead", "never")


def test_a_write_and_the_end_of_its_job_are_one_commit(enqueue, job, resources) -> None:
    def work(context, payload):
        with context.transaction(finish=True) as session:
            session.execute(update(Job).where(Job.id == context.claim.job_id).values(dedupe_key="written"))
            raise ValueError("after the write")

    job_id = enqueue(work)
    worker.run(resources, job_id)
    assert (job(job_id).state, job(job_id).dedupe_key) == ("queued", None)


def test_a_human_may_repeat_what_stopped(enqueue, job, tenant, resources) -> None:
    ran = []

    def work(context, payload):
        ran.append(1)
        if len(ran) == 1:
            raise Rejected("no")

    job_id = enqueue(work)
    worker.run(resources, job_id)
    with resources.database.owner() as session:
        service.retry(session, job_id)
    worker.run(resources, job_id)
    assert (job(job_id).state, len(ran)) == ("done", 2)
    with pytest.raises(Conflict, match="only dead or ambiguous"), resources.database.owner() as session:
        service.retry(session, job_id)


def test_a_human_may_repeat_a_job_that_has_one_attempt(enqueue, job, resources) -> None:
    ran = []

    def work(context, payload):
        ran.append(1)
        if len(ran) == 1:
            raise ValueError("no luck")

    job_id = enqueue(work, max_attempts=1)
    worker.run(resources, job_id)
    assert job(job_id).state == "dead"
    with resources.database.owner() as session:
        service.retry(session, job_id)
    worker.run(resources, job_id)
    assert (job(job_id).state, len(ran)) == ("done", 2)


def test_one_organisation_cannot_fill_a_queue(make_tenant, resources, known_kinds) -> None:
    def bulk(context, payload):
        pass

    job_kind("test.bulk", BULK, "idempotent")(bulk)
    greedy, modest = make_tenant(), make_tenant()
    wanted = {}
    for owner, count in ((greedy, 30), (modest, 1)):
        with resources.database.tenant(owner.organization_id) as session:
            wanted[owner.organization_id] = [
                service.enqueue(session, owner.organization_id, "test.bulk", {}) for _ in range(count)
            ]
    with resources.database.owner() as session:
        published = {job_id for job_id, _ in service.take_due(session)}
    assert len(published & set(wanted[greedy.organization_id])) == BULK.cap
    assert published >= set(wanted[modest.organization_id])


def test_a_rolled_back_transaction_leaves_no_job(tenant, resources, known_kinds) -> None:
    def never(context, payload):
        pass

    job_kind("test.never", GRADING, "idempotent")(never)

    def fails_after_enqueueing() -> None:
        with resources.database.tenant(tenant.organization_id) as session:
            service.enqueue(session, tenant.organization_id, "test.never", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_after_enqueueing()
    with resources.database.tenant(tenant.organization_id) as session:
        assert session.execute(select(Job.id).where(Job.kind == "test.never")).all() == []


def test_ten_thousand_older_jobs_of_one_organisation_delay_no_job_of_another(
    make_tenant, resources, known_kinds
) -> None:
    def work(context, payload):
        pass

    job_kind("test.bulk", BULK, "idempotent")(work)
    job_kind("test.grade", GRADING, "idempotent")(work)
    greedy, modest = make_tenant(), make_tenant()
    with resources.database.owner() as session:
        session.execute(
            text("""
            INSERT INTO job (id, created_at, organization_id, kind, queue, effect, payload, state, attempt,
                             max_attempts, run_at)
            SELECT gen_random_uuid(), now(), :organization_id, 'test.bulk', 'bulk', 'idempotent', '{}', 'queued', 0, 5,
                   now() - interval '1 hour' FROM generate_series(1, 10000)
            """),
            {"organization_id": greedy.organization_id},
        )
    with resources.database.tenant(modest.organization_id) as session:
        wanted = service.enqueue(session, modest.organization_id, "test.grade", {})
        session.execute(update(Job).where(Job.id == wanted).values(published_at=None))
    try:
        with resources.database.owner() as session:
            published = service.take_due(session)
        assert (wanted, "test.grade") in published
        assert [kind for _, kind in published].count("test.bulk") == BULK.cap
        with resources.database.owner() as session:
            assert "test.bulk" not in {kind for _, kind in service.take_due(session)}, "the lane is full"
    finally:
        with resources.database.owner() as session:
            session.execute(text("DELETE FROM job WHERE kind = 'test.bulk'"))
