"""Running one job: claim, perform under a heartbeat, settle. The same in every pool."""

from __future__ import annotations

import os
import socket
from uuid import UUID

import structlog

from tali.jobs import service
from tali.jobs.context import Heartbeat, JobContext
from tali.jobs.kinds import KINDS, JobKind
from tali.jobs.plugin_calls import NotNow
from tali.jobs.resources import Resources
from tali.jobs.service import Claim, Fenced, SubjectGone
from tali.sdk.errors import ConfigurationMissing, Rejected, Transient

log = structlog.get_logger(__name__)
BACKOFF = (1, 5, 30, 120, 600, 1800)
CLAIM_LEASE = 10.0
"""First lease of a claim, in seconds; the heartbeat of the job's queue takes over from there."""
UNKNOWN_KIND_WAIT = 30.0
"""Seconds until a job of a kind that this process does not know is offered again, to one that may."""


def worker_name() -> str:
    """How this process signs its claims."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run(resources: Resources, job_id: UUID) -> None:
    """Perform the job if it is due and nobody else has it."""
    with resources.database.nobody() as session:
        claim = service.claim(session, job_id, worker_name(), CLAIM_LEASE)
    if claim is None:
        return
    structlog.contextvars.bind_contextvars(
        job_id=str(claim.job_id), job_kind=claim.kind, organization_id=str(claim.organization_id)
    )
    try:
        _perform(resources, claim)
    finally:
        structlog.contextvars.unbind_contextvars("job_id", "job_kind", "organization_id")


def _perform(resources: Resources, claim: Claim) -> None:
    context = JobContext(resources, claim)
    kind = KINDS.get(claim.kind)
    if kind is None:
        # During an upgrade the workers of before see the jobs of after: those wait, and lose no attempt by it.
        log.warning("job kind is not known here, putting it back")
        with resources.database.tenant(claim.organization_id) as session:
            service.put_back(session, claim, error="its kind is not known yet", retry_in=UNKNOWN_KIND_WAIT)
        return
    with Heartbeat(context, kind.queue.lease):
        if claim.attempt > claim.max_attempts:
            _abandon(context, kind, "no attempt left")
            return
        try:
            kind.perform(context, claim.payload)
            if not context.finished:
                _settle(context, "done")
        except Fenced:
            log.warning("job was taken over; nothing written")
        except SubjectGone:
            log.info("job's subject is gone")
            _settle(context, "done", error="what it was for is gone")
        except NotNow as rest:
            # Nothing was called: a provider that rests costs the jobs that wait for it no attempt.
            with resources.database.tenant(claim.organization_id) as session:
                service.put_back(session, claim, error=rest.reason, retry_in=rest.retry_after or 1)
        except (Rejected, ConfigurationMissing) as error:
            _abandon(context, kind, str(error))
        except Transient as error:
            _retry(context, kind, str(error), error.retry_after)
        except Exception as error:
            log.exception("job failed", attempt=claim.attempt)
            reason = f"{type(error).__name__}: {error}"
            if kind.effect == "ambiguous" and context.effect_begun:
                # Unlike Transient and Rejected, this error does not say that nothing happened.
                _settle(context, "ambiguous", error=reason)
            else:
                _retry(context, kind, reason, None)


def _retry(context: JobContext, kind: JobKind, error: str, retry_after: float | None) -> None:
    attempt = context.claim.attempt
    if attempt >= context.claim.max_attempts:
        _abandon(context, kind, error)
        return
    wait = max(BACKOFF[min(attempt - 1, len(BACKOFF) - 1)], retry_after or 0)
    _settle(context, "queued", error=error, retry_in=wait)


def _abandon(context: JobContext, kind: JobKind, error: str) -> None:
    """No attempt is left: close what the job was for, and keep the job as dead, with the reason."""
    context.last_error = error
    try:
        if kind.abandoned is not None:
            kind.abandoned(context, context.claim.payload)
    except Fenced:
        return
    except Exception:
        log.exception("closing an abandoned job failed")
    if not context.finished:
        _settle(context, "dead", error=error)


def _settle(context: JobContext, state: str, *, error: str | None = None, retry_in: float | None = None) -> None:
    with context.resources.database.tenant(context.organization_id) as session:
        service.settle(session, context.claim, state, error=error, retry_in=retry_in)
