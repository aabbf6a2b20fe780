"""Assembling the session record that evaluators see, from what was captured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments import deadlines
from tali.assessments.models import Assessment, Attempt
from tali.jobs.service import SubjectGone
from tali.sdk import (
    Edit,
    Prompt,
    RunRecord,
    SessionEvent,
    SessionRecord,
    TaskFacts,
    TestOutcome,
    TestResult,
)
from tali.sdk.text import utf16_length
from tali.tasks import service as tasks
from tali.workspace import files
from tali.workspace.edits import apply_edit
from tali.workspace.models import Checkpoint, CodeSnapshot, EditBatch, ExecutionRecord, TimelineEvent, Turn
from tali.workspace.service import starter_files

OWN_ROWS = ("edits", "snapshot", "prompt", "execution", "start", "takeover", "workspace_diverged", "extra_time")
"""Timeline kinds that are told through rows of their own, or are housekeeping."""


def assemble(session: Session, attempt_id: UUID, tests: TestOutcome | None) -> SessionRecord:
    """One attempt as a record: a fixed number of queries, whatever its length."""
    attempt = session.get(Attempt, attempt_id)
    if attempt is None:
        raise SubjectGone(str(attempt_id))
    assessment = session.get_one(Assessment, attempt.assessment_id)
    content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
    starter, _ = starter_files(content)
    started_at = attempt.started_at or attempt.created_at
    return SessionRecord(
        attempt_id=attempt.id,
        task=TaskFacts(
            title=content.title,
            brief=content.brief,
            languages=content.languages,
            starter_files=starter,
            duration_seconds=int(deadlines.allowed(attempt).total_seconds()),
        ),
        started_at=started_at,
        submitted_at=attempt.submitted_at or started_at,
        final_files=files.contents(session, attempt_id),
        prompts=_prompts(session, attempt_id),
        edits=tuple(_edits(session, attempt_id, starter, started_at)),
        runs=_runs(session, attempt_id),
        events=_events(session, attempt_id),
        tests=tests,
        proctored=assessment.proctored,
        help_level=attempt.help_level,
        assistant=attempt.assistant,
        assistant_is_ai=attempt.held_under.get("assistant_is_ai", True),
    )


def _prompts(session: Session, attempt_id: UUID) -> tuple[Prompt, ...]:
    code = dict(
        session.execute(select(CodeSnapshot.id, CodeSnapshot.files).where(CodeSnapshot.attempt_id == attempt_id)).all()
    )
    turns = session.execute(select(Turn).where(Turn.attempt_id == attempt_id).order_by(Turn.index)).scalars()
    return tuple(
        Prompt(
            index=turn.index,
            turn_id=turn.id,
            message=turn.message,
            response=turn.response,
            timestamp=turn.created_at,
            input_tokens=turn.input_tokens,
            output_tokens=turn.output_tokens,
            response_latency_ms=turn.response_latency_ms,
            code_before=code[turn.code_before_id],
            code_after=code[turn.code_after_id] if turn.code_after_id else None,
            word_count=turn.word_count,
            char_count=turn.char_count,
            time_since_last_prompt_ms=turn.time_since_last_prompt_ms,
            paste_detected=turn.paste_detected,
            browser_focused=turn.browser_focused,
            server_gap_ms=turn.server_gap_ms,
            state=turn.state,
        )
        for turn in turns
    )


def _edits(session: Session, attempt_id: UUID, starter: dict[str, str], started_at: datetime) -> Iterator[Edit]:
    """Every edit in order. A snapshot becomes the edits that lead to it, so that replay gives the final files."""
    batches = session.execute(
        select(EditBatch).where(EditBatch.attempt_id == attempt_id).order_by(EditBatch.seq)
    ).scalars().all()  # fmt: skip
    snapshots = dict(
        session.execute(
            select(Checkpoint.seq, Checkpoint.files).where(
                Checkpoint.attempt_id == attempt_id,
                Checkpoint.seq.in_([batch.seq for batch in batches if batch.kind == "snapshot"]),
            )
        ).all()
    )
    state = dict(starter)
    for batch in batches:
        if batch.kind == "snapshot":
            yield from _edits_to(state, snapshots[batch.seq], batch)
            state = dict(snapshots[batch.seq])
            continue
        for edit in batch.edits:
            yield _edit(batch, edit, started_at)
            if snapshots:
                apply_edit(state, edit)


def _edit(batch: EditBatch, edit: dict[str, Any], started_at: datetime) -> Edit:
    # The browser's clock may be wrong; how long before sending it happened is a difference, and holds. Both ends are
    # the browser's word all the same, so that the result is kept within the session.
    age = batch.sent_at - datetime.fromisoformat(edit["at"])
    return Edit(
        seq=batch.seq,
        at=batch.created_at - min(max(age, timedelta(0)), max(batch.created_at - started_at, timedelta(0))),
        operation=edit["op"],
        file=edit["file"],
        start=edit.get("from", 0),
        end=edit.get("to", 0),
        insert=edit.get("insert", ""),
        origin=edit.get("origin", "typed"),
        new_file=edit.get("new_file"),
    )


def _edits_to(before: dict[str, str], after: dict[str, str], batch: EditBatch) -> Iterator[Edit]:
    for path in before.keys() - after.keys():
        yield Edit(batch.seq, batch.created_at, "delete", path)
    for path in after.keys() - before.keys():
        yield Edit(batch.seq, batch.created_at, "create", path)
    for path, text in after.items():
        old = before.get(path, "")
        if old == text:
            continue
        # Only what differs, so that the provenance of the rest survives.
        head = 0
        while head < min(len(old), len(text)) and old[head] == text[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(text)) - head and old[-1 - tail] == text[-1 - tail]:
            tail += 1
        start = utf16_length(old[:head])
        removed = old[head : len(old) - tail]
        inserted = text[head : len(text) - tail]
        yield Edit(batch.seq, batch.created_at, "edit", path, start, start + utf16_length(removed), inserted)


def _runs(session: Session, attempt_id: UUID) -> tuple[RunRecord, ...]:
    rows = session.execute(
        select(ExecutionRecord).where(ExecutionRecord.attempt_id == attempt_id).order_by(ExecutionRecord.seq)
    ).scalars()
    return tuple(
        RunRecord(
            execution_id=row.id,
            at=row.created_at,
            kind="test" if row.kind == "test" else "run",
            state=row.state,
            exit_code=row.exit_code,
            tests=None if row.tests is None else [TestResult(**result) for result in row.tests],
        )
        for row in rows
    )


def _events(session: Session, attempt_id: UUID) -> tuple[SessionEvent, ...]:
    rows = session.execute(
        select(TimelineEvent)
        .where(TimelineEvent.attempt_id == attempt_id, TimelineEvent.kind.not_in(OWN_ROWS))
        .order_by(TimelineEvent.seq)
    ).scalars()
    return tuple(SessionEvent(row.seq, row.at, row.kind, row.data) for row in rows)
