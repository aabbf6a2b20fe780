"""The job that validates a draft in the sandbox, one variant at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from tali.grading import service as grading
from tali.grading.validation import TIMES, ValidationRun, validate
from tali.jobs.context import JobContext
from tali.jobs.kinds import BULK, GRADING, job_kind
from tali.jobs.plugin_calls import plugin_call
from tali.jobs.service import Fenced
from tali.kernel.errors import Unprocessable
from tali.plugins import PluginFault, ProviderUnknown
from tali.providers import service as providers
from tali.sdk import ConfigurationMissing, Rejected, SandboxUnavailable
from tali.tasks import publishing
from tali.tasks.content import TaskContent
from tali.tasks.publishing import Begun
from tali.tasks.stocking import stock
from tali.tasks.weights import check_declared

log = structlog.get_logger(__name__)
NOT_THE_PLUGINS = (Fenced, SQLAlchemyError)
"""What can go wrong while a run is noted: the sandbox is not to blame for it."""


def _give_up(context: JobContext, payload: dict[str, Any]) -> None:
    """No attempt is left: say so, so that it can be asked for again."""
    with context.transaction(finish=True) as session:
        reason = f"It could not be validated: {context.last_error}. Try again."
        publishing.end(session, UUID(payload["validation_id"]), "stopped", reason)


@job_kind("tasks.validate", GRADING, "repeatable", max_attempts=3, time_limit=480, abandoned=_give_up)
def validate_variant(context: JobContext, payload: dict[str, Any]) -> None:
    """Run one variant's reference, starter and visible tests, and go on from there."""
    validation_id, index = UUID(payload["validation_id"]), int(payload["variant"])
    with context.transaction() as session:
        begun = publishing.begin(session, validation_id, index)
        name = providers.choices(session, context.resources.settings)["sandboxes"]
    if begun is None:
        return
    try:
        if index == 0 and (wrong := _unknown_component(context, begun.content)):
            _close(context, validation_id, "failed", wrong)
            return
        with plugin_call(context.resources, "sandboxes", name, context.organization_id, passing=NOT_THE_PLUGINS):
            provider = context.resources.plugins.sandbox(name, context.organization_id)
            why = grading.unavailable(provider, begun.variant.languages)
            found = validate(provider, begun.variant, TIMES, _watch(context, begun)) if why is None else None
    except (ProviderUnknown, PluginFault, SandboxUnavailable, ConfigurationMissing) as missing:
        _close(context, validation_id, "stopped", f"The sandbox cannot be used: {missing}")
    except Rejected as refused:
        _close(context, validation_id, "failed", f"The sandbox does not take this task: {refused.reason}")
    else:
        if found is None:
            _close(context, validation_id, "stopped", why or "")
            return
        with context.transaction(finish=True) as session:
            publishing.settle_variant(session, begun, index, found)


def _watch(context: JobContext, begun: Begun) -> Callable[[ValidationRun], None]:
    def note(ended: ValidationRun) -> None:
        with context.transaction() as session:
            publishing.note(session, begun, ended)

    return note


def _close(context: JobContext, validation_id: UUID, state: str, reason: str) -> None:
    with context.transaction(finish=True) as session:
        publishing.end(session, validation_id, state, reason)


def _unknown_component(context: JobContext, content: TaskContent) -> str | None:
    """Asked here and not of the web process: an evaluator's components are known from its instance."""
    try:
        check_declared(content.weights or {}, context.resources.plugins, context.organization_id, _without(context))
    except Unprocessable as wrong:
        return wrong.message
    return None


@job_kind("tasks.stock", BULK, "idempotent", time_limit=300, on="organization.created")
def give_first_tasks(context: JobContext, _payload: dict[str, Any]) -> None:
    """Publish the library for an organisation that has just begun: an empty shelf is no start."""
    stock(context.resources, context.organization_id, context.transaction, lambda sentence: log.info(sentence))


def _without(context: JobContext) -> set[str]:
    with context.reading() as session:
        return providers.switched_off(session, "signal_evaluators")
