"""What goes in and out when people say something about an assessment."""

from __future__ import annotations

import marshmallow as ma

from tali.assessments.models import VERDICTS
from tali.kernel.fields import written
from tali.kernel.http import InputSchema, Moment


class NoteInput(InputSchema):
    """A note. With `event_seq` it stands at that moment of the timeline."""

    text = written(1, 10_000, required=True)
    event_seq = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(1, 2**31 - 1)
    )


class NoteEditInput(InputSchema):
    """What a note is to say."""

    text = written(1, 10_000, required=True)


class NoteSchema(ma.Schema):
    """A note."""

    id = ma.fields.UUID(required=True)
    author = ma.fields.String(required=True)
    own = ma.fields.Boolean(required=True, metadata={"description": "Whether the asking one wrote it."})
    text = ma.fields.String(required=True)
    event_seq = ma.fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)


class DecisionInput(InputSchema):
    """A decision and its reason."""

    verdict = ma.fields.String(required=True, validate=ma.validate.OneOf(VERDICTS))
    reason = written(1, 4_000, required=True)


class DecisionSchema(ma.Schema):
    """What was decided."""

    author = ma.fields.String(required=True)
    verdict = ma.fields.String(required=True, validate=ma.validate.OneOf(VERDICTS))
    reason = ma.fields.String(required=True)
    created_at = Moment(required=True)


class OverrideInput(InputSchema):
    """A score in place of the measured one, and why."""

    value = ma.fields.Float(required=True, validate=ma.validate.Range(0, 100))
    reason = written(1, 4_000, required=True)


class OverrideSchema(ma.Schema):
    """An override, withdrawn or not."""

    author = ma.fields.String(required=True)
    value = ma.fields.Float(required=True)
    reason = ma.fields.String(required=True)
    created_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
