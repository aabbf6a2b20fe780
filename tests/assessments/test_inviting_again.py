"""A second open invitation of one person to one task is made when somebody asks for it, and never by a slip."""

from __future__ import annotations

import pytest

PERSON = {"full_name": "Ada Byron", "email": "ada@example.com"}


def invite(tenant, **options):
    return tenant.call("POST", "/assessments", json={"task_id": str(tenant.task_id), "candidate": PERSON, **options})


def test_a_second_open_invitation_is_refused_with_the_one_that_is_open(tenant) -> None:
    first = invite(tenant).json
    candidate_id = first["candidate"]["id"]
    by_id = {"candidate": None, "candidate_id": candidate_id}
    for options in ({}, {"candidate": {**PERSON, "email": "ADA@Example.com"}}, by_id):
        refused = invite(tenant, **options)
        assert (refused.status, refused.json["code"]) == (409, "already_invited")
        assert (refused.json["assessment_id"], refused.json["state"]) == (first["id"], "invited")
    second = invite(tenant, again=True)
    assert second.status == 201
    assert second.json["candidate"]["id"] == candidate_id
    assert invite(tenant).json["assessment_id"] == second.json["id"], "the newest"


def test_whoever_works_on_it_is_invited_still_and_whoever_is_done_is_not(tenant, run_jobs) -> None:
    candidate = tenant.candidate(invite(tenant).json)
    assert invite(tenant).json["state"] == "in_progress"
    candidate.submit()
    again = invite(tenant)
    assert again.status == 201
    tenant.call("POST", f"/assessments/{again.json['id']}/cancel")
    assert invite(tenant).status == 201


def test_a_refusal_leaves_no_trace_and_its_key_can_be_used_once_the_way_is_free(tenant) -> None:
    first = invite(tenant).json
    body = {"task_id": str(tenant.task_id), "candidate": PERSON}
    assert tenant.call("POST", "/assessments", key="k", json=body).status == 409
    assert len(tenant.call("GET", "/assessments").json["data"]) == 1
    tenant.call("POST", f"/assessments/{first['id']}/cancel")
    assert tenant.call("POST", "/assessments", key="k", json=body).status == 201


def test_a_name_does_not_lead_to_an_assessment_under_blind_review(tenant) -> None:
    invite(tenant, blind_review=True)
    refused = invite(tenant)
    assert (refused.json["code"], refused.json["assessment_id"]) == ("already_invited", None)


@pytest.mark.parametrize("known", [True, False])
def test_of_many_invitations_at_once_one_is_made(tenant, at_once, known) -> None:
    if known:
        tenant.call("POST", "/candidates", json=PERSON)
    body = {"task_id": str(tenant.task_id), "candidate": PERSON}
    answers = at_once(*[("POST", "/assessments", body)] * 8)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    [made] = [answer.json["id"] for answer in answers if answer.status == 201]
    assert {answer.json["assessment_id"] for answer in answers if answer.status == 409} == {made}


def test_a_list_passes_over_whoever_was_invited_since_it_was_sent(tenant, run_jobs) -> None:
    body = {"task_id": str(tenant.task_id), "people": [PERSON, {"full_name": "Grace", "email": "grace@example.com"}]}
    bulk = tenant.call("POST", "/assessments/bulk", json=body).json
    assert bulk["accepted"] == 2
    assert invite(tenant).status == 201
    run_jobs(tenant)
    rows = tenant.call("GET", f"/assessments/bulk/{bulk['id']}").json["data"]
    assert [(row["state"], row["code"]) for row in rows] == [("skipped", "already_invited"), ("created", None)]
    assert len(tenant.call("GET", "/assessments").json["data"]) == 2
