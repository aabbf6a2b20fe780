"""Candidates over the API: creating, finding, changing, deleting."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select, text

from tali.candidates import service as candidates
from tali.organizations.models import AuditEntry

ADA = {"full_name": "Ada Byron", "email": "ada@example.com"}
IDS = [{"system": "greenhouse", "id": "4711"}, {"system": "workable", "id": "x-1"}]


def create(tenant, **changes):
    return tenant.call("POST", "/candidates", json={**ADA, **changes})


def test_a_candidate_is_known_by_several_systems(tenant) -> None:
    made = create(tenant, external_ids=IDS)
    assert made.status == 201, made.json
    assert made.json["external_ids"] == IDS
    assert tenant.call("GET", f"/candidates/{made.json['id']}").json == made.json


def test_one_systems_id_leads_to_one_candidate(tenant) -> None:
    first = create(tenant, external_ids=IDS[:1]).json
    other = {"full_name": "Bob", "email": "bob@example.com"}
    taken = create(tenant, **other, external_ids=IDS)
    assert (taken.status, taken.json["code"], taken.json["candidate_id"]) == (409, "external_id_taken", first["id"])
    assert create(tenant, **other, external_ids=[{"system": "workable", "id": "4711"}]).status == 201


def test_an_address_leads_to_one_candidate_in_any_case(tenant) -> None:
    first = create(tenant).json
    again = create(tenant, email="ADA@example.com")
    assert (again.status, again.json["code"], again.json["candidate_id"]) == (409, "candidate_exists", first["id"])


@pytest.mark.parametrize(
    "change",
    [
        {"email": "nobody"},
        {"full_name": ""},
        {"external_ids": [{"system": "Green House", "id": "1"}]},
        {"external_ids": [{"system": "a", "id": ""}]},
        {"external_ids": [{"system": "a", "id": str(n)} for n in range(21)]},
        {"external_ids": [{"system": "a", "id": "1"}, {"system": "a", "id": "1"}]},
    ],
)
def test_what_does_not_hold_is_refused(tenant, change) -> None:
    assert create(tenant, **change).status == 422


def test_candidates_are_found_by_words_and_by_ids_elsewhere(tenant) -> None:
    ada = create(tenant, external_ids=IDS).json["id"]
    bob = create(
        tenant, full_name="Bob 100%", email="bob@example.com", external_ids=[{"system": "lever", "id": "4711"}]
    )
    for query, found in [
        ("q=BYRON", {ada}), ("q=example.com", {ada, bob.json["id"]}), ("q=00%25", {bob.json["id"]}), ("q=b%25n", set()),
        ("external_id=4711", {ada, bob.json["id"]}), ("external_id=4711&system=greenhouse", {ada}),
        ("system=lever", {bob.json["id"]}), ("external_id=471", set()), ("q=bob&system=workable", set()),
    ]:  # fmt: skip
        listed = tenant.call("GET", f"/candidates?{query}").json["data"]
        assert {candidate["id"] for candidate in listed} == found, query


def test_the_list_takes_as_many_queries_for_many_candidates_as_for_one(tenant, resources) -> None:
    seen: list[str] = []

    def keep(_connection, _cursor, statement, *_) -> None:
        seen.append(statement)

    def count() -> int:
        seen.clear()
        assert tenant.call("GET", "/candidates").status == 200
        return len(seen)

    create(tenant, external_ids=IDS)
    event.listen(resources.database.app_engine, "before_cursor_execute", keep)
    try:
        few = count()
        for number in range(5):
            create(tenant, email=f"c{number}@example.com", external_ids=[{"system": "lever", "id": str(number)}])
        assert count() == few
    finally:
        event.remove(resources.database.app_engine, "before_cursor_execute", keep)


def test_what_is_not_named_in_a_change_stays(tenant) -> None:
    made = create(tenant, external_ids=IDS).json
    path = f"/candidates/{made['id']}"
    assert tenant.call("PATCH", path, json={}).json == made
    assert tenant.call("PATCH", path, json={"full_name": " Ada King "}).json == {**made, "full_name": "Ada King"}
    assert tenant.call("PATCH", path, json={"email": "ADA@example.com"}).json["email"] == "ADA@example.com"
    changed = tenant.call("PATCH", path, json={"external_ids": IDS[1:]})
    assert changed.json["external_ids"] == IDS[1:]
    assert tenant.call("PATCH", path, json={"external_ids": []}).json["external_ids"] == []
    assert tenant.call("PATCH", path, json={"id": made["id"]}).status == 422


def test_a_change_cannot_take_what_is_anothers(tenant) -> None:
    ada = create(tenant, external_ids=IDS).json
    bob = create(tenant, full_name="Bob", email="bob@example.com").json
    path = f"/candidates/{bob['id']}"
    taken = tenant.call("PATCH", path, json={"email": "Ada@example.com", "full_name": "Robert"})
    assert (taken.status, taken.json["code"], taken.json["candidate_id"]) == (409, "candidate_exists", ada["id"])
    taken = tenant.call("PATCH", path, json={"external_ids": IDS, "full_name": "Robert"})
    assert (taken.status, taken.json["code"]) == (409, "external_id_taken")
    assert tenant.call("GET", path).json == bob, "all of a change or none of it"


def test_a_candidate_who_was_never_invited_can_be_deleted(tenant) -> None:
    made = create(tenant, external_ids=IDS).json
    assert tenant.call("DELETE", f"/candidates/{made['id']}").status == 204
    assert tenant.call("GET", f"/candidates/{made['id']}").status == 404
    assert create(tenant, external_ids=IDS).status == 201


def test_a_candidate_with_an_assessment_is_not_deleted_by_the_way(tenant) -> None:
    candidate = tenant.invite()["candidate"]["id"]
    used = tenant.call("DELETE", f"/candidates/{candidate}")
    assert (used.status, used.json["code"], used.json["count"]) == (409, "candidate_in_use", 1)


def test_the_audit_log_tells_who_did_what_and_nobodys_name(tenant, resources) -> None:
    made = create(tenant, external_ids=IDS).json
    tenant.call("PATCH", f"/candidates/{made['id']}", json={"email": "ada.king@example.com"})
    tenant.call("GET", f"/candidates/{made['id']}/export")
    tenant.call("DELETE", f"/candidates/{made['id']}")
    with resources.database.tenant(tenant.organization_id) as session:
        told = session.execute(
            select(AuditEntry.action, AuditEntry.facts)
            .where(AuditEntry.subject_id == made["id"])
            .order_by(AuditEntry.created_at)
        ).all()
    assert [action for action, _ in told] == [
        "candidate.created", "candidate.changed", "candidate.exported", "candidate.deleted",
    ]  # fmt: skip
    assert [facts for _, facts in told] == [{}, {"fields": ["email"]}, {}, {}]


@pytest.mark.parametrize("method", ["candidates", "assessments", "invite"])
def test_an_address_that_programs_fold_differently_is_refused_with_a_sentence(tenant, method) -> None:
    person = {"full_name": "Ada Byron", "email": "\u0130x@x.example"}
    answers = {
        "candidates": lambda: tenant.call("POST", "/candidates", json=person),
        "assessments": lambda: tenant.call(
            "POST", "/assessments", json={"task_id": str(tenant.task_id), "candidate": person}
        ),
        "invite": lambda: tenant.call("POST", "/users/invite", json={**person, "role": "viewer"}),
    }
    for _ in range(2):
        answer = answers[method]()
        assert (answer.status, answer.json["code"]) == (422, "validation_failed")
        assert "ASCII" in str(answer.json["errors"])


def test_an_address_that_came_another_way_leads_to_its_row_whatever_python_makes_of_it(tenant) -> None:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(text("SET LOCAL statement_timeout = '5s'"))
        first = candidates.find_or_create(session, "Ada", "\u0130x@x.example")
        assert candidates.find_or_create(session, "Ada", "\u0130x@x.example").id == first.id
        assert candidates.folded(session, ["A@X.example", "b@x.example", "a@x.EXAMPLE"]) == [
            "a@x.example", "b@x.example", "a@x.example",
        ]  # fmt: skip


def test_a_row_that_is_made_and_erased_again_and_again_is_given_up(tenant, monkeypatch) -> None:
    monkeypatch.setattr(candidates, "_insert_or_none", lambda *_: None)
    refused = tenant.call("POST", "/candidates", json=ADA)
    assert (refused.status, refused.json["code"]) == (503, "busy")


BLANK = [" ", "\n", "\u200b", "\u00a0\u2060", "\u3164", "\x07"]


@pytest.mark.parametrize("blank", BLANK)
def test_a_name_that_nobody_sees_is_no_name(tenant, blank) -> None:
    email = {"email": "ada@example.com"}
    assessment = {"task_id": str(tenant.task_id), "candidate": {"full_name": blank, **email}}
    for method, path, body in [
        ("POST", "/candidates", {"full_name": blank, **email}),
        ("POST", "/assessments", assessment),
        ("POST", "/users/invite", {"full_name": blank, **email, "role": "viewer"}),
        ("POST", "/api-keys", {"name": blank}),
        ("PATCH", "/organization", {"name": blank}),
        ("POST", "/auth/register", {"organization_name": blank, "full_name": blank, **email, "password": "x" * 12}),
    ]:
        answer = tenant.call(method, path, json=body)
        assert (answer.status, answer.json["code"]) == (422, "validation_failed"), (path, answer.json)


def test_a_name_is_kept_without_what_nobody_sees_at_its_ends_and_on_one_line(tenant) -> None:
    zwnj = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert create(tenant, full_name=f"\u200b {zwnj}\u2060\n").json["full_name"] == zwnj
    assert create(tenant, full_name="Ada\r\nBcc: everybody", email="b@example.com").status == 422
