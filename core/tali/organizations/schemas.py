"""What goes in and out about organisations, sign-in, keys and the audit log."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel import fields
from tali.kernel.actors import SCOPES
from tali.kernel.http import InputSchema, Moment, PageQuery, bounded, moment

ROLES = ["owner", "recruiter", "viewer"]


class SignInLinkInput(InputSchema):
    """A one-time sign-in link's token."""

    token = bounded(20, 200, required=True)


class LoginInput(InputSchema):
    """E-mail address and password."""

    email = fields.email_field(required=True)
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


class OwnOrganizationSchema(ma.Schema):
    """An organisation that the signed-in person may go to."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))


class MeSchema(ma.Schema):
    """Who is signed in, and where."""

    user = ma.fields.Nested(UserSchema, required=True)
    organization = ma.fields.Nested(OrganizationBriefSchema, required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    organizations = ma.fields.List(ma.fields.Nested(OwnOrganizationSchema), required=True)


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

    name = fields.name(1, 120)
    allowed_origins = ma.fields.List(bounded(8, 260), validate=ma.validate.Length(max=50))


class ApiKeyInput(InputSchema):
    """A key's name, for people; what it may be used for, which is everything where nothing is said; and until when."""

    name = fields.name(1, 80, required=True)
    scopes = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(SCOPES)),
        load_default=list(SCOPES),
        validate=ma.validate.Length(1, len(SCOPES)),
    )
    expires_at = moment(load_default=None, allow_none=True)


class ApiKeySchema(ma.Schema):
    """An API key, without its secret."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    prefix = ma.fields.String(required=True)
    scopes = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(SCOPES)), required=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)
    revoked_at = Moment(required=True, allow_none=True)


class NewApiKeySchema(ApiKeySchema):
    """An API key with its secret, which is shown this once."""

    key = ma.fields.String(required=True)


class AuditQuery(PageQuery):
    """Which lines of the audit log."""

    action = bounded(1, 80, load_default=None, metadata={"description": "How the action begins: `assessment.`"})
    subject_id = ma.fields.UUID(load_default=None)
    actor = bounded(1, 80, load_default=None, metadata={"description": "An actor as the log writes it: `user:…`"})


class AuditEntrySchema(ma.Schema):
    """One line of the audit log. `actor_name` is not part of it: it is null where the actor is no more."""

    id = ma.fields.UUID(required=True)
    created_at = Moment(required=True)
    actor = ma.fields.String(required=True)
    actor_name = ma.fields.String(required=True, allow_none=True)
    action = ma.fields.String(required=True)
    subject_id = ma.fields.UUID(required=True)
    facts = ma.fields.Dict(keys=ma.fields.String(), required=True)
