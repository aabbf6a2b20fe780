"""Candidates over HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from tali.candidates import privacy, schemas, service
from tali.kernel.actors import Role
from tali.kernel.http import Blueprint, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, resources

candidates = Blueprint("candidates", __name__, url_prefix="/api/v1", description="The people you assess.")
EDITORS: tuple[Role, ...] = ("owner", "recruiter")
IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024


@candidates.route("/candidates")
class Candidates(MethodView):
    @candidates.arguments(schemas.CandidateQuery, location="query")
    @candidates.response(200, page_schema(schemas.CandidateSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List candidates, newest first."""
        with as_staff() as (session, _):
            rows = service.list_candidates(
                session,
                query["q"],
                query["limit"],
                query["cursor"],
                system=query["system"],
                external_id=query["external_id"],
            )
            return page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))

    @candidates.arguments(schemas.CandidateInput)
    @candidates.response(201, schemas.CandidateSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Create a candidate."""
        with as_staff(*EDITORS) as (session, actor):
            return answer_once(
                session,
                actor,
                resources().key_ring,
                schemas.CandidateSchema,
                201,
                lambda: service.create(session, actor, **body),
            )


@candidates.route("/candidates/<uuid:candidate_id>")
class CandidateView(MethodView):
    @candidates.response(200, schemas.CandidateSchema)
    def get(self, candidate_id: UUID) -> Any:
        """One candidate."""
        with as_staff() as (session, _):
            return service.get(session, candidate_id)

    @candidates.arguments(schemas.CandidateChange)
    @candidates.response(200, schemas.CandidateSchema)
    def patch(self, body: dict[str, Any], candidate_id: UUID) -> Any:
        """Change name, e-mail address or ids elsewhere."""
        with as_staff(*EDITORS) as (session, actor):
            return service.change(session, actor, candidate_id, body)

    @candidates.response(204)
    def delete(self, candidate_id: UUID) -> None:
        """Delete a candidate who was never assessed. Whoever was is erased instead."""
        with as_staff(*EDITORS) as (session, actor):
            service.remove(session, actor, candidate_id)


@candidates.route("/candidates/<uuid:candidate_id>/export")
class Export(MethodView):
    @candidates.response(200, schemas.ExportSchema)
    def get(self, candidate_id: UUID) -> Response:
        """A copy of everything that is held about a candidate."""
        # Whole before the first byte goes out: a copy that breaks off in the middle would look like one.
        with ExitStack() as closing:
            copy = closing.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
            with as_staff(*EDITORS) as (session, actor):
                privacy.export(session, actor, candidate_id, copy)
            copy.seek(0)
            closing.pop_all()  # the response closes it
        response = Response(_pieces(copy), mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="candidate-{candidate_id}.json"'
        response.call_on_close(copy.close)
        return response


def _pieces(copy: IO[bytes]) -> Iterator[bytes]:
    with copy:
        while piece := copy.read(PIECE):
            yield piece


@candidates.route("/candidates/<uuid:candidate_id>/erase")
class Erase(MethodView):
    @candidates.response(200, schemas.ErasedSchema)
    def post(self, candidate_id: UUID) -> Any:
        """Delete a candidate with everything that was recorded: assessments, work and scores. Cannot be undone."""
        with as_staff(*EDITORS) as (session, actor):
            return {"rows": privacy.erase(session, actor, candidate_id)}
