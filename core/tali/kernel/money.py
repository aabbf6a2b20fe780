"""Money: kept in whole millionths (what a request cost) or whole cents (a cap) of a US dollar, told as decimal text.

Text, because a sum of floats is not what was spent.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import marshmallow as ma

MICROS_PER_CENT = 10_000
MOST_DOLLARS = 1_000_000
_AMOUNT = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")


def cents_of(text: str) -> int:
    """Whole cents from `12`, `12.5` or `12.50`.

    Raises:
        ValueError: with what it takes.
    """
    if _AMOUNT.fullmatch(text.strip()) is None or Decimal(text.strip()) > MOST_DOLLARS:
        raise ValueError(f"takes an amount in US dollars such as 25 or 2.50, up to {MOST_DOLLARS:,}")
    return int(Decimal(text.strip()) * 100)


def dollars_of_cents(cents: int) -> str:
    """`12.50`."""
    return f"{Decimal(cents) / 100:.2f}"


def dollars_of_micros(micros: int) -> str:
    """`0.012345`: to the millionth, so that what one small request cost does not read as nothing."""
    return f"{Decimal(micros) / 1_000_000:.6f}"


class Dollars(ma.fields.String):
    """An amount in US dollars with at most two decimals, as text; whole cents inside."""

    def __init__(self, **options: Any) -> None:
        metadata = {
            "description": "US dollars.",
            "pattern": rf"^{_AMOUNT.pattern}$",
            "maxLength": 10,
            "example": "25.00",
            **options.pop("metadata", {}),
        }
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return cents_of(text)
        except ValueError as problem:
            raise ma.ValidationError(f"This {problem}.") from None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else dollars_of_cents(value)


class Spent(ma.fields.String):
    """What something cost in US dollars, to the millionth, as text; whole millionths inside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"description": "US dollars.", "example": "0.012345"}, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else dollars_of_micros(value)
