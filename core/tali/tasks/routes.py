"""Tasks and weight presets over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from tali.kernel.http import Blueprint, PageQuery, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, resources
from tali.tasks import schemas, service, weights
from tali.tasks.models import Task, TaskVersion

tasks = Blueprint("tasks", __name__, url_prefix="/api/v1", description="The exercises.")


def _row(task: Task, version: TaskVersion | None) -> dict[str, Any]:
    names = ("id", "slug", "title", "summary", "kind", "difficulty", "languages", "duration_minutes", "state")
    return {**{name: getattr(task, name) for name in names}, "version": version}


@tasks.route("/tasks")
class Tasks(MethodView):
    @tasks.arguments(PageQuery, location="query")
    @tasks.response(200, page_schema(schemas.TaskSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List tasks, by title."""
        with as_staff() as (session, _):
            rows = [_row(*pair) for pair in service.list_tasks(session, query["limit"], query["cursor"])]
            return page(rows, query["limit"], lambda row: (row["title"], row["id"]))


@tasks.route("/tasks/<uuid:task_id>")
class TaskView(MethodView):
    @tasks.response(200, schemas.TaskDetailSchema)
    def get(self, task_id: UUID) -> Any:
        """One task: what a candidate would get, and how it is weighed."""
        with as_staff() as (session, _):
            task, version = service.newest_version(session, task_id)
            content = service.content_of(version)
        preset, vector = weights.effective_weights(
            None, content.preset, content.weights, resources().settings.score_weights
        )
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
            "weights": vector,
            "preset": preset,
            "help_level": content.help_level,
            "hidden_test_count": len(version.hidden_tests),
        }


@tasks.route("/weight-presets")
class WeightPresets(MethodView):
    @tasks.response(200, schemas.WeightPresetsSchema)
    def get(self) -> Any:
        """The weight presets, and the components that they weigh."""
        with as_staff():
            return {"presets": weights.presets(), "components": weights.components()}
