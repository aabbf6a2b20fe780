"""Candidates over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from tali.candidates import schemas, service
from tali.kernel.http import Blueprint, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, resources

candidates = Blueprint("candidates", __name__, url_prefix="/api/v1", description="The people you assess.")


@candidates.route("/candidates")
class Candidates(MethodView):
    @candidates.arguments(schemas.CandidateQuery, location="query")
    @candidates.response(200, page_schema(schemas.CandidateSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List candidates, newest first."""
        with as_staff() as (session, _):
            rows = service.list_candidates(session, query["q"], query["limit"], query["cursor"])
            return page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))

    @candidates.arguments(schemas.CandidateInput)
    @candidates.response(201, schemas.CandidateSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Create a candidate."""
        with as_staff("owner", "recruiter") as (session, actor):
            return answer_once(
                session,
                actor,
                resources().key_ring,
                schemas.CandidateSchema,
                201,
                lambda: service.create(session, **body),
            )
