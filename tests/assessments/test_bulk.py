"""A list of people: told what is wrong with it, taken row by row, and never twice."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import func, select, update

from tali.assessments.models import Assessment, BulkInvitation, BulkRow
from tali.jobs.models import DomainEvent, Job


def people(*addresses: str) -> list[dict[str, str]]:
    return [{"full_name": f"Person {n}", "email": address} for n, address in enumerate(addresses, start=1)]


def send(tenant, rows, *, key=None, **options):
    body = {"task_id": str(tenant.task_id), "people": rows, **options}
    return tenant.call("POST", "/assessments/bulk", key=key, json=body)


def count(tenant, model) -> int:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def test_every_row_is_created_or_says_why_not(tenant, run_jobs) -> None:
    tenant.invite("known@example.com")
    rows = [
        *people("a@example.com", "b@example.com", "A@Example.com", "not an address", "known@example.com"),
        {"full_name": " ", "email": "c@example.com"},
    ]
    taken = send(tenant, rows, duration_minutes=25)
    assert taken.status == 202, taken.json
    assert (taken.json["total"], taken.json["accepted"]) == (6, 2)
    assert [(p["number"], p["code"]) for p in taken.json["problems"]] == [
        (3, "duplicate"),
        (4, "email_invalid"),
        (5, "already_invited"),
        (6, "name_missing"),
    ]
    path = f"/assessments/bulk/{taken.json['id']}"
    waiting = tenant.call("GET", path).json
    assert (waiting["state"], waiting["queued"]) == ("running", 2)
    run_jobs(tenant)
    done = tenant.call("GET", path).json
    assert (done["state"], done["created"], done["skipped"], done["failed"]) == ("done", 2, 2, 2)
    made = [row["assessment_id"] for row in done["data"] if row["state"] == "created"]
    for assessment_id in made:
        assert tenant.call("GET", f"/assessments/{assessment_id}").json["duration_minutes"] == 25
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        asked = session.execute(select(DomainEvent.data).where(DomainEvent.name == "invitation.requested")).scalars()
        assert {data["assessment_id"] for data in asked} >= set(made)
    first = tenant.call("GET", f"{path}?limit=2").json
    rest = tenant.call("GET", f"{path}?limit=100&cursor={first['next_cursor']}").json
    assert [row["number"] for row in [*first["data"], *rest["data"]]] == [1, 2, 3, 4, 5, 6]
    assert [row["number"] for row in tenant.call("GET", f"{path}?state=failed").json["data"]] == [4, 6]


def test_a_preview_tells_the_same_problems_and_creates_nothing(tenant, run_jobs) -> None:
    rows = people("a@example.com", "a@example.com", "nobody")
    preview = send(tenant, rows, preview=True)
    assert (preview.status, preview.json["id"], preview.json["accepted"]) == (200, None, 1)
    assert preview.json["problems"] == send(tenant, rows).json["problems"]
    assert count(tenant, Assessment) == 0
    assert send(tenant, rows, preview=True, preset="nobody").json["code"] == "preset_unknown"


def test_the_same_key_takes_a_list_once_and_a_repeated_job_invites_nobody_again(tenant, run_jobs, resources) -> None:
    rows = people(*(f"p{n}@example.com" for n in range(30)))
    first, again = send(tenant, rows, key="list"), send(tenant, rows, key="list")
    assert first.json == again.json
    run_jobs(tenant)
    assert (count(tenant, Assessment), count(tenant, BulkRow)) == (30, 30)
    with resources.database.tenant(tenant.organization_id) as session:
        for job in session.execute(select(Job).where(Job.kind == "assessments.invite_rows")).scalars():
            job.state, job.max_attempts = "queued", job.attempt + 1
    run_jobs(tenant)
    assert count(tenant, Assessment) == 30


def test_a_row_that_fails_costs_only_itself(tenant, run_jobs, monkeypatch) -> None:
    from tali.assessments import service
    from tali.kernel.errors import PaymentRequired

    real = service.create

    def refuse_one(session, actor, wish, *args, **options):
        if wish.candidate_email == "b@example.com":
            raise PaymentRequired("no_credit", "There is no credit left.")
        return real(session, actor, wish, *args, **options)

    monkeypatch.setattr(service, "create", refuse_one)
    bulk_id = send(tenant, people("a@example.com", "b@example.com", "c@example.com")).json["id"]
    run_jobs(tenant)
    rows = tenant.call("GET", f"/assessments/bulk/{bulk_id}").json["data"]
    assert [row["state"] for row in rows] == ["created", "failed", "created"]
    assert (rows[1]["code"], rows[1]["message"]) == ("no_credit", "There is no credit left.")


def test_nobody_is_invited_in_the_name_of_somebody_who_has_left(tenant, run_jobs, resources) -> None:
    bulk = send(tenant, people("ada@example.com")).json
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(BulkInvitation).values(author_id=None))
    run_jobs(tenant)
    [row] = tenant.call("GET", f"/assessments/bulk/{bulk['id']}").json["data"]
    assert row["code"] == "author_gone"
    assert tenant.call("GET", "/assessments").json["data"] == []


def test_a_row_that_breaks_holds_up_no_other_and_a_row_that_kills_its_worker_comes_last(
    tenant, run_jobs, monkeypatch
) -> None:
    from tali.assessments import service

    real, seen = service.create, []

    class Killed(BaseException):
        pass

    def poisoned(session, actor, wish, *args, **options):
        seen.append(wish.candidate_email)
        if wish.candidate_email == "broken@example.com":
            raise ZeroDivisionError
        if wish.candidate_email == "deadly@example.com":
            raise Killed
        return real(session, actor, wish, *args, **options)

    monkeypatch.setattr(service, "create", poisoned)
    rows = people("broken@example.com", "deadly@example.com", "good@example.com")
    bulk_id = send(tenant, rows).json["id"]
    with suppress(Killed):
        run_jobs(tenant)
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        job = session.execute(select(Job).where(Job.kind == "assessments.invite_rows")).scalar_one()
        job.state = "queued"
    seen.clear()
    with suppress(Killed):
        run_jobs(tenant)
    assert seen == ["good@example.com", "broken@example.com", "deadly@example.com"]
    states = [row["state"] for row in tenant.call("GET", f"/assessments/bulk/{bulk_id}").json["data"]]
    assert states == ["queued", "queued", "created"]


def test_an_address_beyond_ascii_is_a_problem_of_its_row(tenant) -> None:
    [problem] = send(tenant, people("\u0130x@x.example", "a@example.com"), preview=True).json["problems"]
    assert (problem["number"], problem["code"]) == (1, "email_invalid")
    assert "ASCII" in problem["message"]


def test_what_was_not_reached_when_the_job_gave_up_says_so(tenant, run_jobs, resources, monkeypatch) -> None:
    from tali.assessments import service

    def broken(*args, **options):
        raise ZeroDivisionError

    bulk_id = send(tenant, people("a@example.com")).json["id"]
    monkeypatch.setattr(service, "create", broken)
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(select(Job).where(Job.kind == "assessments.invite_rows")).scalar_one().max_attempts = 1
    run_jobs(tenant)
    [row] = tenant.call("GET", f"/assessments/bulk/{bulk_id}").json["data"]
    assert (row["state"], row["code"]) == ("failed", "interrupted")


def test_a_thousand_people_are_taken_in_few_queries(tenant, statements) -> None:
    rows = people(*(f"p{n}@example.com" for n in range(1000)))
    with statements() as seen:
        assert send(tenant, rows).status == 202
    assert len(seen) < 90
    assert send(tenant, [*rows, *people("one.more@example.com")]).status == 422
