"""What goes in and out about candidates."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel.http import InputSchema, Moment, PageQuery, bounded


class CandidateInput(InputSchema):
    """A candidate to create."""

    full_name = bounded(1, 200, required=True)
    email = ma.fields.Email(required=True, validate=ma.validate.Length(3, 254))
    external_id = bounded(1, 200, load_default=None, allow_none=True)


class CandidateQuery(PageQuery):
    """Which candidates to list."""

    q = bounded(0, 200, load_default=None)


class CandidateSchema(ma.Schema):
    """A candidate."""

    id = ma.fields.UUID(required=True)
    full_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    external_id = ma.fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
