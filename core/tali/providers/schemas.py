"""What goes in and out about plugins and the providers that they offer."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from tali.kernel.http import InputSchema, Moment
from tali.kernel.money import Dollars, Spent
from tali.providers.models import CHECK_STATES

MAX_SETTINGS = 50
MAX_TEXT = 2000
ANY_VALUE = {
    "anyOf": [
        {"type": "string", "maxLength": MAX_TEXT},
        {"type": "number", "minimum": -1e15, "maximum": 1e15},
        {"type": "boolean"},
        {"type": "null"},
    ]
}


class SettingValueField(ma.fields.Field[Any]):
    """A text, a number, true, false or null; what a setting takes is for its declaration to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        fits = isinstance(value, bool) or (len(value) <= MAX_TEXT if isinstance(value, str) else _is_number(value))
        if not fits:
            raise ma.ValidationError(f"Expected a text of up to {MAX_TEXT} characters, a number, true, false or null.")
        return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and -1e15 <= value <= 1e15


class ProviderInput(InputSchema):
    """What to change. A setting's null brings the deployment's value back."""

    used = ma.fields.Boolean(load_default=None)
    settings = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, 60)),
        values=SettingValueField(allow_none=True, metadata=ANY_VALUE),
        load_default=None,
        validate=ma.validate.Length(max=MAX_SETTINGS),
    )


class SettingSchema(ma.Schema):
    """One setting: what it takes, and where its value comes from."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    help = ma.fields.String(required=True)
    kind = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["text", "secret", "integer", "number", "boolean", "choice"])
    )
    required = ma.fields.Boolean(required=True)
    choices = ma.fields.List(ma.fields.String(), required=True)
    minimum = ma.fields.Float(required=True, allow_none=True)
    maximum = ma.fields.Float(required=True, allow_none=True)
    editable = ma.fields.Boolean(required=True, metadata={"description": "False: only the deployment sets it."})
    source = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["organization", "deployment", "default", "unset"])
    )
    value = SettingValueField(
        required=True,
        allow_none=True,
        metadata={**ANY_VALUE, "description": "Null for secrets, and for what the deployment set."},
    )


class ProviderCheckSchema(ma.Schema):
    """What the last test said."""

    state = ma.fields.String(required=True, validate=ma.validate.OneOf(CHECK_STATES))
    message = ma.fields.String(required=True, allow_none=True)
    at = Moment(required=True)


class ProviderSchema(ma.Schema):
    """A provider, as this organisation has it."""

    kind = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    notice = ma.fields.String(required=True, allow_none=True)
    version = ma.fields.String(required=True, allow_none=True)
    plugin = ma.fields.String(required=True, allow_none=True)
    installed = ma.fields.Boolean(required=True)
    capabilities = ma.fields.List(ma.fields.String(), required=True)
    missing = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "What it still needs; empty when it is ready."}
    )
    one_of_a_kind = ma.fields.Boolean(
        required=True, metadata={"description": "An organisation uses one provider of this kind, not several."}
    )
    used = ma.fields.Boolean(required=True)
    settings = ma.fields.List(ma.fields.Nested(SettingSchema), required=True)
    check = ma.fields.Nested(ProviderCheckSchema, required=True, allow_none=True)


class PluginSchema(ma.Schema):
    """An installed plugin."""

    name = ma.fields.String(required=True)
    distribution = ma.fields.String(required=True)
    version = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(["healthy", "degraded"]))
    reason = ma.fields.String(required=True, allow_none=True)


class PluginsSchema(ma.Schema):
    """Everything that is installed, and what it offers."""

    plugins = ma.fields.List(ma.fields.Nested(PluginSchema), required=True)
    providers = ma.fields.List(ma.fields.Nested(ProviderSchema), required=True)


class SpendingInput(InputSchema):
    """What models may cost; null: no cap."""

    assessment_spend_cap = Dollars(allow_none=True)
    monthly_spend_cap = Dollars(allow_none=True)


class SpendingSchema(ma.Schema):
    """What models cost this month, and the caps on it."""

    month = ma.fields.Date(required=True, metadata={"description": "Its first day, in UTC."})
    spent = Spent(required=True)
    assessment_spend_cap = Dollars(
        required=True,
        allow_none=True,
        metadata={"description": "US dollars that the assistant of one assessment may cost; null: no cap."},
    )
    monthly_spend_cap = Dollars(
        required=True,
        allow_none=True,
        metadata={"description": "US dollars a calendar month, over all assessments; null: no cap."},
    )
    own_caps = ma.fields.Boolean(
        required=True, metadata={"description": "False: nobody here has set any, and the deployment's hold."}
    )
