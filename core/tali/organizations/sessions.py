"""The session as HTTP has it: an access token in the answer, the refresh token in a cookie, and whose page may ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, request

from tali.kernel.errors import Forbidden
from tali.organizations import members, schemas, service
from tali.organizations.access import resolve_credential, resources
from tali.organizations.service import SignedIn

COOKIE = "tali_refresh"
COOKIE_PATH = "/api/v1/auth"


def session_answer(signed_in: SignedIn, organization_id: UUID) -> Response:
    """A session that has begun, as the page gets it."""
    with resources().database.tenant(organization_id) as session:
        me = service.me(session, signed_in.membership_id)
    body = schemas.SessionSchema().dumps(
        {
            "access_token": signed_in.access_token,
            "expires_in": int(service.ACCESS_LIFETIME.total_seconds()),
            "me": with_organizations(me),
        }
    )
    response = Response(body, mimetype="application/json")
    response.set_cookie(
        COOKIE,
        signed_in.refresh_token,
        max_age=int(service.REFRESH_LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="Strict",
        secure=resources().settings.secure_cookies,
    )
    return response


def with_organizations(me: dict[str, Any]) -> dict[str, Any]:
    """Who is signed in, with everywhere they may go."""
    with resources().database.nobody() as session:
        return {**me, "organizations": members.organizations_of(session, me["user"]["id"], me["session_version"])}


def own_refresh_token() -> tuple[UUID, UUID] | None:
    """Organisation and row of the refresh token that came with the request."""
    token = request.cookies.get(COOKIE)
    return resolve_credential("refresh_token", token) if token else None


def refuse_foreign_origin() -> None:
    """The cookie is SameSite=Strict; a browser that ignores that still says where a request comes from."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    own = {urlsplit(resources().settings.public_url).netloc, request.host}
    if urlsplit(origin).netloc not in own:
        raise Forbidden("origin_not_allowed", "This address may not use the session cookie.")
