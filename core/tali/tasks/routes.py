"""Tasks and weight presets over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from tali.kernel.actors import Role
from tali.kernel.http import Blueprint, PageQuery, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, resources
from tali.tasks import drafts, publishing, schemas, service, weights
from tali.tasks.content import TaskContent, TaskContentSchema
from tali.tasks.drafts import Draft
from tali.tasks.models import Task, TaskVersion

tasks = Blueprint("tasks", __name__, url_prefix="/api/v1", description="The exercises.")
EDITORS: tuple[Role, ...] = ("owner", "recruiter")


def _row(task: Task, version: TaskVersion | None) -> dict[str, Any]:
    names = ("id", "slug", "title", "summary", "kind", "difficulty", "languages", "duration_minutes", "state")
    return {**{name: getattr(task, name) for name in names}, "version": version}


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "revision": draft.revision,
        "updated_at": draft.updated_at,
        "problems": drafts.problems(draft.content),
        "content": draft.content.to_data(),
        **drafts.mix(draft.content, resources().settings.score_weights),
    }


@tasks.route("/tasks")
class Tasks(MethodView):
    @tasks.arguments(schemas.TaskQuery, location="query")
    @tasks.response(200, page_schema(schemas.TaskSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List tasks, by title."""
        wanted = service.TaskFilter(query["q"], query["slug"], query["language"], query["status"])
        with as_staff() as (session, actor):
            found = service.list_tasks(session, actor, wanted, query["limit"], query["cursor"])
            return page([_row(*pair) for pair in found], query["limit"], lambda row: (row["title"], row["id"]))

    @tasks.arguments(TaskContentSchema)
    @tasks.response(201, schemas.TaskCreatedSchema)
    def post(self, content: TaskContent) -> Response:
        """Begin a task, as a draft that candidates cannot get yet."""
        with as_staff(*EDITORS) as (session, actor):

            def create() -> Any:
                task, draft = drafts.create(session, actor, content)
                return {**_row(task, None), "draft": _draft(draft)}

            return answer_once(session, actor, resources().key_ring, schemas.TaskCreatedSchema, 201, create)


@tasks.route("/tasks/<uuid:task_id>")
class TaskView(MethodView):
    @tasks.response(200, schemas.TaskDetailSchema)
    def get(self, task_id: UUID) -> Any:
        """One task: what a candidate would get, how it is weighed, and its draft."""
        with as_staff() as (session, actor):
            task, version = service.get(session, actor, task_id)
            draft = drafts.current(session, task, version) if service.may_edit(actor) else None
            content = service.content_of(version) if version else drafts.current(session, task, version).content
        return {
            **_row(task, version),
            "brief": content.brief,
            "files": [
                {"path": path, "content": text, "readonly": path in content.readonly}
                for path, text in sorted(content.starter_files.items())
            ],
            "visible_tests": [
                {"path": path, "content": text, "readonly": True}
                for path, text in sorted(content.visible_tests.items())
            ],
            **drafts.mix(content, resources().settings.score_weights),
            "help_level": content.help_level,
            "calibration_prompt": content.calibration_prompt,
            "proctoring": content.proctoring,
            "variants": content.variant_names if content.variants else [],
            "hidden_test_count": len(version.hidden_tests) if version else 0,
            "draft": _draft(draft) if draft else None,
        }

    @tasks.response(204)
    def delete(self, task_id: UUID) -> None:
        """Delete a task that nothing uses."""
        with as_staff(*EDITORS) as (session, actor):
            service.remove(session, actor, task_id)


@tasks.route("/tasks/<uuid:task_id>/draft")
class DraftView(MethodView):
    @tasks.arguments(schemas.DraftInput)
    @tasks.response(200, schemas.DraftBriefSchema)
    def put(self, body: dict[str, Any], task_id: UUID) -> Any:
        """Replace the draft. A change that was made on an older revision is refused."""
        with as_staff(*EDITORS) as (session, actor):
            return _draft(drafts.save(session, actor, task_id, body["revision"], body["content"]))


def _ask(task_id: UUID, revision: int, *, publish: bool) -> Response:
    with as_staff(*EDITORS) as (session, actor):
        return answer_once(
            session,
            actor,
            resources().key_ring,
            schemas.ValidationSchema,
            202,
            lambda: publishing.ask(session, actor, task_id, revision, publish=publish),
        )


@tasks.route("/tasks/<uuid:task_id>/publish")
class Publish(MethodView):
    @tasks.arguments(schemas.RevisionInput)
    @tasks.response(202, schemas.ValidationSchema)
    def post(self, body: dict[str, Any], task_id: UUID) -> Response:
        """Validate the draft in the sandbox and, when it holds, make it the next version."""
        return _ask(task_id, body["revision"], publish=True)


@tasks.route("/tasks/<uuid:task_id>/validate")
class Validate(MethodView):
    @tasks.arguments(schemas.RevisionInput)
    @tasks.response(202, schemas.ValidationSchema)
    def post(self, body: dict[str, Any], task_id: UUID) -> Response:
        """Validate the draft in the sandbox, and publish nothing."""
        return _ask(task_id, body["revision"], publish=False)


@tasks.route("/tasks/<uuid:task_id>/validation")
class ValidationView(MethodView):
    @tasks.response(200, schemas.ValidationSchema)
    def get(self, task_id: UUID) -> Any:
        """The newest validation: how far it is, what each run wrote, what is to be mended."""
        with as_staff(*EDITORS, scope="tasks:write") as (session, actor):
            return publishing.latest(session, actor, task_id)


@tasks.route("/tasks/<uuid:task_id>/versions")
class Versions(MethodView):
    @tasks.arguments(PageQuery, location="query")
    @tasks.response(200, page_schema(schemas.TaskVersionSchema))
    def get(self, query: dict[str, Any], task_id: UUID) -> Any:
        """A task's versions, newest first."""
        with as_staff() as (session, actor):
            found = service.list_versions(session, actor, task_id, query["limit"], query["cursor"])
            return page(found, query["limit"], lambda version: (version.number,))


@tasks.route("/tasks/<uuid:task_id>/versions/<int(min=1, max=32767):number>")
class VersionView(MethodView):
    @tasks.response(200, schemas.TaskVersionDetailSchema)
    def get(self, task_id: UUID, number: int) -> Any:
        """One version, whole."""
        with as_staff() as (session, actor):
            version = service.version_of(session, actor, task_id, number)
            content = service.content_of(version).to_data()
            edits = service.may_edit(actor)
        if not edits:
            content |= {"hidden_tests": {}, "reference_files": {}, "hints": [], "variants": []}
        return {
            "id": version.id,
            "number": version.number,
            "published_at": version.published_at,
            "content": content,
            "hidden_test_names": version.hidden_tests if edits else None,
        }


@tasks.route("/tasks/<uuid:task_id>/versions/<int(min=1, max=32767):number>/validation")
class VersionValidation(MethodView):
    @tasks.response(200, schemas.ValidationSchema)
    def get(self, task_id: UUID, number: int) -> Any:
        """What the sandbox said before this version was frozen."""
        with as_staff(*EDITORS, scope="tasks:write") as (session, actor):
            return publishing.of_version(session, actor, task_id, number)


@tasks.route("/tasks/<uuid:task_id>/archive")
class Archive(MethodView):
    @tasks.response(200, schemas.TaskSchema)
    def post(self, task_id: UUID) -> Any:
        """Take a task out of use; what was recorded with it stays."""
        with as_staff(*EDITORS) as (session, actor):
            service.archive(session, actor, task_id)
            return _row(*service.get(session, actor, task_id))


@tasks.route("/tasks/<uuid:task_id>/unarchive")
class Unarchive(MethodView):
    @tasks.response(200, schemas.TaskSchema)
    def post(self, task_id: UUID) -> Any:
        """Put an archived task back into use."""
        with as_staff(*EDITORS) as (session, actor):
            service.unarchive(session, actor, task_id)
            return _row(*service.get(session, actor, task_id))


@tasks.route("/weight-presets")
class WeightPresets(MethodView):
    @tasks.response(200, schemas.WeightPresetsSchema)
    def get(self) -> Any:
        """The weight presets, and the components that they weigh."""
        with as_staff():
            return {"presets": weights.presets(), "components": weights.components()}
