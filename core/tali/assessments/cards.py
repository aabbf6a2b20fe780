"""How assessments are shown: the row of a list, and the card with conditions and ways in."""

from __future__ import annotations

from typing import Any

from tali.assessments import deadlines
from tali.assessments.blind import is_blind, shown_candidate
from tali.assessments.models import Assessment, Attempt
from tali.assessments.service import invitation_url
from tali.kernel.actors import Staff, UserActor
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings


def embed_snippet(settings: Settings) -> str:
    """The two lines that a host page needs."""
    return (
        f'<script type="module" src="{settings.public_url}/embed/v1.js"></script>\n'
        '<tali-assessment session="ONE_TIME_TOKEN"></tali-assessment>'
    )


def summary(assessment: Assessment) -> dict[str, Any]:
    """A row of the list."""
    return {
        "id": assessment.id,
        "state": assessment.state,
        "blind": is_blind(assessment),
        "candidate": shown_candidate(assessment),
        "task": {"id": assessment.task.id, "title": assessment.task.title},
        "created_at": assessment.created_at,
        "started_at": assessment.started_at,
        "submitted_at": assessment.submitted_at,
        "expires_at": assessment.expires_at,
        "scoring_state": assessment.scoring_state,
        "score": assessment.score,
        "measured_score": assessment.measured_score,
        "overridden": assessment.overridden,
        "weights_hash": assessment.weights_hash,
        "coverage": assessment.coverage,
        "flag_count": assessment.flag_count,
        "decision": assessment.decision,
    }


def card(
    assessment: Assessment,
    attempt: Attempt,
    actor: Staff,
    settings: Settings,
    key_ring: KeyRing,
    *,
    hand_over: bool = False,
) -> dict[str, Any]:
    """An assessment with its conditions and its ways in. Who only reads gets no link: whoever has it sits it.

    Nor does a blind reviewer, to whom it would show the name; `hand_over` is for whoever has just created it and
    delivers the link themselves.
    """
    author = assessment.created_by
    reader = actor.role == "viewer" if isinstance(actor, UserActor) else "assessments:write" not in actor.scopes
    hidden = reader or (is_blind(assessment) and not hand_over)
    return {
        **summary(assessment),
        "invitation_url": None if hidden else invitation_url(assessment, settings, key_ring),
        "embed": {"public_id": assessment.public_id, "snippet": embed_snippet(settings)},
        "duration_minutes": assessment.duration_minutes,
        "extra_percent": attempt.extra_percent,
        "extra_minutes": attempt.extra_minutes,
        "working_seconds": int(deadlines.allowed(attempt).total_seconds()),
        "deadline": attempt.deadline,
        "paused_at": attempt.paused_at,
        "preset": assessment.preset,
        "weights": assessment.weights,
        "proctored": assessment.proctored,
        "help_level": assessment.help_level,
        "calibration": assessment.calibration,
        "blind_review": assessment.blind_review,
        "created_by": {"full_name": author.user.full_name} if author else None,
    }
