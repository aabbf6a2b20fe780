"""From a draft to a frozen version: asked for, validated by jobs a variant at a time, frozen in one guarded move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.grading.validation import Validation, ValidationRun
from tali.jobs.service import emit, enqueue
from tali.kernel.actors import Staff
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.text import storable
from tali.organizations import audit
from tali.tasks import drafts, service
from tali.tasks.content import TaskContent
from tali.tasks.models import Task, TaskDraft, TaskValidation, TaskVersion
from tali.tasks.validation import problems_of, steps

UNFINISHED = ("queued", "running")
MAX_FAILED, MAX_MESSAGE, MAX_QUIET_OUTPUT = 50, 500, 2000
CHANGED = "The draft was changed while it was being validated. Publish it again."


def ask(session: Session, actor: Staff, task_id: UUID, revision: int, *, publish: bool) -> TaskValidation:
    """Have one revision of the draft validated and, with `publish`, become the next version when it passes.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `draft_changed`, carrying the present revision; `task_archived`; `validation_running`;
            `version_exists`, with its number, when the newest version is just this.
        Unprocessable: `task_incomplete`; `errors` names what is missing or contradicts itself.
    """
    task, newest = service.get(session, actor, task_id)
    if publish and task.state == "archived":
        raise Conflict("task_archived", "This task is archived. Take it out of the archive first.", state=task.state)
    draft = drafts.current(session, task, newest)
    if draft.revision != revision:
        raise drafts.changed(session, task, newest)
    if publish and newest is not None and newest.content_hash == draft.content.content_hash():
        raise Conflict(
            "version_exists",
            f"Version {newest.number} is just this; there is nothing to publish.",
            state=task.state,
            number=newest.number,
        )
    if problems := drafts.problems(draft.content):
        raise Unprocessable(
            "task_incomplete", "This draft is not a whole task yet. `errors` says why.", errors={"draft": problems}
        )
    if draft.revision == 0 and newest is not None:
        # The jobs look the draft up; the newest version is validated again as the draft that it would be.
        session.execute(
            insert(TaskDraft)
            .values(
                id=new_id(), created_at=now(), updated_at=now(), organization_id=actor.organization_id,
                task_id=task_id, revision=0, content=newest.content,
            )
            .on_conflict_do_nothing(index_elements=["organization_id", "task_id"])
        )  # fmt: skip
    forget_old(session, task_id)
    asked = session.execute(
        insert(TaskValidation)
        .values(
            id=new_id(),
            created_at=now(),
            organization_id=actor.organization_id,
            task_id=task_id,
            revision=revision,
            publish=publish,
            asked_by=actor.key,
            state="queued",
            done=0,
            total=steps(draft.content),
            runs=[],
            problems=[],
            hidden_tests=[],
        )
        .on_conflict_do_nothing()
        .returning(TaskValidation)
    ).scalar_one_or_none()
    if asked is None:
        state = latest(session, actor, task_id).state
        raise Conflict("validation_running", "This task is being validated already. Wait for its end.", state=state)
    enqueue_variant(session, asked, 0)
    audit.record(
        session,
        actor,
        "task.publication_asked" if publish else "task.validation_asked",
        task_id,
        revision=revision,
        validation_id=str(asked.id),
    )
    return asked


def forget_old(session: Session, task_id: UUID) -> None:
    """Outputs are kept for what was published, and for the last validation; the others have had their day."""
    session.execute(
        delete(TaskValidation).where(
            TaskValidation.task_id == task_id,
            TaskValidation.state.not_in(UNFINISHED),
            TaskValidation.version_number.is_(None),
        )
    )


def enqueue_variant(session: Session, validation: TaskValidation, index: int) -> None:
    """A job a variant: a long validation lets submissions in between."""
    payload = {"validation_id": str(validation.id), "variant": index}
    enqueue(session, validation.organization_id, "tasks.validate", payload, dedupe_key=f"{validation.id}:{index}")


def latest(session: Session, actor: Staff, task_id: UUID) -> TaskValidation:
    """The newest validation of a task.

    Raises:
        NotFound: `task_not_found`, `validation_not_found`.
    """
    service.get(session, actor, task_id)
    found = session.execute(
        select(TaskValidation)
        .where(TaskValidation.task_id == task_id)
        .order_by(TaskValidation.created_at.desc(), TaskValidation.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("validation_not_found", "This task was not validated here yet.")
    return found


def of_version(session: Session, actor: Staff, task_id: UUID, number: int) -> TaskValidation:
    """The validation that a version came of.

    Raises:
        NotFound: `task_not_found`; `validation_not_found`, as for a bundled task, which was validated elsewhere.
    """
    service.get(session, actor, task_id)
    found = session.execute(
        select(TaskValidation).where(TaskValidation.task_id == task_id, TaskValidation.version_number == number)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("validation_not_found", "No version of that number was validated here.")
    return found


@dataclass(frozen=True, slots=True)
class Begun:
    """What a job needs to validate one variant."""

    validation_id: UUID
    name: str
    variant: TaskContent
    content: TaskContent
    tests: list[str]


def begin(session: Session, validation_id: UUID, index: int) -> Begun | None:
    """Take up one variant; None when this validation is over, which also ends one whose draft was changed.

    What an earlier attempt of the same job noted about this variant is dropped: the runs are made again.
    """
    validation = session.execute(
        update(TaskValidation)
        .where(TaskValidation.id == validation_id, TaskValidation.state.in_(UNFINISHED))
        .values(state="running")
        .returning(TaskValidation)
    ).scalar_one_or_none()
    if validation is None:
        return None
    draft = session.execute(_draft_of(validation)).scalar_one_or_none()
    if draft is None:
        close(session, validation, "failed", [CHANGED])
        return None
    content = TaskContent.from_data(draft.content)
    name, variant = content.variant_names[index], content.variant_at(index)
    validation.started_at = validation.started_at or now()
    validation.runs = [run for run in validation.runs if run["variant"] != name]
    validation.done = len(validation.runs)
    validation.step = "starting"
    return Begun(validation_id, name, variant, content, list(validation.hidden_tests))


def _draft_of(validation: TaskValidation) -> Select[TaskDraft]:
    return select(TaskDraft).where(TaskDraft.task_id == validation.task_id, TaskDraft.revision == validation.revision)


def note(session: Session, begun: Begun, ended: ValidationRun) -> None:
    """Keep one run's output, and show how far it is."""
    validation = session.get_one(TaskValidation, begun.validation_id)
    validation.runs = [*validation.runs, _told(begun.name, ended)]
    validation.done = len(validation.runs)
    validation.step = ended.step


def settle_variant(session: Session, begun: Begun, index: int, found: Validation) -> None:
    """Go on with the next variant, or end the validation; a version comes of it where that was asked for."""
    tests = begun.tests or list(found.tests)
    problems = problems_of(begun.name, found, tests)
    last = index + 1 == len(begun.content.variant_names)
    validation = session.get_one(TaskValidation, begun.validation_id)
    if problems:
        close(session, validation, "failed", problems)
    elif not last:
        validation.hidden_tests = tests
        enqueue_variant(session, validation, index + 1)
    elif validation.publish:
        _freeze(session, validation, tests)
    else:
        close(session, validation, "passed", [])


def _freeze(session: Session, validation: TaskValidation, tests: list[str]) -> None:
    # The task first, then the draft: in the order in which a save and a deletion take them.
    task = session.execute(select(Task).where(Task.id == validation.task_id).with_for_update()).scalar_one()
    draft = session.execute(_draft_of(validation).with_for_update(read=True)).scalar_one_or_none()
    if draft is None:
        close(session, validation, "failed", [CHANGED])
    elif task.state == "archived":
        close(session, validation, "failed", ["The task was archived while it was being validated."])
    else:
        content = TaskContent.from_data(draft.content)
        version = service.freeze(session, task, content, tests)
        validation.hidden_tests, validation.version_number = tests, version.number
        close(session, validation, "passed", [])
        _announce(session, validation, version)


def _announce(session: Session, validation: TaskValidation, version: TaskVersion) -> None:
    facts = {"number": version.number, "version_id": str(version.id), "validation_id": str(validation.id)}
    # Whoever asked: the job only does what they were allowed to.
    audit.record_as(
        session, validation.organization_id, validation.asked_by, "task.published", validation.task_id, **facts
    )
    emit(
        session,
        validation.organization_id,
        "task.published",
        version.id,
        task_id=str(validation.task_id),
        version_id=str(version.id),
    )


def close(session: Session, validation: TaskValidation, state: str, problems: list[str]) -> None:
    """End a validation, with what its author can do about it."""
    validation.state = state
    validation.problems = [storable(problem)[:2000] for problem in problems[:MAX_FAILED]]
    validation.step = None
    validation.finished_at = now()


def end(session: Session, validation_id: UUID, state: str, reason: str) -> None:
    """End a validation before its time: `failed`, or `stopped` when that says nothing about the task."""
    validation = session.execute(
        select(TaskValidation)
        .where(TaskValidation.id == validation_id, TaskValidation.state.in_(UNFINISHED))
        .with_for_update()
    ).scalar_one_or_none()
    if validation is not None:
        close(session, validation, state, [reason])


def _told(variant: str, ended: ValidationRun) -> dict[str, Any]:
    run = ended.run
    return {
        "variant": variant,
        "step": ended.step,
        "passed": sum(result.passed for result in run.results),
        "total": len(run.results),
        "duration_ms": run.execution.duration_ms,
        "problem": run.problem,
        "failed": [
            {"name": storable(result.name), "message": storable(result.message)[:MAX_MESSAGE]}
            for result in ended.failed[:MAX_FAILED]
        ],
        # Of a run in which all went well, the end is enough.
        "output": storable(run.output if ended.failed or run.problem else run.output[-MAX_QUIET_OUTPUT:]),
    }
