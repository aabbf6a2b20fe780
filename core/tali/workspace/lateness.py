"""What comes just after the deadline: whether it was written before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.kernel.errors import Conflict
from tali.workspace.edits import checksum, workspace_hash
from tali.workspace.models import TimelineEvent


def is_late(attempt: Attempt, moment: datetime) -> bool:
    """Whether the deadline has passed."""
    return attempt.deadline is not None and moment > attempt.deadline


def is_in_time(attempt: Attempt, batch: Mapping[str, Any], moment: datetime) -> bool:
    """Whether edits were made before the deadline, though they may come a little after it."""
    if attempt.deadline is None or moment <= attempt.deadline:
        return True
    return all(edit["at"] <= attempt.deadline for edit in batch["edits"])


def announced(attempt: Attempt, batches: Sequence[Mapping[str, Any]], moment: datetime) -> str:
    """The hash of the files in which these batches were to end, as far as they are in time; the first one is."""
    *_, last = takewhile(lambda batch: is_in_time(attempt, batch, moment), batches)
    return str(last["result_hash"])


def was_announced(session: Session, attempt: Attempt, files: Mapping[str, str]) -> bool:
    """Whether edits that came in time, and did not fit, were to end in exactly these files."""
    wanted = workspace_hash({path: checksum(content) for path, content in files.items()})
    found = select(TimelineEvent.id).where(
        TimelineEvent.attempt_id == attempt.id,
        TimelineEvent.kind == "workspace_diverged",
        TimelineEvent.data["announced"].astext == wanted,
    )
    return session.execute(found.limit(1)).first() is not None


def written_too_late(attempt: Attempt) -> Conflict:
    """The answer to what was written after the deadline."""
    return Conflict("attempt_not_in_progress", "The time was up when this was written.", state=attempt.state)
