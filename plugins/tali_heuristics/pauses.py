"""Time in which the candidate could work: what a colleague stopped the clock for is nobody's time to answer for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tali.sdk import SessionRecord


def pauses(record: SessionRecord) -> Sequence[tuple[datetime, datetime]]:
    """From each `pause` to its `resume`; one that nobody ended lasts until the submission."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for event in sorted(record.events, key=lambda event: event.seq):
        if event.kind == "pause" and since is None:
            since = event.at
        elif event.kind == "resume" and since is not None:
            found.append((since, event.at))
            since = None
    if since is not None:
        found.append((since, max(since, record.submitted_at)))
    return found


def working_seconds(record: SessionRecord, start: datetime, end: datetime) -> float:
    """Seconds between two moments, without the pauses in between."""
    stood = sum(
        (max(timedelta(0), min(end, until) - max(start, since)) for since, until in pauses(record)), timedelta()
    )
    return max(0.0, (end - start - stood).total_seconds())
