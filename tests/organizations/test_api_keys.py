"""API keys: for what they were made, until when, and not a step further."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tali.kernel.actors import SCOPES
from tali.kernel.clock import isoformat, now
from tali.organizations.access import WRITE_SCOPES
from tali.organizations.models import ApiKey


def make(tenant, **options) -> dict:
    made = tenant.call("POST", "/api-keys", json={"name": "ATS", **options})
    assert made.status == 201, made.json
    return made.json


def test_a_key_does_what_its_scopes_say_and_no_more(tenant) -> None:
    invited = tenant.invite()
    wish = {"task_id": str(tenant.task_id), "candidate": {"full_name": "B", "email": "b@example.com"}}
    acts = {
        "read": ("GET", "/assessments", None),
        "assessments:write": ("POST", "/assessments", wish),
        "embed": ("POST", "/embed-sessions", {"assessment_id": invited["id"]}),
    }
    for scope in acts:
        key = make(tenant, scopes=[scope])["key"]
        for wanted, (method, path, body) in acts.items():
            answer = tenant.call(method, path, json=body, token=key)
            if wanted == scope:
                assert answer.status in {200, 201}, (scope, path, answer.json)
            else:
                assert (answer.status, answer.json["code"], answer.json["scope"]) == (403, "scope_missing", wanted)


def test_a_room_that_no_scope_opens_is_closed_to_keys(tenant) -> None:
    key = make(tenant)["key"]
    for method, path, body in (
        ("PATCH", "/organization", {"name": "x"}),
        ("POST", "/api-keys", {"name": "x"}),
        ("POST", "/users/invite", {"email": "a@example.com", "full_name": "A", "role": "owner"}),
    ):
        answer = tenant.call(method, path, json=body, token=key)
        assert (answer.status, answer.json["code"]) == (403, "user_required")


def test_every_room_that_keys_may_write_to_is_a_room(app) -> None:
    assert set(WRITE_SCOPES) <= set(app.blueprints)
    assert set(WRITE_SCOPES.values()) <= set(SCOPES)


def test_a_key_without_a_word_is_for_everything(tenant) -> None:
    assert make(tenant)["scopes"] == list(SCOPES)


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", 7], "read", ["read"] * 5])
def test_scopes_that_there_are_not_are_refused(tenant, scopes) -> None:
    answer = tenant.call("POST", "/api-keys", json={"name": "x", "scopes": scopes})
    assert answer.status == 422
    assert any(name.startswith("scopes") for name in answer.json["errors"])


def test_a_key_ends_when_it_was_said_to(tenant, resources) -> None:
    made = make(tenant, expires_at=isoformat(now() + timedelta(days=1)))
    assert tenant.call("GET", "/assessments", token=made["key"]).status == 200
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(ApiKey).where(ApiKey.id == made["id"]).values(expires_at=now()))
    answer = tenant.call("GET", "/assessments", token=made["key"])
    assert (answer.status, answer.json["code"]) == (401, "api_key_expired")


def test_a_key_that_has_ended_is_not_made(tenant) -> None:
    answer = tenant.call("POST", "/api-keys", json={"name": "x", "expires_at": "2020-01-01T00:00:00Z"})
    assert (answer.status, answer.json["code"]) == (422, "expiry_passed")


def test_the_last_use_is_told(tenant) -> None:
    made = make(tenant)
    assert made["last_used_at"] is None
    tenant.call("GET", "/assessments", token=made["key"])
    listed = tenant.call("GET", "/api-keys").json["data"]
    assert next(key for key in listed if key["id"] == made["id"])["last_used_at"] is not None


def test_a_key_that_only_reads_sees_no_draft_no_hidden_test_and_no_link(tenant) -> None:
    published = tenant.call("GET", f"/tasks/{tenant.task_id}/versions/1").json["content"]
    begun = tenant.call("POST", "/tasks", json={**published, "slug": "a-draft"})
    assert begun.status == 201, begun.json
    invited = tenant.invite()
    reader, writer = make(tenant, scopes=["read"])["key"], make(tenant)["key"]
    for key, sees in ((reader, False), (writer, True)):
        assert (tenant.call("GET", f"/tasks/{begun.json['id']}", token=key).status == 200) is sees
        assert (begun.json["id"] in str(tenant.call("GET", "/tasks", token=key).json)) is sees
        content = tenant.call("GET", f"/tasks/{tenant.task_id}/versions/1", token=key).json["content"]
        assert (bool(content["hidden_tests"]), bool(content["reference_files"])) == (sees, sees)
        for path in (f"/tasks/{tenant.task_id}/validation", f"/tasks/{tenant.task_id}/versions/1/validation"):
            assert (tenant.call("GET", path, token=key).json.get("code") != "scope_missing") is sees
        link = tenant.call("GET", f"/assessments/{invited['id']}", token=key).json["invitation_url"]
        assert (link is not None) is sees


def test_a_moment_that_no_calendar_holds_is_refused(tenant) -> None:
    for moment in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        answer = tenant.call("POST", "/api-keys", json={"name": "x", "expires_at": moment})
        assert (answer.status, answer.json["code"]) == (422, "validation_failed")


def test_pages_hold_every_key_once_the_newest_first(tenant) -> None:
    made = [make(tenant)["id"] for _ in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        answer = tenant.call("GET", f"/api-keys?limit=2{cursor and '&cursor=' + cursor}").json
        found += [key["id"] for key in answer["data"]]
        cursor = answer["next_cursor"]
    assert found == made[::-1]
