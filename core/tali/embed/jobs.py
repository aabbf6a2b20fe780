"""Housekeeping of tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tali.embed.service import forget_expired
from tali.jobs.kinds import sweep


@sweep("forget old embed tokens and sessions", every=600)
def forget(session: Session, moment: datetime) -> None:
    """They hold only hashes, and still need not be kept."""
    forget_expired(session, moment)
