"""Fields that every room reads in one way: what somebody is called, and where mail reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from tali.kernel.text import is_one_line, trimmed


class Figure(ma.fields.Float):
    """A measured number as it goes out: four digits after the point. What is stored, and counted with, stays exact."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        # Adding zero makes of -0.0 what it looks like.
        return None if value is None else round(float(value), 4) + 0.0


class Name(ma.fields.String):
    """A text without what nobody sees at its ends, so that its length is that of what people read."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return trimmed(super()._deserialize(value, attr, data, **kwargs))


def name(minimum: int, maximum: int, **options: Any) -> Name:
    """What somebody or something is called: one line, and never blank where `minimum` is 1."""
    return Name(validate=[ma.validate.Length(minimum, maximum), _one_line], **options)


def written(minimum: int, maximum: int, **options: Any) -> Name:
    """What somebody wrote, in as many lines as they like, and never blank where `minimum` is 1."""
    nothing = ma.validate.ContainsNoneOf("\x00", error="A NUL character cannot be stored.")
    return Name(validate=[ma.validate.Length(minimum, maximum), nothing], **options)


def _one_line(value: str) -> None:
    if not is_one_line(value):
        raise ma.ValidationError("Line breaks and control characters do not belong here.")


def email_field(**options: Any) -> ma.fields.Email:
    """An address that can be written to, of ASCII alone.

    Others need a mail server that knows SMTPUTF8, and two programs that agree on which letters are one in small: the
    database and Python do not, and who is who hangs on it.
    """
    return ma.fields.Email(validate=[ma.validate.Length(3, 254), _ascii], **options)


def _ascii(value: str) -> None:
    if not value.isascii():
        raise ma.ValidationError("Only ASCII letters, digits and signs. Write an international domain as xn--….")
