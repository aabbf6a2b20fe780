"""Assessments over HTTP: create, list, cancel, delete. What came out of one is told by reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from tali.assessments import listing, schemas, service
from tali.assessments.listing import Wanted
from tali.assessments.service import NewAssessment
from tali.kernel.http import Blueprint, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, resources

assessments = Blueprint("assessments", __name__, url_prefix="/api/v1", description="Invitations and their life.")


@assessments.route("/assessments")
class Assessments(MethodView):
    @assessments.arguments(schemas.AssessmentQuery, location="query")
    @assessments.response(200, page_schema(schemas.AssessmentSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List assessments: filtered, searched by candidate, newest or highest score first."""
        wanted = Wanted(query["status"], query["task_id"], query["q"], query["sort"])
        with as_staff() as (session, _):
            rows = listing.list_assessments(session, wanted, query["limit"], query["cursor"])
            listed = [service.summary(row) for row in rows]
        return page(listed, query["limit"], listing.position(wanted.sort))

    @assessments.arguments(schemas.AssessmentInput)
    @assessments.response(201, schemas.AssessmentCardSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Invite a candidate to a task."""
        person = body["candidate"] or {}
        wish = NewAssessment(
            task_id=body["task_id"],
            candidate_id=body["candidate_id"],
            candidate_name=person.get("full_name"),
            candidate_email=person.get("email"),
            duration_minutes=body["duration_minutes"],
            expires_in_days=body["expires_in_days"],
            preset=body["preset"],
            proctored=body["proctored"],
        )
        with as_staff("owner", "recruiter") as (session, actor):
            settings, key_ring = resources().settings, resources().key_ring

            def create() -> Any:
                created = service.create(session, actor, wish, settings, key_ring)
                return service.card(created, service.attempt_of(session, created.id), actor, settings, key_ring)

            return answer_once(session, actor, key_ring, schemas.AssessmentCardSchema, 201, create)


@assessments.route("/assessments/<uuid:assessment_id>")
class AssessmentView(MethodView):
    @assessments.response(204)
    def delete(self, assessment_id: UUID) -> None:
        """Delete an assessment with everything that was recorded in it."""
        with as_staff("owner", "recruiter") as (session, _):
            service.remove(session, assessment_id)


@assessments.route("/assessments/<uuid:assessment_id>/cancel")
class Cancel(MethodView):
    @assessments.response(200, schemas.AssessmentSchema)
    def post(self, assessment_id: UUID) -> Any:
        """Take an invitation back."""
        with as_staff("owner", "recruiter") as (session, _):
            return service.summary(service.cancel(session, assessment_id))
