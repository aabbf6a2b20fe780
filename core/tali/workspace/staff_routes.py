"""What staff may do to the time of an attempt: more of it, and pauses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from tali.assessments import deadlines
from tali.assessments import service as assessments
from tali.assessments.blind import veil
from tali.assessments.models import ATTEMPT_STATES, Attempt
from tali.kernel.fields import written
from tali.kernel.http import Blueprint, InputSchema, Moment, answer_once
from tali.organizations.access import as_staff, resources
from tali.workspace import time

attempt_time = Blueprint("attempt_time", __name__, url_prefix="/api/v1", description="The time of an attempt.")


class AccommodationInput(InputSchema):
    """Extra time, in percent of the duration or in minutes or both. It replaces what was given before."""

    percent = ma.fields.Integer(load_default=0, strict=True, validate=ma.validate.OneOf(deadlines.EXTRA_PERCENTS))
    minutes = ma.fields.Integer(load_default=0, strict=True, validate=ma.validate.Range(0, deadlines.MAX_EXTRA_MINUTES))
    reason = written(1, 2_000, required=True)


class PauseInput(InputSchema):
    """Why the clock is to stand still."""

    reason = written(1, 2_000, required=True)


class AttemptTimeSchema(ma.Schema):
    """How much time there is."""

    state = ma.fields.String(required=True, validate=ma.validate.OneOf(ATTEMPT_STATES))
    extra_percent = ma.fields.Integer(required=True)
    extra_minutes = ma.fields.Integer(required=True)
    working_seconds = ma.fields.Integer(required=True)
    paused_seconds = ma.fields.Integer(required=True, metadata={"description": "Of the pauses that are over."})
    paused_at = Moment(required=True, allow_none=True)
    deadline = Moment(required=True, allow_none=True)


class GivenSchema(ma.Schema):
    """Extra time that was given."""

    percent = ma.fields.Integer(required=True)
    minutes = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)
    created_at = Moment(required=True)


class PauseSchema(ma.Schema):
    """A pause."""

    reason = ma.fields.String(required=True)
    started_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class TimeHistorySchema(AttemptTimeSchema):
    """How much time there is, and how that came about."""

    accommodations = ma.fields.List(ma.fields.Nested(GivenSchema), required=True)
    pauses = ma.fields.List(ma.fields.Nested(PauseSchema), required=True)


def _shown(attempt: Attempt) -> dict[str, Any]:
    return {
        "state": attempt.state,
        "extra_percent": attempt.extra_percent,
        "extra_minutes": attempt.extra_minutes,
        "working_seconds": int(deadlines.allowed(attempt).total_seconds()),
        "paused_seconds": int(attempt.paused_time.total_seconds()),
        "paused_at": attempt.paused_at,
        "deadline": attempt.deadline,
    }


@attempt_time.route("/assessments/<uuid:assessment_id>/time")
class TimeView(MethodView):
    @attempt_time.response(200, TimeHistorySchema)
    def get(self, assessment_id: UUID) -> Any:
        """The time of an attempt, with the reasons: they are personal, and not for viewers."""
        with as_staff("owner", "recruiter") as (session, _):
            assessment = assessments.get(session, assessment_id)
            attempt = assessments.attempt_of(session, assessment_id)
            hidden = veil(assessment)
            return {
                **_shown(attempt),
                "accommodations": [
                    {
                        "percent": given.percent,
                        "minutes": given.minutes,
                        "reason": hidden(given.reason),
                        "created_at": given.created_at,
                    }
                    for given in time.accommodations(session, attempt.id)
                ],
                "pauses": [
                    {
                        "reason": hidden(pause.reason),
                        "started_at": pause.started_at,
                        "ended_at": pause.ended_at,
                    }
                    for pause in time.pauses(session, attempt.id)
                ],
            }


@attempt_time.route("/assessments/<uuid:assessment_id>/accommodation")
class AccommodationView(MethodView):
    @attempt_time.arguments(AccommodationInput)
    @attempt_time.response(200, AttemptTimeSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Give more time, before the start or while the clock runs."""
        with as_staff("owner", "recruiter") as (session, actor):

            def give() -> Any:
                return _shown(time.accommodate(session, actor, assessment_id, **body))

            return answer_once(session, actor, resources().key_ring, AttemptTimeSchema, 200, give)


@attempt_time.route("/assessments/<uuid:assessment_id>/pause")
class PauseView(MethodView):
    @attempt_time.arguments(PauseInput)
    @attempt_time.response(200, AttemptTimeSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Any:
        """Stop the clock: the candidate waits, and loses no time."""
        with as_staff("owner", "recruiter") as (session, actor):
            return _shown(time.pause(session, actor, assessment_id, body["reason"]))


@attempt_time.route("/assessments/<uuid:assessment_id>/resume")
class ResumeView(MethodView):
    @attempt_time.response(200, AttemptTimeSchema)
    def post(self, assessment_id: UUID) -> Any:
        """Let the clock run on."""
        with as_staff("owner", "recruiter") as (session, actor):
            return _shown(time.resume(session, actor, assessment_id))
