"""The warm-up: before the clock, apart from everything else, closed once, and announced when there is something."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tali.jobs.models import DomainEvent
from tali.sdk import Done, Text, Transient, Usage
from tali.tasks.content import DEFAULT_CALIBRATION_PROMPT
from tali.workspace import calibrations
from tali.workspace.models import Calibration, CalibrationTurn, CodeSnapshot, TimelineEvent, Turn


@pytest.fixture
def seen(assistant):
    """Conversations that the assistant was given."""
    given = []

    def reply(conversation):
        given.append(conversation)
        yield Text("Slice it: ")
        yield Text("`text[::-1]`.")
        yield Done(Usage(50, 5, 40))

    assistant(reply)
    return given


@pytest.fixture
def candidate(tenant, seen):
    """One who has not started."""
    return tenant.candidate(tenant.invite(calibration=True), start=False)


def say(tenant, run_jobs, candidate, message="How do I reverse a string?"):
    asked = candidate.warm_up(message)
    assert asked.status == 202, asked.json
    run_jobs(tenant)
    return asked.json["turn"]


def announced(resources, tenant):
    with resources.database.tenant(tenant.organization_id) as session:
        query = select(DomainEvent.data).where(DomainEvent.name == "calibration.finished")
        return list(session.execute(query).scalars())


def test_it_is_offered_before_the_start_and_costs_no_time(tenant, run_jobs, candidate, seen) -> None:
    offered = candidate.session["calibration"]
    assert offered == {"prompt": DEFAULT_CALIBRATION_PROMPT, "state": "offered", "messages_left": 5, "turns": []}
    turn = say(tenant, run_jobs, candidate)
    read = candidate.call("GET", f"/calibration/turns/{turn['id']}?after=0&wait=0").json
    assert [chunk["text"] for chunk in read["chunks"]] == ["Slice it: ", "`text[::-1]`."]
    view = candidate.refresh()
    assert (view["attempt"]["state"], view["attempt"]["started_at"]) == ("ready", None)
    assert view["calibration"]["state"] == "open"
    assert view["calibration"]["messages_left"] == 4
    assert view["calibration"]["turns"][0]["response"] == "Slice it: `text[::-1]`."


def test_the_assistant_is_given_the_exercise_and_nothing_of_the_task(tenant, run_jobs, candidate, seen) -> None:
    say(tenant, run_jobs, candidate, "First?")
    say(tenant, run_jobs, candidate, "Second?")
    last = seen[-1]
    assert [message.text for message in last.messages] == ["First?", "Slice it: `text[::-1]`.", "Second?"]
    assert (last.brief, last.open_files, last.help_level) == (DEFAULT_CALIBRATION_PROMPT, {}, "full")
    assert (last.active_file, last.selection) == (None, None)
    assert last.hints == calibrations.USUAL_HINTS, "the task's own hints wait for the task"


def test_nothing_of_it_reaches_the_attempts_own_record(tenant, run_jobs, candidate, resources) -> None:
    say(tenant, run_jobs, candidate, "Only the warm-up knows ZEBRA.")
    candidate.start()
    candidate.submit()
    run_jobs(tenant)
    path = f"/assessments/{candidate.assessment['id']}"
    for part in ("/prompts", "/timeline", "/code", ""):
        assert "ZEBRA" not in str(tenant.call("GET", path + part).json), part
    detail = tenant.call("GET", path).json
    assert detail["prompt_analytics"]["prompt_count"] == 0
    frequency = next(one for one in detail["result"]["signals"] if one["name"] == "prompt_frequency")
    assert frequency["value"] == 0
    with resources.database.tenant(tenant.organization_id) as session:
        for table in (Turn, CodeSnapshot):
            assert session.execute(select(func.count()).select_from(table)).scalar_one() == 0
        kinds = set(session.execute(select(TimelineEvent.kind)).scalars())
        assert kinds == {"start", "submit"}
    assert detail["cost"]["assistant"]["spent"] == "0.000040", "but what it cost counts"
    taken = tenant.call("GET", f"{path}/calibration").json
    assert [turn["message"] for turn in taken["turns"]] == ["Only the warm-up knows ZEBRA."]


def test_starting_closes_it_for_good_and_says_so_to_who_judges(tenant, run_jobs, candidate, resources) -> None:
    say(tenant, run_jobs, candidate)
    assert announced(resources, tenant) == []
    candidate.start()
    assert candidate.session["calibration"] == {
        "prompt": DEFAULT_CALIBRATION_PROMPT, "state": "closed", "messages_left": 0, "turns": []
    }  # fmt: skip
    late = candidate.warm_up("One more?")
    assert (late.status, late.json["code"]) == (409, "calibration_closed")
    [event] = announced(resources, tenant)
    assert event["assessment_id"] == candidate.assessment["id"]


def test_done_closes_it_and_the_clock_still_waits(tenant, run_jobs, candidate, resources) -> None:
    say(tenant, run_jobs, candidate)
    view = candidate.call("POST", "/calibration/finish").json
    assert (view["calibration"]["state"], view["attempt"]["state"]) == ("closed", "ready")
    assert len(view["calibration"]["turns"]) == 1
    assert candidate.warm_up("One more?").json["code"] == "calibration_closed"
    candidate.call("POST", "/calibration/finish")
    candidate.start()
    assert len(announced(resources, tenant)) == 1


def test_who_skips_it_leaves_nothing_behind(tenant, run_jobs, candidate, resources) -> None:
    assert candidate.call("POST", "/calibration/finish").json["calibration"]["state"] == "offered"
    candidate.start()
    candidate.submit()
    run_jobs(tenant)
    assert announced(resources, tenant) == []
    path = f"/assessments/{candidate.assessment['id']}"
    assert tenant.call("GET", path).json["unmeasured"]["calibration_score"] == "The candidate did no calibration."
    taken = tenant.call("GET", f"{path}/calibration").json
    assert (taken["state"], taken["turns"]) == ("not_taken", [])


def test_a_reply_that_still_comes_when_the_clock_starts_is_stopped_and_announced_at_its_end(
    tenant, run_jobs, candidate, resources, assistant
) -> None:
    say(tenant, run_jobs, candidate)
    assert candidate.warm_up("And with emoji?").status == 202
    candidate.start()
    assert announced(resources, tenant) == [], "one reply is under way"
    run_jobs(tenant)
    assert len(announced(resources, tenant)) == 1
    states = [turn["state"] for turn in tenant.call(
        "GET", f"/assessments/{candidate.assessment['id']}/calibration").json["turns"]]  # fmt: skip
    assert states[0] == "done"
    assert states[1] == "cancelled"


def test_five_messages_and_those_that_failed_do_not_count(tenant, run_jobs, assistant) -> None:
    broken = [True]

    def reply(conversation):
        if broken[0]:
            raise Transient("overloaded")
        yield Text("Yes.")
        yield Done(Usage())

    assistant(reply)
    candidate = tenant.candidate(tenant.invite(calibration=True), start=False)
    say(tenant, run_jobs, candidate)
    turn = candidate.refresh()["calibration"]["turns"][0]
    assert (turn["state"], turn["error"]["code"]) == ("failed", "assistant_busy")
    broken[0] = False
    for number in range(5):
        assert candidate.refresh()["calibration"]["messages_left"] == 5 - number
        say(tenant, run_jobs, candidate)
    refused = candidate.warm_up("A sixth?")
    assert (refused.status, refused.json["code"]) == (422, "turn_limit")


def test_one_message_at_a_time_and_a_repetition_asks_once(tenant, candidate) -> None:
    first = candidate.warm_up("Once", key="k-1")
    assert candidate.warm_up("Once", key="k-1").json == first.json
    second = candidate.warm_up("Twice")
    assert (second.status, second.json["code"]) == (409, "turn_running")


def test_where_it_is_off_there_is_none(tenant) -> None:
    candidate = tenant.candidate(tenant.invite(calibration=False), start=False)
    assert candidate.session["calibration"] is None
    assert candidate.warm_up("May I?").json["code"] == "calibration_off"
    taken = tenant.call("GET", f"/assessments/{candidate.assessment['id']}/calibration").json
    assert (taken["state"], taken["reason_text"]) == ("off", "Calibration is switched off for this assessment.")


def test_an_invitation_that_expires_closes_it(tenant, run_jobs, candidate, resources) -> None:
    from datetime import timedelta

    from sqlalchemy import update

    from tali.assessments.jobs import find_expired
    from tali.assessments.models import Assessment
    from tali.kernel.clock import now

    say(tenant, run_jobs, candidate)
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Assessment).values(expires_at=now() - timedelta(seconds=1)))
    assert candidate.warm_up("Still?").status == 410
    with resources.database.owner() as session:
        find_expired(session, now())
    run_jobs(tenant)
    assert len(announced(resources, tenant)) == 1


def test_a_producer_that_hangs_is_closed_as_in_any_session(tenant, run_jobs, candidate, resources) -> None:
    from datetime import timedelta

    from sqlalchemy import update

    from tali.jobs.models import Job
    from tali.kernel.clock import now
    from tali.workspace.closing import LONGEST_WORK, find_stale

    candidate.warm_up("hello?")
    with resources.database.tenant(tenant.organization_id) as session:
        long_ago = now() - LONGEST_WORK - timedelta(seconds=1)
        session.execute(update(CalibrationTurn).values(state="running", created_at=long_ago))
        session.execute(update(Job).values(state="running", lease_until=now() + timedelta(hours=1)))
    with resources.database.owner() as session:
        find_stale(session, now())
    run_jobs(tenant)
    assert candidate.refresh()["calibration"]["turns"][0]["state"] == "interrupted"
    assert candidate.warm_up("again").status == 202


def test_its_cost_counts_for_the_assessments_cap(tenant, run_jobs, candidate) -> None:
    say(tenant, run_jobs, candidate)
    tenant.call("PATCH", "/organization/spending", json={"assessment_spend_cap": "0.00"})
    assert candidate.warm_up("More?").json["code"] == "spend_cap_reached"
    candidate.start()
    assert candidate.ask("More?").json["code"] == "spend_cap_reached"


def test_another_candidates_messages_are_out_of_reach(tenant, run_jobs, candidate) -> None:
    turn = say(tenant, run_jobs, candidate)
    other = tenant.candidate(tenant.invite("grace@example.com", calibration=True), start=False)
    assert other.call("GET", f"/calibration/turns/{turn['id']}?wait=0").status == 404
    assert other.call("POST", f"/calibration/turns/{turn['id']}/cancel").status == 404


def test_a_copy_holds_it_and_erasing_takes_it(tenant, run_jobs, candidate, resources) -> None:
    say(tenant, run_jobs, candidate, "Mine to have back: QUOKKA")
    person = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["candidate"]["id"]
    copy = tenant.call("GET", f"/candidates/{person}/export")
    assert b"QUOKKA" in copy.body
    assert tenant.call("POST", f"/candidates/{person}/erase", json={}).status in (200, 204)
    with resources.database.tenant(tenant.organization_id) as session:
        for table in (Calibration, CalibrationTurn):
            assert session.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_blind_review_hides_the_name_in_it(tenant, run_jobs, seen) -> None:
    candidate = tenant.candidate(tenant.invite(send_invitation=False, calibration=True, blind_review=True), start=False)
    say(tenant, run_jobs, candidate, "Hello, I am Ada Byron.")
    candidate.start()
    taken = tenant.call("GET", f"/assessments/{candidate.assessment['id']}/calibration").json
    assert taken["turns"][0]["message"] == "Hello, I am [candidate]."


def test_the_limit_of_tries_holds_whatever_fails() -> None:
    failed = [CalibrationTurn(state="failed")] * calibrations.MAX_TRIES
    assert calibrations.messages_left(failed) == 0
    assert calibrations.messages_left(failed[:-1]) == calibrations.MAX_MESSAGES
