"""A copy of everything that is held about a person, and its end: nothing is forgotten in either."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, text

from tali.jobs.models import DomainEvent
from tali.kernel.models import Base, Privacy, personal_data_registry
from tali.kernel.references import belongings

ABOUT_OTHERS = {
    "address_request": "people who ask for an account or a new password; gone within the second",
    "api_key": "credentials of programs",  # pragma: allowlist secret
    "app_user": "people who sign in: they leave by deactivation",
    "idempotency_record": "emptied by what they mention, see tali.kernel.idempotency.forget_about",
    "provider_choice": "credentials that an organisation gave to a plugin",  # pragma: allowlist secret
    "refresh_token": "credentials of people who sign in",
    "registration": "people who have not confirmed their account yet; it expires",
    "sign_in_link": "credentials of people who sign in",
    "user_invitation": "colleagues who were invited; it expires",
}
"""Tables with personal data or secrets that are not part of a candidate, each with the reason."""

PERSON = {"full_name": "Wilhelmina Quackenbush", "email": "wilhelmina.q@example.com"}
NEEDLES = (
    "Wilhelmina", "Quackenbush", "wilhelmina.q", "ext-778899", "xylophone", "zeppelin", "marzipan",
)  # fmt: skip
"""Words that occur nowhere but in what this person is, wrote or ran."""


@pytest.fixture
def worked(tenant, run_jobs) -> dict[str, Any]:
    """A candidate who has done all that leaves traces, and somebody else who has too."""
    made = tenant.call(
        "POST",
        "/candidates",
        key="wilhelmina.q@example.com please once",
        json={**PERSON, "external_ids": [{"system": "greenhouse", "id": "ext-778899"}]},
    ).json
    body = {"task_id": str(tenant.task_id), "candidate_id": made["id"]}
    assessment = tenant.call("POST", "/assessments", key="invite wilhelmina.q@example.com", json=body).json
    candidate = tenant.candidate(assessment)
    assert candidate.type("# xylophone\n").status == 200
    assert candidate.ask("Why is the zeppelin booked twice?", key="ask-1").status == 202
    assert candidate.write("notes.py", "print('marzipan')\n").status == 200
    assert candidate.run("notes.py").status == 202
    candidate.observe({"kind": "paste", "data": {"chars": 3, "path": "notes.py"}})
    run_jobs(tenant)
    assert candidate.submit(key="submit-1").status == 200
    run_jobs(tenant)
    tenant.call("POST", "/embed-sessions", key="embed", json={"assessment_id": assessment["id"]})
    other = tenant.invite(email="other@example.com")
    return {"candidate_id": made["id"], "assessment": assessment, "candidate": candidate, "other": other}


def everything(resources) -> dict[str, str]:
    """The text of every column of every row of the database, by table and column; what is encrypted, in the clear."""
    held: dict[str, list[str]] = {}
    with resources.database.owner() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for column in table.columns:
                    value = row[column.name]
                    if value is None or isinstance(column.type, LargeBinary):
                        continue
                    told = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
                    if column.info.get("privacy") is Privacy.SECRET:
                        with suppress(ValueError):
                            told = resources.key_ring.decrypt(told)
                    held.setdefault(f"{table.name}.{column.name}", []).append(told)
    return {name: "\n".join(values) for name, values in held.items()}


def found_in(held: dict[str, str]) -> dict[str, set[str]]:
    return {
        needle: {name for name, told in held.items() if needle.lower() in told.lower()}
        for needle in NEEDLES
        if any(needle.lower() in told.lower() for told in held.values())
    }


def test_after_erasing_no_word_of_the_person_is_anywhere_in_the_database(tenant, worked, resources) -> None:
    before = found_in(everything(resources))
    assert set(before) == set(NEEDLES), "the test would find nothing in any case"
    assert {"candidate.email", "idempotency_record.answer"} <= before["wilhelmina.q"]
    erased = tenant.call("POST", f"/candidates/{worked['candidate_id']}/erase")
    assert erased.status == 200, erased.json
    assert {"candidate", "candidate_external_id", "assessment", "attempt", "turn", "execution", "score"} <= set(
        erased.json["rows"]
    )
    assert found_in(everything(resources)) == {}


def test_lists_of_invitations_forget_an_erased_person_and_still_add_up(tenant, run_jobs, resources) -> None:
    invited = tenant.invite(email=PERSON["email"])
    rows = [
        {"full_name": "Wilhelmina Quackenbush", "email": PERSON["email"]},
        {"full_name": "Wilhelmina Quackenbush", "email": PERSON["email"].upper()},
        {"full_name": "Somebody Else", "email": "else@example.com"},
    ]
    body = {"task_id": str(tenant.task_id), "people": rows}
    bulk_id = tenant.call("POST", "/assessments/bulk", json=body).json["id"]
    person = invited["candidate"]["id"]
    copied = json.loads(tenant.call("GET", f"/candidates/{person}/export").body)["tables"]["bulk_row"]
    assert len(copied) == 2
    erased = tenant.call("POST", f"/candidates/{person}/erase")
    assert erased.json["rows"]["bulk_row"] == 2
    listed = tenant.call("GET", f"/assessments/bulk/{bulk_id}")
    assert [row["email"] for row in listed.json["data"]] == ["[erased]", "[erased]", "else@example.com"]
    assert "quackenbush" not in str(everything(resources)).lower()


def test_who_is_erased_while_a_list_waits_is_not_invited_by_it(tenant, run_jobs) -> None:
    body = {"task_id": str(tenant.task_id), "people": [PERSON]}
    person = tenant.call("POST", "/candidates", json=PERSON).json["id"]
    bulk_id = tenant.call("POST", "/assessments/bulk", json=body).json["id"]
    tenant.call("POST", f"/candidates/{person}/erase")
    run_jobs(tenant)
    [row] = tenant.call("GET", f"/assessments/bulk/{bulk_id}").json["data"]
    assert (row["state"], row["code"], row["email"]) == ("skipped", "erased", "[erased]")
    assert tenant.call("GET", "/candidates").json["data"] == []


def test_a_copy_does_not_lift_a_blind_review(tenant) -> None:
    assessment = tenant.invite(blind_review=True)
    person = tenant.call("GET", "/candidates").json["data"][0]["id"]
    key = tenant.call("POST", "/api-keys", json={"name": "ATS", "scopes": ["read"]}).json["key"]
    refused = tenant.call("GET", f"/candidates/{person}/export", token=key)
    assert (refused.status, refused.json["code"]) == (409, "review_blind")
    assert tenant.call("GET", f"/candidates/{person}/export").status == 200, "an owner's, which the audit log tells"
    assert tenant.call("DELETE", f"/assessments/{assessment['id']}").status in {200, 204}
    assert tenant.call("GET", f"/candidates/{person}/export", token=key).status == 200


def test_erasing_one_person_leaves_the_others(tenant, worked) -> None:
    tenant.call("POST", f"/candidates/{worked['candidate_id']}/erase")
    assert tenant.call("GET", f"/candidates/{worked['candidate_id']}").status == 404
    assert tenant.call("GET", f"/assessments/{worked['assessment']['id']}").status == 404
    assert tenant.call("GET", f"/assessments/{worked['other']['id']}").status == 200
    assert tenant.call("POST", f"/candidates/{worked['candidate_id']}/erase").status == 404


def test_rows_of_lists_that_were_passed_over_are_part_of_copy_and_erasure(tenant, worked, resources, run_jobs) -> None:
    people = [PERSON, {**PERSON, "email": PERSON["email"].upper()}, {"full_name": "Bo", "email": "bo@example.com"}]
    body = {"task_id": str(tenant.task_id), "people": people, "send_invitation": False}
    bulk = tenant.call("POST", "/assessments/bulk", key="a list", json=body).json
    assert [row["code"] for row in bulk["problems"]] == ["duplicate"]
    run_jobs(tenant)
    person = f"/candidates/{worked['candidate_id']}"
    copy = json.loads(tenant.call("GET", f"{person}/export").body)
    assert [row["number"] for row in copy["tables"]["bulk_row"]] == [1, 2]
    assert tenant.call("POST", f"{person}/erase").json["rows"]["bulk_row"] == 2
    assert found_in(everything(resources)) == {}
    left = tenant.call("GET", f"/assessments/bulk/{bulk['id']}").json
    assert {row["email"] for row in left["data"]} == {"[erased]", "bo@example.com"}, "the list still adds up"


def test_an_answer_that_told_of_the_person_is_forgotten_and_nothing_is_made_anew(tenant, worked) -> None:
    body = {"task_id": str(tenant.task_id), "candidate_id": worked["candidate_id"]}
    invite = {"key": "invite wilhelmina.q@example.com", "json": body}
    assert tenant.call("POST", "/assessments", **invite).status == 201
    tenant.call("POST", f"/candidates/{worked['candidate_id']}/erase")
    again = tenant.call("POST", "/assessments", **invite)
    assert (again.status, again.json["code"]) == (410, "answer_forgotten")


def test_a_candidate_who_is_at_work_is_told_that_it_is_over(tenant) -> None:
    candidate = tenant.candidate()
    person = candidate.assessment["candidate"]["id"]
    assert tenant.call("POST", f"/candidates/{person}/erase").status == 200
    gone = candidate.call("GET", "")
    assert (gone.status, gone.json["code"]) == (410, "assessment_deleted")


def test_rooms_that_keep_books_are_told_ids_and_nothing_else(tenant, worked, resources) -> None:
    tenant.call("POST", f"/candidates/{worked['candidate_id']}/erase")
    with resources.database.tenant(tenant.organization_id) as session:
        data = session.execute(select(DomainEvent.data).where(DomainEvent.name == "candidate.erased")).scalar_one()
    assert data == {"candidate_id": worked["candidate_id"], "assessment_ids": [worked["assessment"]["id"]]}


def test_the_copy_holds_everything_but_credentials(tenant, worked, resources) -> None:
    answer = tenant.call("GET", f"/candidates/{worked['candidate_id']}/export")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    copy = json.loads(answer.body)
    assert copy["candidate_id"] == worked["candidate_id"]
    told = answer.body.decode()
    assert [needle for needle in NEEDLES if needle not in told] == []
    tables = copy["tables"]
    assert [turn["message"] for turn in tables["turn"]] == ["Why is the zeppelin booked twice?"]
    assert tables["candidate"][0]["email"] == PERSON["email"]
    assert [row["id"] for row in tables["assessment"]] == [worked["assessment"]["id"]]
    assert "other@example.com" not in told
    for name, columns in personal_data_registry().items():
        secret = {column for column, privacy in columns.items() if privacy is Privacy.SECRET}
        for row in tables.get(name, ()):
            assert not secret & row.keys(), name
    with resources.database.tenant(tenant.organization_id) as session:
        for table, which in belongings("candidate", worked["candidate_id"]).values():
            count = len(session.execute(select(table.c.id).where(which)).all())
            assert len(tables[table.name]) == count, table.name


def test_every_table_with_personal_data_belongs_to_a_candidate_or_says_to_whom() -> None:
    """A table that is added later is part of export and erase by its foreign keys, or fails here."""
    personal = {table for table, columns in personal_data_registry().items() if set(columns.values()) - {Privacy.NONE}}
    reached = set(belongings("candidate", None))  # type: ignore[arg-type]
    assert personal - reached - set(ABOUT_OTHERS) == set()
    assert set(ABOUT_OTHERS) <= personal, "a reason for a table that needs none"


def test_what_a_candidate_takes_along_is_theirs() -> None:
    """Nothing of the organisation's own, such as tasks, hangs on a candidate."""
    assert set(belongings("candidate", None)) & {"task", "task_version", "membership", "organization"} == set()  # type: ignore[arg-type]


def test_the_database_deletes_what_the_models_say(resources) -> None:
    """`belongings` reads the models; a migration that cascades otherwise would leave rows behind."""
    with resources.database.owner() as session:
        rows = session.execute(
            text("""
            SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent
            FROM pg_constraint c
            WHERE c.contype = 'f' AND c.confdeltype = 'c' AND c.connamespace = 'public'::regnamespace
            """)
        ).all()
    reached, grown = {"candidate"}, True
    while grown:
        more = {row.child for row in rows if row.parent in reached} - reached
        reached, grown = reached | more, bool(more)
    assert reached == set(belongings("candidate", None))  # type: ignore[arg-type]


def test_a_viewer_neither_copies_nor_erases(tenant, worked, resources) -> None:
    with resources.database.owner() as session:
        session.execute(
            text("UPDATE membership SET role = 'viewer' WHERE organization_id = :id"), {"id": tenant.organization_id}
        )
    for method, path in (("GET", "/export"), ("POST", "/erase"), ("DELETE", "")):
        assert tenant.call(method, f"/candidates/{worked['candidate_id']}{path}").json["code"] == "role_insufficient"
