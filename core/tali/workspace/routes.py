"""The candidate's session over HTTP. The bearer is the attempt: no path names one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app
from flask.views import MethodView

from tali.kernel.database import database_now
from tali.kernel.errors import Unavailable
from tali.kernel.http import Blueprint, answer_once
from tali.kernel.valkey import CancelFlag
from tali.organizations.access import as_candidate, candidate_actor, resources
from tali.plugins import ProviderUnknown
from tali.workspace import answers, calibrations, executions, files, schemas, service, turns, work
from tali.workspace.files import Accepted
from tali.workspace.models import CalibrationTurn, ExecutionRecord, Turn
from tali.workspace.work import StreamSlots

session_blueprint = Blueprint("session", __name__, url_prefix="/api/v1/session", description="A candidate's session.")


def _slots() -> StreamSlots:
    slots = current_app.extensions["tali.streams"]
    assert isinstance(slots, StreamSlots)  # noqa: S101
    return slots


def _saved(accepted: Accepted) -> dict[str, Any]:
    if accepted.problem is not None:
        raise accepted.problem
    return {"accepted_seq": accepted.accepted_seq, "hash": accepted.hash, "saved_at": accepted.saved_at}


def _as_turn(turn: Turn | CalibrationTurn) -> Any:
    return answers.TurnSchema().dump(turns.present(turn))


def _as_execution(execution: ExecutionRecord) -> Any:
    return answers.ExecutionSchema().dump(executions.present(execution))


def _require_assistant(name: str) -> None:
    try:
        resources().plugins.provider("assistants", name)
    except ProviderUnknown:
        why = f"The assistant {name} is not installed here at the moment."
        if name == "none":
            why = "No assistant is set up here (TALI_ASSISTANT, or Settings → Plugins)."
        raise Unavailable("provider_not_configured", f"{why} You can go on without one.") from None


@session_blueprint.route("")
class SessionView(MethodView):
    @session_blueprint.response(200, answers.SessionViewSchema)
    def get(self) -> Any:
        """The session as it is."""
        with as_candidate() as (session, actor):
            return service.view(session, actor, resources())


@session_blueprint.route("/clock")
class ClockView(MethodView):
    @session_blueprint.response(200, answers.ClockSchema)
    def get(self) -> Any:
        """How the time stands. It can change while a page is open: extra time, pauses."""
        with as_candidate() as (session, actor):
            return service.clock(session, actor)


@session_blueprint.route("/start")
class Start(MethodView):
    @session_blueprint.arguments(schemas.StartInput)
    @session_blueprint.response(200, answers.SessionViewSchema)
    def post(self, body: dict[str, Any]) -> Any:
        """Consent and start the clock."""
        with as_candidate() as (session, actor):
            moment = database_now(session)
            service.start(session, actor, body["consent_version"], resources(), moment)
            session.flush()
            return service.view(session, actor, resources())


@session_blueprint.route("/calibration/chat")
class CalibrationChat(MethodView):
    @session_blueprint.arguments(schemas.CalibrationInput)
    @session_blueprint.response(202, answers.TurnStartedSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Send a message of the warm-up, before the clock starts; read the reply at `calibration/turns/{id}`."""
        service.spare(resources(), candidate_actor(), "messages")
        with as_candidate() as (session, actor):

            def ask() -> Any:
                turn = calibrations.ask(session, resources(), actor.attempt_id, body)
                _require_assistant(turn.assistant)
                return {"turn": turns.present(turn)}

            return answer_once(session, actor, resources().key_ring, answers.TurnStartedSchema, 202, ask)


@session_blueprint.route("/calibration/turns/<uuid:turn_id>")
class CalibrationTurnView(MethodView):
    @session_blueprint.arguments(schemas.WorkQuery, location="query")
    @session_blueprint.response(200, answers.TurnProgressSchema)
    def get(self, query: dict[str, Any], turn_id: UUID) -> Response:
        """A reply of the warm-up as it comes: server-sent events, or JSON."""
        actor, slots = candidate_actor(), _slots()
        after, wait = query["after"], query["wait"]
        return work.answer(resources(), slots, actor, CalibrationTurn, turn_id, after, wait, _as_turn)


@session_blueprint.route("/calibration/turns/<uuid:turn_id>/cancel")
class CalibrationTurnCancel(MethodView):
    @session_blueprint.response(200, answers.TurnSchema)
    def post(self, turn_id: UUID) -> Any:
        """Stop a reply of the warm-up; what came so far stays."""
        turn = work.find(resources(), candidate_actor(), CalibrationTurn, turn_id)
        if turn.state in work.UNFINISHED:
            CancelFlag(resources().valkey, work.subject(CalibrationTurn, turn_id)).raise_flag()
        return turns.present(turn)


@session_blueprint.route("/calibration/finish")
class CalibrationFinish(MethodView):
    @session_blueprint.response(200, answers.SessionViewSchema)
    def post(self) -> Any:
        """Be done with the warm-up. Starting does the same."""
        with as_candidate() as (session, actor):
            calibrations.finish(session, resources(), actor.attempt_id)
            session.flush()
            return service.view(session, actor, resources())


@session_blueprint.route("/takeover")
class TakeOver(MethodView):
    @session_blueprint.response(200, answers.SessionViewSchema)
    def post(self) -> Any:
        """Make this window the one that writes."""
        service.spare(resources(), candidate_actor(), "takeovers")
        with as_candidate() as (session, actor):
            service.take_over(session, actor.attempt_id)
            session.flush()
            return service.view(session, actor, resources())


@session_blueprint.route("/workspace")
class Workspace(MethodView):
    @session_blueprint.arguments(schemas.WorkspaceInput)
    @session_blueprint.response(200, schemas.SavedSchema)
    def post(self, body: dict[str, Any]) -> Any:
        """Save edits. What is acknowledged is on disk."""
        service.spare(resources(), candidate_actor(), "saves")
        with as_candidate() as (session, actor):
            accepted = files.accept_batches(session, actor.attempt_id, body["batches"])
        return _saved(accepted)


@session_blueprint.route("/workspace/snapshot")
class Snapshot(MethodView):
    @session_blueprint.arguments(schemas.SnapshotInput)
    @session_blueprint.response(200, schemas.SavedSchema)
    def post(self, body: dict[str, Any]) -> Any:
        """Save all files as they are, after a divergence."""
        service.spare(resources(), candidate_actor(), "saves")
        with as_candidate() as (session, actor):
            accepted = files.accept_snapshot(session, actor.attempt_id, body)
        return _saved(accepted)


@session_blueprint.route("/chat")
class Chat(MethodView):
    @session_blueprint.arguments(schemas.ChatInput)
    @session_blueprint.response(202, answers.TurnStartedSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Send a message to the assistant; read the reply at `turns/{id}`."""
        service.spare(resources(), candidate_actor(), "messages")
        with as_candidate() as (session, actor):

            def ask() -> Any:
                turn = turns.ask(session, resources().settings, actor.attempt_id, body)
                _require_assistant(turn.assistant)
                return {"turn": turns.present(turn)}

            return answer_once(session, actor, resources().key_ring, answers.TurnStartedSchema, 202, ask)


@session_blueprint.route("/turns")
class Turns(MethodView):
    @session_blueprint.arguments(schemas.TurnsQuery, location="query")
    @session_blueprint.response(200, answers.TurnsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """The conversation, the newest turns or those before number `before`."""
        with as_candidate() as (session, actor):
            found, earlier = turns.page(session, actor.attempt_id, query["before"])
            return {"turns": [turns.present(turn) for turn in found], "earlier_turns": earlier}


@session_blueprint.route("/turns/<uuid:turn_id>")
class TurnView(MethodView):
    @session_blueprint.arguments(schemas.WorkQuery, location="query")
    @session_blueprint.response(200, answers.TurnProgressSchema)
    def get(self, query: dict[str, Any], turn_id: UUID) -> Response:
        """A reply as it comes: server-sent events, or JSON."""
        after, wait = query["after"], query["wait"]
        return work.answer(resources(), _slots(), candidate_actor(), Turn, turn_id, after, wait, _as_turn)


@session_blueprint.route("/turns/<uuid:turn_id>/cancel")
class TurnCancel(MethodView):
    @session_blueprint.response(200, answers.TurnSchema)
    def post(self, turn_id: UUID) -> Any:
        """Stop a reply; what came so far stays."""
        turn = work.find(resources(), candidate_actor(), Turn, turn_id)
        if turn.state in work.UNFINISHED:
            CancelFlag(resources().valkey, work.subject(Turn, turn_id)).raise_flag()
        return turns.present(turn)


@session_blueprint.route("/execute")
class Execute(MethodView):
    @session_blueprint.arguments(schemas.ExecuteInput)
    @session_blueprint.response(202, answers.ExecutionStartedSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Run a file or the visible tests; read the output at `executions/{id}`."""
        service.spare(resources(), candidate_actor(), "runs")
        with as_candidate() as (session, actor):

            def run() -> Any:
                execution = executions.request_run(session, actor.attempt_id, body)
                state = service.sandbox_state(resources(), execution.sandbox)
                if not state["available"]:
                    raise Unavailable("sandbox_unavailable", state["reason"])
                return {"execution": executions.present(execution)}

            return answer_once(session, actor, resources().key_ring, answers.ExecutionStartedSchema, 202, run)


@session_blueprint.route("/executions/<uuid:execution_id>")
class ExecutionView(MethodView):
    @session_blueprint.arguments(schemas.WorkQuery, location="query")
    @session_blueprint.response(200, answers.ExecutionProgressSchema)
    def get(self, query: dict[str, Any], execution_id: UUID) -> Response:
        """A run's output as it comes: server-sent events, or JSON."""
        actor, slots = candidate_actor(), _slots()
        after, wait = query["after"], query["wait"]
        return work.answer(resources(), slots, actor, ExecutionRecord, execution_id, after, wait, _as_execution)


@session_blueprint.route("/executions/<uuid:execution_id>/cancel")
class ExecutionCancel(MethodView):
    @session_blueprint.response(200, answers.ExecutionSchema)
    def post(self, execution_id: UUID) -> Any:
        """Stop a run."""
        execution = work.find(resources(), candidate_actor(), ExecutionRecord, execution_id)
        if execution.state in work.UNFINISHED:
            CancelFlag(resources().valkey, work.subject(ExecutionRecord, execution_id)).raise_flag()
        return executions.present(execution)


@session_blueprint.route("/events")
class Events(MethodView):
    @session_blueprint.arguments(schemas.EventsInput)
    @session_blueprint.response(204)
    def post(self, body: dict[str, Any]) -> None:
        """Report focus, tab switches, pastes and copies."""
        service.spare(resources(), candidate_actor(), "events")
        with as_candidate() as (session, actor):
            service.observe(session, actor.attempt_id, body["events"])


@session_blueprint.route("/submit")
class Submit(MethodView):
    @session_blueprint.arguments(schemas.SubmitInput)
    @session_blueprint.response(200, answers.SubmittedSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Hand in. The answer tells the end; everything else was told before."""
        with as_candidate() as (session, actor):

            def hand_in() -> Any:
                return service.submit(session, actor, body, resources())

            return answer_once(session, actor, resources().key_ring, answers.SubmittedSchema, 200, hand_in)
