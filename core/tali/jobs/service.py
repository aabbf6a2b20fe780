"""The life of a job: enqueued with its cause, claimed, kept alive, settled; each move is one guarded UPDATE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.jobs.kinds import KINDS, QUEUES, SUBSCRIPTIONS
from tali.jobs.models import DomainEvent, Job
from tali.jobs.publisher import has_publisher, publish_after_commit
from tali.kernel.errors import Conflict, NotFound
from tali.kernel.ids import new_id

REPUBLISH_AFTER = timedelta(seconds=30)
"""A message that nobody took for this long is sent again; claiming is guarded, so twice is harmless."""


class Fenced(Exception):
    """This process does not hold the job any more: it must stop and write nothing."""


class SubjectGone(Exception):
    """What the job was for was deleted meanwhile: nothing is left to do, and nothing to close.

    A job raises it where it looks its subject up, and nowhere else: a row missing later is a fault, not an end.
    """


@dataclass(frozen=True, slots=True)
class Claim:
    """A job, taken: the right to write as its attempt number `attempt`."""

    job_id: UUID
    organization_id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int


def _from_now(seconds: float) -> ColumnElement[datetime]:
    """So many seconds from now by the database's clock, the only one that all hosts share."""
    return func.clock_timestamp(type_=DateTime(timezone=True)) + timedelta(seconds=seconds)


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
    immediate = (
        kind.queue.immediate and run_at is None and has_publisher() and _has_room(session, organization_id, kind_name)
    )
    job_id = session.execute(
        insert(Job)
        .values(
            id=new_id(),
            created_at=_from_now(0),
            organization_id=organization_id,
            kind=kind.name,
            queue=kind.queue.name,
            effect=kind.effect,
            payload=payload,
            dedupe_key=dedupe_key,
            state="queued",
            attempt=0,
            max_attempts=kind.max_attempts,
            run_at=_from_now(0) if run_at is None else run_at,
            published_at=_from_now(0) if immediate else None,
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "kind", "dedupe_key"])
        .returning(Job.id)
    ).scalar_one_or_none()
    if job_id is not None and immediate:
        publish_after_commit(session, job_id, kind)
    return job_id


def _has_room(session: Session, organization_id: UUID, kind_name: str) -> bool:
    queue = KINDS[kind_name].queue
    if not queue.counted:
        return True
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
        text("""
        SELECT organization_id, kind, payload, attempt, max_attempts FROM tali_claim_job(:job_id, :worker, :lease)
        """),
        {"job_id": job_id, "worker": worker, "lease": lease},
    ).one_or_none()
    return Claim(job_id, *row) if row else None


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
        .values(lease_until=_from_now(lease))
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
    values: dict[str, Any] = {
        "state": state,
        "error": error[:2000] if error else None,
        "lease_until": None,
        "published_at": None,
        "run_at": _from_now(retry_in or 0),
        "finished_at": _from_now(0),
    }
    if state == "queued":
        # What the next attempt has begun is for the next attempt to say.
        values |= {"finished_at": None, "effect_started_at": None}
    result: Any = session.execute(
        update(Job).where(Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state == "running").values(**values)
    )
    return bool(result.rowcount)


def put_back(session: Session, claim: Claim, *, error: str, retry_in: float) -> bool:
    """Undo a claim of which nothing came: the job may be claimed once more than before.

    The attempt's number stays used. It is the fence, and two claims with one number could both write.
    """
    settled = settle(session, claim, "queued", error=error, retry_in=retry_in)
    if settled:
        session.execute(update(Job).where(Job.id == claim.job_id).values(max_attempts=Job.max_attempts + 1))
    return settled


def mark_effect_started(session: Session, claim: Claim) -> None:
    """Record the intent of an ambiguous effect, in a transaction of its own, before the effect."""
    session.execute(
        update(Job).where(Job.id == claim.job_id, Job.attempt == claim.attempt).values(effect_started_at=_from_now(0))
    )


def recover_lapsed(session: Session) -> list[UUID]:
    """Take jobs back from workers that fell silent (as the owner). An ambiguous one in mid-effect stops instead."""
    rows = session.execute(
        text("""
        WITH lapsed AS (
            SELECT id, effect = 'ambiguous' AND effect_started_at IS NOT NULL AS in_doubt FROM job
            WHERE state = 'running' AND lease_until < statement_timestamp()
            LIMIT 200 FOR UPDATE SKIP LOCKED
        )
        UPDATE job SET
            state = CASE WHEN in_doubt THEN 'ambiguous' ELSE 'queued' END,
            error = 'lost: worker ' || coalesce(worker, '?') || ' stopped answering',
            finished_at = CASE WHEN in_doubt THEN clock_timestamp() END,
            effect_started_at = CASE WHEN in_doubt THEN effect_started_at END,
            lease_until = NULL, published_at = NULL,
            -- One lost worker is bad luck. A job that loses one after another must not have them all in turn.
            run_at = clock_timestamp()
                + CASE WHEN attempt < 2 THEN 0 ELSE least(5 * 4 ^ least(attempt - 2, 6), 1800) END * interval '1 second'
        FROM lapsed WHERE job.id = lapsed.id RETURNING job.id
        """)
    )
    return list(rows.scalars())


def take_due(session: Session, limit: int = 200) -> list[tuple[UUID, str]]:
    """Mark due jobs as published, fairly between organisations (as the owner); answer (job, kind) to send.

    Each lane (an organisation's share of a queue) gives no more than it has room for, before any limit on the whole:
    so a lane with 10,000 jobs waiting costs the others nothing. Kinds that are not known here wait for those who know.
    """
    rows = session.execute(
        text("""
        WITH RECURSIVE lane AS (
            -- One step of the index a lane, however many jobs wait in it.
            (SELECT organization_id, queue FROM job WHERE state = 'queued' ORDER BY organization_id, queue LIMIT 1)
            UNION ALL
            SELECT following.organization_id, following.queue FROM lane CROSS JOIN LATERAL (
                SELECT organization_id, queue FROM job
                WHERE state = 'queued' AND (organization_id, queue) > (lane.organization_id, lane.queue)
                ORDER BY organization_id, queue LIMIT 1
            ) AS following
        ), chosen AS (
            SELECT due.id FROM lane
            JOIN unnest(CAST(:queues AS text[]), CAST(:caps AS int[])) AS known (queue, cap) USING (queue)
            CROSS JOIN LATERAL (
                SELECT count(*) AS n FROM job
                WHERE organization_id = lane.organization_id AND queue = lane.queue
                  AND (state = 'running' OR (state = 'queued' AND published_at >= statement_timestamp() - :stale))
            ) AS busy
            CROSS JOIN LATERAL (
                SELECT id, run_at, row_number() OVER (ORDER BY run_at) AS place FROM job
                WHERE organization_id = lane.organization_id AND queue = lane.queue
                  AND state = 'queued' AND run_at <= statement_timestamp() AND kind = ANY(CAST(:kinds AS text[]))
                  AND (published_at IS NULL OR published_at < statement_timestamp() - :stale)
                ORDER BY run_at LIMIT greatest(known.cap - busy.n, 0)
            ) AS due
            ORDER BY due.place, due.run_at LIMIT :limit
        )
        UPDATE job SET published_at = clock_timestamp() FROM chosen
        WHERE job.id = chosen.id AND job.state = 'queued' RETURNING job.id, job.kind
        """),
        {
            "stale": REPUBLISH_AFTER,
            "limit": limit,
            "kinds": list(KINDS),
            "queues": list(QUEUES),
            "caps": [queue.cap for queue in QUEUES.values()],
        },
    )
    return [(row.id, row.kind) for row in rows]


def unpublish(session: Session, job_ids: Sequence[UUID]) -> None:
    """Say that these were not sent after all (as the owner), so that the next round sends them."""
    session.execute(update(Job).where(Job.id.in_(job_ids), Job.state == "queued").values(published_at=None))


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
            run_at=_from_now(0),
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
