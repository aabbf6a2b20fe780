"""A new organisation gets the tasks that this host can run."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from tali.sdk import SandboxUnavailable
from tali.tasks.folder import library, load
from tali.tasks.models import Task
from tali.tasks.stocking import stock


def published(resources, tenant) -> set[str]:
    with resources.database.tenant(tenant.organization_id) as session:
        return set(session.execute(select(Task.slug).where(Task.state == "published")).scalars())


def stocked(resources, tenant, say) -> None:
    stock(resources, tenant.organization_id, partial(resources.database.tenant, tenant.organization_id), say)


def test_tasks_of_a_language_that_is_missing_are_left_out_and_named(tenant, resources, monkeypatch) -> None:
    provider = resources.plugins.sandbox(resources.settings.sandbox)
    monkeypatch.setattr(type(provider), "check", lambda self: None)
    monkeypatch.setattr(
        type(provider), "missing", lambda self, languages: "Install Node 20." if "javascript" in languages else None
    )
    said: list[str] = []
    stocked(resources, tenant, said.append)
    tasks = {slug: load(folder) for slug, folder in library().items()}
    in_python = {slug for slug, task in tasks.items() if task.languages[0] == "python"}
    assert published(resources, tenant) == in_python
    assert len(said) == len(tasks) - len(in_python) == 2
    assert all(sentence.endswith("is left out: Install Node 20.") for sentence in said)
    monkeypatch.undo()
    monkeypatch.setattr(type(provider), "missing", lambda self, languages: None)
    stocked(resources, tenant, said.append)
    assert published(resources, tenant) == set(tasks), "they come in once the language is there"


def test_without_any_sandbox_the_library_comes_in_by_its_records(tenant, resources, monkeypatch) -> None:
    provider = resources.plugins.sandbox(resources.settings.sandbox)

    def broken(self: object) -> None:
        raise SandboxUnavailable("No user namespaces here.", "Run tali doctor.")

    monkeypatch.setattr(type(provider), "check", broken)
    stocked(resources, tenant, lambda _: None)
    assert published(resources, tenant) == set(library())
