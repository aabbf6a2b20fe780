"""The life of a task over the API: drafts, lists, versions, archive, deletion, and who may see what."""

from __future__ import annotations

import pytest
from tests.tasks.conftest import SMALL_TASK, SOLVED


def test_a_task_begins_as_a_draft_that_candidates_cannot_get(author, tenant) -> None:
    made = author.create()
    assert made.status == 201, made.json
    assert (made.json["state"], made.json["version"]) == ("draft", None)
    assert made.json["draft"]["problems"] == []
    assert made.json["draft"]["weights"]["tests"] == 0.3
    person = {"full_name": "Ada Byron", "email": "ada@example.com"}
    refused = tenant.call("POST", "/assessments", json={"task_id": author.task_id, "candidate": person})
    assert (refused.status, refused.json["code"], refused.json["state"]) == (409, "task_not_published", "draft")


def test_what_was_written_is_read_again_with_its_defaults(author) -> None:
    author.create()
    content = author.call("GET").json["draft"]["content"]
    assert {name: content[name] for name in SMALL_TASK} == SMALL_TASK
    assert content["calibration_prompt"] == "Ask Claude to help you write a function that reverses a string"
    assert (content["help_level"], content["proctoring"]) == ("full", False)


def test_the_same_key_begins_one_task(author, tenant) -> None:
    first = tenant.call("POST", "/tasks", key="k", json=SMALL_TASK)
    second = tenant.call("POST", "/tasks", key="k", json=SMALL_TASK)
    assert (first.status, second.json["id"]) == (201, first.json["id"])


def test_two_tasks_cannot_have_one_slug(author) -> None:
    author.create()
    taken = author.tenant.call("POST", "/tasks", json=SMALL_TASK)
    assert (taken.status, taken.json["code"], taken.json["task_id"]) == (409, "task_slug_taken", author.task_id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"kind": "puzzle"}, "kind"),
        ({"starter_files": {"../x": ""}}, "starter_files"),
        ({"starter_files": {"a": "x", "a/b": "x"}}, "starter_files"),
        ({"starter_files": {"a": "x\x00"}}, "starter_files"),
        ({"starter_files": {f"f{number}": "x" * 130_000 for number in range(9)}}, "starter_files"),
        ({"duration_minutes": 1}, "duration_minutes"),
        ({"weights": {"tests": 2}}, "weights"),
        ({"hints": [{"text": "x"}]}, "hints"),
        ({"variants": [{"name": "x", "replace": {}}]}, "variants"),
        ({"variants": [{"name": "x", "replace": {" total": "sum"}}]}, "variants"),
    ],
)
def test_what_no_task_can_hold_is_refused_by_name(author, change, field) -> None:
    refused = author.create(**change)
    assert refused.status == 422, refused.json
    assert any(name.startswith(field) for name in refused.json["errors"]), refused.json


def test_an_unfinished_draft_is_kept_and_says_what_is_missing(author) -> None:
    author.create(hidden_tests={}, entry="gone.py", weights={"tests": 0.5}, preset="balanced", brief="")
    draft = author.call("GET").json["draft"]
    for told in ("tests/hidden: holds no file.", "entry: there is no starter/gone.py.", "sum to 0.5", "is empty"):
        assert any(told in problem for problem in draft["problems"]), draft["problems"]
    assert draft["weights"] == {}
    refused = author.call("POST", "/publish", json={"revision": author.revision})
    assert (refused.status, refused.json["code"]) == (422, "task_incomplete")
    assert refused.json["errors"]["draft"] == draft["problems"]


def test_a_change_that_did_not_see_the_last_one_is_refused_with_the_present_revision(author) -> None:
    author.create()
    body = {"revision": author.revision, "content": {**SMALL_TASK, "title": "Mine"}}
    assert author.call("PUT", "/draft", json=body).json["revision"] == 2
    late = author.call("PUT", "/draft", json={**body, "content": {**SMALL_TASK, "title": "Late"}})
    assert (late.status, late.json["code"], late.json["revision"]) == (409, "draft_changed", 2)
    assert author.call("GET").json["draft"]["content"]["title"] == "Mine"


def test_a_task_keeps_its_slug(author) -> None:
    author.create()
    assert author.save(slug="another").json["code"] == "slug_fixed"


def test_a_published_task_is_edited_from_its_newest_version_on(author, tenant) -> None:
    """Also one that came in without a draft, from the library."""
    author.task_id = str(tenant.task_id)
    before = author.call("GET").json
    assert before["draft"]["revision"] == 0
    content = {**before["draft"]["content"], "title": "Another title"}
    saved = author.call("PUT", "/draft", json={"revision": 0, "content": content})
    assert (saved.status, saved.json["revision"]) == (200, 1)
    again = author.call("PUT", "/draft", json={"revision": 0, "content": content})
    assert (again.status, again.json["revision"]) == (409, 1)
    assert author.call("GET").json["title"] == before["title"], "candidates get the version, not the draft"


def test_tasks_are_found_by_words_language_state_and_slug(author, tenant) -> None:
    author.create(title="100% of a cart", languages=["javascript"])
    for query, found in [
        ("q=CART", True), ("q=100%25", True), ("q=1%250", False), ("q=a-small", True), ("language=javascript", True),
        ("language=python", False), ("status=draft", True), ("status=published", False), ("slug=a-small-task", True),
        ("slug=a-small", False),
    ]:  # fmt: skip
        listed = [task["id"] for task in tenant.call("GET", f"/tasks?{query}").json["data"]]
        assert (author.task_id in listed) == found, query
    assert tenant.call("GET", "/tasks?status=lost").status == 422


def test_the_list_takes_as_many_queries_for_many_tasks_as_for_one(author, tenant, statements) -> None:
    def count() -> int:
        statements.clear()
        assert tenant.call("GET", "/tasks?q=sum").status == 200
        return len(statements)

    author.create()
    few = count()
    for number in range(5):
        author.create(slug=f"task-{number}")
    assert count() == few


def test_pages_hold_every_task_once(author, tenant) -> None:
    for number in range(4):
        author.create(slug=f"task-{number}", title="The same title")
    seen, cursor = [], ""
    while True:
        answer = tenant.call("GET", f"/tasks?limit=2{cursor}").json
        seen += [task["slug"] for task in answer["data"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert sorted(seen) == sorted(["webhook-redeliveries", *(f"task-{number}" for number in range(4))])


def test_an_archived_task_is_offered_no_more_and_can_come_back(author, tenant) -> None:
    author.task_id = str(tenant.task_id)
    assert author.call("POST", "/archive").json["state"] == "archived"
    assert author.call("POST", "/archive").json["code"] == "task_archived"
    person = {"full_name": "Ada Byron", "email": "ada@example.com"}
    refused = tenant.call("POST", "/assessments", json={"task_id": author.task_id, "candidate": person})
    assert (refused.status, refused.json["state"]) == (409, "archived")
    assert author.call("POST", "/publish", json={"revision": 0}).json["code"] == "task_archived"
    assert author.call("POST", "/unarchive").json["state"] == "published"
    lost = author.call("POST", "/unarchive")
    assert (lost.status, lost.json["code"], lost.json["state"]) == (409, "task_not_archived", "published")
    author.create()
    author.call("POST", "/archive")
    assert author.call("POST", "/unarchive").json["state"] == "draft"


def test_a_task_is_deleted_only_while_nobody_uses_it(author, tenant) -> None:
    author.task_id = str(tenant.task_id)
    assessment = tenant.invite()
    used = author.call("DELETE")
    assert (used.status, used.json["code"], used.json["count"]) == (409, "task_in_use", 1)
    assert tenant.call("DELETE", f"/assessments/{assessment['id']}").status == 204
    author.save()
    assert author.call("DELETE").status == 204
    assert author.call("GET").status == 404


def test_hidden_tests_and_reference_are_for_those_who_may_edit(author, tenant, viewing) -> None:
    draft_only = author.create(slug="never-published").json["id"]
    author.task_id = str(tenant.task_id)
    whole = author.call("GET", "/versions/1").json
    assert whole["content"]["hidden_tests"]
    assert len(whole["hidden_test_names"]) == 11
    viewing()
    seen = author.call("GET").json
    assert seen["draft"] is None
    part = author.call("GET", "/versions/1").json
    assert (part["content"]["hidden_tests"], part["content"]["reference_files"]) == ({}, {})
    assert part["hidden_test_names"] is None
    assert part["content"]["starter_files"] == whole["content"]["starter_files"]
    told = author.call("GET").body.decode() + author.call("GET", "/versions/1").body.decode()
    for secret in (*whole["content"]["hidden_tests"].values(), *whole["content"]["reference_files"].values()):
        line = max(secret.splitlines(), key=len)
        assert line not in told or any(line in text for text in whole["content"]["starter_files"].values())
    assert tenant.call("GET", f"/tasks/{draft_only}").status == 404
    assert draft_only not in [task["id"] for task in tenant.call("GET", "/tasks").json["data"]]
    for method, path in [
        ("PUT", "/draft"), ("POST", "/publish"), ("POST", "/validate"), ("GET", "/validation"), ("POST", "/archive"),
        ("POST", "/unarchive"), ("DELETE", ""),
    ]:  # fmt: skip
        body = {"revision": 0, **({"content": SMALL_TASK} if path == "/draft" else {})}
        refused = author.call(method, path, json=body if method in {"PUT", "POST"} else None)
        assert (refused.status, refused.json["code"]) == (403, "role_insufficient"), path


def test_each_act_is_in_the_audit_log(author, tenant, resources) -> None:
    from sqlalchemy import select

    from tali.organizations.models import AuditEntry

    author.create()
    author.save(title="Better")
    author.call("POST", "/archive")
    author.call("POST", "/unarchive")
    author.publish()
    author.call("DELETE")
    with resources.database.tenant(tenant.organization_id) as session:
        told = session.execute(
            select(AuditEntry.action).where(AuditEntry.subject_id == author.task_id).order_by(AuditEntry.created_at)
        ).scalars()
        assert list(told) == [
            "task.created", "task.draft_saved", "task.archived", "task.unarchived", "task.publication_asked",
            "task.published", "task.deleted",
        ]  # fmt: skip


def test_the_reference_is_kept_as_it_was_written(author) -> None:
    author.create(reference_files={"cart.py": SOLVED.replace("\n", "\r\n")})
    assert author.call("GET").json["draft"]["content"]["reference_files"] == {"cart.py": SOLVED}
