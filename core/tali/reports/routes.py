"""Reports over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from tali.kernel.http import Blueprint, PageQuery, page_schema
from tali.kernel.pagination import page
from tali.organizations.access import as_staff, resources
from tali.reports import calibration, recording, schemas, service
from tali.reports.compare import compare

reports = Blueprint("reports", __name__, url_prefix="/api/v1", description="What an assessment came to.")


@reports.route("/assessments/<uuid:assessment_id>")
class Detail(MethodView):
    @reports.response(200, schemas.AssessmentDetailSchema)
    def get(self, assessment_id: UUID) -> Any:
        """One assessment, whole: settings, score, components, signals, tests."""
        with as_staff() as (session, actor):
            return service.detail(session, actor, assessment_id, resources().settings, resources().key_ring)


@reports.route("/assessments/<uuid:assessment_id>/prompts")
class Prompts(MethodView):
    @reports.arguments(PageQuery, location="query")
    @reports.response(200, page_schema(schemas.PromptSchema))
    def get(self, query: dict[str, Any], assessment_id: UUID) -> Any:
        """The conversation with the assistant, in order."""
        with as_staff() as (session, _):
            rows = recording.prompts(session, assessment_id, query["limit"], query["cursor"])
        return page(rows, query["limit"], lambda row: (row["index"],))


@reports.route("/assessments/<uuid:assessment_id>/calibration")
class CalibrationTaken(MethodView):
    @reports.response(200, schemas.CalibrationTakenSchema)
    def get(self, assessment_id: UUID) -> Any:
        """The warm-up before the clock started: the conversation, and what a judge made of it."""
        with as_staff() as (session, _):
            return calibration.taken(session, assessment_id)


@reports.route("/calibration")
class CalibrationAverage(MethodView):
    @reports.response(200, schemas.CalibrationAverageSchema)
    def get(self) -> Any:
        """How the organisation's candidates did in their warm-ups."""
        with as_staff() as (session, _):
            return calibration.average(session)


@reports.route("/assessments/<uuid:assessment_id>/code-snapshots/<uuid:snapshot_id>")
class CodeSnapshotView(MethodView):
    @reports.response(200, schemas.CodeSnapshotFilesSchema)
    def get(self, assessment_id: UUID, snapshot_id: UUID) -> Any:
        """All files as they were around a prompt."""
        with as_staff() as (session, _):
            return recording.snapshot(session, assessment_id, snapshot_id)


@reports.route("/assessments/<uuid:assessment_id>/code")
class Code(MethodView):
    @reports.response(200, schemas.CodeSchema)
    def get(self, assessment_id: UUID) -> Any:
        """The files as handed in, beside what the candidate was given."""
        with as_staff() as (session, _):
            return recording.code(session, assessment_id)


@reports.route("/assessments/<uuid:assessment_id>/timeline")
class Timeline(MethodView):
    @reports.arguments(PageQuery, location="query")
    @reports.response(200, page_schema(schemas.TimelineEventSchema))
    def get(self, query: dict[str, Any], assessment_id: UUID) -> Any:
        """The session as it happened, in order."""
        with as_staff() as (session, actor):
            return recording.events(session, actor, assessment_id, query["limit"], query["cursor"])


@reports.route("/compare")
class Compare(MethodView):
    @reports.arguments(schemas.CompareQuery, location="query")
    @reports.response(200, schemas.ComparisonSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Two to four assessments side by side. Where scores were not made alike, the answer says what differs."""
        with as_staff() as (session, _):
            return compare(session, query["ids"])
