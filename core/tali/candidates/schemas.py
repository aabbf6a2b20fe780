"""What goes in and out about candidates."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from tali.kernel.fields import email_field, name
from tali.kernel.http import InputSchema, Moment, PageQuery, bounded

MAX_EXTERNAL_IDS = 20


def _system(**options: Any) -> ma.fields.String:
    return ma.fields.String(
        validate=[
            ma.validate.Length(1, 60),
            ma.validate.Regexp(r"^[a-z0-9][a-z0-9_.-]*$(?!\n)", error="Lower-case letters, digits, '_', '.' and '-'."),
        ],
        **options,
    )


class ExternalIdInput(InputSchema):
    """What a candidate is called in another system."""

    system = _system(required=True, metadata={"example": "greenhouse"})
    id = bounded(1, 200, required=True)


def _external_ids(**options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(
        ma.fields.Nested(ExternalIdInput), validate=ma.validate.Length(0, MAX_EXTERNAL_IDS), **options
    )


class CandidateInput(InputSchema):
    """A candidate to create."""

    full_name = name(1, 200, required=True)
    email = email_field(required=True)
    external_ids = _external_ids(load_default=list)


class CandidateChange(InputSchema):
    """What to change; what is left out stays. `external_ids` replaces all of them."""

    full_name = name(1, 200)
    email = email_field()
    external_ids = _external_ids()


class CandidateQuery(PageQuery):
    """Which candidates to list."""

    q = bounded(
        0,
        200,
        load_default=None,
        metadata={"description": "In name or e-mail address; one or two letters only where a word begins."},
    )
    system = _system(load_default=None)
    external_id = bounded(1, 200, load_default=None, metadata={"description": "As `system` calls them, or any system."})


class ExternalIdSchema(ma.Schema):
    """What a candidate is called in another system."""

    system = ma.fields.String(required=True)
    id = ma.fields.String(required=True, attribute="external_id")


class CandidateSchema(ma.Schema):
    """A candidate."""

    id = ma.fields.UUID(required=True)
    full_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    external_ids = ma.fields.List(ma.fields.Nested(ExternalIdSchema), required=True)
    created_at = Moment(required=True)


class ExportSchema(ma.Schema):
    """Everything that is held about a candidate, credentials left out: table → rows."""

    candidate_id = ma.fields.UUID(required=True)
    exported_at = Moment(required=True)
    tables = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.Dict()), required=True)


class ErasedSchema(ma.Schema):
    """What was erased: table → rows."""

    rows = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
