"""What goes in and out when a candidate is let in."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from tali.kernel.http import InputSchema, bounded

WAYS_IN = ("embed_token", "invitation", "resume_key")


class OpenInput(InputSchema):
    """Exactly one way in, and the client's nonce."""

    embed_token = bounded(20, 200)
    invitation = bounded(20, 200)
    resume_key = bounded(20, 200)
    nonce = bounded(8, 100, required=True)

    @ma.validates_schema
    def check_one_way(self, data: dict[str, Any], **_: Any) -> None:
        if sum(name in data for name in WAYS_IN) != 1:
            raise ma.ValidationError("Send exactly one of embed_token, invitation and resume_key.")


class EmbedSessionInput(InputSchema):
    """For which assessment."""

    assessment_id = ma.fields.UUID(required=True)


class EmbedSessionSchema(ma.Schema):
    """A one-time token for the page."""

    token = ma.fields.String(required=True)
    public_id = ma.fields.String(required=True)
    expires_in = ma.fields.Integer(required=True, metadata={"description": "Seconds."})
    embed_url = ma.fields.String(required=True)
