"""Tasks: bringing folders in as frozen versions, and finding them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_text, an_id, decode_cursor
from tali.tasks.folder import TaskContent
from tali.tasks.models import Task, TaskVersion
from tali.tasks.weights import check_components, check_weights, preset


def content_of(version: TaskVersion) -> TaskContent:
    """A version's content, typed."""
    return TaskContent.from_data(version.content)


@lru_cache(maxsize=64)
def _parsed(version_id: UUID, content_hash: str) -> list[TaskContent]:
    """A cell for one frozen version's parsed content; versions never change, so it never goes stale."""
    return []


def frozen_content(session: Session, version_id: UUID) -> TaskContent:
    """The content of a version by id; read once a process, since versions are frozen.

    Raises:
        NotFound: `task_version_not_found`.
    """
    # The hash is read each time: it costs one indexed row, and shows the row to this tenant or to nobody.
    content_hash = session.execute(
        select(TaskVersion.content_hash).where(TaskVersion.id == version_id)
    ).scalar_one_or_none()
    if content_hash is None:
        raise NotFound("task_version_not_found", "There is no such task version.")
    cell = _parsed(version_id, content_hash)
    if not cell:
        cell.append(content_of(session.get_one(TaskVersion, version_id)))
    return cell[0]


def publish(
    session: Session,
    organization_id: UUID,
    content: TaskContent,
    hidden_tests: Sequence[str],
    *,
    other_components: bool = False,
) -> tuple[Task, TaskVersion]:
    """Add a version of a task, validated elsewhere (`tali.grading.service.validate` found `hidden_tests`).

    The same content again is the version that exists already.

    Raises:
        Unprocessable: `preset_unknown`, `weights_invalid`, `component_unknown` (unless `other_components`, where
            installed evaluators may add components to core's: `tali.tasks.weights.adds_components`).
    """
    if content.preset:
        preset(content.preset)
    if content.weights:
        check_weights(content.weights)
        check_components(content.weights, others=other_components)
    moment = now()
    task = session.execute(select(Task).where(Task.slug == content.slug).with_for_update()).scalar_one_or_none()
    if task is None:
        task = Task(id=new_id(), created_at=moment, organization_id=organization_id, slug=content.slug)
        session.add(task)
    else:
        same = session.execute(
            select(TaskVersion)
            .where(TaskVersion.task_id == task.id, TaskVersion.content_hash == content.content_hash())
            .limit(1)
        ).scalar_one_or_none()
        if same is not None:
            return task, same
    task.title, task.summary = content.title, content.summary
    task.kind, task.difficulty = content.kind, content.difficulty
    task.languages, task.duration_minutes = list(content.languages), content.duration_minutes
    task.state = "published"
    session.flush()
    newest = session.execute(select(func.max(TaskVersion.number)).where(TaskVersion.task_id == task.id)).scalar_one()
    version = TaskVersion(
        id=new_id(),
        created_at=moment,
        organization_id=organization_id,
        task_id=task.id,
        number=(newest or 0) + 1,
        content=content.to_data(),
        content_hash=content.content_hash(),
        hidden_tests=list(hidden_tests),
        published_at=moment,
    )
    session.add(version)
    session.flush()
    return task, version


def list_tasks(session: Session, limit: int, cursor: str | None) -> list[tuple[Task, TaskVersion | None]]:
    """Tasks by title with their newest version (without its content), `limit + 1` of them."""
    newest = (
        select(TaskVersion.task_id, func.max(TaskVersion.number).label("number"))
        .group_by(TaskVersion.task_id)
        .subquery()
    )
    query = (
        select(Task, TaskVersion.id, TaskVersion.number, TaskVersion.published_at)
        .outerjoin(newest, newest.c.task_id == Task.id)
        .outerjoin(TaskVersion, (TaskVersion.task_id == Task.id) & (TaskVersion.number == newest.c.number))
        .order_by(Task.title, Task.id)
        .limit(limit + 1)
    )
    if cursor:
        title, task_id = decode_cursor(cursor, a_text, an_id)
        query = query.where((Task.title > title) | ((Task.title == title) & (Task.id > task_id)))
    return [(row[0], _brief(row[1], row[2], row[3])) for row in session.execute(query)]


def _brief(version_id: UUID | None, number: int, published_at: datetime) -> TaskVersion | None:
    if version_id is None:
        return None
    return TaskVersion(id=version_id, number=number, published_at=published_at)


def newest_version(session: Session, task_id: UUID) -> tuple[Task, TaskVersion]:
    """A task and its newest version.

    Raises:
        NotFound: `task_not_found`.
    """
    row = session.execute(
        select(Task, TaskVersion)
        .join(TaskVersion, TaskVersion.task_id == Task.id)
        .where(Task.id == task_id)
        .order_by(TaskVersion.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("task_not_found", "There is no such task.")
    return row[0], row[1]


def published_version(session: Session, task_id: UUID) -> tuple[Task, TaskVersion]:
    """A task and the version that candidates get.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_not_published`, with its state.
    """
    task, version = newest_version(session, task_id)
    if task.state != "published":
        raise Conflict("task_not_published", f"This task is {task.state}. Publish it first.", state=task.state)
    return task, version
