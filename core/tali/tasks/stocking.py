"""An organisation's first tasks: those of the library that this deployment can run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.grading import service as grading
from tali.grading.validation import validate
from tali.jobs.resources import Resources
from tali.plugins import PluginFault, ProviderUnknown
from tali.sdk import PluginError, SandboxProvider
from tali.tasks import service
from tali.tasks.content import TaskContent
from tali.tasks.folder import TaskFolderError, library, load, recorded_tests
from tali.tasks.models import Task
from tali.tasks.weights import adds_components

Transaction = Callable[[], AbstractContextManager[Session]]


def stock(resources: Resources, organization_id: UUID, transaction: Transaction, say: Callable[[str], None]) -> None:
    """Publish the library's tasks that this organisation does not have yet.

    They carry the record of their validation; one that was changed is validated in the sandbox first. One that this
    host cannot run is left out: its candidates could run nothing. Where no code runs at all, all of them come in, since
    a deployment may be given its sandbox later.
    """
    provider = _usable_sandbox(resources)
    for slug, folder in library().items():
        try:
            content = load(folder)
        except TaskFolderError as error:
            # One task that does not hold must not keep the others, or the product, from starting.
            say(f"The task {slug} is left out: {error}")
            continue
        with transaction() as session:
            if session.execute(select(Task.id).where(Task.slug == slug)).first() is not None:
                continue
        if provider is not None and (why := grading.unavailable(provider, content.languages)) is not None:
            say(f"The task “{content.title}” is left out: {why}")
            continue
        tests = recorded_tests(folder, content)
        if tests is None:
            say(f"Checking the task “{content.title}”")
            tests = _validated(provider, content, say)
        if tests is not None:
            with transaction() as session:
                others = adds_components(resources.plugins)
                service.publish(session, organization_id, content, tests, other_components=others)


def _usable_sandbox(resources: Resources) -> SandboxProvider | None:
    try:
        provider = resources.plugins.sandbox(resources.settings.sandbox)
        provider.check()
    except (PluginError, PluginFault, ProviderUnknown):
        return None
    return provider


def _validated(provider: SandboxProvider | None, content: TaskContent, say: Callable[[str], None]) -> list[str] | None:
    """The hidden tests of a task that was changed, once it has shown that it holds."""
    why = "its record is old, and code cannot run here"
    if provider is not None:
        try:
            found = validate(provider, content)
            if found.valid:
                return list(found.tests)
            why = "; ".join(found.problems)
        except (PluginError, PluginFault) as error:
            why = str(error)
    say(f"The task “{content.title}” is left out: {why}")
    return None
