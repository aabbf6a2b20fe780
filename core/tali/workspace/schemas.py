"""What comes in from the candidate app. Every text and number is bounded: candidates are untrusted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

from tali.kernel.http import InputSchema, Moment, bounded
from tali.workspace.edits import MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES, MAX_PATH, ORIGINS, valid_path
from tali.workspace.service import MAX_BATCH_EDITS, MAX_STDIN
from tali.workspace.turns import MAX_MESSAGE

MAX_SEQ = 2**31 - 1
MAX_OFFSET = MAX_FILE_BYTES
EVENT_KINDS = ("focus", "tab_switch", "paste", "copy")


def _path(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=[ma.validate.Length(1, MAX_PATH), _check_path], **options)


def _check_path(path: str) -> None:
    if not valid_path(path):
        raise ma.ValidationError(
            f"File names take letters, digits, '.', '_', '-' and '/', up to {MAX_PATH} characters and at most "
            f"{MAX_DEPTH} folders deep."
        )


def _moment(**options: Any) -> ma.fields.AwareDateTime:
    bounds = ma.validate.Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return ma.fields.AwareDateTime(format="iso", validate=bounds, **options)


def _number(minimum: int, maximum: int, **options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(validate=ma.validate.Range(minimum, maximum), **options)


def _hash(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=[ma.validate.Length(equal=8), ma.validate.Regexp(r"^[0-9a-f]{8}$")], **options)


class EditInput(InputSchema):
    """One edit. `from` and `to` are UTF-16 offsets over LF-normalised text."""

    op = ma.fields.String(required=True, validate=ma.validate.OneOf(["edit", "create", "rename", "delete"]))
    file = _path(required=True)
    new_file = _path()
    start = _number(0, MAX_OFFSET, data_key="from")
    end = _number(0, MAX_OFFSET, data_key="to")
    insert = bounded(0, MAX_FILE_BYTES)
    origin = ma.fields.String(load_default="typed", validate=ma.validate.OneOf(ORIGINS))
    at = _moment(required=True)

    @ma.validates_schema
    def check_operation(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("op") == "edit" and not {"start", "end", "insert"} <= data.keys():
            raise ma.ValidationError("An edit needs from, to and insert.")
        if data.get("op") == "rename" and "new_file" not in data:
            raise ma.ValidationError("A rename needs new_file.")
        if "\r" in data.get("insert", ""):
            raise ma.ValidationError("Line ends are LF alone.", "insert")

    @ma.post_load
    def name_as_stored(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if data["op"] == "edit":
            data["from"], data["to"] = data.pop("start"), data.pop("end")
        return data


class BatchInput(InputSchema):
    """Edits that belong together, with the hash of all files before and after them."""

    writer_epoch = _number(1, 32_000, required=True)
    client_seq = _number(1, MAX_SEQ, required=True)
    base_hash = _hash(required=True)
    result_hash = _hash(required=True)
    sent_at = _moment(required=True)
    edits = ma.fields.List(ma.fields.Nested(EditInput), required=True, validate=ma.validate.Length(1, MAX_BATCH_EDITS))


class WorkspaceInput(InputSchema):
    """Batches, in order."""

    batches = ma.fields.List(ma.fields.Nested(BatchInput), required=True, validate=ma.validate.Length(1, 100))


class SnapshotInput(InputSchema):
    """All files as they are on the candidate's screen."""

    writer_epoch = _number(1, 32_000, required=True)
    client_seq = _number(1, MAX_SEQ, required=True)
    result_hash = _hash(required=True)
    sent_at = _moment(load_default=None, allow_none=True)
    files = ma.fields.Dict(
        keys=ma.fields.String(validate=_check_path),
        values=bounded(0, MAX_FILE_BYTES),
        required=True,
        validate=ma.validate.Length(0, MAX_FILES),
    )


class SavedSchema(ma.Schema):
    """What the server holds now."""

    accepted_seq = ma.fields.Integer(required=True)
    hash = ma.fields.String(required=True)
    saved_at = Moment(required=True)


class OpenFileInput(InputSchema):
    """A file as it is open in front of the candidate."""

    path = _path(required=True)
    content = bounded(0, MAX_FILE_BYTES, required=True)


class SelectionInput(InputSchema):
    """A selection in the active file, in UTF-16 offsets."""

    start = _number(0, MAX_OFFSET, required=True, data_key="from")
    end = _number(0, MAX_OFFSET, required=True, data_key="to")


class ChatInput(InputSchema):
    """A message to the assistant, with what the browser saw when it was sent."""

    message = bounded(1, MAX_MESSAGE, required=True)
    code_context = ma.fields.List(
        ma.fields.Nested(OpenFileInput), required=True, validate=ma.validate.Length(0, MAX_FILES)
    )
    active_file = _path(load_default=None, allow_none=True)
    selection = ma.fields.Nested(SelectionInput, load_default=None, allow_none=True)
    paste_detected = ma.fields.Boolean(required=True)
    browser_focused = ma.fields.Boolean(required=True)
    time_since_last_prompt_ms = _number(0, MAX_SEQ, load_default=None, allow_none=True)
    writer_epoch = _number(1, 32_000, required=True)


class CalibrationInput(InputSchema):
    """A message of the warm-up, with consent to what is recorded by the version that was shown."""

    message = bounded(1, MAX_MESSAGE, required=True)
    consent_version = bounded(1, 40, required=True)


class ExecuteInput(InputSchema):
    """A run of one file, or of the visible tests."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["run", "test"]))
    path = _path(load_default=None, allow_none=True)
    stdin = bounded(0, MAX_STDIN, load_default="")

    @ma.validates_schema
    def check_path(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("kind") == "run" and not data.get("path"):
            raise ma.ValidationError("A run needs the path of a file.", "path")


class EventDataInput(InputSchema):
    """What a reported event may say."""

    state = ma.fields.String(validate=ma.validate.OneOf(["focused", "blurred"]))
    where = ma.fields.String(
        validate=ma.validate.OneOf(["host_page", "other_app", "tab_hidden", "unknown", "prompt", "editor"])
    )
    chars = _number(0, 10_000_000)
    from_assistant = ma.fields.Boolean()
    path = _path()
    source = ma.fields.String(validate=ma.validate.OneOf(["assistant", "brief", "output"]), data_key="from")


class EventInput(InputSchema):
    """One fact that the browser reports."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(EVENT_KINDS))
    at = _moment(required=True)
    data = ma.fields.Nested(EventDataInput, load_default=dict)


class EventsInput(InputSchema):
    """Facts, in order."""

    events = ma.fields.List(ma.fields.Nested(EventInput), required=True, validate=ma.validate.Length(1, 200))


class StartInput(InputSchema):
    """Consent to what is recorded, by the version that was shown."""

    consent_version = bounded(1, 40, required=True)


class SubmitInput(InputSchema):
    """Handing in."""

    client_seq = _number(0, MAX_SEQ, required=True)
    writer_epoch = _number(1, 32_000, required=True)
    tab_switch_count = _number(0, 1_000_000, load_default=None, allow_none=True)


class TurnsQuery(InputSchema):
    """Which stretch of the conversation."""

    class Meta:
        unknown = ma.EXCLUDE

    before = _number(1, 32_000, load_default=None)


class WorkQuery(InputSchema):
    """From where to read, and how long to wait for something new."""

    class Meta:
        unknown = ma.EXCLUDE

    after = _number(0, MAX_SEQ, load_default=0)
    wait = ma.fields.Float(load_default=20.0, validate=ma.validate.Range(0, 20))
