"""What goes in and out about people: registering, new passwords, invitations, members."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel.fields import email_field, name
from tali.kernel.http import InputSchema, Moment, bounded
from tali.organizations.schemas import ROLES


class OptionsSchema(ma.Schema):
    """What the sign-in page offers."""

    registration = ma.fields.Boolean(required=True)


class OnItsWaySchema(ma.Schema):
    """That a mail follows, if there is anything to mail."""

    message = ma.fields.String(required=True)


class RegistrationInput(InputSchema):
    """A new organisation and its first owner."""

    organization_name = name(1, 120, required=True)
    full_name = name(1, 120, required=True)
    email = email_field(required=True)
    password = bounded(12, 200, required=True)


class ConfirmationInput(InputSchema):
    """The token of the mail, and the password that was chosen."""

    token = bounded(20, 200, required=True)
    password = bounded(1, 200, required=True)


class ResetRequestInput(InputSchema):
    """Whose password was forgotten."""

    email = email_field(required=True)


class ResetInput(InputSchema):
    """The token of the mail, and the new password."""

    token = bounded(20, 200, required=True)
    password = bounded(12, 200, required=True)


class SwitchInput(InputSchema):
    """Which organisation to go to."""

    organization_id = ma.fields.UUID(required=True)


class InvitationTokenInput(InputSchema):
    """The token of an invitation's mail."""

    token = bounded(20, 200, required=True)


class AcceptInput(InvitationTokenInput):
    """Taking an invitation up: with a new password, or with the account's own where there is one."""

    password = bounded(1, 200, required=True)


class InvitationViewSchema(ma.Schema):
    """An invitation, for whoever holds its link."""

    organization_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    invited_by = ma.fields.String(required=True, allow_none=True)
    expires_at = Moment(required=True)
    has_password = ma.fields.Boolean(required=True)


class UserInviteInput(InputSchema):
    """Whom to invite, and as what."""

    email = email_field(required=True)
    full_name = name(1, 120, required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))


class UserInvitationSchema(ma.Schema):
    """An invitation, for the organisation."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["open", "expired"]))
    created_at = Moment(required=True)
    expires_at = Moment(required=True)


class MemberSchema(ma.Schema):
    """A member of the organisation; `id` is the person's."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    active = ma.fields.Boolean(required=True)
    created_at = Moment(required=True)
    last_used_at = Moment(required=True, allow_none=True)


class MemberInput(InputSchema):
    """A member's new role."""

    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
