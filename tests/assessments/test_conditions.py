"""An assessment's own conditions win over the task version's, until the candidate starts: then they are frozen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tali.assessments.jobs import find_expired
from tali.assessments.models import Assessment, Attempt
from tali.jobs.models import DomainEvent
from tali.kernel.clock import now
from tali.organizations.models import AuditEntry


def events(tenant, name: str) -> list[DomainEvent]:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        return list(
            session.execute(select(DomainEvent).where(DomainEvent.name == name).order_by(DomainEvent.id)).scalars()
        )


def audited(tenant) -> list[str]:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        return list(session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars())


def test_what_is_chosen_wins_over_what_the_task_says(tenant) -> None:
    at = (now() + timedelta(days=3)).replace(microsecond=0)
    weights = {"tests": 0.7, "code_quality": 0.3}
    card = tenant.invite(
        duration_minutes=33,
        expires_at=at.isoformat(),
        weights=weights,
        proctored=True,
        help_level="questions_only",
        calibration=True,
    )
    assert (card["duration_minutes"], card["working_seconds"]) == (33, 33 * 60)
    assert datetime.fromisoformat(card["expires_at"]) == at.astimezone(UTC)
    assert (card["preset"], card["weights"]) == (None, weights)
    assert (card["proctored"], card["help_level"], card["calibration"]) == (True, "questions_only", True)
    plain = tenant.invite("b@example.com")
    assert (plain["preset"], plain["help_level"], plain["calibration"]) == ("balanced", "full", True)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"weights": {"tests": 0.5}}, "weights_invalid"),
        ({"weights": {"tests": 0.5, "luck": 0.5}}, "component_unknown"),
        ({"weights": {"tests": 1.0}, "preset": "balanced"}, "weights_and_preset"),
        ({"preset": "nobody"}, "preset_unknown"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expiry_invalid"),
        ({"expires_at": "2099-01-01T00:00:00Z", "expires_in_days": 3}, "validation_failed"),
        ({"help_level": "telepathy"}, "validation_failed"),
    ],
)
def test_conditions_that_do_not_hold_are_refused_with_a_sentence(tenant, wish, code) -> None:
    body = {"task_id": str(tenant.task_id), "candidate": {"full_name": "A", "email": "a@example.com"}, **wish}
    answer = tenant.call("POST", "/assessments", json=body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert answer.json["message"].endswith(".")


def test_the_help_level_of_the_assessment_is_what_the_assistant_gets(tenant, run_jobs, resources, monkeypatch) -> None:
    from tali.plugins import Provider
    from tali.sdk import Done, ProviderSpec, Text, Usage

    seen = []

    class Listening:
        def reply(self, conversation):
            seen.append(conversation.help_level)
            yield Text("Yes.")
            yield Done(Usage())

    spec = ProviderSpec("listening", "Listening", lambda settings, context: Listening())
    provider = Provider("assistants", "offline", spec)
    monkeypatch.setitem(resources.plugins._providers, ("assistants", "listening"), provider)
    monkeypatch.setattr(resources.settings.__class__, "assistant", property(lambda self: "listening"))
    candidate = tenant.candidate(tenant.invite(help_level="guided"))
    candidate.ask("Is it so?")
    run_jobs(tenant)
    assert seen == ["guided"]


def test_conditions_can_be_changed_until_the_start_and_then_no_more(tenant) -> None:
    invited = tenant.invite()
    path = f"/assessments/{invited['id']}"
    changed = tenant.call("PATCH", path, json={"duration_minutes": 20, "help_level": "guided", "weights": {"tests": 1}})
    assert changed.status == 200, changed.json
    assert (changed.json["duration_minutes"], changed.json["preset"]) == (20, None)
    candidate = tenant.candidate(invited)
    attempt = candidate.session["attempt"]
    held = datetime.fromisoformat(attempt["deadline"]) - datetime.fromisoformat(attempt["started_at"])
    assert held == timedelta(minutes=20)
    late = tenant.call("PATCH", path, json={"duration_minutes": 60})
    assert (late.status, late.json["code"], late.json["state"]) == (409, "assessment_started", "in_progress")
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        row = session.execute(select(Attempt)).scalar_one()
    assert (row.help_level, row.allowed_time) == ("guided", timedelta(minutes=20))
    for nothing in ({}, {"proctored": None}):
        assert tenant.call("PATCH", path, json=nothing).status == 422
    assert audited(tenant).count("assessment.changed") == 1


def test_each_request_to_invite_is_an_event_of_its_own(tenant) -> None:
    invited = tenant.invite()
    tenant.invite("quiet@example.com", send_invitation=False)
    path = f"/assessments/{invited['id']}/resend"
    assert tenant.call("POST", path, key="again", json={}).status == 200
    assert tenant.call("POST", path, key="again", json={}).headers["Idempotent-Replayed"] == "true"
    asked = events(tenant, "invitation.requested")
    assert [event.data for event in asked] == [
        {"assessment_id": invited["id"], "reason": "created"},
        {"assessment_id": invited["id"], "reason": "resent"},
    ]
    assert len({event.subject_id for event in asked}) == 2


def test_resending_revives_an_expired_invitation(tenant, run_jobs, resources) -> None:
    invited = tenant.invite()
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Assessment).values(expires_at=now() - timedelta(seconds=1)))
    with resources.database.owner() as session:
        find_expired(session, now())
    run_jobs(tenant)
    assert tenant.call("GET", f"/assessments/{invited['id']}").json["state"] == "expired"
    again = tenant.call("POST", f"/assessments/{invited['id']}/resend", json={"expires_in_days": 2})
    assert (again.status, again.json["state"]) == (200, "invited")
    left = datetime.fromisoformat(again.json["expires_at"]) - now()
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)
    tenant.candidate(invited)
    used = tenant.call("POST", f"/assessments/{invited['id']}/resend", json={})
    assert (used.status, used.json["code"], used.json["state"]) == (409, "assessment_not_invited", "in_progress")


def test_of_an_invitation_that_holds_again_nothing_is_decided(tenant, run_jobs, resources) -> None:
    invited = tenant.invite(blind_review=True)
    path = f"/assessments/{invited['id']}"
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Assessment).values(expires_at=now() - timedelta(seconds=1)))
    with resources.database.owner() as session:
        find_expired(session, now())
    run_jobs(tenant)
    body = {"verdict": "reject", "reason": "Never began."}
    assert tenant.call("POST", f"{path}/decision", json=body).status == 201
    again = tenant.call("POST", f"{path}/resend", json={}).json
    assert (again["state"], again["decision"]) == ("invited", None)
    assert (again["blind"], again["candidate"]["full_name"]) == (True, None), "the review is blind as it was"
    assert len(tenant.call("GET", path).json["decisions"]) == 1, "what was decided stays on record"


def test_a_voided_link_opens_nothing_and_ends_what_it_had_opened(tenant, run_jobs) -> None:
    invited = tenant.invite()
    peeking = tenant.candidate(invited, start=False)
    body = {"void_old_link": True}
    fresh = tenant.call("POST", f"/assessments/{invited['id']}/resend", json=body).json
    run_jobs(tenant)
    assert fresh["invitation_url"] != invited["invitation_url"]
    old = peeking.open(invitation=invited["invitation_url"].partition("#")[2])
    assert old.status == 401, old.json
    assert peeking.open(resume_key=peeking.resume_key).status == 401
    tenant.candidate(fresh)


def test_what_was_answered_of_a_deleted_assessment_is_told_to_nobody(tenant) -> None:
    body = {
        "task_id": str(tenant.task_id),
        "candidate": {"full_name": "Ada Byron", "email": "ada@example.com"},
        "send_invitation": False,
    }
    made = tenant.call("POST", "/assessments", key="once", json=body)
    assert made.status == 201
    assert tenant.call("DELETE", f"/assessments/{made.json['id']}").status == 204
    again = tenant.call("POST", "/assessments", key="once", json=body)
    assert (again.status, again.json["code"]) == (410, "answer_forgotten")
    assert tenant.call("GET", "/assessments").json["data"] == []


def test_one_assessment_causes_only_so_many_mails(tenant) -> None:
    path = f"/assessments/{tenant.invite()['id']}/resend"
    answers = [tenant.call("POST", path, json={}).status for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_every_act_on_an_assessment_is_in_the_audit_log_without_a_name(tenant) -> None:
    first, second = tenant.invite(), tenant.invite("b@example.com")
    tenant.call("POST", f"/assessments/{first['id']}/resend", json={})
    tenant.call("POST", f"/assessments/{first['id']}/cancel")
    tenant.call("DELETE", f"/assessments/{second['id']}")
    assert [action for action in audited(tenant) if action.startswith("assessment")] == [
        "assessment.created",
        "assessment.created",
        "assessment.invited_again",
        "assessment.cancelled",
        "assessment.deleted",
    ]
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        facts = " ".join(str(facts) for facts in session.execute(select(AuditEntry.facts)).scalars())
    assert "Ada" not in facts
    assert "example.com" not in facts


def test_a_link_that_got_away_is_made_void_whatever_was_mailed(tenant) -> None:
    invited = tenant.invite()
    resend = f"/assessments/{invited['id']}/resend"
    while tenant.call("POST", resend, json={}).status == 200:
        pass
    assert tenant.call("POST", resend, json={}).status == 429
    assert tenant.call("POST", resend, json={"void_old_link": True}).status == 200
    assert tenant.client.post(
        "/api/v1/session/open", json={"invitation": invited["invitation_url"].partition("#")[2], "nonce": "n" * 20}
    ).status_code in {401, 404, 410}
