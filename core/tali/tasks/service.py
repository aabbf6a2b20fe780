"""Tasks and their versions: finding them, freezing one, and the life of a task as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import any_, delete, func, select, update
from sqlalchemy.orm import Session

from tali.kernel.actors import Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_small_number, a_text, an_id, decode_cursor
from tali.kernel.references import uses
from tali.kernel.search import contains
from tali.organizations import audit
from tali.tasks.content import TaskContent
from tali.tasks.models import Task, TaskVersion
from tali.tasks.weights import check_components, check_weights, preset


def may_edit(actor: Staff) -> bool:
    """Whether the actor writes tasks, and so may see drafts, hidden tests and references; a key needs the scope."""
    if isinstance(actor, UserActor):
        return actor.role in {"owner", "recruiter"}
    return "tasks:write" in actor.scopes


def content_of(version: TaskVersion) -> TaskContent:
    """A version's content, typed."""
    return TaskContent.from_data(version.content)


@lru_cache(maxsize=64)
def _parsed(version_id: UUID, content_hash: str) -> list[TaskContent]:
    """A cell for one frozen version's parsed content; versions never change, so it never goes stale."""
    return []


def frozen_content(session: Session, version_id: UUID) -> TaskContent:
    """The content of a version by id; read once a process, since versions are frozen.

    What a candidate gets is `attempt_content`.

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


def attempt_content(session: Session, version_id: UUID, seed: int) -> TaskContent:
    """The content of a version as an attempt with this seed has it: brief, files, tests and hints of its variant.

    Raises:
        NotFound: `task_version_not_found`.
    """
    return frozen_content(session, version_id).variant(seed)[1]


def variant_name(session: Session, version_id: UUID, seed: int) -> str | None:
    """What the variant of an attempt is called; None for a task that has no variants.

    Raises:
        NotFound: `task_version_not_found`.
    """
    content = frozen_content(session, version_id)
    return content.variant(seed)[0] if content.variants else None


def publish(
    session: Session,
    organization_id: UUID,
    content: TaskContent,
    hidden_tests: Sequence[str],
    *,
    other_components: bool = False,
) -> tuple[Task, TaskVersion]:
    """Add a version of a task, validated elsewhere (`tali.tasks.validation.validate` found `hidden_tests`).

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
    task = session.execute(select(Task).where(Task.slug == content.slug).with_for_update()).scalar_one_or_none()
    if task is None:
        task = Task(id=new_id(), created_at=now(), organization_id=organization_id, slug=content.slug)
        session.add(task)
    else:
        same = session.execute(
            select(TaskVersion)
            .where(TaskVersion.task_id == task.id, TaskVersion.content_hash == content.content_hash())
            .limit(1)
        ).scalar_one_or_none()
        if same is not None:
            return task, same
    return task, freeze(session, task, content, hidden_tests)


def freeze(session: Session, task: Task, content: TaskContent, hidden_tests: Sequence[str]) -> TaskVersion:
    """Make this content the task's newest version. The caller holds the task's row."""
    describe(task, content)
    task.state = "published"
    session.flush()
    newest = session.execute(select(func.max(TaskVersion.number)).where(TaskVersion.task_id == task.id)).scalar_one()
    moment = now()
    version = TaskVersion(
        id=new_id(),
        created_at=moment,
        organization_id=task.organization_id,
        task_id=task.id,
        number=(newest or 0) + 1,
        content=content.to_data(),
        content_hash=content.content_hash(),
        hidden_tests=list(hidden_tests),
        published_at=moment,
    )
    session.add(version)
    session.flush()
    return version


def describe(task: Task, content: TaskContent) -> None:
    """Repeat in the task's row what lists show and search."""
    task.title, task.summary = content.title, content.summary
    task.kind, task.difficulty = content.kind, content.difficulty
    task.languages, task.duration_minutes = list(content.languages), content.duration_minutes


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks to list; None does not matter."""

    search: str | None = None
    slug: str | None = None
    language: str | None = None
    state: str | None = None


def list_tasks(
    session: Session, actor: Staff, wanted: TaskFilter, limit: int, cursor: str | None
) -> list[tuple[Task, TaskVersion | None]]:
    """Tasks by title with their newest version (without its content), `limit + 1` of them.

    Who may not edit sees those that were published at least once.
    """
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
    if not may_edit(actor):
        query = query.where(TaskVersion.id.is_not(None))
    if wanted.search:
        query = query.where(contains(wanted.search, Task.title, Task.summary, Task.slug))
    if wanted.slug:
        query = query.where(Task.slug == wanted.slug)
    if wanted.language:
        query = query.where(any_(Task.languages) == wanted.language)
    if wanted.state:
        query = query.where(Task.state == wanted.state)
    if cursor:
        title, task_id = decode_cursor(cursor, a_text, an_id)
        query = query.where((Task.title > title) | ((Task.title == title) & (Task.id > task_id)))
    return [(row[0], _brief(row[1], row[2], row[3])) for row in session.execute(query)]


def _brief(version_id: UUID | None, number: int, published_at: datetime) -> TaskVersion | None:
    if version_id is None:
        return None
    return TaskVersion(id=version_id, number=number, published_at=published_at)


def get(session: Session, actor: Staff, task_id: UUID) -> tuple[Task, TaskVersion | None]:
    """A task, and its newest version if it was ever published.

    Raises:
        NotFound: `task_not_found`, also for a task that was never published and an actor who may not edit.
    """
    task = session.get(Task, task_id)
    version = None if task is None else _newest(session, task_id)
    if task is None or (version is None and not may_edit(actor)):
        raise _not_found()
    return task, version


def _newest(session: Session, task_id: UUID) -> TaskVersion | None:
    return session.execute(
        select(TaskVersion).where(TaskVersion.task_id == task_id).order_by(TaskVersion.number.desc()).limit(1)
    ).scalar_one_or_none()


def list_versions(session: Session, actor: Staff, task_id: UUID, limit: int, cursor: str | None) -> list[TaskVersion]:
    """A task's versions without their content, newest first, `limit + 1` of them.

    Raises:
        NotFound: `task_not_found`.
    """
    get(session, actor, task_id)
    query = select(TaskVersion.id, TaskVersion.number, TaskVersion.published_at).where(TaskVersion.task_id == task_id)
    if cursor:
        (number,) = decode_cursor(cursor, a_small_number)
        query = query.where(TaskVersion.number < number)
    rows = session.execute(query.order_by(TaskVersion.number.desc()).limit(limit + 1))
    return [TaskVersion(id=row.id, number=row.number, published_at=row.published_at) for row in rows]


def version_of(session: Session, actor: Staff, task_id: UUID, number: int) -> TaskVersion:
    """One version.

    Raises:
        NotFound: `task_not_found`, `task_version_not_found`.
    """
    get(session, actor, task_id)
    found = session.execute(
        select(TaskVersion).where(TaskVersion.task_id == task_id, TaskVersion.number == number)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("task_version_not_found", "This task has no such version.")
    return found


def published_version(session: Session, task_id: UUID) -> tuple[Task, TaskVersion]:
    """A task and the version that candidates get. The task cannot be deleted before the transaction ends.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_not_published`, with its state.
    """
    task = session.execute(
        select(Task).where(Task.id == task_id).with_for_update(read=True, key_share=True)
    ).scalar_one_or_none()
    if task is None:
        raise _not_found()
    version = _newest(session, task_id)
    if version is None or task.state != "published":
        mend = "Take it out of the archive first." if task.state == "archived" else "Publish it first."
        raise Conflict("task_not_published", f"This task is {task.state}. {mend}", state=task.state)
    return task, version


def archive(session: Session, actor: Staff, task_id: UUID) -> Task:
    """Take a task out of use: no new assessment gets it; those that have it go on.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_archived` already.
    """
    archived = session.execute(
        update(Task)
        .where(Task.id == task_id, Task.state != "archived")
        .values(state="archived")
        .returning(Task)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if archived is None:
        raise _lost(session, task_id, "task_archived", "This task is in the archive already.")
    audit.record(session, actor, "task.archived", task_id)
    return archived


def unarchive(session: Session, actor: Staff, task_id: UUID) -> Task:
    """Put a task back into use, as it was.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_not_archived`, with its state.
    """
    back = "published" if _newest(session, task_id) else "draft"
    taken = session.execute(
        update(Task)
        .where(Task.id == task_id, Task.state == "archived")
        .values(state=back)
        .returning(Task)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if taken is None:
        raise _lost(session, task_id, "task_not_archived", "This task is not in the archive.")
    audit.record(session, actor, "task.unarchived", task_id)
    return taken


def remove(session: Session, actor: Staff, task_id: UUID) -> None:
    """Delete a task with its draft and its versions, while nothing uses it.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_in_use`, with the count.
    """
    # The lock waits for assessments that are being created, and lets none begin.
    task = session.execute(select(Task).where(Task.id == task_id).with_for_update()).scalar_one_or_none()
    if task is None:
        raise _not_found()
    count = sum(uses(session, "task", task_id).values())
    if count:
        raise Conflict(
            "task_in_use",
            f"{count} assessment{'s use' if count > 1 else ' uses'} this task. Archive it instead: "
            "it is then offered no more, and what was recorded stays readable.",
            state=task.state,
            count=count,
        )
    session.execute(delete(Task).where(Task.id == task_id))
    audit.record(session, actor, "task.deleted", task_id, slug=task.slug)


def _lost(session: Session, task_id: UUID, code: str, sentence: str) -> Conflict | NotFound:
    state = session.execute(select(Task.state).where(Task.id == task_id)).scalar_one_or_none()
    return _not_found() if state is None else Conflict(code, sentence, state=state)


def _not_found() -> NotFound:
    return NotFound("task_not_found", "There is no such task.")
