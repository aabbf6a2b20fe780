"""The list of assessments: its order, its filters and its search, a page at a time, without leaving the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from tali.jobs.resources import Resources
from tests.conftest import Tenant
from tests.plans import plans_of

PEOPLE = {
    "ada@example.com": "Ada Byron",
    "grace@navy.example": "Grace Hopper",
    "zoe@example.com": "Zoë 100% O'Brien_X",
    "lin@example.com": "Li",
}


@pytest.fixture
def people(tenant: Tenant) -> dict[str, str]:
    """Four invitations: e-mail → id of the assessment."""
    made = {}
    for email, name in PEOPLE.items():
        body = {"task_id": str(tenant.task_id), "candidate": {"full_name": name, "email": email}}
        made[email] = tenant.call("POST", "/assessments", json=body).json["id"]
    return made


def listed(tenant: Tenant, **query: Any) -> list[str]:
    """E-mail addresses over all pages, two rows each."""
    found: list[str] = []
    query = {"limit": 2, **query}
    while True:
        answer = tenant.call("GET", "/assessments", query_string=query)
        assert answer.status == 200, answer.json
        assert len(answer.json["data"]) <= 2
        found += [row["candidate"]["email"] for row in answer.json["data"]]
        if answer.json["next_cursor"] is None:
            return found
        query["cursor"] = answer.json["next_cursor"]


@pytest.mark.parametrize(
    ("term", "emails"),
    [
        ("byron", ["ada@example.com"]),
        ("EXAMPLE.com", ["lin@example.com", "zoe@example.com", "ada@example.com"]),
        ("race", ["grace@navy.example"]),
        ("100%", ["zoe@example.com"]),
        ("%", []),
        ("_", []),
        ("n_X", ["zoe@example.com"]),
        ("o'brien", ["zoe@example.com"]),
        ("zoë", ["zoe@example.com"]),
        ("li", ["lin@example.com"]),
        ("yr", []),
        ("  byron  ", ["ada@example.com"]),
        ("nobody at all", []),
        ("\\", []),
    ],
)
def test_search_looks_in_name_and_address(tenant: Tenant, people: Any, term: str, emails: list[str]) -> None:
    assert listed(tenant, q=term) == emails


def test_pages_follow_one_another_in_every_order_and_filter(
    tenant: Tenant, people: dict[str, str], resources: Resources
) -> None:
    with resources.database.tenant(tenant.organization_id) as session:
        for score, email in ((50, "ada@example.com"), (90, "grace@navy.example"), (70, "zoe@example.com")):
            session.execute(
                text("UPDATE assessment SET score = :score, state = 'completed' WHERE id = :id"),
                {"score": score, "id": people[email]},
            )
    newest = list(reversed(PEOPLE))
    assert listed(tenant) == newest
    by_score = ["grace@navy.example", "zoe@example.com", "ada@example.com"]
    assert listed(tenant, sort="score") == by_score
    assert listed(tenant, sort="score", q="exam") == by_score
    assert listed(tenant, state="completed") == [email for email in newest if email != "lin@example.com"]
    assert listed(tenant, state="completed", q="example.com") == ["zoe@example.com", "ada@example.com"]
    assert listed(tenant, task_id=str(tenant.task_id)) == newest
    assert listed(tenant, task_id=str(tenant.task_id), q="ada") == ["ada@example.com"]
    assert listed(tenant, task_id="00000000-0000-7000-8000-000000000000") == []


def test_a_cursor_of_another_order_is_refused(tenant: Tenant, people: Any) -> None:
    cursor = tenant.call("GET", "/assessments?limit=1").json["next_cursor"]
    assert tenant.call("GET", f"/assessments?sort=score&cursor={cursor}").json["code"] == "cursor_invalid"


def test_search_finds_nothing_of_another_organisation(make_tenant: Callable[[], Tenant]) -> None:
    one, other = make_tenant(), make_tenant()
    other.invite("eve@example.com")
    one.invite("ada@example.com")
    assert listed(one, q="example.com") == ["ada@example.com"]
    assert listed(one, q="eve") == []


def test_search_knows_a_candidates_new_name_at_once(tenant: Tenant, resources: Resources) -> None:
    tenant.invite("ada@example.com")
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(text("UPDATE candidate SET full_name = 'Ada Lovelace'"))
    assert listed(tenant, q="lovelace") == ["ada@example.com"]
    assert listed(tenant, q="byron") == []


def test_search_finds_a_blind_candidate_by_alias_alone(tenant: Tenant, run_jobs: Callable[[Tenant], int]) -> None:
    candidate = tenant.candidate(invited := tenant.invite("ada@example.com", blind_review=True, send_invitation=False))
    [row] = tenant.call("GET", "/assessments").json["data"]
    assert (row["candidate"]["full_name"], row["candidate"]["email"]) == (None, None)

    def found(term: str) -> list[str]:
        return [one["id"] for one in tenant.call("GET", "/assessments", query_string={"q": term}).json["data"]]

    assert found("byron") == found("ada@example.com") == []
    assert found(row["candidate"]["alias"]) == [invited["id"]]
    candidate.submit()
    run_jobs(tenant)
    decided = tenant.call(
        "POST", f"/assessments/{invited['id']}/decision", json={"verdict": "advance", "reason": "Good work."}
    )
    assert decided.status in {200, 201}, decided.json
    assert found("byron") == [invited["id"]]


def test_nobody_searches_without_an_organisation(resources: Resources, tenant: Tenant) -> None:
    tenant.invite()
    call = "SELECT id FROM tali_search_assessments('ada', NULL, NULL, false, NULL, NULL, NULL, 50)"
    with resources.database.nobody() as session:
        assert session.execute(text(call)).all() == []


@pytest.mark.parametrize("query", ["", "?q=example", "?sort=score", "?state=invited"])
def test_a_page_costs_as_many_queries_as_a_row(
    tenant: Tenant, count_queries: Callable[[Callable[[], Any]], int], query: str
) -> None:
    tenant.invite("first@example.com")
    path = f"/assessments{query}"
    one = count_queries(lambda: tenant.call("GET", path))
    for number in range(5):
        tenant.invite(f"more{number}@example.com")
    assert count_queries(lambda: tenant.call("GET", path)) == one


def test_a_rare_term_is_looked_up_in_the_index_and_a_common_one_walks_the_list(
    tenant: Tenant, resources: Resources, services: Any
) -> None:
    with resources.database.owner() as session:
        session.execute(
            text("""
            WITH people AS (
                INSERT INTO candidate (id, organization_id, created_at, full_name, email)
                SELECT gen_random_uuid(), :org, now() - n * interval '1 minute', md5(n::text),
                    'p' || n || '@example.com'
                FROM generate_series(1, 20000) n RETURNING id, organization_id, created_at
            )
            INSERT INTO assessment SELECT (jsonb_populate_record(a, jsonb_build_object(
                'id', p.id, 'candidate_id', p.id, 'created_at', p.created_at, 'public_id', p.id,
                'invitation_hash', p.id, 'score', 50))).*
            FROM people p, assessment a WHERE a.id = :model
            """),
            {"org": tenant.organization_id, "model": tenant.invite()["id"]},
        )
        session.execute(text("ANALYZE candidate, assessment"))
    newest, rare = _plans(services.owner_database_url, tenant, "p19999@")
    assert "ix_assessment_newest" in newest
    assert "ix_assessment_search_words" in rare
    assert "Seq Scan" not in newest + rare
    common = _plans(services.owner_database_url, tenant, "example.com")[-1]
    assert "ix_assessment_newest" in common
    assert "Sort" not in common
    highest = _plans(services.owner_database_url, tenant, "example.com", by_score=True)[-1]
    assert "ix_assessment_highest" in highest
    assert "Sort" not in highest


def _plans(url: str, tenant: Tenant, term: str, *, by_score: bool = False) -> list[str]:
    call = "SELECT id FROM tali_search_assessments(%s, NULL, NULL, %s, NULL, NULL, NULL, 51)"
    return plans_of(url, tenant.organization_id, call, (term, by_score))
