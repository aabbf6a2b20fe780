"""Publishing: what the sandbox says of a draft decides, and only the draft that it saw is frozen."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, update
from tests.tasks.conftest import CODE, SMALL_TASK, SOLVED

from tali.jobs import worker
from tali.jobs.models import Job
from tali.plugins import PluginManager, Provider
from tali.sdk import Component, ConfigurationMissing, ProviderSpec, SandboxUnavailable, Transient
from tali.tasks.models import TaskValidation


@pytest.fixture(autouse=True)
def _sandbox(resources) -> None:
    try:
        resources.plugins.sandbox(resources.settings.sandbox).check()
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))


def test_a_draft_that_holds_becomes_version_one_and_candidates_get_it(author, tenant) -> None:
    author.create()
    asked = author.call("POST", "/publish", json={"revision": author.revision})
    assert (asked.status, asked.json["state"], asked.json["done"], asked.json["total"]) == (202, "queued", 0, 7)
    author.run_jobs(tenant)
    ended = author.call("GET", "/validation").json
    assert (ended["state"], ended["problems"], ended["version_number"]) == ("passed", [], 1)
    assert ended["done"] == ended["total"] == 7
    assert [run["step"] for run in ended["runs"]] == ["reference"] * 5 + ["starter", "visible_tests"]
    assert [(run["passed"], run["total"]) for run in ended["runs"]] == [(1, 1)] * 5 + [(0, 1), (1, 1)]
    starter = ended["runs"][5]
    assert starter["failed"][0]["name"] == "test_unseen::test_adds"
    assert "assert 0 == 3" in starter["output"]
    task = author.call("GET").json
    assert (task["state"], task["version"]["number"], task["hidden_test_count"]) == ("published", 1, 1)
    version = author.call("GET", "/versions/1").json
    assert version["hidden_test_names"] == ["test_unseen::test_adds"]
    tenant.task_id = UUID(author.task_id)
    candidate = tenant.candidate()
    assert candidate.files["cart.py"] == CODE
    assert candidate.session["calibration"]["prompt"].startswith("Ask Claude to help you")
    assert candidate.session["task"]["help_level"] == "full"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"reference_files": {"cart.py": "def total(items):\n    return 1\n"}},
            "The reference fails test_unseen::test_a",
        ),
        ({"starter_files": {"cart.py": SOLVED}}, "The starter passes every hidden test already"),
        ({"visible_tests": {"test_seen.py": "def test_no(): assert 0\n"}}, "The reference fails the visible test"),
        ({"hidden_tests": {"test_unseen.py": "import gone\n"}}, "No module named 'gone'"),
        ({"weights": {"tests": 0.5, "charm": 0.5}}, "No evaluator here has a component called charm."),
    ],
)
def test_a_draft_that_does_not_hold_stays_a_draft_and_says_what_to_mend(author, change, told) -> None:
    author.create(**change)
    ended = author.publish()
    assert (ended["state"], ended["version_number"]) == ("failed", None)
    assert told in ended["problems"][0], ended
    task = author.call("GET").json
    assert (task["state"], task["version"]) == ("draft", None)


class Charm:
    signals = ()
    components = (Component("charm", "Charm", "How charming it was."),)


def _unconfigured(settings: object, context: object) -> Charm:
    raise ConfigurationMissing("CHARM_KEY")


@pytest.mark.parametrize("create", [lambda settings, context: Charm(), _unconfigured])
def test_a_weight_may_be_for_what_an_installed_evaluator_adds_or_might_add(
    create, author, resources, monkeypatch
) -> None:
    offered = Provider("signal_evaluators", "charm", ProviderSpec("charm", "Charm", create))
    monkeypatch.setitem(resources.plugins._providers, ("signal_evaluators", "charm"), offered)
    author.create(weights={"tests": 0.5, "charm": 0.5})
    assert author.publish()["version_number"] == 1


def test_a_test_that_fails_now_and_then_is_found_out(author) -> None:
    flaky = (
        "import random\nfrom cart import total\n"
        "def test_adds(): assert total([1, 2]) == 3\n"
        "def test_luck(): assert random.random() < 0.1\n"
    )
    author.create(hidden_tests={"test_unseen.py": flaky})
    ended = author.publish()
    assert ended["state"] == "failed"
    assert "test_luck" in ended["problems"][0]


def test_only_a_revision_that_is_the_present_one_is_published(author) -> None:
    author.create()
    author.save(title="Later")
    old = author.call("POST", "/publish", json={"revision": 1})
    assert (old.status, old.json["code"], old.json["revision"]) == (409, "draft_changed", 2)


def test_a_draft_that_changes_meanwhile_is_not_published(author, tenant) -> None:
    author.create()
    author.call("POST", "/publish", json={"revision": author.revision})
    author.save(title="Changed meanwhile")
    author.run_jobs(tenant)
    ended = author.call("GET", "/validation").json
    assert (ended["state"], ended["version_number"]) == ("failed", None)
    assert "changed while it was being validated" in ended["problems"][0]
    assert author.publish()["version_number"] == 1


def test_a_draft_that_changes_after_the_last_run_is_not_published_either(
    author, tenant, resources, monkeypatch
) -> None:
    from tali.tasks import jobs

    author.create()
    validate = jobs.validate

    def change_after(*arguments):
        found = validate(*arguments)
        author.save(title="At the last moment")
        return found

    monkeypatch.setattr(jobs, "validate", change_after)
    ended = author.publish()
    assert ended["done"] == ended["total"]
    assert ended["state"] == "failed"
    assert author.call("GET").json["version"] is None


def test_one_validation_at_a_time(author) -> None:
    author.create()
    author.call("POST", "/validate", json={"revision": author.revision})
    second = author.call("POST", "/publish", json={"revision": author.revision})
    assert (second.status, second.json["code"], second.json["state"]) == (409, "validation_running", "queued")


def test_the_same_key_asks_once(author, tenant) -> None:
    author.create()
    first = author.call("POST", "/publish", key="once", json={"revision": author.revision})
    again = author.call("POST", "/publish", key="once", json={"revision": author.revision})
    assert (again.status, again.json["id"]) == (202, first.json["id"])


def test_validating_publishes_nothing(author) -> None:
    author.create()
    ended = author.publish("validate")
    assert (ended["state"], ended["version_number"]) == ("passed", None)
    assert author.call("GET").json["state"] == "draft"


def test_versions_are_frozen_and_counted(author, tenant) -> None:
    author.create()
    author.publish()
    tenant.task_id = UUID(author.task_id)
    before = tenant.candidate()
    author.save(brief="# Another brief\n")
    assert author.publish()["version_number"] == 2
    listed = author.call("GET", "/versions?limit=1").json
    assert [version["number"] for version in listed["data"]] == [2]
    rest = author.call("GET", f"/versions?limit=1&cursor={listed['next_cursor']}").json
    assert [version["number"] for version in rest["data"]] == [1]
    assert author.call("GET", "/versions/1").json["content"]["brief"] == SMALL_TASK["brief"]
    assert before.refresh()["task"]["brief"] == SMALL_TASK["brief"]
    assert author.call("GET", "/versions/3").status == 404


def test_what_is_published_already_makes_no_version(author) -> None:
    author.create()
    author.publish()
    same = author.call("POST", "/publish", json={"revision": author.revision})
    assert (same.status, same.json["code"], same.json["number"]) == (409, "version_exists", 1)


def test_a_sandbox_that_cannot_be_used_is_not_the_authors_fault(author, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise SandboxUnavailable("No user namespaces here.", "Run tali doctor.")

    author.create()
    monkeypatch.setattr(PluginManager, "sandbox", broken)
    ended = author.publish()
    assert ended["state"] == "stopped"
    assert "No user namespaces here. Run tali doctor." in ended["problems"][0]
    monkeypatch.undo()
    assert author.publish()["version_number"] == 1


def test_a_language_that_this_host_lacks_keeps_a_task_from_being_published(author, resources, monkeypatch) -> None:
    provider = resources.plugins.sandbox(resources.settings.sandbox)
    monkeypatch.setattr(type(provider), "missing", lambda self, languages: f"{languages[0]} needs Node 20.")
    author.create()
    ended = author.publish()
    assert (ended["state"], ended["problems"]) == ("stopped", ["python needs Node 20."])


def test_a_language_without_a_toolchain_is_told_before_anything_runs(author) -> None:
    made = author.create(languages=["cobol"])
    assert "there is no toolchain for cobol" in made.json["draft"]["problems"][0]


def test_a_job_that_is_lost_begins_its_variant_again(author, tenant, resources, monkeypatch) -> None:
    from tali.tasks import jobs

    author.create()
    validate = jobs.validate
    calls = []

    def fails_once(provider, content, times, watch):
        calls.append(content)
        if len(calls) == 1:
            validate(provider, content, 1, watch)
            raise Transient("the sandbox went away")
        return validate(provider, content, times, watch)

    monkeypatch.setattr(jobs, "validate", fails_once)
    author.call("POST", "/publish", json={"revision": author.revision})
    author.run_jobs(tenant)
    assert author.call("GET", "/validation").json["state"] == "running"
    with resources.database.owner() as session:
        job_id = session.execute(
            update(Job)
            .where(Job.kind == "tasks.validate", Job.organization_id == tenant.organization_id)
            .values(run_at=Job.created_at)
            .returning(Job.id)
        ).scalar_one()
    worker.run(resources, job_id)
    ended = author.call("GET", "/validation").json
    assert (ended["state"], ended["done"], len(ended["runs"])) == ("passed", 7, 7)


def test_a_validation_that_nobody_can_finish_is_stopped_and_may_be_asked_for_again(
    author, tenant, resources, monkeypatch
) -> None:
    from tali.tasks import jobs

    def breaks(*_: object) -> None:
        raise RuntimeError("a bug")

    author.create()
    monkeypatch.setattr(jobs, "validate", breaks)
    author.call("POST", "/publish", json={"revision": author.revision})
    for _ in range(4):
        with resources.database.owner() as session:
            session.execute(update(Job).where(Job.kind == "tasks.validate").values(run_at=Job.created_at))
        author.run_jobs(tenant)
    ended = author.call("GET", "/validation").json
    assert ended["state"] == "stopped"
    assert "a bug" in ended["problems"][0]
    monkeypatch.undo()
    assert author.publish()["version_number"] == 1


def test_outputs_of_what_was_published_are_kept(author, tenant, resources) -> None:
    author.create()
    author.publish()
    author.save(brief="# Second\n")
    author.publish("validate")
    author.publish()
    first = author.call("GET", "/versions/1/validation").json
    assert (first["version_number"], len(first["runs"])) == (1, 7)
    assert author.call("GET", "/versions/3/validation").json["code"] == "validation_not_found"
    with resources.database.tenant(tenant.organization_id) as session:
        kept = session.execute(select(TaskValidation.version_number).order_by(TaskValidation.created_at)).scalars()
        assert list(kept) == [1, 2]


def test_what_a_test_writes_is_kept_whatever_it_is(author) -> None:
    loud = "import os\nfrom cart import total\n\ndef test_adds():\n"
    loud += "    os.write(1, b'\\x00\\xff')\n    assert total([1]) == 1\n"
    author.create(hidden_tests={"test_unseen.py": loud})
    assert author.publish()["state"] == "passed"
