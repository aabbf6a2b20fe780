"""Trying a provider out, in a process that may be killed: a web process never runs a plugin."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from tali.jobs.context import JobContext
from tali.jobs.kinds import JUDGING, job_kind
from tali.jobs.service import SubjectGone
from tali.kernel.clock import now
from tali.plugins import Kind, PluginFault, ProviderUnknown, isolated
from tali.providers import service
from tali.providers.models import ProviderChoice
from tali.sdk import PluginError

CHECK_SECONDS = 30


def _no_answer(context: JobContext, payload: dict[str, Any]) -> None:
    _keep(context, payload, "failed", f"It did not answer within {CHECK_SECONDS} s, or took its process down.")


@job_kind("providers.check", JUDGING, "repeatable", max_attempts=1, time_limit=CHECK_SECONDS, abandoned=_no_answer)
def check(context: JobContext, payload: dict[str, Any]) -> None:
    """Make the provider's instance and have it make its smallest real call."""
    plugins = context.resources.plugins
    with context.reading() as session:
        row = session.get(ProviderChoice, UUID(payload["choice_id"]))
        if row is None:
            raise SubjectGone(payload["choice_id"])
        kind, name = cast(Kind, row.kind), row.name
    state, message = "ok", "It is set up and answers."
    try:
        # Not through the breaker: somebody who has mended the settings wants to know it now.
        instance = plugins.instance(kind, name, context.organization_id)
        ask = getattr(instance, "check", None)
        if callable(ask):
            with isolated(plugins.provider(kind, name).plugin):
                ask()
        else:
            message = "Its settings hold. It has no call to try out."
    except (PluginError, ProviderUnknown) as error:
        state, message = "failed", str(error)
    except PluginFault as fault:
        cause = type(fault.__cause__).__name__ if fault.__cause__ else "it broke its contract"
        state, message = "failed", f"The plugin itself failed ({cause}). Its author needs the log of the worker."
    _keep(context, payload, state, message)


def _keep(context: JobContext, payload: dict[str, Any], state: str, message: str) -> None:
    with context.transaction(finish=True) as session:
        service.keep_check(session, UUID(payload["choice_id"]), payload["number"], state, message, now())
