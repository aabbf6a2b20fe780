"""What goes in and out about organisations and sign-in."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel.http import InputSchema, Moment, bounded


class SignInLinkInput(InputSchema):
    """A one-time sign-in link's token."""

    token = bounded(20, 200, required=True)


class LoginInput(InputSchema):
    """E-mail address and password."""

    email = ma.fields.Email(required=True, validate=ma.validate.Length(3, 254))
    password = bounded(1, 200, required=True)


class PasswordInput(InputSchema):
    """A new password; the current one where there is one."""

    password = bounded(12, 200, required=True)
    current_password = bounded(0, 200, load_default=None, allow_none=True)


class UserSchema(ma.Schema):
    """A person."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    has_password = ma.fields.Boolean(required=True)


class OrganizationBriefSchema(ma.Schema):
    """An organisation, in short."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    slug = ma.fields.String(required=True)


class MeSchema(ma.Schema):
    """Who is signed in, and where."""

    user = ma.fields.Nested(UserSchema, required=True)
    organization = ma.fields.Nested(OrganizationBriefSchema, required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(["owner", "recruiter", "viewer"]))


class SessionSchema(ma.Schema):
    """An access token for the page's memory; the refresh token travels in a cookie."""

    access_token = ma.fields.String(required=True)
    expires_in = ma.fields.Integer(required=True, metadata={"description": "Seconds."})
    me = ma.fields.Nested(MeSchema, required=True)


class OrganizationSchema(OrganizationBriefSchema):
    """An organisation, whole."""

    allowed_origins = ma.fields.List(ma.fields.String(), required=True)


class OrganizationInput(InputSchema):
    """What may be changed of an organisation."""

    name = bounded(1, 120)
    allowed_origins = ma.fields.List(bounded(8, 260), validate=ma.validate.Length(max=50))


class ApiKeyInput(InputSchema):
    """A key's name, for people."""

    name = bounded(1, 80, required=True)


class ApiKeySchema(ma.Schema):
    """An API key, without its secret."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    prefix = ma.fields.String(required=True)
    created_at = Moment(required=True)
    last_used_at = Moment(required=True, allow_none=True)
    revoked_at = Moment(required=True, allow_none=True)


class NewApiKeySchema(ApiKeySchema):
    """An API key with its secret, which is shown this once."""

    key = ma.fields.String(required=True)
