"""The life of a job: enqueued with its cause, claimed, kept alive, settled; each move is one guarded UPDATE."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.jobs.kinds import KINDS, SUBSCRIPTIONS
from tali.jobs.models import DomainEvent, Job
from tali.jobs.publisher import publish_after_commit
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, NotFound
from tali.kernel.ids import new_id

REPUBLISH_AFTER = timedelta(seconds=30)
"""A message that nobody took for this long is sent again; claiming is guarded, so twice is harmless."""


class Fenced(Exception):
    """This process does not hold the job any more: it must stop and write nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job, taken: the right to write as its attempt number `attempt`."""

    job_id: UUID
    organization_id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int


def enqueue(
    session: Session,
    organization_id: UUID,
    kind_name: str,
    payload: dict[str, Any],
    *,
    dedupe_key: str | None = None,
    run_at: datetime | None = None,
) -> UUID | None:
    """Add a job to the transaction. With a `dedupe_key` that this kind has already seen, nothing happens (None)."""
    kind = KINDS[kind_name]
    moment = now()
    immediate = kind.queue.immediate and run_at is None and _has_room(session, organization_id, kind_name)
    job_id = session.execute(
        insert(Job)
        .values(
            id=new_id(),
            created_at=moment,
            organization_id=organization_id,
            kind=kind.name,
            queue=kind.queue.name,
            effect=kind.effect,
            payload=payload,
            dedupe_key=dedupe_key,
            state="queued",
            attempt=0,
            max_attempts=kind.max_attempts,
            run_at=run_at or moment,
            published_at=moment if immediate else None,
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "kind", "dedupe_key"])
        .returning(Job.id)
    ).scalar_one_or_none()
    if job_id is not None and immediate:
        publish_after_commit(session, job_id, kind)
    return job_id


def _has_room(session: Session, organization_id: UUID, kind_name: str) -> bool:
    queue = KINDS[kind_name].queue
    in_flight = select(Job.id).where(
        Job.organization_id == organization_id, Job.queue == queue.name, Job.state.in_(("queued", "running"))
    )
    return (
        session.execute(select(func.count()).select_from(in_flight.limit(queue.cap).subquery())).scalar_one()
        < queue.cap
    )


def emit(
    session: Session, organization_id: UUID, name: str, subject_id: UUID, *, run_at: datetime | None = None, **data: Any
) -> None:
    """Record a domain event and enqueue the jobs that rooms on the right subscribed to it, for `run_at` or now."""
    session.add(DomainEvent(organization_id=organization_id, name=name, subject_id=subject_id, data=data))
    for kind_name in SUBSCRIPTIONS.get(name, ()):
        enqueue(session, organization_id, kind_name, data, dedupe_key=f"{name}:{subject_id}", run_at=run_at)


def claim(session: Session, job_id: UUID, worker: str, lease: float) -> Claim | None:
    """Take a due job; None when somebody else has it or it is not due. Works before a tenant is known."""
    row = session.execute(
        text("SELECT organization_id, kind, payload, attempt FROM tali_claim_job(:job_id, :worker, :lease)"),
        {"job_id": job_id, "worker": worker, "lease": lease},
    ).one_or_none()
    return Claim(job_id, row.organization_id, row.kind, row.payload, row.attempt) if row else None


def fence(session: Session, claim: Claim) -> None:
    """Lock the job's row for this transaction and make sure that it is still ours.

    Raises:
        Fenced: another attempt has begun, or the job was settled.
    """
    held = session.execute(
        select(Job.id)
        .where(Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state == "running")
        .with_for_update()
    ).scalar_one_or_none()
    if held is None:
        raise Fenced(str(claim.job_id))


def extend_lease(session: Session, claim: Claim, lease: float) -> bool:
    """Say that we are alive; False when the job is not ours any more."""
    result: Any = session.execute(
        update(Job)
        .where(Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state == "running")
        .values(lease_until=now() + timedelta(seconds=lease))
    )
    return bool(result.rowcount)


def settle(
    session: Session,
    claim: Claim,
    state: str,
    *,
    error: str | None = None,
    retry_in: float | None = None,
) -> bool:
    """End this attempt as `done`, `dead` or `ambiguous`, or put the job back (`queued`) for `retry_in` seconds."""
    moment = now()
    result: Any = session.execute(
        update(Job)
        .where(Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state == "running")
        .values(
            state=state,
            error=error[:2000] if error else None,
            lease_until=None,
            published_at=None,
            run_at=moment + timedelta(seconds=retry_in or 0),
            finished_at=None if state == "queued" else moment,
        )
    )
    return bool(result.rowcount)


def mark_effect_started(session: Session, claim: Claim) -> None:
    """Record the intent of an ambiguous effect, in a transaction of its own, before the effect."""
    session.execute(
        update(Job).where(Job.id == claim.job_id, Job.attempt == claim.attempt).values(effect_started_at=now())
    )


def recover_lapsed(session: Session, moment: datetime) -> list[UUID]:
    """Take jobs back from workers that fell silent (as the owner). An ambiguous one in mid-effect stops instead."""
    lapsed = (
        select(Job.id)
        .where(Job.state == "running", Job.lease_until < moment)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        text("""
        UPDATE job SET
            state = CASE WHEN effect = 'ambiguous' AND effect_started_at IS NOT NULL THEN 'ambiguous' ELSE 'queued' END,
            error = 'lost: worker ' || coalesce(worker, '?') || ' stopped answering',
            finished_at = CASE WHEN effect = 'ambiguous' AND effect_started_at IS NOT NULL THEN :moment ELSE NULL END,
            lease_until = NULL, published_at = NULL, run_at = :moment
        WHERE id = ANY(:ids) RETURNING id
        """),
        {"moment": moment, "ids": list(session.execute(lapsed).scalars())},
    )
    return list(rows.scalars())


def take_due(session: Session, moment: datetime, limit: int = 200) -> list[tuple[UUID, str]]:
    """Mark due jobs as published, fairly between organisations (as the owner); answer (job, kind) to send."""
    rows = session.execute(
        text("""
        WITH due AS (
            SELECT id, organization_id, queue, kind, run_at,
                   row_number() OVER (PARTITION BY organization_id, queue ORDER BY run_at) AS place
            FROM job
            WHERE state = 'queued' AND run_at <= :moment
              AND (published_at IS NULL OR published_at < :stale)
            ORDER BY run_at LIMIT 5000
        ), busy AS (
            SELECT organization_id, queue, count(*) AS n FROM job
            WHERE state = 'running' OR (state = 'queued' AND published_at >= :stale)
            GROUP BY organization_id, queue
        ), chosen AS (
            SELECT due.id, due.kind FROM due
            LEFT JOIN busy USING (organization_id, queue)
            JOIN unnest(CAST(:queues AS text[]), CAST(:caps AS int[])) AS lane(queue, cap) USING (queue)
            WHERE due.place + coalesce(busy.n, 0) <= lane.cap
            ORDER BY due.place, due.run_at LIMIT :limit
        )
        UPDATE job SET published_at = :moment FROM chosen
        WHERE job.id = chosen.id AND job.state = 'queued' RETURNING job.id, job.kind
        """),
        {
            "moment": moment,
            "stale": moment - REPUBLISH_AFTER,
            "limit": limit,
            "queues": list({kind.queue.name: 0 for kind in KINDS.values()}),
            "caps": list({kind.queue.name: kind.queue.cap for kind in KINDS.values()}.values()),
        },
    )
    return [(row.id, row.kind) for row in rows]


def retry(session: Session, job_id: UUID) -> Job:
    """Put a dead or ambiguous job back on its queue, because a human said so.

    Raises:
        NotFound, Conflict: `job_not_retryable`, with its state.
    """
    job = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(("dead", "ambiguous")))
        .values(
            state="queued",
            run_at=now(),
            published_at=None,
            finished_at=None,
            effect_started_at=None,
            max_attempts=Job.attempt + 1,
        )
        .returning(Job)
    ).scalar_one_or_none()
    if job is None:
        present = session.get(Job, job_id)
        if present is None:
            raise NotFound("job_not_found", "There is no such job.")
        raise Conflict("job_not_retryable", f"This job is {present.state}; only dead or ambiguous jobs are retried.")
    return job
