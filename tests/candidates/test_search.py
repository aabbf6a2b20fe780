"""Searching candidates: whole, a page at a time, one organisation's, and never without an index."""

from __future__ import annotations

from sqlalchemy import text

from tests.plans import plans_of


def listed(tenant, term: str) -> list[str]:
    found, query = [], {"q": term, "limit": 2}
    while True:
        answer = tenant.call("GET", "/candidates", query_string=query).json
        found += [row["email"] for row in answer["data"]]
        if answer["next_cursor"] is None:
            return found
        query["cursor"] = answer["next_cursor"]


def test_pages_of_what_was_found_follow_one_another_in_one_organisation(make_tenant) -> None:
    one, two = make_tenant(), make_tenant()
    for number in range(5):
        for tenant in (one, two):
            person = {"full_name": f"Person {number}", "email": f"p{number}@{tenant.task_id}.example"}
            assert tenant.call("POST", "/candidates", json=person).status == 201
    assert listed(one, "person") == [f"p{number}@{one.task_id}.example" for number in (4, 3, 2, 1, 0)]
    assert listed(one, "p3@") == [f"p3@{one.task_id}.example"]
    assert listed(one, "pe") == listed(one, "person")
    assert listed(one, str(two.task_id)) == listed(one, "%") == listed(one, "er") == []


def test_nobody_searches_without_an_organisation(resources, tenant) -> None:
    tenant.invite()
    with resources.database.nobody() as session:
        assert session.execute(text("SELECT id FROM tali_search_candidates('ada', NULL, NULL, 50)")).all() == []


def test_a_rare_term_is_looked_up_in_the_index_and_a_common_one_walks_the_list(tenant, resources, services) -> None:
    with resources.database.owner() as session:
        session.execute(
            text("""
            INSERT INTO candidate (id, organization_id, created_at, full_name, email)
            SELECT gen_random_uuid(), :org, now() - n * interval '1 minute', md5(n::text), 'p' || n || '@example.com'
            FROM generate_series(1, 20000) n
            """),
            {"org": tenant.organization_id},
        )
        session.execute(text("ANALYZE candidate"))
    newest, rare = _plans(services.owner_database_url, tenant, "p19999@")
    assert "ix_candidate_newest" in newest
    assert "ix_candidate_search_words" in rare
    assert "Seq Scan" not in newest + rare
    common = _plans(services.owner_database_url, tenant, "example.com")[-1]
    assert "ix_candidate_newest" in common
    assert "Sort" not in common


def _plans(url: str, tenant, term: str) -> list[str]:
    call = "SELECT id FROM tali_search_candidates(%s, NULL, NULL, 51)"
    return plans_of(url, tenant.organization_id, call, (term,))
