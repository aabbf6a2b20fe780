"""The job that validates a draft in the sandbox, one variant at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tali.grading import service as grading
from tali.grading.validation import TIMES, ValidationRun, validate
from tali.jobs.context import JobContext
from tali.jobs.kinds import GRADING, job_kind
from tali.kernel.errors import Unprocessable
from tali.plugins import PluginFault, ProviderUnknown, isolated
from tali.sdk import ConfigurationMissing, Rejected, SandboxProvider, SandboxUnavailable
from tali.tasks import publishing
from tali.tasks.content import TaskContent
from tali.tasks.publishing import Begun
from tali.tasks.weights import check_declared


def _give_up(context: JobContext, payload: dict[str, Any]) -> None:
    """No attempt is left: say so, so that it can be asked for again."""
    with context.transaction(finish=True) as session:
        reason = f"It could not be validated: {context.last_error}. Try again."
        publishing.end(session, UUID(payload["validation_id"]), "stopped", reason)


@job_kind("tasks.validate", GRADING, "repeatable", max_attempts=3, time_limit=480, abandoned=_give_up)
def validate_variant(context: JobContext, payload: dict[str, Any]) -> None:
    """Run one variant's reference, starter and visible tests, and go on from there."""
    validation_id, index = UUID(payload["validation_id"]), int(payload["variant"])
    name = context.resources.settings.sandbox
    with context.transaction() as session:
        begun = publishing.begin(session, validation_id, index)
    if begun is None:
        return
    try:
        if index == 0 and (wrong := _unknown_component(context, begun.content)):
            _close(context, validation_id, "failed", wrong)
            return
        with isolated(context.resources.plugins.provider("sandboxes", name).plugin):
            provider = context.resources.plugins.sandbox(name)
            why = grading.unavailable(provider, begun.variant.languages)
        if why is not None:
            _close(context, validation_id, "stopped", why)
            return
        _validate(context, begun, index, provider)
    except (ProviderUnknown, PluginFault, SandboxUnavailable, ConfigurationMissing) as missing:
        _close(context, validation_id, "stopped", f"The sandbox cannot be used: {missing}")
    except Rejected as refused:
        _close(context, validation_id, "failed", f"The sandbox does not take this task: {refused.reason}")


def _validate(context: JobContext, begun: Begun, index: int, provider: SandboxProvider) -> None:
    def watch(ended: ValidationRun) -> None:
        with context.transaction() as session:
            publishing.note(session, begun, ended)

    found = validate(provider, begun.variant, TIMES, watch)
    with context.transaction(finish=True) as session:
        publishing.settle_variant(session, begun, index, found)


def _close(context: JobContext, validation_id: UUID, state: str, reason: str) -> None:
    with context.transaction(finish=True) as session:
        publishing.end(session, validation_id, state, reason)


def _unknown_component(context: JobContext, content: TaskContent) -> str | None:
    """Asked here and not of the web process: an evaluator's components are known from its instance."""
    try:
        check_declared(content.weights or {}, context.resources.plugins, context.organization_id)
    except Unprocessable as wrong:
        return wrong.message
    return None
