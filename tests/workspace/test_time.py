"""More time, before and during, and pauses: the deadline is start + duration × accommodation + pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tali.assessments import deadlines
from tali.assessments.models import Attempt
from tali.kernel.clock import now
from tali.organizations.models import AuditEntry
from tali.workspace import time
from tali.workspace.closing import find_overdue, find_overlong_pauses
from tali.workspace.models import Pause, TimelineEvent, Turn

REASON = "A letter from her doctor, Dr Fennimore"


def give(tenant, candidate_or_invited, **options):
    assessment = getattr(candidate_or_invited, "assessment", candidate_or_invited)
    body = {"reason": REASON, **options}
    return tenant.call("POST", f"/assessments/{assessment['id']}/accommodation", json=body)


def act(tenant, candidate, what, **body):
    return tenant.call("POST", f"/assessments/{candidate.assessment['id']}/{what}", json=body)


def length(answer) -> timedelta:
    attempt = answer["attempt"]
    return datetime.fromisoformat(attempt["deadline"]) - datetime.fromisoformat(attempt["started_at"])


@pytest.mark.parametrize(("percent", "minutes", "working"), [(25, 0, 75), (50, 0, 90), (100, 7, 127), (0, 15, 75)])
def test_time_given_before_the_start_is_there_at_the_start(tenant, percent, minutes, working) -> None:
    invited = tenant.invite(duration_minutes=60)
    given = give(tenant, invited, percent=percent, minutes=minutes)
    assert (given.status, given.json["working_seconds"], given.json["deadline"]) == (200, working * 60, None)
    candidate = tenant.candidate(invited)
    assert length(candidate.session) == timedelta(minutes=working)
    assert candidate.session["task"]["duration_seconds"] == working * 60


def test_time_given_while_the_clock_runs_moves_the_deadline_and_the_page_learns_it(tenant) -> None:
    candidate = tenant.candidate(tenant.invite(duration_minutes=60))
    assert give(tenant, candidate, percent=25).status == 200
    replaced = give(tenant, candidate, percent=50, minutes=10)
    clock = candidate.call("GET", "/clock").json
    assert clock["deadline"] == replaced.json["deadline"]
    assert length(candidate.refresh()) == timedelta(minutes=100), "the newest counts, and is counted once"
    history = tenant.call("GET", f"/assessments/{candidate.assessment['id']}/time").json
    assert [entry["percent"] for entry in history["accommodations"]] == [50, 25]


def test_the_reason_is_kept_beside_the_time_and_in_no_log(tenant) -> None:
    candidate = tenant.candidate()
    give(tenant, candidate, minutes=10)
    history = tenant.call("GET", f"/assessments/{candidate.assessment['id']}/time").json
    assert history["accommodations"][0]["reason"] == REASON
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        facts = session.execute(
            select(AuditEntry.facts).where(AuditEntry.action == "attempt.accommodated")
        ).scalar_one()
        timeline = str(session.execute(select(TimelineEvent.data)).scalars().all())
    assert facts == {"percent": 0, "minutes": 10}
    assert "Fennimore" not in timeline


def test_time_is_refused_where_it_would_change_nothing_or_end_the_attempt(tenant, resources) -> None:
    candidate = tenant.candidate()
    assert give(tenant, candidate, percent=30).status == 422
    assert give(tenant, candidate, minutes=60).status == 200
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Attempt).values(started_at=now() - timedelta(minutes=minutes_allowed(session) + 30)))
    less = give(tenant, candidate, minutes=0)
    assert (less.status, less.json["code"]) == (409, "attempt_time_up")
    assert give(tenant, candidate, minutes=90).status == 200
    candidate.submit()
    over = give(tenant, candidate, minutes=60)
    assert (over.status, over.json["code"], over.json["state"]) == (409, "attempt_over", "submitted")


def minutes_allowed(session) -> int:
    return int(session.execute(select(Attempt.allowed_time)).scalar_one().total_seconds() // 60)


def test_while_the_clock_stands_still_nothing_is_taken_and_nothing_is_lost(tenant, resources, run_jobs) -> None:
    candidate = tenant.candidate()
    before = datetime.fromisoformat(candidate.session["attempt"]["deadline"])
    assert act(tenant, candidate, "pause", reason=REASON).status == 200
    clock = candidate.call("GET", "/clock").json
    assert clock["paused_at"] is not None
    assert clock["pause_ends_at"] is not None
    for refused in (candidate.type("# x\n"), candidate.ask("Anything?"), candidate.run(), candidate.submit()):
        assert (refused.status, refused.json["code"]) == (409, "attempt_paused")
    assert act(tenant, candidate, "pause", reason=REASON).json["code"] == "attempt_paused"
    with resources.database.tenant(tenant.organization_id) as session:
        # As if the pause had begun long ago, and the deadline passed meanwhile.
        session.execute(
            update(Attempt).values(
                paused_at=Attempt.paused_at - timedelta(minutes=90), deadline=now() - timedelta(minutes=1)
            )
        )
    with resources.database.owner() as session:
        find_overdue(session, now())
    run_jobs(tenant)
    assert candidate.refresh()["attempt"]["state"] == "in_progress", "a clock that stands still ends nothing"
    assert act(tenant, candidate, "resume").status == 200
    after = datetime.fromisoformat(candidate.refresh()["attempt"]["deadline"])
    assert timedelta(minutes=90) <= after - before < timedelta(minutes=91)
    assert candidate.type("# x\n").status == 200
    assert act(tenant, candidate, "resume").json["code"] == "attempt_not_paused"
    with resources.database.tenant(tenant.organization_id) as session:
        kinds = session.execute(select(TimelineEvent.kind).order_by(TimelineEvent.seq)).scalars().all()
        interval = session.execute(select(Pause)).scalar_one()
    assert [kind for kind in kinds if kind in {"pause", "resume"}] == ["pause", "resume"]
    assert interval.ended_at is not None
    assert interval.reason == REASON


def test_a_forgotten_pause_ends_by_itself(tenant, resources, run_jobs) -> None:
    candidate = tenant.candidate()
    act(tenant, candidate, "pause", reason=REASON)
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Attempt).values(paused_at=now() - deadlines.LONGEST_PAUSE - timedelta(seconds=5)))
    with resources.database.owner() as session:
        find_overlong_pauses(session, now())
    run_jobs(tenant)
    assert candidate.refresh()["attempt"]["paused_at"] is None
    assert candidate.type("# x\n").status == 200


def test_extra_time_pauses_and_duration_add_up_in_one_expression(tenant, resources) -> None:
    candidate = tenant.candidate(tenant.invite(duration_minutes=40))
    act(tenant, candidate, "pause", reason=REASON)
    give(tenant, candidate, percent=50)
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Attempt).values(paused_at=Attempt.paused_at - timedelta(minutes=10)))
    act(tenant, candidate, "resume")
    give(tenant, candidate, percent=50, minutes=5)
    assert timedelta(0) <= length(candidate.refresh()) - timedelta(minutes=40 * 1.5 + 10 + 5) < timedelta(seconds=5)
    with resources.database.tenant(tenant.organization_id) as session:
        kept, computed = session.execute(select(Attempt.deadline, deadlines.deadline())).one()
    assert kept == computed


def test_a_pause_is_no_way_to_take_back_time_that_was_worked(tenant, resources) -> None:
    candidate = tenant.candidate(tenant.invite(duration_minutes=60))
    assert give(tenant, candidate, minutes=60).status == 200
    with resources.database.tenant(tenant.organization_id) as session:
        earlier = timedelta(minutes=70)
        session.execute(
            update(Attempt).values(started_at=Attempt.started_at - earlier, deadline=Attempt.deadline - earlier)
        )
    assert act(tenant, candidate, "pause", reason=REASON).status == 200
    less = give(tenant, candidate, minutes=0)
    assert (less.status, less.json["code"], less.json["state"]) == (409, "attempt_time_up", "in_progress")
    assert give(tenant, candidate, minutes=30).status == 200
    assert act(tenant, candidate, "resume").status == 200
    assert candidate.type("# x\n").status == 200


def test_work_after_the_deadline_learns_in_one_word_that_it_is_over(tenant, resources) -> None:
    candidate = tenant.candidate()
    with resources.database.tenant(tenant.organization_id) as session:
        earlier = Attempt.deadline - Attempt.started_at + timedelta(seconds=5)
        session.execute(
            update(Attempt).values(started_at=Attempt.started_at - earlier, deadline=Attempt.deadline - earlier)
        )
    for refused in (candidate.ask("Anything?"), candidate.run(), act(tenant, candidate, "pause", reason=REASON)):
        told = (refused.status, refused.json["code"], refused.json["state"])
        assert told == (409, "attempt_not_in_progress", "over")


def test_every_pause_and_every_change_of_time_is_shown_and_there_is_an_end_to_them(tenant, monkeypatch) -> None:
    monkeypatch.setattr(time, "MOST_TIMES", 2)
    candidate = tenant.candidate()
    for _ in range(2):
        assert act(tenant, candidate, "pause", reason=REASON).status == 200
        assert act(tenant, candidate, "resume").status == 200
        assert give(tenant, candidate, percent=25).status == 200
    assert act(tenant, candidate, "pause", reason=REASON).json["code"] == "pauses_used_up"
    assert give(tenant, candidate, percent=50).json["code"] == "accommodation_limit"
    told = tenant.call("GET", f"/assessments/{candidate.assessment['id']}/time").json
    assert (len(told["pauses"]), len(told["accommodations"])) == (2, 2)


def test_only_an_attempt_that_runs_can_be_paused(tenant) -> None:
    invited = tenant.invite()
    early = tenant.call("POST", f"/assessments/{invited['id']}/pause", json={"reason": "x"})
    assert (early.status, early.json["code"], early.json["state"]) == (409, "attempt_not_in_progress", "ready")


def test_a_pause_is_nobodys_time_to_answer_for(tenant, resources, run_jobs) -> None:
    candidate = tenant.candidate(tenant.invite(proctored=True))
    candidate.ask("First?")
    run_jobs(tenant)
    act(tenant, candidate, "pause", reason=REASON)
    assert candidate.observe({"kind": "tab_switch"}).status == 204
    with resources.database.tenant(tenant.organization_id) as session:
        moved = timedelta(minutes=30)
        session.execute(update(Attempt).values(paused_at=Attempt.paused_at - moved))
        session.execute(update(Pause).values(started_at=Pause.started_at - moved))
        session.execute(update(Turn).values(created_at=Turn.created_at - moved - timedelta(seconds=9)))
    act(tenant, candidate, "resume")
    candidate.ask("Second?")
    with resources.database.tenant(tenant.organization_id) as session:
        gap = session.execute(select(Turn.server_gap_ms).order_by(Turn.index.desc()).limit(1)).scalar_one()
        kinds = session.execute(select(TimelineEvent.kind)).scalars().all()
        switches = session.execute(select(Attempt.tab_switch_count)).scalar_one()
    assert 9_000 <= gap < 20_000
    assert ("tab_switch" in kinds, switches) == (False, 0)
