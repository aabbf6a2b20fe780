"""What sweeps find due: asked for once in a while, as long as it is due, and nobody's failure in another's way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, literal
from sqlalchemy.orm import Session

from tali.jobs.models import Job
from tali.jobs.service import enqueue

AGAIN_AFTER = 300
"""Seconds. A job that died is not the last word on what is due: it is asked for anew."""
MOST = 500


def ask_for(
    session: Session,
    kind: str,
    due: Select[Any],
    organization_id: Any,
    subject_id: Any,
    since: ColumnElement[datetime] | Any,
    moment: datetime,
    payload: dict[str, Any],
) -> None:
    """Enqueue a job of `kind` for each row that is due and has none of this while, the longest due first.

    Rows that were asked for are left out by the query, so that five hundred whose job fails hold up nobody. The name
    holds the moment of `since`: what was put off can become due again at once.

    Args:
        due: the condition, as a query whose columns are replaced.
        payload: name in the payload → column.
    """
    bucket = int(moment.timestamp()) // AGAIN_AFTER
    key = func.concat(cast(subject_id, Text), ":", func.extract("epoch", since), ":", literal(str(bucket)))
    asked = exists().where(Job.organization_id == organization_id, Job.kind == kind, Job.dedupe_key == key)
    found = due.with_only_columns(organization_id, key, *payload.values()).where(~asked).order_by(since).limit(MOST)
    for owner, name, *values in session.execute(found).all():
        told = {field: str(value) for field, value in zip(payload, values, strict=True)}
        enqueue(session, owner, kind, told, dedupe_key=name)
