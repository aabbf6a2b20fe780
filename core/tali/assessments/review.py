"""What recruiters say about an assessment: notes, a decision, a score in place of the measured one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from tali.assessments import service
from tali.assessments.models import Assessment, Decision, Note, ScoreOverride
from tali.jobs.service import emit
from tali.kernel.actors import Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import an_id, decode_cursor
from tali.organizations import audit

MOST_SAID = 100
"""Decisions, and overrides, that one assessment takes: all of them are shown, none falls off the end of a list."""


def _said_by(actor: Staff) -> dict[str, Any]:
    return {
        "organization_id": actor.organization_id,
        "author": actor.key,
        "author_id": actor.membership_id if isinstance(actor, UserActor) else None,
    }


def add_note(session: Session, actor: Staff, assessment_id: UUID, text: str, event_seq: int | None) -> Note:
    """Write a note, at a moment of the session or on the whole.

    Raises:
        NotFound: `assessment_not_found`.
        Unprocessable: `event_not_found`, where the session has no such moment.
    """
    service.get(session, assessment_id)
    if event_seq is not None and event_seq > service.attempt_of(session, assessment_id).last_event_seq:
        raise Unprocessable("event_not_found", "The session has no such moment.")
    note = Note(
        id=new_id(), created_at=now(), assessment_id=assessment_id, text=text, event_seq=event_seq, **_said_by(actor)
    )
    session.add(note)
    session.flush()
    audit.record(session, actor, "note.added", note.id, assessment_id=str(assessment_id))
    return note


def _own(session: Session, actor: Staff, note_id: UUID, assessment_id: UUID) -> Note:
    note = session.execute(
        select(Note).where(Note.id == note_id, Note.assessment_id == assessment_id).with_for_update()
    ).scalar_one_or_none()
    if note is None:
        raise NotFound("note_not_found", "There is no such note.")
    if note.author != actor.key:
        raise Forbidden("note_not_yours", "Only its author can change or delete a note.")
    return note


def edit_note(session: Session, actor: Staff, assessment_id: UUID, note_id: UUID, text: str) -> Note:
    """Change one's own note.

    Raises:
        NotFound: `note_not_found`.
        Forbidden: `note_not_yours`.
    """
    note = _own(session, actor, note_id, assessment_id)
    note.text, note.edited_at = text, now()
    audit.record(session, actor, "note.edited", note.id, assessment_id=str(assessment_id))
    return note


def delete_note(session: Session, actor: Staff, assessment_id: UUID, note_id: UUID) -> None:
    """Delete one's own note.

    Raises:
        NotFound: `note_not_found`.
        Forbidden: `note_not_yours`.
    """
    note = _own(session, actor, note_id, assessment_id)
    session.execute(delete(Note).where(Note.id == note.id))
    audit.record(session, actor, "note.deleted", note_id, assessment_id=str(assessment_id))


def list_notes(session: Session, assessment_id: UUID, limit: int, cursor: str | None) -> list[Note]:
    """Notes as they were written, `limit + 1` of them.

    Raises:
        NotFound: `assessment_not_found`.
    """
    service.get(session, assessment_id)
    query = select(Note).where(Note.assessment_id == assessment_id).order_by(Note.id).limit(limit + 1)
    if cursor:
        query = query.where(Note.id > decode_cursor(cursor, an_id)[0])
    return list(session.execute(query).scalars())


def notes_between(
    session: Session, assessment_id: UUID, after: int, upto: int | None, since: datetime | None, until: datetime | None
) -> list[Note]:
    """Notes that belong among the events numbered `after` < n ≤ `upto`: pinned there, or written at that time.

    None for `upto` and `until` is the end of the timeline, None for `since` its beginning.
    """
    pinned: list[ColumnElement[bool]] = [Note.event_seq > after]
    written: list[ColumnElement[bool]] = [Note.event_seq.is_(None)]
    if upto is not None:
        pinned.append(Note.event_seq <= upto)
    if since is not None:
        written.append(Note.created_at > since)
    if until is not None:
        written.append(Note.created_at <= until)
    query: Select[Note] = (
        select(Note)
        .where(Note.assessment_id == assessment_id, or_(and_(*pinned), and_(*written)))
        .order_by(Note.id)
        .limit(500)
    )
    return list(session.execute(query).scalars())


def present_notes(session: Session, notes: Sequence[Note], actor: Staff) -> list[dict[str, Any]]:
    """Notes as they are shown."""
    names = audit.shown_names(session, {note.author for note in notes})
    return [
        {
            "id": note.id,
            "author": names[note.author],
            "own": note.author == actor.key,
            "text": note.text,
            "event_seq": note.event_seq,
            "created_at": note.created_at,
            "edited_at": note.edited_at,
        }
        for note in notes
    ]


def decide(session: Session, actor: Staff, assessment_id: UUID, verdict: str, reason: str) -> Decision:
    """Record what was decided; the decisions before it stay.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `assessment_not_ended`, with the state, while there is nothing to decide on; `decision_limit`.
    """
    decided = session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id, Assessment.state.not_in(("invited", "in_progress")))
        .values(decision=verdict)
        .returning(Assessment.id)
    ).scalar_one_or_none()
    if decided is None:
        state = service.get(session, assessment_id).state
        raise Conflict("assessment_not_ended", f"This assessment is {state}: nothing can be decided yet.", state=state)
    _require_room(session, Decision, assessment_id, "decision_limit", "decisions")
    decision = Decision(
        id=new_id(),
        created_at=now(),
        assessment_id=assessment_id,
        verdict=verdict,
        reason=reason,
        **_said_by(actor),
    )
    session.add(decision)
    session.flush()
    emit(
        session,
        actor.organization_id,
        "assessment.decided",
        decision.id,
        assessment_id=str(assessment_id),
        verdict=verdict,
    )
    audit.record(session, actor, "assessment.decided", assessment_id, verdict=verdict)
    return decision


def _require_room(
    session: Session, kind: type[Decision] | type[ScoreOverride], assessment_id: UUID, code: str, what: str
) -> None:
    """Keep the record within what an answer shows. The caller's UPDATE holds the assessment, so nobody slips by."""
    known = session.execute(select(func.count()).where(kind.assessment_id == assessment_id)).scalar_one()
    if known >= MOST_SAID:
        raise Conflict(code, f"An assessment takes up to {MOST_SAID} {what}, and all of them stay on record.")


def override(session: Session, actor: Staff, assessment_id: UUID, value: float, reason: str) -> ScoreOverride:
    """Put a score in place of the measured one. An override before it is withdrawn by this; all stay on record.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `assessment_not_completed`, with the state; `override_limit`.
    """
    # Adding zero makes of -0.0 what it looks like.
    value += 0.0
    overridden = session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id, Assessment.state == "completed")
        .values(score=round(value, 1), overridden=True)
        .returning(Assessment.measured_score)
    ).one_or_none()
    if overridden is None:
        state = service.get(session, assessment_id).state
        raise Conflict("assessment_not_completed", "Only a completed assessment has a score to override.", state=state)
    _require_room(session, ScoreOverride, assessment_id, "override_limit", "overrides")
    _withdraw(session, actor, assessment_id)
    made = ScoreOverride(
        id=new_id(), created_at=now(), assessment_id=assessment_id, value=value, reason=reason, **_said_by(actor)
    )
    session.add(made)
    session.flush()
    emit(session, actor.organization_id, "assessment.overridden", made.id, assessment_id=str(assessment_id))
    audit.record(session, actor, "score.overridden", assessment_id, value=value, measured=overridden.measured_score)
    return made


def withdraw_override(session: Session, actor: Staff, assessment_id: UUID) -> None:
    """Let the measured score count again.

    Raises:
        NotFound: `assessment_not_found`, `override_not_found`.
    """
    service.get(session, assessment_id)
    session.execute(select(Assessment.id).where(Assessment.id == assessment_id).with_for_update())
    if not _withdraw(session, actor, assessment_id):
        raise NotFound("override_not_found", "The score of this assessment is not overridden.")
    session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id)
        .values(score=Assessment.measured_score, overridden=False)
    )
    audit.record(session, actor, "score.override_withdrawn", assessment_id)


def _withdraw(session: Session, actor: Staff, assessment_id: UUID) -> bool:
    withdrawn = session.execute(
        update(ScoreOverride)
        .where(ScoreOverride.assessment_id == assessment_id, ScoreOverride.withdrawn_at.is_(None))
        .values(withdrawn_at=now(), withdrawn_by=actor.key)
        .returning(ScoreOverride.id)
    ).scalar_one_or_none()
    return withdrawn is not None


def present_verdicts(session: Session, said: Sequence[Decision] | Sequence[ScoreOverride]) -> list[dict[str, Any]]:
    """Decisions or overrides as they are shown, newest first."""
    names = audit.shown_names(session, {one.author for one in said})
    shown = []
    for one in said:
        common = {"author": names[one.author], "reason": one.reason, "created_at": one.created_at}
        if isinstance(one, Decision):
            shown.append({**common, "verdict": one.verdict})
        else:
            shown.append({**common, "value": one.value, "withdrawn_at": one.withdrawn_at})
    return shown


def decisions(session: Session, assessment_id: UUID) -> list[Decision]:
    """What was decided, newest first."""
    query = select(Decision).where(Decision.assessment_id == assessment_id).order_by(Decision.id.desc())
    return list(session.execute(query).scalars())


def overrides(session: Session, assessment_id: UUID) -> list[ScoreOverride]:
    """Overrides, newest first, withdrawn ones included."""
    query = select(ScoreOverride).where(ScoreOverride.assessment_id == assessment_id).order_by(ScoreOverride.id.desc())
    return list(session.execute(query).scalars())
