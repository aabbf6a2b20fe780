"""What a session keeps of itself, and how much one attempt may send."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tali.assessments.models import Attempt
from tali.jobs.models import Job
from tali.kernel import clock
from tali.kernel.clock import now as real_now
from tali.kernel.idempotency import IdempotencyRecord
from tali.plugins import Provider
from tali.sdk import Done, ProviderSpec, Text, Usage
from tali.workspace import executions, files, routes, service, timeline, turns


def test_an_attempt_keeps_whose_code_served_it_and_which_models_answered(
    tenant, run_jobs, resources, monkeypatch
) -> None:
    answering = iter(["model-a", "model-a", "model-b"])

    class Named:
        def reply(self, conversation):
            yield Text("Yes.")
            yield Done(Usage(1, 1), model=next(answering), instructions="rules-1")

    spec = ProviderSpec("named", "Named", lambda settings, context: Named())
    monkeypatch.setitem(resources.plugins._providers, ("assistants", "named"), Provider("assistants", "offline", spec))
    monkeypatch.setattr(resources.settings.__class__, "assistant", property(lambda self: "named"))
    candidate = tenant.candidate()
    for _ in range(3):
        assert candidate.ask("Is it so?").status == 202
        run_jobs(tenant)
    with resources.database.tenant(tenant.organization_id) as session:
        held = session.execute(select(Attempt.held_under)).scalar_one()
    assert (held["assistants"]["provider"], held["assistants"]["plugin"]) == ("named", "offline")
    assert held["sandboxes"]["provider"] == resources.settings.sandbox
    assert held["sandboxes"]["version"]
    assert held["assistant_is_ai"] is True
    assert held["models"] == ["model-a", "model-b"]
    assert held["instructions"] == ["rules-1"]


def test_a_repeated_hand_in_answers_the_end_and_stores_no_session(tenant, resources) -> None:
    candidate = tenant.candidate()
    candidate.type("x = 1\n" * 200)
    first = candidate.submit(key="once")
    assert first.status == 200
    assert set(first.json) == {"server_time", "state", "attempt"}
    assert (first.json["state"], first.json["attempt"]["submitted_by"]) == ("completed", "candidate")
    again = candidate.submit(key="once")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    with resources.database.tenant(tenant.organization_id) as session:
        stored = session.execute(
            select(IdempotencyRecord.answer).where(IdempotencyRecord.actor.like("attempt:%"))
        ).scalar_one()
    assert len(stored) < 1500


@pytest.mark.parametrize("proctored", [True, False])
def test_attention_is_watched_only_where_the_candidate_was_told_so(tenant, run_jobs, proctored) -> None:
    candidate = tenant.candidate(tenant.invite(proctored=proctored))
    told = " ".join(entry["what"] for entry in candidate.session["recorded"])
    assert ("loses focus" in told) is proctored
    blur, switch = {"kind": "focus", "data": {"state": "blurred", "where": "other_app"}}, {"kind": "tab_switch"}
    assert candidate.observe(blur, switch, {"kind": "paste", "data": {"chars": 3}}).status == 204
    candidate.call("POST", "/submit", json={"client_seq": 0, "writer_epoch": 1, "tab_switch_count": 7})
    run_jobs(tenant)
    path = f"/assessments/{candidate.assessment['id']}"
    shown = tenant.call("GET", path).json
    kinds = {event["kind"] for event in tenant.call("GET", f"{path}/timeline").json["data"]}
    assert kinds & {"focus", "tab_switch", "paste"} == ({"focus", "tab_switch", "paste"} if proctored else {"paste"})
    assert shown["tab_switch_count"] == shown["integrity"]["tab_switch_count"] == (1 if proctored else None)
    assert ("not proctored" in shown["unmeasured"].get("browser_focus_ratio", "")) is not proctored
    assert ("not proctored" in shown["unmeasured"].get("tab_switch_count", "")) is not proctored
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        assert session.execute(select(Attempt.client_tab_switch_count)).scalar_one() == (7 if proctored else None)


@pytest.mark.parametrize("calibration", [True, False])
def test_calibration_is_asked_for_only_where_it_is_on(tenant, run_jobs, calibration) -> None:
    candidate = tenant.candidate(tenant.invite(calibration=calibration))
    assert (candidate.session["calibration"] is not None) is calibration
    candidate.submit()
    run_jobs(tenant)
    why = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["unmeasured"]["calibration_score"]
    assert why == (
        "The candidate did no calibration." if calibration else "Calibration is switched off for this assessment."
    )


SENDING = {
    "saves": lambda candidate: candidate.type("#\n"),
    "events": lambda candidate: candidate.observe({"kind": "paste"}),
    "messages": lambda candidate: candidate.ask(" "),
    "runs": lambda candidate: candidate.run("nothing.py"),
    "takeovers": lambda candidate: candidate.take_over(),
}


@pytest.mark.parametrize("what", list(service.WRITES))
def test_one_attempt_that_floods_is_told_to_wait_and_holds_up_no_other(tenant, monkeypatch, what) -> None:
    monkeypatch.setitem(service.WRITES, what, (3, 60))
    flooding, other = tenant.candidate(tenant.invite("a@example.com")), tenant.candidate(tenant.invite("b@example.com"))

    send = SENDING[what]
    assert 429 not in [send(flooding).status for _ in range(3)]
    refused = send(flooding)
    assert (refused.status, refused.json["code"]) == (429, "too_many_writes")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert send(other).status != 429
    assert flooding.submit().status == 200, "what was saved can be handed in"


def test_what_one_attempt_may_leave_behind_is_bounded(tenant, monkeypatch) -> None:
    monkeypatch.setattr(timeline, "MAX_RECORDED_BYTES", 100_000)
    monkeypatch.setattr(files, "MAX_RECORDED_BYTES", 100_000)
    candidate = tenant.candidate()
    assert candidate.write("big.txt", "x" * 60_000).status == 200
    for _ in range(2):
        refused = candidate.write("more.txt", "y" * 60_000)
        assert (refused.status, refused.json["code"]) == (409, "recording_full")
    asked = candidate.ask("And this?")
    assert (asked.status, asked.json["code"]) == (409, "recording_full")
    saved = {file["path"]: file["content"] for file in candidate.refresh()["workspace"]["files"]}
    assert saved["big.txt"] == "x" * 60_000
    assert "more.txt" not in saved
    candidate.seq += 1
    assert candidate.submit().status == 200, "what was refused does not keep anybody from handing in"


def test_an_attempt_takes_so_many_runs_and_says_so(tenant, run_jobs, monkeypatch) -> None:
    monkeypatch.setattr(executions, "MAX_RUNS", 1)
    candidate = tenant.candidate()
    assert candidate.test().status == 202
    run_jobs(tenant)
    refused = candidate.test()
    assert (refused.status, refused.json["code"]) == (409, "run_limit")


def test_time_is_the_databases_whatever_a_web_hosts_clock_says(tenant, monkeypatch) -> None:
    candidate = tenant.candidate()
    for module in (clock, *(held for held in (routes, files, turns, executions, service) if hasattr(held, "now"))):
        monkeypatch.setattr(module, "now", lambda: real_now() - timedelta(days=1))
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Attempt).values(deadline=real_now() - timedelta(hours=1)))
    for late in (candidate.type("#\n"), candidate.ask("Still?"), candidate.test(), candidate.take_over()):
        assert (late.status, late.json["code"]) == (409, "attempt_not_in_progress")


def test_an_assessment_deleted_while_it_is_graded_ends_its_job_without_trouble(
    tenant, run_jobs, resources, monkeypatch
) -> None:
    from tali.grading import service as grading

    candidate = tenant.candidate()
    candidate.submit()
    real = grading.grade

    def deleted_meanwhile(provider, request):
        assert tenant.call("DELETE", f"/assessments/{candidate.assessment['id']}").status == 204
        return real(provider, request)

    monkeypatch.setattr(grading, "grade", deleted_meanwhile)
    run_jobs(tenant)
    with resources.database.tenant(tenant.organization_id) as session:
        job = session.execute(select(Job).where(Job.kind == "scoring.grade")).scalar_one()
    assert (job.state, job.attempt) == ("done", 1)


def test_deleting_an_assessment_stops_what_runs_for_it(tenant, run_jobs, resources) -> None:
    import threading
    import time

    candidate = tenant.candidate()
    candidate.write("slow.py", "import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    execution = candidate.run("slow.py").json["execution"]
    began = time.monotonic()

    def delete_once_it_runs() -> None:
        while "begun" not in candidate.call("GET", f"/executions/{execution['id']}?wait=0").body.decode():
            time.sleep(0.05)
        assert tenant.call("DELETE", f"/assessments/{candidate.assessment['id']}").status == 204

    deleting = threading.Thread(target=delete_once_it_runs)
    deleting.start()
    run_jobs(tenant)
    deleting.join()
    assert time.monotonic() - began < 10
    with resources.database.tenant(tenant.organization_id) as session:
        job = session.execute(select(Job).where(Job.kind == "workspace.execute")).scalar_one()
    assert job.state == "done"


def test_a_row_that_is_missing_in_mid_job_is_a_fault_and_not_an_end(tenant, known_kinds, resources) -> None:
    from sqlalchemy.exc import NoResultFound

    from tali.jobs import worker
    from tali.jobs.kinds import CONTROL, job_kind
    from tali.jobs.service import enqueue

    @job_kind("test.loses_a_row", CONTROL, "repeatable", max_attempts=2)
    def loses(context, payload):
        raise NoResultFound

    with resources.database.tenant(tenant.organization_id) as session:
        job_id = enqueue(session, tenant.organization_id, "test.loses_a_row", {})
    worker.run(resources, job_id)
    with resources.database.tenant(tenant.organization_id) as session:
        job = session.get_one(Job, job_id)
    assert job.state == "queued"
    assert "NoResultFound" in job.error
