"""What goes out about messages."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel.http import Moment, PageQuery
from tali.notifications.models import STATES


class NotificationQuery(PageQuery):
    """Which messages."""

    subject_id = ma.fields.UUID(
        load_default=None, metadata={"description": "What they are about: an assessment, an invitation, a membership."}
    )
    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATES))


class NotificationSchema(ma.Schema):
    """One message: what it was about and what became of it; never its text. `kept`: in the development mailbox."""

    id = ma.fields.UUID(required=True)
    template = ma.fields.String(required=True)
    subject_id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(STATES))
    tries = ma.fields.Integer(required=True)
    error = ma.fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    settled_at = Moment(required=True, allow_none=True)
