"""Assessments over HTTP: create, list, change, cancel, delete. What came out of one is told by reports."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from tali.assessments import bulk, cards, conditions, invitations, listing, schemas, service
from tali.assessments.conditions import Wishes
from tali.assessments.listing import Wanted
from tali.assessments.service import NewAssessment
from tali.kernel.actors import ApiKeyActor
from tali.kernel.http import Blueprint, answer_once, page_schema
from tali.kernel.pagination import page
from tali.kernel.rate_limit import hit
from tali.organizations.access import as_staff, as_user, resources
from tali.tasks.weights import adds_components

assessments = Blueprint("assessments", __name__, url_prefix="/api/v1", description="Invitations and their life.")


def _wishes(body: dict[str, Any]) -> Wishes:
    return Wishes(**{field.name: body[field.name] for field in fields(Wishes)})


@assessments.route("/assessments")
class Assessments(MethodView):
    @assessments.arguments(schemas.AssessmentQuery, location="query")
    @assessments.response(200, page_schema(schemas.AssessmentSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List assessments: filtered, searched by candidate, newest or highest score first."""
        wanted = Wanted(query["state"], query["task_id"], query["q"], query["sort"])
        with as_staff() as (session, _):
            rows = listing.list_assessments(session, wanted, query["limit"], query["cursor"])
            listed = [cards.summary(row) for row in rows]
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
            conditions=_wishes(body),
            send_invitation=body["send_invitation"],
            again=body["again"],
        )
        with as_staff("owner", "recruiter") as (session, actor):
            settings, key_ring = resources().settings, resources().key_ring

            def create() -> Any:
                others = adds_components(resources().plugins)
                created = service.create(session, actor, wish, settings, key_ring, other_components=others)
                attempt = service.attempt_of(session, created.id)
                hand_over = isinstance(actor, ApiKeyActor) or not wish.send_invitation
                return cards.card(created, attempt, actor, settings, key_ring, hand_over=hand_over)

            return answer_once(session, actor, key_ring, schemas.AssessmentCardSchema, 201, create)


@assessments.route("/assessments/<uuid:assessment_id>")
class AssessmentView(MethodView):
    @assessments.arguments(schemas.ChangeInput)
    @assessments.response(200, schemas.AssessmentCardSchema)
    def patch(self, body: dict[str, Any], assessment_id: UUID) -> Any:
        """Change conditions; those of the session until the candidate starts."""
        with as_staff("owner", "recruiter") as (session, actor):
            held = resources()
            others = adds_components(held.plugins)
            conditions.change(session, actor, assessment_id, body, held.settings, other_components=others)
            changed = service.get(session, assessment_id)
            attempt = service.attempt_of(session, assessment_id)
            return cards.card(changed, attempt, actor, held.settings, held.key_ring)

    @assessments.response(204)
    def delete(self, assessment_id: UUID) -> None:
        """Delete an assessment with everything that was recorded in it."""
        with as_staff("owner", "recruiter") as (session, actor):
            service.remove(session, actor, assessment_id, resources().valkey)


@assessments.route("/assessments/<uuid:assessment_id>/cancel")
class Cancel(MethodView):
    @assessments.response(200, schemas.AssessmentSchema)
    def post(self, assessment_id: UUID) -> Any:
        """Take an invitation back."""
        with as_staff("owner", "recruiter") as (session, actor):
            return cards.summary(service.cancel(session, actor, assessment_id))


@assessments.route("/assessments/<uuid:assessment_id>/resend")
class Resend(MethodView):
    @assessments.arguments(schemas.ResendInput)
    @assessments.response(200, schemas.AssessmentCardSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Send the invitation again. An expired one holds again; with `void_old_link` the link before it does not."""
        with as_staff("owner", "recruiter") as (session, actor):
            settings, key_ring = resources().settings, resources().key_ring

            def resend() -> Any:
                # A link that got away is made void whatever has been mailed in the last hour.
                limit = "resend-anew" if body["void_old_link"] else "resend"
                hit(resources().valkey, limit, str(assessment_id), *invitations.RESENDS)
                sent = invitations.resend(session, actor, assessment_id, settings, key_ring, **body)
                return cards.card(sent, service.attempt_of(session, assessment_id), actor, settings, key_ring)

            return answer_once(session, actor, key_ring, schemas.AssessmentCardSchema, 200, resend)


@assessments.route("/assessments/bulk")
class Bulk(MethodView):
    @assessments.arguments(schemas.BulkInput)
    @assessments.response(202, schemas.BulkTakenSchema)
    @assessments.alt_response(200, schema=schemas.BulkTakenSchema, description="A preview.")
    def post(self, body: dict[str, Any]) -> Response:
        """Invite a list of people to a task. With `preview` nothing is created: the answer tells what is wrong."""
        with as_staff("owner", "recruiter") as (session, actor):

            def begin() -> Any:
                return bulk.begin(
                    session,
                    actor,
                    body["task_id"],
                    body["people"],
                    _wishes(body),
                    resources().settings,
                    send_invitation=body["send_invitation"],
                    other_components=adds_components(resources().plugins),
                    preview=body["preview"],
                )

            status = 200 if body["preview"] else 202
            return answer_once(session, actor, resources().key_ring, schemas.BulkTakenSchema, status, begin)


@assessments.route("/assessments/bulk/<uuid:bulk_id>")
class BulkView(MethodView):
    @assessments.arguments(schemas.BulkQuery, location="query")
    @assessments.response(200, schemas.BulkSchema)
    def get(self, query: dict[str, Any], bulk_id: UUID) -> Any:
        """How far a list is, and its rows."""
        with as_staff("owner", "recruiter") as (session, _):
            found = bulk.progress(session, bulk_id, query["state"], query["limit"], query["cursor"])
        return {**found, **page(found["rows"], query["limit"], lambda row: (row["number"],))}


@assessments.route("/assessment-defaults")
class Defaults(MethodView):
    @assessments.response(200, schemas.DefaultsSchema)
    def get(self) -> Any:
        """What holds for every new assessment."""
        with as_staff() as (session, _):
            return conditions.defaults(session)

    @assessments.arguments(schemas.DefaultsInput)
    @assessments.response(200, schemas.DefaultsSchema)
    def patch(self, body: dict[str, Any]) -> Any:
        """Choose what holds for every new assessment."""
        with as_user("owner") as (session, actor):
            return conditions.set_defaults(session, actor, blind_review=body["blind_review"])
