"""Scoring over HTTP: another run, other weights, the scores on record, and what people rated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.kernel.http import Blueprint, PageQuery, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, as_user, resources
from tali.scoring import likeness, mixes, ratings, schemas, service
from tali.scoring.mixes import Mix
from tali.tasks.weights import adds_components

scoring = Blueprint("scoring", __name__, url_prefix="/api/v1", description="Scores and how they come about.")


def _mix(session: Session, assessment_id: UUID, body: dict[str, Any]) -> Mix:
    held = resources()
    return mixes.mix(
        session,
        assessments.get(session, assessment_id),
        body["preset"],
        body["weights"],
        held.settings,
        other_components=adds_components(held.plugins),
    )


@scoring.route("/assessments/<uuid:assessment_id>/rescore")
class Rescore(MethodView):
    @scoring.arguments(schemas.MixInput, required=False)
    @scoring.response(202, schemas.RescoreSchema)
    @scoring.alt_response(200, schema=schemas.RescoreSchema, description="A score by other weights.")
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Score a completed assessment again; the scores so far stay on record.

        With `weights` or `preset` the known values are weighed anew, at once. Without, tests and evaluators run again.
        """
        with as_staff("owner", "recruiter") as (session, actor):
            reweigh = body["weights"] is not None or body["preset"] is not None

            def again() -> Any:
                assessments.get(session, assessment_id)
                if reweigh:
                    score = mixes.reweigh(session, actor, assessment_id, _mix(session, assessment_id, body))
                    state = assessments.get(session, assessment_id).scoring_state
                    return {"state": state, "score": mixes.present(score)}
                service.request_rescore(session, actor, assessment_id)
                return {"state": "pending", "score": None}

            status = 200 if reweigh else 202
            return answer_once(session, actor, resources().key_ring, schemas.RescoreSchema, status, again)


@scoring.route("/assessments/<uuid:assessment_id>/score-preview")
class ScorePreview(MethodView):
    @scoring.arguments(schemas.MixInput)
    @scoring.response(200, schemas.MixedScoreSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Any:
        """What other weights would give; nothing is stored."""
        with as_staff(scope="read") as (session, _):
            wanted = _mix(session, assessment_id, body)
            return mixes.preview(session, assessments.get(session, assessment_id), wanted)


@scoring.route("/assessments/<uuid:assessment_id>/scores")
class Scores(MethodView):
    @scoring.arguments(PageQuery, location="query")
    @scoring.response(200, page_schema(schemas.ScoreSchema))
    def get(self, query: dict[str, Any], assessment_id: UUID) -> Any:
        """Every score of an assessment, newest first, each with what it was made of and what it supersedes."""
        with as_staff() as (session, _):
            rows = mixes.list_scores(session, assessment_id, query["limit"], query["cursor"])
            shown = [mixes.present(score) for score in rows]
        return page(shown, query["limit"], lambda row: (row["id"],))


@scoring.route("/assessments/<uuid:assessment_id>/likeness")
class Likeness(MethodView):
    @scoring.response(200, schemas.LikenessSchema)
    def get(self, assessment_id: UUID) -> Any:
        """Other attempts of the task whose code is alike, and how many people have seen the task. Facts, no verdict."""
        with as_staff() as (session, _):
            return likeness.likeness(session, assessment_id)


@scoring.route("/assessments/<uuid:assessment_id>/ratings")
class Ratings(MethodView):
    @scoring.arguments(PageQuery, location="query")
    @scoring.response(200, page_schema(schemas.RatingSchema))
    def get(self, query: dict[str, Any], assessment_id: UUID) -> Any:
        """What people rated. While the review is blind, everybody sees their own ratings alone."""
        with as_staff() as (session, actor):
            rows = ratings.list_ratings(session, actor, assessment_id, query["limit"], query["cursor"])
            shown = ratings.present(session, rows)
        return page(shown, query["limit"], lambda row: (row["id"],))

    @scoring.arguments(schemas.RatingInput)
    @scoring.response(201, schemas.RatingSchema)
    def post(self, body: dict[str, Any], assessment_id: UUID) -> Response:
        """Rate a judged signal, 0 to 10. It is data, and moves no score."""
        with as_user("owner", "recruiter") as (session, actor):

            def rate() -> Any:
                made = ratings.rate(
                    session, actor, assessment_id, body["dimension"], body["value"], blind=body["blind"]
                )
                return ratings.present(session, [made])[0]

            return answer_once(session, actor, resources().key_ring, schemas.RatingSchema, 201, rate)
