"""Inviting a list of people: rows first, then a job that creates one assessment a row, each in its own transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from marshmallow import ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tali.assessments import blind, conditions, service
from tali.assessments.conditions import Wishes
from tali.assessments.models import Assessment, BulkInvitation, BulkRow
from tali.assessments.service import NewAssessment
from tali.candidates import service as candidates
from tali.candidates.models import Candidate
from tali.jobs.context import JobContext
from tali.jobs.kinds import BULK, job_kind, sweep
from tali.jobs.service import Fenced, SubjectGone, enqueue
from tali.kernel.actors import ApiKeyActor, Staff, UserActor
from tali.kernel.errors import Conflict, NotFound, TaliError
from tali.kernel.fields import email_field
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_small_number, decode_cursor
from tali.kernel.settings import Settings
from tali.kernel.text import is_one_line, trimmed
from tali.organizations import audit
from tali.tasks import service as tasks
from tali.tasks.weights import adds_components

log = structlog.get_logger(__name__)
MAX_PEOPLE = 1_000
ROWS_PER_JOB = 25
KEPT = timedelta(days=90)
"""How long a list is kept: the people who were not invited are in no other place."""
_ADDRESS = email_field()


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a list, and what keeps them from being invited."""

    number: int
    full_name: str
    email: str
    code: str | None = None
    message: str | None = None


def plan(session: Session, task_id: UUID, people: Sequence[Mapping[str, str]]) -> list[Row]:
    """The rows of a list, each with its problem if it has one; nothing is written.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_not_published`.
    """
    tasks.published_version(session, task_id)
    rows = [
        _checked(Row(number, trimmed(person["full_name"]), person["email"].strip()))
        for number, person in enumerate(people, start=1)
    ]
    keys = candidates.folded(session, [row.email for row in rows])
    first: dict[str, int] = {}
    for place, (row, key) in enumerate(zip(rows, keys, strict=True)):
        if row.code is None and key in first:
            message = f"Row {first[key]} has the same e-mail address."
            rows[place] = replace(row, code="duplicate", message=message)
        first.setdefault(key, row.number)
    wanted = [key for row, key in zip(rows, keys, strict=True) if row.code is None]
    known = _invited_already(session, task_id, wanted)
    return [
        replace(row, code="already_invited", message=service.ALREADY_INVITED)
        if row.code is None and key in known
        else row
        for row, key in zip(rows, keys, strict=True)
    ]


def _checked(row: Row) -> Row:
    if not row.full_name:
        return replace(row, code="name_missing", message="The name is empty.")
    if not is_one_line(row.full_name):
        return replace(row, code="name_invalid", message="There is a line break or a control character in the name.")
    try:
        _ADDRESS.deserialize(row.email)
    except ValidationError as wrong:
        reason = "This is no e-mail address." if row.email.isascii() else str(wrong.messages[0])
        return replace(row, code="email_invalid", message=reason)
    return row


def _invited_already(session: Session, task_id: UUID, keys: Sequence[str]) -> set[str]:
    """Which of these addresses, as `candidates.folded` gives them, have an open invitation to the task."""
    address = func.lower(Candidate.email)
    return set(
        session.execute(
            select(address)
            .join(Assessment, Assessment.candidate_id == Candidate.id)
            .where(address.in_(keys), Assessment.task_id == task_id, Assessment.state.in_(service.OPEN))
        ).scalars()
    )


def begin(
    session: Session,
    actor: Staff,
    task_id: UUID,
    people: Sequence[Mapping[str, str]],
    wishes: Wishes,
    settings: Settings,
    *,
    send_invitation: bool,
    other_components: bool,
    preview: bool,
) -> dict[str, Any]:
    """Take a list, or with `preview` only tell what is wrong with it.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_not_published`.
        Unprocessable: those of `conditions.effective`.
    """
    rows = plan(session, task_id, people)
    _, version = tasks.published_version(session, task_id)
    # Conditions that do not hold are the list's problem and not each row's.
    conditions.effective(session, wishes, tasks.content_of(version), settings, other_components=other_components)
    good = [row for row in rows if row.code is None]
    answer = {
        "id": None,
        "preview": preview,
        "total": len(rows),
        "accepted": len(good),
        "problems": [
            {"number": row.number, "email": row.email, "code": row.code, "message": row.message}
            for row in rows
            if row.code is not None
        ],
    }
    if preview:
        return answer
    bulk = BulkInvitation(
        id=new_id(),
        organization_id=actor.organization_id,
        task_id=task_id,
        author=actor.key,
        author_id=actor.membership_id if isinstance(actor, UserActor) else None,
        conditions={"wishes": _as_json(wishes), "send_invitation": send_invitation},
        total=len(rows),
    )
    session.add(bulk)
    session.flush()
    session.add_all(
        BulkRow(
            organization_id=actor.organization_id,
            bulk_id=bulk.id,
            number=row.number,
            full_name=row.full_name,
            email=row.email,
            state="queued" if row.code is None else "skipped" if row.code in SKIPPED else "failed",
            code=row.code,
            message=row.message,
        )
        for row in rows
    )
    session.flush()
    for begin_at in range(1, len(rows) + 1, ROWS_PER_JOB):
        payload = {"bulk_id": str(bulk.id), "first": begin_at, "last": begin_at + ROWS_PER_JOB - 1}
        enqueue(session, actor.organization_id, "assessments.invite_rows", payload, dedupe_key=f"{bulk.id}:{begin_at}")
    audit.record(session, actor, "bulk_invitation.created", bulk.id, task_id=str(task_id), total=len(rows))
    return {**answer, "id": bulk.id}


SKIPPED = ("duplicate", "already_invited")
"""Not wrong, only not needed."""


def _as_json(wishes: Wishes) -> dict[str, Any]:
    data = asdict(wishes)
    return {**data, "expires_at": wishes.expires_at.isoformat() if wishes.expires_at else None}


def _from_json(data: Mapping[str, Any]) -> Wishes:
    at = data["expires_at"]
    return Wishes(**{**data, "expires_at": datetime.fromisoformat(at) if at else None})


def _interrupted(context: JobContext, payload: dict[str, Any]) -> None:
    """No attempt is left: what was not reached says so."""
    with context.transaction(finish=True) as session:
        session.execute(
            update(BulkRow)
            .where(
                BulkRow.bulk_id == UUID(payload["bulk_id"]),
                BulkRow.number.between(payload["first"], payload["last"]),
                BulkRow.state == "queued",
            )
            .values(state="failed", code="interrupted", message="Inviting broke off. Send this row again.")
        )


@job_kind("assessments.invite_rows", BULK, "idempotent", abandoned=_interrupted)
def invite_rows(context: JobContext, payload: dict[str, Any]) -> None:
    """Create the assessments of some rows. Each row is claimed in the transaction that creates, so none comes twice."""
    bulk_id = UUID(payload["bulk_id"])
    with context.reading() as session:
        bulk = session.get(BulkInvitation, bulk_id)
        if bulk is None:
            raise SubjectGone(str(bulk_id))
        # What was tried and is still here broke its worker or failed: the others come first.
        waiting = session.execute(
            select(BulkRow.id)
            .where(
                BulkRow.bulk_id == bulk_id,
                BulkRow.number.between(payload["first"], payload["last"]),
                BulkRow.state == "queued",
            )
            .order_by(BulkRow.tries, BulkRow.number)
        ).scalars().all()  # fmt: skip
    broken: Exception | None = None
    for row_id in waiting:
        try:
            _note_try(context, row_id)
            _invite(context, bulk, row_id)
        except Fenced:
            raise
        except TaliError as refused:
            with context.transaction() as session:
                session.execute(
                    update(BulkRow)
                    .where(BulkRow.id == row_id, BulkRow.state == "queued")
                    .values(
                        state="skipped" if refused.code in SKIPPED else "failed",
                        code=refused.code,
                        message=refused.message[:500],
                    )
                )
        except Exception as error:
            log.exception("inviting a row failed", row=str(row_id))
            broken = broken or error
    if broken is not None:
        # The job's next try finds only the rows that failed.
        raise broken


def _note_try(context: JobContext, row_id: UUID) -> None:
    """In a transaction of its own, so that it stays when the row takes its worker down."""
    with context.transaction() as session:
        session.execute(update(BulkRow).where(BulkRow.id == row_id).values(tries=BulkRow.tries + 1))


def _invite(context: JobContext, bulk: BulkInvitation, row_id: UUID) -> None:
    resources = context.resources
    with context.transaction() as session:
        row = session.execute(
            select(BulkRow).where(BulkRow.id == row_id, BulkRow.state == "queued").with_for_update()
        ).scalar_one_or_none()
        if row is None:
            return
        wish = NewAssessment(
            bulk.task_id,
            candidate_name=row.full_name,
            candidate_email=row.email,
            conditions=_from_json(bulk.conditions["wishes"]),
            send_invitation=bulk.conditions["send_invitation"],
        )
        made = service.create(
            session,
            _author(bulk),
            wish,
            resources.settings,
            resources.key_ring,
            other_components=adds_components(resources.plugins),
        )
        row.state, row.assessment_id = "created", made.id


def _author(bulk: BulkInvitation) -> Staff:
    """Whoever sent the list; what it may do was decided then.

    Raises:
        Conflict: `author_gone`: nobody invites in the name of a person who is not there any more.
    """
    kind, _, key_id = bulk.author.partition(":")
    if kind == "user":
        if bulk.author_id is None:
            raise Conflict("author_gone", "Whoever sent this list has left. Send this row again.")
        return UserActor(bulk.organization_id, UUID(key_id), bulk.author_id, "recruiter")
    return ApiKeyActor(bulk.organization_id, UUID(key_id))


def progress(session: Session, bulk_id: UUID, state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """How far a list is, and `limit + 1` of its rows in order.

    Raises:
        NotFound: `bulk_not_found`.
    """
    bulk = session.get(BulkInvitation, bulk_id)
    if bulk is None:
        raise NotFound("bulk_not_found", "There is no such list of invitations.")
    by_state = select(BulkRow.state, func.count()).where(BulkRow.bulk_id == bulk_id).group_by(BulkRow.state)
    counted = Counter(dict(session.execute(by_state).all()))
    after = decode_cursor(cursor, a_small_number)[0] if cursor else 0
    query = (
        select(BulkRow, Assessment)
        .outerjoin(Assessment, Assessment.id == BulkRow.assessment_id)
        .where(BulkRow.bulk_id == bulk_id, BulkRow.number > after)
        .order_by(BulkRow.number)
        .limit(limit + 1)
    )
    if state:
        query = query.where(BulkRow.state == state)
    return {
        "id": bulk.id,
        "task_id": bulk.task_id,
        "created_at": bulk.created_at,
        "state": "running" if counted["queued"] else "done",
        "total": bulk.total,
        "queued": counted["queued"],
        "created": counted["created"],
        "failed": counted["failed"],
        "skipped": counted["skipped"],
        "rows": [
            {
                "number": row.number,
                "full_name": row.full_name,
                "email": row.email,
                "state": row.state,
                "code": row.code,
                "message": row.message,
                # A name beside an assessment's id would undo its blinding.
                "assessment_id": None if made is None or blind.is_blind(made) else made.id,
            }
            for row, made in session.execute(query)
        ],
    }


@sweep("forget old lists of invitations", every=3600)
def forget_old(session: Session, moment: datetime) -> None:
    """Names and addresses of people who were never invited are not kept for ever."""
    session.execute(delete(BulkInvitation).where(BulkInvitation.created_at < moment - KEPT))
