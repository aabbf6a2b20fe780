"""What goes in and out about assessments."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from tali.assessments.models import ASSESSMENT_STATES
from tali.kernel.http import InputSchema, Moment, PageQuery, bounded


class NewCandidateInput(InputSchema):
    """Somebody who may be new."""

    full_name = bounded(1, 200, required=True)
    email = ma.fields.Email(required=True, validate=ma.validate.Length(3, 254))


class AssessmentInput(InputSchema):
    """An assessment to create. Send `candidate_id`, or `candidate`."""

    task_id = ma.fields.UUID(required=True)
    candidate_id = ma.fields.UUID(load_default=None, allow_none=True)
    candidate = ma.fields.Nested(NewCandidateInput, load_default=None, allow_none=True)
    duration_minutes = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(1, 480)
    )
    expires_in_days = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(1, 365)
    )
    preset = bounded(1, 60, load_default=None, allow_none=True)
    proctored = ma.fields.Boolean(load_default=None, allow_none=True)

    @ma.validates_schema
    def check_candidate(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("candidate_id") is None) == (data.get("candidate") is None):
            raise ma.ValidationError("Send candidate_id or candidate, one of them.", "candidate")


class AssessmentQuery(PageQuery):
    """Which assessments to list."""

    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(ASSESSMENT_STATES))
    task_id = ma.fields.UUID(load_default=None)
    q = bounded(
        0, 200, load_default=None, metadata={"description": "Looked for in the candidate's name and e-mail address."}
    )
    sort = ma.fields.String(
        load_default="newest",
        validate=ma.validate.OneOf(["newest", "score"]),
        metadata={"description": "`score`: the highest first; leaves out what has no score."},
    )


class CandidateBriefSchema(ma.Schema):
    """A candidate, in short."""

    id = ma.fields.UUID(required=True)
    full_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)


class TaskBriefSchema(ma.Schema):
    """A task, in short."""

    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)


class AssessmentSchema(ma.Schema):
    """An assessment, for lists."""

    id = ma.fields.UUID(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(ASSESSMENT_STATES))
    candidate = ma.fields.Nested(CandidateBriefSchema, required=True)
    task = ma.fields.Nested(TaskBriefSchema, required=True)
    created_at = Moment(required=True)
    started_at = Moment(required=True, allow_none=True)
    submitted_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True)
    scoring_state = ma.fields.String(required=True, allow_none=True)
    score = ma.fields.Float(required=True, allow_none=True, metadata={"description": "0–100."})
    coverage = ma.fields.Float(required=True, allow_none=True, metadata={"description": "0–1."})
    flag_count = ma.fields.Integer(required=True)


class EmbedSchema(ma.Schema):
    """How to embed it."""

    public_id = ma.fields.String(required=True)
    snippet = ma.fields.String(required=True)


class PersonSchema(ma.Schema):
    """A colleague."""

    full_name = ma.fields.String(required=True)


class AssessmentCardSchema(AssessmentSchema):
    """An assessment with its settings and its ways in."""

    invitation_url = ma.fields.String(required=True, allow_none=True, metadata={"description": "Null for viewers."})
    embed = ma.fields.Nested(EmbedSchema, required=True)
    duration_minutes = ma.fields.Integer(required=True)
    deadline = Moment(required=True, allow_none=True)
    preset = ma.fields.String(required=True, allow_none=True)
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)
    proctored = ma.fields.Boolean(required=True)
    created_by = ma.fields.Nested(PersonSchema, required=True, allow_none=True)
