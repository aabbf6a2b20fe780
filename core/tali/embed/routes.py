"""Tokens for host pages, and opening a session with one."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask.views import MethodView

from tali.embed import schemas, service
from tali.kernel import rate_limit
from tali.kernel.errors import Unauthorized
from tali.kernel.http import Blueprint, answer_once
from tali.organizations.access import as_staff, resolve_credential, resources
from tali.workspace import service as workspace
from tali.workspace.answers import OpenedSchema

embed = Blueprint("embed", __name__, url_prefix="/api/v1", description="Letting candidates in.")


@embed.route("/embed-sessions")
class EmbedSessions(MethodView):
    @embed.arguments(schemas.EmbedSessionInput)
    @embed.response(201, schemas.EmbedSessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Mint a one-time token. Call it from your backend; the page passes the token to the widget."""
        with as_staff("owner", "recruiter") as (session, actor):

            def mint() -> Any:
                assessment, token = service.mint(session, actor, body["assessment_id"])
                return {
                    "token": token,
                    "public_id": assessment.public_id,
                    "expires_in": int(service.TOKEN_LIFETIME.total_seconds()),
                    "embed_url": f"{resources().settings.public_url}/embed/s/{assessment.public_id}",
                }

            return answer_once(session, actor, resources().key_ring, schemas.EmbedSessionSchema, 201, mint)


@embed.route("/session/open")
class Open(MethodView):
    @embed.arguments(schemas.OpenInput)
    @embed.response(200, OpenedSchema)
    def post(self, body: dict[str, Any]) -> Any:
        """Trade an embed token, an invitation or a resume key for a bearer."""
        rate_limit.hit(resources().valkey, "open", request.remote_addr or "", 600, 60)
        kind = next(name for name in schemas.WAYS_IN if name in body)
        found = resolve_credential(kind, body[kind])
        if found is None:
            raise Unauthorized(
                "token_invalid", "This link or token is not known here. Open your invitation link again."
            )
        organization_id, row_id = found
        key_ring = resources().key_ring
        with resources().database.tenant(organization_id) as session:
            if kind == "embed_token":
                opened = service.exchange(session, row_id, body["nonce"], key_ring)
            elif kind == "invitation":
                opened = service.accept_invitation(session, row_id, key_ring)
            else:
                opened = service.resume(session, row_id, body["resume_key"], key_ring)
            view = workspace.view(session, opened.actor, resources())
        return {
            "bearer": opened.bearer,
            "expires_in": int(service.BEARER_LIFETIME.total_seconds()),
            "resume_key": opened.resume_key,
            "session": view,
        }
