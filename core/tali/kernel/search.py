"""Searching text: one place that says what "contains" means, so that it can be answered from an index one day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_


def contains(search: str, *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns has `search` in it, in any case."""
    pattern = f"%{escape_like(search)}%"
    return or_(*(column.ilike(pattern) for column in columns))


def escape_like(text: str) -> str:
    """Text as a literal inside an ILIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
