"""What goes in and out about assessments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

from tali.assessments.blind import Blindable
from tali.assessments.bulk import MAX_PEOPLE
from tali.assessments.models import ASSESSMENT_STATES, ROW_STATES, VERDICTS
from tali.kernel.fields import Figure, email_field, name
from tali.kernel.http import InputSchema, Moment, NextCursor, PageQuery, bounded
from tali.tasks.content import HELP_LEVELS


def _count(minimum: int, maximum: int, **options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(strict=True, validate=ma.validate.Range(minimum, maximum), **options)


def _flag(**options: Any) -> ma.fields.Boolean:
    return ma.fields.Boolean(truthy={True}, falsy={False}, **options)


def weights_field(**options: Any) -> ma.fields.Dict:
    """A weight vector: component → share."""
    return ma.fields.Dict(
        keys=bounded(1, 60),
        values=ma.fields.Float(validate=ma.validate.Range(0, 1)),
        validate=ma.validate.Length(1, 50),
        **options,
    )


class ConditionsInput(InputSchema):
    """The conditions of an assessment. What is not sent is as the task version, or the deployment, says."""

    duration_minutes = _count(1, 480, load_default=None, allow_none=True)
    expires_in_days = _count(1, 365, load_default=None, allow_none=True)
    expires_at = ma.fields.AwareDateTime(
        format="iso",
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
    )
    preset = bounded(1, 60, load_default=None, allow_none=True)
    weights = weights_field(load_default=None, allow_none=True)
    proctored = _flag(load_default=None, allow_none=True)
    help_level = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(HELP_LEVELS))
    calibration = _flag(load_default=None, allow_none=True)
    blind_review = _flag(load_default=None, allow_none=True)

    @ma.validates_schema
    def check_expiry(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("expires_at") is not None and data.get("expires_in_days") is not None:
            raise ma.ValidationError("Send expires_at or expires_in_days, not both.", "expires_at")


class NewCandidateInput(InputSchema):
    """Somebody who may be new."""

    full_name = name(1, 200, required=True)
    email = email_field(required=True)


class AssessmentInput(ConditionsInput):
    """An assessment to create. Send `candidate_id`, or `candidate`."""

    task_id = ma.fields.UUID(required=True)
    candidate_id = ma.fields.UUID(load_default=None, allow_none=True)
    candidate = ma.fields.Nested(NewCandidateInput, load_default=None, allow_none=True)
    send_invitation = _flag(load_default=True)
    again = _flag(
        load_default=False,
        metadata={
            "description": "Invite somebody who has an open invitation to this task once more, instead of a 409"
            " `already_invited` that carries its `assessment_id`."
        },
    )

    @ma.validates_schema
    def check_candidate(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("candidate_id") is None) == (data.get("candidate") is None):
            raise ma.ValidationError("Send candidate_id or candidate, one of them.", "candidate")


class ChangeInput(ConditionsInput):
    """Conditions to change, those that are sent. They are frozen when the candidate starts."""

    @ma.pre_load
    def refuse_nulls(self, data: Any, **_: Any) -> Any:
        if isinstance(data, dict) and (not data or any(value is None for value in data.values())):
            raise ma.ValidationError("Send the conditions to change, each with a value.")
        return data

    @ma.post_load
    def only_sent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class DefaultsSchema(ma.Schema):
    """What holds for every new assessment."""

    blind_review = ma.fields.Boolean(required=True)


class DefaultsInput(InputSchema):
    """What is to hold for every new assessment."""

    blind_review = _flag(required=True)


class ResendInput(InputSchema):
    """How to invite again."""

    expires_in_days = _count(1, 365, load_default=None, allow_none=True)
    void_old_link = _flag(load_default=False)


class PersonInput(InputSchema):
    """One row of a list. Names and addresses are checked row by row, so that one bad row costs only itself."""

    full_name = bounded(0, 200, required=True)
    email = bounded(0, 254, required=True)


class BulkInput(ConditionsInput):
    """People to invite to one task, under the same conditions."""

    task_id = ma.fields.UUID(required=True)
    people = ma.fields.List(ma.fields.Nested(PersonInput), required=True, validate=ma.validate.Length(1, MAX_PEOPLE))
    send_invitation = _flag(load_default=True)
    preview = _flag(load_default=False, metadata={"description": "Only tell what is wrong; create nothing."})


class BulkProblemSchema(ma.Schema):
    """A row that was not taken, and why."""

    number = ma.fields.Integer(required=True)
    email = ma.fields.String(required=True)
    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class BulkTakenSchema(ma.Schema):
    """What was taken of a list, or would be."""

    id = ma.fields.UUID(required=True, allow_none=True, metadata={"description": "Null for a preview."})
    preview = ma.fields.Boolean(required=True)
    total = ma.fields.Integer(required=True)
    accepted = ma.fields.Integer(required=True)
    problems = ma.fields.List(ma.fields.Nested(BulkProblemSchema), required=True)


class BulkQuery(PageQuery):
    """Which rows of a list."""

    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(ROW_STATES))


class BulkRowSchema(ma.Schema):
    """One person of a list, and what became of it."""

    number = ma.fields.Integer(required=True)
    full_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(ROW_STATES))
    code = ma.fields.String(required=True, allow_none=True)
    message = ma.fields.String(required=True, allow_none=True)
    assessment_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"description": "Also null while its review is blind."}
    )


class BulkSchema(ma.Schema):
    """How far a list is, with a page of its rows."""

    id = ma.fields.UUID(required=True)
    task_id = ma.fields.UUID(required=True)
    created_at = Moment(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["running", "done"]))
    total = ma.fields.Integer(required=True)
    queued = ma.fields.Integer(required=True)
    created = ma.fields.Integer(required=True)
    failed = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(required=True)
    data = ma.fields.List(ma.fields.Nested(BulkRowSchema), required=True)
    next_cursor = NextCursor()


class AssessmentQuery(PageQuery):
    """Which assessments to list."""

    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(ASSESSMENT_STATES))
    task_id = ma.fields.UUID(load_default=None)
    q = bounded(
        0, 200, load_default=None, metadata={"description": "Looked for in the candidate's name and e-mail address."}
    )
    sort = ma.fields.String(
        load_default="newest",
        validate=ma.validate.OneOf(["newest", "score"]),
        metadata={"description": "`score`: the highest first; leaves out what has no score."},
    )


class CandidateBriefSchema(Blindable):
    """A candidate, in short. While the review is blind there is an alias and nothing else."""

    shown_blind = frozenset({"alias"})

    id = ma.fields.UUID(required=True, allow_none=True)
    full_name = ma.fields.String(required=True, allow_none=True)
    email = ma.fields.String(required=True, allow_none=True)
    alias = ma.fields.String(required=True, allow_none=True)


class UnblindedSchema(ma.Schema):
    """Who the candidate is."""

    candidate = ma.fields.Nested(CandidateBriefSchema, required=True)


class TaskBriefSchema(ma.Schema):
    """A task, in short."""

    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)


class AssessmentSchema(Blindable):
    """An assessment, for lists."""

    shown_blind = frozenset(
        {
            "id",
            "state",
            "blind",
            # Brings a whitelist of its own.
            "candidate",
            "task",
            "created_at",
            "started_at",
            "submitted_at",
            "expires_at",
            "scoring_state",
            "score",
            "measured_score",
            "overridden",
            "weights_hash",
            "coverage",
            "flag_count",
            "decision",
        }
    )

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(ASSESSMENT_STATES))
    blind = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the candidate is hidden until a decision is recorded."}
    )
    candidate = ma.fields.Nested(CandidateBriefSchema, required=True)
    task = ma.fields.Nested(TaskBriefSchema, required=True)
    created_at = Moment(required=True)
    started_at = Moment(required=True, allow_none=True)
    submitted_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True)
    scoring_state = ma.fields.String(required=True, allow_none=True)
    score = Figure(
        required=True, allow_none=True, metadata={"description": "0–100: the measured one, unless overridden."}
    )
    measured_score = Figure(required=True, allow_none=True, metadata={"description": "0–100."})
    overridden = ma.fields.Boolean(required=True)
    weights_hash = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Scores compare where it is the same."}
    )
    coverage = Figure(required=True, allow_none=True, metadata={"description": "0–1."})
    flag_count = ma.fields.Integer(required=True)
    decision = ma.fields.String(required=True, allow_none=True, validate=ma.validate.OneOf(VERDICTS))


class EmbedSchema(ma.Schema):
    """How to embed it."""

    public_id = ma.fields.String(required=True)
    snippet = ma.fields.String(required=True)


class PersonSchema(ma.Schema):
    """A colleague."""

    full_name = ma.fields.String(required=True)


class AssessmentCardSchema(AssessmentSchema):
    """An assessment with its settings and its ways in."""

    shown_blind = AssessmentSchema.shown_blind | {
        # Null already, but for whoever has just created it.
        "invitation_url",
        "embed",
        "duration_minutes",
        "extra_percent",
        "extra_minutes",
        "working_seconds",
        "deadline",
        "paused_at",
        "preset",
        "weights",
        "proctored",
        "help_level",
        "calibration",
        "blind_review",
        "created_by",
    }

    invitation_url = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Null for viewers, and while the review is blind."}
    )
    embed = ma.fields.Nested(EmbedSchema, required=True)
    duration_minutes = ma.fields.Integer(required=True)
    extra_percent = ma.fields.Integer(required=True, metadata={"description": "Accommodation."})
    extra_minutes = ma.fields.Integer(required=True, metadata={"description": "Accommodation."})
    working_seconds = ma.fields.Integer(
        required=True, metadata={"description": "Time to work in, with accommodation, without pauses."}
    )
    deadline = Moment(required=True, allow_none=True)
    paused_at = Moment(required=True, allow_none=True)
    preset = ma.fields.String(required=True, allow_none=True)
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)
    proctored = ma.fields.Boolean(required=True)
    help_level = ma.fields.String(required=True, validate=ma.validate.OneOf(HELP_LEVELS))
    calibration = ma.fields.Boolean(required=True)
    blind_review = ma.fields.Boolean(required=True)
    created_by = ma.fields.Nested(PersonSchema, required=True, allow_none=True)
