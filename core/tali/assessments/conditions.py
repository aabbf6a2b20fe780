"""The conditions of an assessment: its own choice over the task version's, open to change until it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.assessments.blind import day
from tali.assessments.models import Assessment, AssessmentDefaults, Attempt
from tali.kernel.actors import Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.settings import Settings
from tali.organizations import audit
from tali.tasks import service as tasks
from tali.tasks.content import TaskContent
from tali.tasks.weights import check_components, check_weights, effective_weights, weights_hash

LONGEST_INVITATION = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose; None leaves the task version's, the deployment's or the organisation's choice."""

    duration_minutes: int | None = None
    expires_in_days: int | None = None
    expires_at: datetime | None = None
    preset: str | None = None
    weights: Mapping[str, float] | None = None
    proctored: bool | None = None
    help_level: str | None = None
    calibration: bool | None = None
    blind_review: bool | None = None


def chosen_weights(
    preset: str | None,
    weights: Mapping[str, float] | None,
    content: TaskContent,
    settings: Settings,
    *,
    other_components: bool,
) -> tuple[str | None, dict[str, float]]:
    """The vector that applies, and the preset it is.

    Raises:
        Unprocessable: `weights_and_preset`, `preset_unknown`, `weights_invalid`, `component_unknown`.
    """
    if weights is None:
        return effective_weights(preset, content.preset, content.weights, settings.score_weights)
    if preset is not None:
        raise Unprocessable("weights_and_preset", "Send weights or a preset, not both.")
    checked = check_weights(weights)
    check_components(checked, others=other_components)
    return None, checked


def effective(
    session: Session, wishes: Wishes, content: TaskContent, settings: Settings, *, other_components: bool = False
) -> dict[str, Any]:
    """The columns of a new assessment that its conditions are.

    Raises:
        Unprocessable: those of `chosen_weights`; `expiry_invalid`.
    """
    preset, weights = chosen_weights(
        wishes.preset, wishes.weights, content, settings, other_components=other_components
    )
    blind = defaults(session)["blind_review"] if wishes.blind_review is None else wishes.blind_review
    expires_at = expiry(wishes.expires_at, wishes.expires_in_days or settings.assessment_expiry_days)
    return {
        "duration_minutes": wishes.duration_minutes or content.duration_minutes,
        "expires_at": _end_of_day(expires_at) if blind and wishes.expires_at is None else expires_at,
        "preset": preset,
        "weights": weights,
        "weights_hash": weights_hash(weights),
        "proctored": content.proctoring if wishes.proctored is None else wishes.proctored,
        "help_level": wishes.help_level or content.help_level,
        "calibration": content.calibration_prompt is not None if wishes.calibration is None else wishes.calibration,
        "blind_review": blind,
    }


def _end_of_day(moment: datetime) -> datetime:
    """A span counted from now on would tell the moment of its making, which blind review hides (`blind.day`)."""
    return day(moment) + timedelta(days=1)


def expiry(at: datetime | None, days: int) -> datetime:
    """The moment until which an invitation can be started.

    Raises:
        Unprocessable: `expiry_invalid`.
    """
    moment = now()
    if at is None:
        return moment + timedelta(days=days)
    if not moment < at <= moment + LONGEST_INVITATION:
        raise Unprocessable("expiry_invalid", "An invitation expires between now and a year from now.")
    return at


def change(
    session: Session,
    actor: Staff,
    assessment_id: UUID,
    changes: Mapping[str, Any],
    settings: Settings,
    *,
    other_components: bool = False,
) -> None:
    """Change conditions. Those of the session only until it starts: then they are frozen. Blind review at any time.

    Raises:
        NotFound: `assessment_not_found`.
        Conflict: `assessment_started`, with the state.
        Forbidden: `unblinding_reserved`, when blind review ends by anybody but an owner.
        Unprocessable: those of `effective`.
    """
    row = session.execute(
        select(Assessment.task_version_id, Assessment.blind_review).where(Assessment.id == assessment_id)
    ).one_or_none()
    if row is None:
        raise NotFound("assessment_not_found", "There is no such assessment.")
    content = tasks.frozen_content(session, row.task_version_id)
    values: dict[str, Any] = {
        name: changes[name]
        for name in ("duration_minutes", "proctored", "help_level", "calibration")
        if name in changes
    }
    if changes.keys() & {"expires_at", "expires_in_days"}:
        values["expires_at"] = expiry(changes.get("expires_at"), changes.get("expires_in_days", 0))
    if changes.keys() & {"preset", "weights"}:
        preset, weights = chosen_weights(
            changes.get("preset"), changes.get("weights"), content, settings, other_components=other_components
        )
        values |= {"preset": preset, "weights": weights, "weights_hash": weights_hash(weights)}
    if values:
        _change_session(session, assessment_id, values)
    if "blind_review" in changes:
        _change_blindness(session, actor, assessment_id, blind=changes["blind_review"])
    shown = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    audit.record(
        session,
        actor,
        "assessment.changed",
        assessment_id,
        **shown,
        **({"blind_review": changes["blind_review"]} if "blind_review" in changes else {}),
    )


def _change_session(session: Session, assessment_id: UUID, values: dict[str, Any]) -> None:
    # Starting takes the same row first, so that one of the two comes second and sees what the other did.
    changed = session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id, Assessment.state == "invited")
        .values(**values)
        .returning(Assessment.id)
    ).scalar_one_or_none()
    if changed is None:
        state = session.execute(select(Assessment.state).where(Assessment.id == assessment_id)).scalar_one()
        raise Conflict(
            "assessment_started",
            f"Conditions can be changed until the candidate starts; this assessment is {state}.",
            state=state,
        )
    frozen: dict[str, Any] = {}
    if "duration_minutes" in values:
        frozen["allowed_time"] = timedelta(minutes=values["duration_minutes"])
    if "help_level" in values:
        frozen["help_level"] = values["help_level"]
    if frozen:
        session.execute(
            update(Attempt).where(Attempt.assessment_id == assessment_id, Attempt.state == "ready").values(**frozen)
        )


def _change_blindness(session: Session, actor: Staff, assessment_id: UUID, *, blind: bool) -> None:
    if not blind and not (isinstance(actor, UserActor) and actor.role == "owner"):
        was = session.execute(select(Assessment.blind_review).where(Assessment.id == assessment_id)).scalar_one()
        if was:
            raise Forbidden("unblinding_reserved", "Only an owner can end the blind review of an assessment.")
    values: dict[str, Any] = {"blind_review": blind}
    if blind:
        row = session.execute(
            select(Assessment.state, Assessment.created_at, Assessment.expires_at)
            .where(Assessment.id == assessment_id)
            .with_for_update()
        ).one()
        whole = row.state != "invited" or row.expires_at == day(row.expires_at)
        values["created_at"] = day(row.created_at)
        values["expires_at"] = day(row.expires_at) if whole else _end_of_day(row.expires_at)
    session.execute(update(Assessment).where(Assessment.id == assessment_id).values(**values))


def defaults(session: Session) -> dict[str, Any]:
    """What the organisation wants of every new assessment."""
    found = session.execute(select(AssessmentDefaults.blind_review)).scalar_one_or_none()
    return {"blind_review": bool(found)}


def set_defaults(session: Session, actor: Staff, *, blind_review: bool) -> dict[str, Any]:
    """Choose what holds for every new assessment; those that exist stay as they are."""
    session.execute(
        insert(AssessmentDefaults)
        .values(id=new_id(), created_at=now(), organization_id=actor.organization_id, blind_review=blind_review)
        .on_conflict_do_update(index_elements=["organization_id"], set_={"blind_review": blind_review})
    )
    audit.record(session, actor, "assessment_defaults.changed", actor.organization_id, blind_review=blind_review)
    return {"blind_review": blind_review}
