"""Scoring over HTTP: asking for another run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from tali.assessments import service as assessments
from tali.kernel.http import Blueprint, answer_once
from tali.organizations.access import as_staff, resources
from tali.scoring import service

scoring = Blueprint("scoring", __name__, url_prefix="/api/v1", description="Scores and how they come about.")


class ScoringStateSchema(ma.Schema):
    """How far scoring is."""

    state = ma.fields.String(required=True)


@scoring.route("/assessments/<uuid:assessment_id>/rescore")
class Rescore(MethodView):
    @scoring.response(202, ScoringStateSchema)
    def post(self, assessment_id: UUID) -> Response:
        """Score a completed assessment again; the scores so far stay on record."""
        with as_staff("owner", "recruiter") as (session, actor):

            def again() -> Any:
                assessments.get(session, assessment_id)
                service.request_rescore(session, assessment_id)
                return {"state": "pending"}

            return answer_once(session, actor, resources().key_ring, ScoringStateSchema, 202, again)
