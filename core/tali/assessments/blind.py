"""Blind review: until a decision is recorded, what goes out about an assessment names nobody.

Twice over. Answer schemas whitelist the fields that may go out (`Blindable`), so that a field added later is hidden
until somebody has thought about it; and a veil takes the name and the address out of the texts that stay, since
candidates sign their code and introduce themselves to assistants.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import marshmallow as ma
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from tali.assessments.models import Assessment
from tali.assessments.names import NamePattern
from tali.candidates.models import Candidate
from tali.kernel.actors import UserActor
from tali.organizations import audit

REVEALING = ("advance", "reject")
"""`hold` decides nothing yet, and reveals nobody."""
REPLACEMENT = "[candidate]"


def is_blind(assessment: Assessment) -> bool:
    """Whether the candidate of this assessment is hidden."""
    return assessment.blind_review and assessment.decision not in REVEALING


def under_blind_review() -> ColumnElement[bool]:
    """The same, asked of the database."""
    return Assessment.blind_review & (Assessment.decision.is_(None) | Assessment.decision.not_in(REVEALING))


def day(moment: datetime) -> datetime:
    """The beginning of a moment's day: all that an assessment with blind review keeps of when it was made.

    Kept to the millisecond it would match the candidate who was made with it, and so would its place in a list.
    """
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def alias(assessment: Assessment) -> str:
    """What the candidate is called meanwhile; the same wherever this assessment is shown."""
    return f"Candidate {assessment.public_id[:6].upper()}"


class Blindable(ma.Schema):
    """An answer that can be blind: when its data says `blind`, only the fields of `shown_blind` carry their value.

    The others are null; a nested answer about the same assessment brings a whitelist of its own.
    """

    shown_blind: ClassVar[frozenset[str]] = frozenset()

    @ma.post_dump(pass_original=True)
    def hide(self, data: dict[str, Any], original: Any, **_: Any) -> dict[str, Any]:
        if not (isinstance(original, Mapping) and original.get("blind")):
            return data
        return {name: value if name in self.shown_blind else None for name, value in data.items()}


class Veil:
    """Takes one person's name and address out of what people and programs wrote; without a person it changes nothing.

    It is laid over texts that are named one by one, never over a whole answer: our own words (`final`, `calibration`)
    may be somebody's name.
    """

    def __init__(self, candidate: Candidate | None) -> None:
        self._pattern = None if candidate is None else NamePattern(candidate.full_name, candidate.email)

    def __call__(self, value: Any) -> Any:
        """A text, or every text that lies in a value: what stands beside names of fields, not those names."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.replaced(value, lambda _: REPLACEMENT)
        if isinstance(value, Mapping):
            return {key: inner if key in OUR_WORDS else self(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self(inner) for inner in value]
        return value

    def over(self, row: Mapping[str, Any], *names: str) -> dict[str, Any]:
        """`row` with the veil over these of its fields, where it has them."""
        return {name: self(value) if name in names else value for name, value in row.items()}

    def over_files(self, files: Mapping[str, str]) -> dict[str, str]:
        """Path → content. Paths are the candidate's words too; none is lost when two become the same."""
        shown: dict[str, str] = {}
        for path, content in files.items():
            name = self(path)
            while name in shown:
                name += "+"
            shown[name] = self(content)
        return shown


OUR_WORDS = frozenset({"type", "kind", "code", "state", "name", "source"})
"""Fields within freer data whose values are ours or a plugin's, and no text."""


def veil(assessment: Assessment) -> Veil:
    """What hides the candidate in texts while the assessment is blind."""
    return Veil(assessment.candidate if is_blind(assessment) else None)


def unblind(session: Session, actor: UserActor, assessment: Assessment) -> dict[str, Any]:
    """Tell an owner who the candidate is, in this answer alone, and write down that they asked."""
    audit.record(session, actor, "assessment.unblinded", assessment.id)
    return {"candidate": person(assessment.candidate)}


def person(candidate: Candidate) -> dict[str, Any]:
    """A candidate, shown."""
    return {"id": candidate.id, "full_name": candidate.full_name, "email": candidate.email, "alias": None}


def shown_candidate(assessment: Assessment) -> dict[str, Any]:
    """The candidate as this assessment shows them."""
    shown = person(assessment.candidate)
    return {**shown, "alias": alias(assessment), "blind": True} if is_blind(assessment) else shown
