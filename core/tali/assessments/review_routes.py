"""Reviewing over HTTP: notes, decisions, overrides, and lifting a blind."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from tali.assessments import blind, review, schemas, service
from tali.assessments import review_schemas as shapes
from tali.kernel.http import Blueprint, PageQuery, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, as_user, resources

reviewing = Blueprint("reviewing", __name__, url_prefix="/api/v1", description="What people say about an assessment.")


@reviewing.route("/assessments/<uuid:assessment_id>/notes")
class Notes(MethodView):
    @reviewing.arguments(PageQuery, location="query")
    @reviewing.response(200, page_schema(shapes.NoteSchema))
    def get(self, query: dict[str, Any], assessment_id: UUID) -> Any:
        """List notes as they were written."""
        with as_staff() as (session, actor):
            veil = blind.veil(service.get(session, assessment_id))
            found = review.list_notes(session, assessment_id, query["limit"], query["cursor"])
            shown = review.present_notes(session, found, actor)
            shown = [veil.over(note, "text") for note in shown]
        return page(shown, query["limit"], lambda note: (note["id"],))

    @reviewing.arguments(shapes.NoteInput)
    @reviewing.response(201, shapes.NoteSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Write a note; it is shown in the timeline."""
        with as_staff("owner", "recruiter") as (session, actor):

            def add() -> Any:
                note = review.add_note(session, actor, assessment_id, body["text"], body["event_seq"])
                return review.present_notes(session, [note], actor)[0]

            return answer_once(session, actor, resources().key_ring, shapes.NoteSchema, 201, add)


@reviewing.route("/assessments/<uuid:assessment_id>/notes/<uuid:note_id>")
class NoteView(MethodView):
    @reviewing.arguments(shapes.NoteEditInput)
    @reviewing.response(200, shapes.NoteSchema)
    def patch(self, body: dict[str, Any], assessment_id: UUID, note_id: UUID) -> Any:
        """Change one's own note."""
        with as_staff("owner", "recruiter") as (session, actor):
            note = review.edit_note(session, actor, assessment_id, note_id, body["text"])
            return review.present_notes(session, [note], actor)[0]

    @reviewing.response(204)
    def delete(self, assessment_id: UUID, note_id: UUID) -> None:
        """Delete one's own note."""
        with as_staff("owner", "recruiter") as (session, actor):
            review.delete_note(session, actor, assessment_id, note_id)


@reviewing.route("/assessments/<uuid:assessment_id>/decision")
class DecisionView(MethodView):
    @reviewing.arguments(shapes.DecisionInput)
    @reviewing.response(201, shapes.DecisionSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Record a decision. `advance` and `reject` end a blind review."""
        with as_staff("owner", "recruiter") as (session, actor):

            def decide() -> Any:
                made = review.decide(session, actor, assessment_id, body["verdict"], body["reason"])
                return review.present_verdicts(session, [made])[0]

            return answer_once(session, actor, resources().key_ring, shapes.DecisionSchema, 201, decide)


@reviewing.route("/assessments/<uuid:assessment_id>/override")
class OverrideView(MethodView):
    @reviewing.arguments(shapes.OverrideInput)
    @reviewing.response(201, shapes.OverrideSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Put a score in place of the measured one; both stay on record."""
        with as_staff("owner", "recruiter") as (session, actor):

            def override() -> Any:
                made = review.override(session, actor, assessment_id, body["value"], body["reason"])
                return review.present_verdicts(session, [made])[0]

            return answer_once(session, actor, resources().key_ring, shapes.OverrideSchema, 201, override)

    @reviewing.response(204)
    def delete(self, assessment_id: UUID) -> None:
        """Withdraw it: the measured score counts again."""
        with as_staff("owner", "recruiter") as (session, actor):
            review.withdraw_override(session, actor, assessment_id)


@reviewing.route("/assessments/<uuid:assessment_id>/unblind")
class Unblind(MethodView):
    @reviewing.response(200, schemas.UnblindedSchema)
    def post(self, assessment_id: UUID) -> Any:
        """Tell an owner who the candidate is, in this answer alone. It is written to the audit log."""
        with as_user("owner") as (session, actor):
            return blind.unblind(session, actor, service.get(session, assessment_id))
