"""Cursor pagination: opaque positions, stable while rows come and go."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from tali.kernel.errors import BadRequest

RowT = TypeVar("RowT")
MAX_LIMIT = 100


def encode_cursor(position: Sequence[Any]) -> str:
    """Turn the sort values of the last row into a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(position), default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The sort values again.

    Raises:
        BadRequest: `cursor_invalid`.
    """
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        position = None
    if not isinstance(position, list) or len(position) != length:
        raise BadRequest("cursor_invalid", "This cursor is not one of ours. Start again without it.")
    return position


def page(rows: Sequence[RowT], limit: int, position: Callable[[RowT], Sequence[Any]]) -> dict[str, Any]:
    """Cut `limit + 1` fetched rows into a page; the extra row only tells that there is more."""
    more = len(rows) > limit
    shown = list(rows[:limit])
    return {"data": shown, "next_cursor": encode_cursor(position(shown[-1])) if more and shown else None}
