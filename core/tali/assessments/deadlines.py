"""When an attempt ends: one expression, used by every move that starts, stretches or stops its clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Double, Interval, literal

from tali.assessments.models import Attempt

EXTRA_PERCENTS = (0, 25, 50, 75, 100)
MAX_EXTRA_MINUTES = 480
LONGEST_PAUSE = timedelta(hours=2)
MAX_PAUSED = timedelta(hours=24)
MINUTE = timedelta(minutes=1)


def _time(value: Any) -> ColumnElement[Any]:
    return literal(value, DateTime(timezone=True)) if isinstance(value, datetime) else value


def deadline(
    *, started_at: Any = None, extra_percent: Any = None, extra_minutes: Any = None, paused_time: Any = None
) -> ColumnElement[Any]:
    """start + duration × accommodation + pauses. What a move sets anew is given; the rest is the row's."""
    percent = Attempt.extra_percent if extra_percent is None else literal(extra_percent)
    minutes = Attempt.extra_minutes if extra_minutes is None else literal(extra_minutes)
    stretched = _times(Attempt.allowed_time, (100 + percent) / literal(100.0, Double))
    return (
        (Attempt.started_at if started_at is None else _time(started_at))
        + stretched
        + _times(literal(MINUTE, Interval), minutes)
        + (Attempt.paused_time if paused_time is None else paused_time)
    )


def _times(interval: Any, factor: Any) -> ColumnElement[timedelta]:
    product: ColumnElement[timedelta] = interval.op("*", return_type=Interval())(factor)
    return product.self_group()


def allowed(attempt: Attempt) -> timedelta:
    """The working time of an attempt, with what was added to it, without pauses."""
    return attempt.allowed_time * (100 + attempt.extra_percent) / 100 + MINUTE * attempt.extra_minutes
