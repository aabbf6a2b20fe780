"""Several people at the same task or candidate at the same moment: one wins, the others are told, nobody gets a 500."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.tasks.conftest import SMALL_TASK

PERSON = {"full_name": "Ada Byron", "email": "ada@example.com"}


def test_of_many_saves_of_one_revision_one_is_kept(author, at_once) -> None:
    author.create()
    path = f"/tasks/{author.task_id}/draft"
    answers = at_once(
        *(("PUT", path, {"revision": 1, "content": {**SMALL_TASK, "title": f"Title {number}"}}) for number in range(8))
    )
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    assert {answer.json["revision"] for answer in answers} == {2}
    won = next(number for number, answer in enumerate(answers) if answer.status == 200)
    assert author.call("GET").json["draft"]["content"]["title"] == f"Title {won}"


def test_of_many_first_changes_of_a_published_task_one_is_kept(tenant, author, at_once) -> None:
    author.task_id = str(tenant.task_id)
    content = author.call("GET").json["draft"]["content"]
    path = f"/tasks/{author.task_id}/draft"
    answers = at_once(*[("PUT", path, {"revision": 0, "content": content})] * 6)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 5


def test_of_many_publishers_one_begins(author, at_once) -> None:
    author.create()
    answers = at_once(*[("POST", f"/tasks/{author.task_id}/publish", {"revision": 1})] * 6)
    assert sorted(answer.status for answer in answers) == [202] + [409] * 5
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"validation_running"}


def test_of_two_tasks_of_one_name_one_is_made(tenant, at_once) -> None:
    answers = at_once(*[("POST", "/tasks", SMALL_TASK)] * 4)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 3


@pytest.mark.parametrize("round_", range(6))
def test_a_task_is_not_deleted_under_an_invitation(round_: int, tenant, at_once) -> None:
    invitation = {"task_id": str(tenant.task_id), "candidate": PERSON}
    invited, deleted = at_once(("POST", "/assessments", invitation), ("DELETE", f"/tasks/{tenant.task_id}", None))
    assert (invited.status, deleted.status) in {(201, 409), (404, 204)}, (invited, deleted)


@pytest.mark.parametrize("verb", ["DELETE", "POST"])
@pytest.mark.parametrize("round_", range(6))
def test_a_candidate_does_not_vanish_under_an_invitation(verb: str, round_: int, tenant, at_once) -> None:
    person = tenant.call("POST", "/candidates", json=PERSON).json["id"]
    path = f"/candidates/{person}" + ("/erase" if verb == "POST" else "")
    invitation = {"task_id": str(tenant.task_id), "candidate_id": person}
    invited, gone = at_once(("POST", "/assessments", invitation), (verb, path, None))
    if verb == "DELETE":
        assert (invited.status, gone.status) in {(201, 409), (404, 204)}, (invited, gone)
    else:
        assert (invited.status, gone.status) in {(201, 200), (404, 200)}, (invited, gone)
        assert tenant.call("GET", "/assessments").json["data"] == [], "an erased person's invitation is gone too"


@pytest.mark.parametrize("round_", range(6))
def test_whoever_is_invited_by_address_while_they_are_erased_is_somebody_new(round_: int, tenant, at_once) -> None:
    person = tenant.call("POST", "/candidates", json=PERSON).json["id"]
    body = {"task_id": str(tenant.task_id), "candidate": PERSON, "again": True}
    invitation = ("POST", "/assessments", body)
    *invited, gone = at_once(invitation, invitation, invitation, ("POST", f"/candidates/{person}/erase", None))
    assert [answer.status for answer in (*invited, gone)] == [201, 201, 201, 200]
    left = {assessment["candidate"]["id"] for assessment in tenant.call("GET", "/assessments").json["data"]}
    assert person not in left
    assert len(left) <= 1


def test_one_id_elsewhere_goes_to_one_of_many(tenant, at_once) -> None:
    answers = at_once(
        *(
            (
                "POST",
                "/candidates",
                {
                    "full_name": "Somebody",
                    "email": f"somebody{number}@example.com",
                    "external_ids": [{"system": "lever", "id": "1"}],
                },
            )
            for number in range(5)
        )
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 4
    assert len(tenant.call("GET", "/candidates").json["data"]) == 1


def test_saving_goes_on_while_a_version_is_frozen(author, tenant, app, run_jobs) -> None:
    author.create()
    author.call("POST", "/publish", json={"revision": author.revision})

    def save_often() -> list[int]:
        client, revision, statuses = app.test_client(), author.revision, []
        for number in range(40):
            answer = client.put(
                f"/api/v1/tasks/{author.task_id}/draft",
                json={"revision": revision, "content": {**SMALL_TASK, "title": f"Title {number}"}},
                headers={"Authorization": f"Bearer {tenant.token}"},
            )
            statuses.append(answer.status_code)
            revision = answer.get_json().get("revision", revision)
        return statuses

    with ThreadPoolExecutor(2) as pool:
        saving = pool.submit(save_often)
        run_jobs(tenant)
        assert saving.result() == [200] * 40
    ended = author.call("GET", "/validation").json
    assert (ended["state"], ended["version_number"]) in {("failed", None), ("passed", 1)}
