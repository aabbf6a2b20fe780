"""Drafts: what the next version of a task may become. Two people who edit at once are told, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.kernel.actors import Staff
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, Unprocessable
from tali.kernel.ids import new_id
from tali.organizations import audit
from tali.tasks import service
from tali.tasks.content import TaskContent, problems_of
from tali.tasks.models import Task, TaskDraft, TaskVersion
from tali.tasks.weights import check_weights, effective_weights, preset


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is now. Revision 0 is the newest version, of which nobody has changed anything."""

    revision: int
    updated_at: datetime
    content: TaskContent


def create(session: Session, actor: Staff, content: TaskContent) -> tuple[Task, Draft]:
    """Begin a task.

    Raises:
        Conflict: `task_slug_taken`, with the id of the task that has it.
    """
    moment = now()
    task = session.execute(
        insert(Task)
        .values(
            id=new_id(),
            created_at=moment,
            organization_id=actor.organization_id,
            state="draft",
            slug=content.slug,
            title=content.title,
            summary=content.summary,
            kind=content.kind,
            difficulty=content.difficulty,
            languages=list(content.languages),
            duration_minutes=content.duration_minutes,
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "slug"])
        .returning(Task)
    ).scalar_one_or_none()
    if task is None:
        present = session.execute(select(Task).where(Task.slug == content.slug)).scalar_one()
        raise Conflict(
            "task_slug_taken",
            f"“{present.title}” is called {content.slug} already.",
            state=present.state,
            task_id=str(present.id),
        )
    session.add(_row(actor, task.id, 1, content, moment))
    audit.record(session, actor, "task.created", task.id, slug=task.slug)
    session.flush()
    return task, Draft(1, moment, content)


def current(session: Session, task: Task, newest: TaskVersion | None) -> Draft:
    """The draft, or else the newest version: there is always something to edit."""
    row = session.execute(select(TaskDraft).where(TaskDraft.task_id == task.id)).scalar_one_or_none()
    if row is not None:
        return Draft(row.revision, row.updated_at, TaskContent.from_data(row.content))
    assert newest is not None  # noqa: S101 -- a task begins with a draft, or with a version
    return Draft(0, newest.published_at, service.content_of(newest))


def save(session: Session, actor: Staff, task_id: UUID, revision: int, content: TaskContent) -> Draft:
    """Replace the draft; `revision` is the one that the change was made on.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `draft_changed`, carrying the present revision.
        Unprocessable: `slug_fixed`.
    """
    # The task's row first, as freezing a version and deleting a task do: nobody waits for anybody in a circle.
    session.execute(select(Task.id).where(Task.id == task_id).with_for_update())
    task, newest = service.get(session, actor, task_id)
    if content.slug != task.slug:
        raise Unprocessable(
            "slug_fixed",
            f"This task is called {task.slug}, and stays so: folders and programs know it by that name.",
            errors={"content.slug": [f"Must be {task.slug}."]},
        )
    moment = now()
    if revision == 0 and newest is not None:
        saved = session.execute(
            insert(TaskDraft)
            .values(
                id=new_id(),
                created_at=moment,
                organization_id=actor.organization_id,
                task_id=task_id,
                revision=1,
                content=content.to_data(),
                updated_at=moment,
            )
            .on_conflict_do_nothing(index_elements=["organization_id", "task_id"])
            .returning(TaskDraft.revision)
        ).scalar_one_or_none()
    else:
        saved = session.execute(
            update(TaskDraft)
            .where(TaskDraft.task_id == task_id, TaskDraft.revision == revision)
            .values(revision=TaskDraft.revision + 1, content=content.to_data(), updated_at=moment)
            .returning(TaskDraft.revision)
        ).scalar_one_or_none()
    if saved is None:
        raise changed(session, task, newest)
    if newest is None:
        service.describe(task, content)
    audit.record(session, actor, "task.draft_saved", task_id, revision=saved)
    return Draft(saved, moment, content)


def changed(session: Session, task: Task, newest: TaskVersion | None) -> Conflict:
    """The answer to whoever did not see the last change."""
    draft = current(session, task, newest)
    return Conflict(
        "draft_changed",
        "Somebody has changed this draft meanwhile. Look at the present one, and make your change on that.",
        state=task.state,
        revision=draft.revision,
    )


def problems(content: TaskContent) -> list[str]:
    """What keeps a draft from being validated, as sentences for its author."""
    found = problems_of(content)
    for check in (lambda: preset(content.preset or "balanced"), lambda: check_weights(content.weights or {"tests": 1})):
        try:
            check()
        except Unprocessable as wrong:
            found.append(f"task.toml: weights: {wrong.message}")
    return found


def mix(content: TaskContent, deployment: Mapping[str, float] | None) -> dict[str, Any]:
    """How assessments of this content would be weighed: preset (None for a vector of its own) and weights.

    Without weights, where those of the draft do not hold; `problems` says why.
    """
    try:
        name, weights = effective_weights(None, content.preset, content.weights, deployment)
    except Unprocessable:
        return {"preset": content.preset, "weights": {}}
    return {"preset": name, "weights": weights}


def _row(actor: Staff, task_id: UUID, revision: int, content: TaskContent, moment: datetime) -> TaskDraft:
    return TaskDraft(
        organization_id=actor.organization_id,
        task_id=task_id,
        revision=revision,
        content=content.to_data(),
        updated_at=moment,
    )
