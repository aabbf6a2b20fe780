"""Executions: one run of the candidate's program or of the visible tests, done by a job in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tali.jobs.service import enqueue
from tali.kernel.errors import Conflict, Unprocessable
from tali.kernel.ids import new_id
from tali.workspace.models import ExecutionRecord, WorkspaceFile
from tali.workspace.timeline import lock_live, record
from tali.workspace.work import UNFINISHED

SHOWN = 20
MAX_RUNS = 1_000
"""Of one attempt: about two a minute for a whole working day."""


def request_run(session: Session, attempt_id: UUID, wish: Mapping[str, Any]) -> ExecutionRecord:
    """Ask for a run; one at a time.

    Raises:
        Conflict: `attempt_not_in_progress`, `execution_running`, `run_limit`.
        Unprocessable: `file_not_found`.
    """
    attempt, moment = lock_live(session, attempt_id)
    unfinished = func.max(ExecutionRecord.state).filter(ExecutionRecord.state.in_(UNFINISHED))
    runs = session.execute(
        select(func.count().label("asked"), unfinished.label("under_way")).where(
            ExecutionRecord.attempt_id == attempt_id
        )
    ).one()
    if runs.under_way is not None:
        raise Conflict("execution_running", "A run is under way. Stop it or wait.", state=runs.under_way)
    if runs.asked >= MAX_RUNS:
        raise Conflict("run_limit", f"A session takes up to {MAX_RUNS} runs. You can still write and hand in.")
    path = wish["path"] if wish["kind"] == "run" else None
    if wish["kind"] == "run":
        known = session.execute(
            select(WorkspaceFile.id).where(WorkspaceFile.attempt_id == attempt_id, WorkspaceFile.path == (path or ""))
        ).first()
        if known is None:
            raise Unprocessable("file_not_found", f"There is no file {path} to run.")
    execution_id = new_id()
    execution = ExecutionRecord(
        id=execution_id,
        created_at=moment,
        organization_id=attempt.organization_id,
        attempt_id=attempt.id,
        seq=record(session, attempt, "execution", moment, {"execution_id": str(execution_id), "kind": wish["kind"]}),
        kind=wish["kind"],
        path=path,
        stdin=wish["stdin"],
        state="queued",
        sandbox=attempt.sandbox,
        parts=[],
        truncated=False,
        producer=1,
    )
    session.add(execution)
    session.flush()
    payload = {"execution_id": str(execution_id)}
    enqueue(session, attempt.organization_id, "workspace.execute", payload, dedupe_key=str(execution_id))
    return execution


def latest(session: Session, attempt_id: UUID) -> list[ExecutionRecord]:
    """The newest runs, oldest of them first."""
    rows = session.execute(
        select(ExecutionRecord)
        .where(ExecutionRecord.attempt_id == attempt_id)
        .order_by(ExecutionRecord.seq.desc())
        .limit(SHOWN)
    ).scalars()
    return list(reversed(list(rows)))


def present(execution: ExecutionRecord) -> dict[str, Any]:
    """An execution as the candidate sees it."""
    return {
        "id": str(execution.id),
        "kind": execution.kind,
        "path": execution.path,
        "state": execution.state,
        "exit_code": execution.exit_code,
        "duration_ms": execution.duration_ms,
        "timed_out": execution.stopped == "timeout",
        "truncated": execution.truncated,
        "peak_memory_bytes": execution.peak_memory_bytes,
        "error": ({"code": execution.error_code, "message": execution.error_message} if execution.error_code else None),
        "output": execution.output,
        "tests": execution.tests,
        "limit_note": execution.limit_note,
        "created_at": execution.created_at,
    }
