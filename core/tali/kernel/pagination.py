"""Cursor pagination: opaque positions, each bound to its list, stable while rows come and go."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson

from tali.kernel.errors import Unprocessable

RowT = TypeVar("RowT")
MAX_LIMIT = 100


def scope_of(path: str, wanted: Mapping[str, Any]) -> str:
    """What a cursor is bound to: a list, with its filters and its order. How many rows fit a page is no part of it."""
    named = {name: value for name, value in wanted.items() if name not in {"cursor", "limit"}}
    told = orjson.dumps([path, named], default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(told).hexdigest()[:16]


def bound(position: str, scope: str) -> str:
    """A cursor as it goes out. No secret: it keeps clients from mistakes, and a position opens nothing."""
    return f"{position}.{scope}"


def unbound(cursor: str, scope: str) -> str:
    """The position of a cursor that came back to its list.

    Raises:
        Unprocessable: `cursor_invalid`, for a cursor of another list, or of this one with other filters or order.
    """
    position, _, of = cursor.rpartition(".")
    if of != scope:
        raise Unprocessable(
            "cursor_invalid",
            "This cursor belongs to another list, or to this one with other filters or another order."
            " Start again without it.",
        )
    return position


def encode_cursor(position: Sequence[Any]) -> str:
    """Turn the sort values of the last row into a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(position), default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, *parsers: Callable[[Any], Any]) -> list[Any]:
    """The sort values again, each through its parser: a cursor comes from outside like everything else.

    Raises:
        Unprocessable: `cursor_invalid`.
    """
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(position, list):
            raise ValueError("not a list")
        return [parse(value) for parse, value in zip(parsers, position, strict=True)]
    except ValueError:
        raise Unprocessable("cursor_invalid", "This cursor is not one of ours. Start again without it.") from None


def a_moment(value: Any) -> datetime:
    """A position in time."""
    moment = datetime.fromisoformat(a_text(value))
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


def an_id(value: Any) -> UUID:
    """A row's id."""
    return UUID(a_text(value))


def a_number(value: Any) -> int:
    """A row's number in its list."""
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError("not a number of ours")
    return value


def a_finite_number(value: Any) -> float:
    """A value that rows are sorted by."""
    if type(value) not in {int, float} or not math.isfinite(value):
        raise ValueError("not a number of ours")
    return float(value)


def a_small_number(value: Any) -> int:
    """A row's number, where a small integer holds it."""
    if a_number(value) >= 2**15:
        raise ValueError("not a number of ours")
    return int(value)


def a_text(value: Any) -> str:
    """A text that rows are sorted by."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text of ours")
    return value


def page(rows: Sequence[RowT], limit: int, position: Callable[[RowT], Sequence[Any]]) -> dict[str, Any]:
    """Cut `limit + 1` fetched rows into a page; the extra row only tells that there is more."""
    more = len(rows) > limit
    shown = list(rows[:limit])
    return {"data": shown, "next_cursor": encode_cursor(position(shown[-1])) if more and shown else None}
