"""What goes out to the candidate app: the session, turns and executions, field by field."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from tali.assessments.models import ASSESSMENT_STATES, ATTEMPT_STATES
from tali.kernel.http import Moment
from tali.workspace.models import CALIBRATION_STATES, WORK_STATES


def _text(**options: Any) -> ma.fields.String:
    return ma.fields.String(required=True, **options)


def _maybe_text(**options: Any) -> ma.fields.String:
    return ma.fields.String(required=True, allow_none=True, **options)


def _number(**options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(required=True, **options)


def _maybe_number() -> ma.fields.Integer:
    return ma.fields.Integer(required=True, allow_none=True)


def _truth() -> ma.fields.Boolean:
    return ma.fields.Boolean(required=True)


def _one_of(*states: str) -> ma.fields.String:
    return _text(validate=ma.validate.OneOf(states))


def _nested(fields: dict[str, Any], name: str, **options: Any) -> ma.fields.Nested:
    return ma.fields.Nested(type(f"{name}Schema", (ma.Schema,), fields), required=True, **options)


class ProblemSchema(ma.Schema):
    """Why something ended badly: a slug and a sentence."""

    code = _text()
    message = _text()


class PartSchema(ma.Schema):
    """A piece of a reply that is not its text: a notice, a proposed edit, a tool's use."""

    class Meta:
        unknown = ma.INCLUDE

    n = _number()
    type = _text()
    level = ma.fields.String()
    text = ma.fields.String()
    path = ma.fields.String()
    find = ma.fields.String()
    replace = ma.fields.String()
    name = ma.fields.String()
    arguments = ma.fields.Dict()


class TurnSchema(ma.Schema):
    """One message to the assistant and its reply so far."""

    id = ma.fields.UUID(required=True)
    index = _number()
    message = _text()
    response = _text()
    parts = ma.fields.List(ma.fields.Nested(PartSchema), required=True)
    state = _one_of(*WORK_STATES)
    error = ma.fields.Nested(ProblemSchema, required=True, allow_none=True)
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)
    chunk_count = _number()


class TurnsSchema(ma.Schema):
    """A stretch of the conversation, in order."""

    turns = ma.fields.List(ma.fields.Nested(TurnSchema), required=True)
    earlier_turns = ma.fields.Boolean(required=True, metadata={"description": "Whether there are others before them."})


class VisibleTestSchema(ma.Schema):
    """One visible test."""

    name = _text()
    passed = _truth()
    message = _text()
    duration_ms = _maybe_number()


class ExecutionSchema(ma.Schema):
    """One run, and its output so far."""

    id = ma.fields.UUID(required=True)
    kind = _one_of("run", "test")
    path = _maybe_text()
    state = _one_of(*WORK_STATES)
    exit_code = _maybe_number()
    duration_ms = _maybe_number()
    timed_out = _truth()
    truncated = _truth()
    peak_memory_bytes = _maybe_number()
    error = ma.fields.Nested(ProblemSchema, required=True, allow_none=True)
    output = _text()
    tests = ma.fields.List(ma.fields.Nested(VisibleTestSchema), required=True, allow_none=True)
    limit_note = _maybe_text()
    created_at = Moment(required=True)


class WorkspaceFileSchema(ma.Schema):
    """One file as the server holds it."""

    path = _text()
    content = _text()
    readonly = _truth()


class WorkspaceSchema(ma.Schema):
    """All files, and where the writer stands."""

    writer_epoch = _number()
    last_seq = _number()
    hash = _text()
    files = ma.fields.List(ma.fields.Nested(WorkspaceFileSchema), required=True)


class RecordedSchema(ma.Schema):
    """Something that is recorded, and why."""

    what = _text()
    why = _text()


class SessionAttemptSchema(ma.Schema):
    """The attempt and its clock."""

    state = _one_of(*ATTEMPT_STATES)
    started_at = Moment(required=True, allow_none=True)
    deadline = Moment(required=True, allow_none=True)
    paused_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "Since when the clock has stood still; null while it runs."},
    )
    submitted_at = Moment(required=True, allow_none=True)
    submitted_by = _maybe_text()


class ClockSchema(ma.Schema):
    """How the time stands."""

    server_time = Moment(required=True)
    state = _one_of(*ATTEMPT_STATES)
    deadline = Moment(required=True, allow_none=True)
    paused_at = Moment(required=True, allow_none=True)
    pause_ends_at = Moment(
        required=True, allow_none=True, metadata={"description": "When the clock runs on by itself."}
    )


class SubmittedSchema(ma.Schema):
    """How an attempt ended."""

    server_time = Moment(required=True)
    state = _one_of(*ASSESSMENT_STATES)
    attempt = ma.fields.Nested(SessionAttemptSchema, required=True)


class CalibrationSchema(ma.Schema):
    """The warm-up before the clock starts: what to try, and what was said so far."""

    prompt = _text()
    state = _one_of("offered", *CALIBRATION_STATES)
    messages_left = _number()
    turns = ma.fields.List(ma.fields.Nested(TurnSchema), required=True)


class SessionViewSchema(ma.Schema):
    """Everything that the candidate's page needs."""

    server_time = Moment(required=True)
    organization = _nested({"name": _text()}, "SessionOrganization")
    candidate = _nested({"full_name": _text()}, "SessionCandidate")
    assessment = _nested(
        {
            "public_id": _text(),
            "state": _one_of(*ASSESSMENT_STATES),
            "expires_at": Moment(required=True),
            "proctored": _truth(),
        },
        "SessionAssessment",
    )
    task = _nested(
        {
            "title": _text(),
            "summary": _text(),
            "kind": _text(),
            "languages": ma.fields.List(ma.fields.String(), required=True),
            "duration_seconds": _number(),
            "help_level": _one_of("full", "guided", "questions_only"),
            "brief": _maybe_text(metadata={"description": "Markdown; null until the clock runs."}),
        },
        "SessionTask",
    )
    calibration = ma.fields.Nested(
        CalibrationSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null where this assessment has none."},
    )
    attempt = ma.fields.Nested(SessionAttemptSchema, required=True)
    recorded = ma.fields.List(ma.fields.Nested(RecordedSchema), required=True)
    consent_version = _text()
    assistant = _nested({"name": _text(), "is_ai": _truth(), "notice": _maybe_text()}, "SessionAssistant")
    sandbox = _nested({"available": _truth(), "reason": _maybe_text()}, "SessionSandbox")
    run = _nested({"entry": _text(), "command_label": _text(), "files_hint": _text(), "tests": _truth()}, "SessionRun")
    workspace = ma.fields.Nested(WorkspaceSchema, required=True, allow_none=True)
    turns = ma.fields.List(
        ma.fields.Nested(TurnSchema), required=True, metadata={"description": "The newest, in order."}
    )
    earlier_turns = ma.fields.Boolean(
        required=True, metadata={"description": "Whether there are others before them, at `session/turns`."}
    )
    executions = ma.fields.List(ma.fields.Nested(ExecutionSchema), required=True)
    limits = _nested(
        {name: _number() for name in ("message_chars", "file_bytes", "files", "batch_edits", "stdin_bytes")},
        "SessionLimits",
    )


class OpenedSchema(ma.Schema):
    """A way into a session: a bearer for the page's memory, a key to come back with, and the session."""

    bearer = _text()
    expires_in = _number(metadata={"description": "Seconds."})
    resume_key = _text()
    session = ma.fields.Nested(SessionViewSchema, required=True)


class TurnStartedSchema(ma.Schema):
    """The turn that a message began."""

    turn = ma.fields.Nested(TurnSchema, required=True)


class ExecutionStartedSchema(ma.Schema):
    """The run that was asked for."""

    execution = ma.fields.Nested(ExecutionSchema, required=True)


class ChunkSchema(ma.Schema):
    """A piece of a reply or of output, numbered from 1."""

    class Meta:
        unknown = ma.INCLUDE

    n = _number()
    type = _text()
    text = ma.fields.String()


class TurnProgressSchema(TurnStartedSchema):
    """Chunks after the asked-for number, and the turn as it is."""

    chunks = ma.fields.List(ma.fields.Nested(ChunkSchema), required=True)


class ExecutionProgressSchema(ExecutionStartedSchema):
    """Chunks after the asked-for number, and the run as it is."""

    chunks = ma.fields.List(ma.fields.Nested(ChunkSchema), required=True)
