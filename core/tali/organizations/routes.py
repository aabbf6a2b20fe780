"""Sign-in, the organisation itself, and its API keys."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from tali.kernel import rate_limit
from tali.kernel.errors import Forbidden
from tali.kernel.http import Blueprint, answer_once, page_schema
from tali.organizations import schemas, service
from tali.organizations.access import as_staff, as_user, resolve_credential, resources
from tali.organizations.service import ReusedToken, SignedIn

auth = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="Signing in to the admin UI.")
organization = Blueprint("organization", __name__, url_prefix="/api/v1", description="The organisation and its keys.")
COOKIE = "tali_refresh"
COOKIE_PATH = "/api/v1/auth"


def _session(signed_in: SignedIn, organization_id: UUID) -> Response:
    with resources().database.tenant(organization_id) as session:
        me = service.me(session, signed_in.membership_id)
    body = schemas.SessionSchema().dumps(
        {
            "access_token": signed_in.access_token,
            "expires_in": int(service.ACCESS_LIFETIME.total_seconds()),
            "me": me,
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


def _refuse_foreign_origin() -> None:
    """The cookie is SameSite=Strict; a browser that ignores that still says where a request comes from."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    own = {urlsplit(resources().settings.public_url).netloc, request.host}
    if urlsplit(origin).netloc not in own:
        raise Forbidden("origin_not_allowed", "This address may not use the session cookie.")


@auth.route("/links/redeem")
class SignInLinks(MethodView):
    @auth.arguments(schemas.SignInLinkInput)
    @auth.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Sign in with a one-time link."""
        _refuse_foreign_origin()
        rate_limit.hit(resources().valkey, "link", request.remote_addr or "", 30, 900)
        found = resolve_credential("sign_in_link", body["token"])
        if found is None:
            raise service.link_invalid()
        with resources().database.tenant(found[0]) as session:
            signed_in = service.redeem_sign_in_link(session, found[1], resources().key_ring)
        rate_limit.forget(resources().valkey, "link", request.remote_addr or "")
        return _session(signed_in, found[0])


@auth.route("/login")
class Login(MethodView):
    @auth.arguments(schemas.LoginInput)
    @auth.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Sign in with e-mail address and password."""
        _refuse_foreign_origin()
        # Also over all e-mail addresses: one machine must not try one password on everybody. A success does not start
        # this one over, or a single account of one's own would lift it.
        rate_limit.hit(resources().valkey, "login-from", request.remote_addr or "", 60, 900)
        subject = f"{body['email'].lower()}|{request.remote_addr}"
        rate_limit.hit(resources().valkey, "login", subject, 10, 900)
        with resources().database.nobody() as session:
            found = service.resolve_login(session, body["email"])
        checked = service.check_login(found, body["password"])
        with resources().database.tenant(checked.organization_id) as session:
            signed_in = service.login(session, checked, resources().key_ring)
        rate_limit.forget(resources().valkey, "login", subject)
        return _session(signed_in, checked.organization_id)


@auth.route("/refresh")
class Refresh(MethodView):
    @auth.response(200, schemas.SessionSchema)
    def post(self) -> Response:
        """Renew the session with the refresh cookie."""
        _refuse_foreign_origin()
        token = request.cookies.get(COOKIE)
        found = resolve_credential("refresh_token", token) if token else None
        if found is None:
            raise service.session_ended()
        try:
            with resources().database.tenant(found[0]) as session:
                signed_in = service.refresh(session, found[1], resources().key_ring)
        except ReusedToken as reused:
            with resources().database.tenant(found[0]) as session:
                service.revoke_family(session, reused.family_id)
            raise
        return _session(signed_in, found[0])


@auth.route("/logout")
class Logout(MethodView):
    @auth.response(204)
    def post(self) -> Response:
        """End the session, here and in its other tabs."""
        _refuse_foreign_origin()
        token = request.cookies.get(COOKIE)
        found = resolve_credential("refresh_token", token) if token else None
        if found is not None:
            with resources().database.tenant(found[0]) as session:
                service.revoke_token(session, found[1])
        response = Response(status=204)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)
        return response


@auth.route("/me")
class Me(MethodView):
    @auth.response(200, schemas.MeSchema)
    def get(self) -> dict[str, Any]:
        """Who is signed in."""
        with as_user() as (session, actor):
            return service.me(session, actor.membership_id)


@auth.route("/password")
class Password(MethodView):
    @auth.arguments(schemas.PasswordInput)
    @auth.response(204)
    def post(self, body: dict[str, Any]) -> None:
        """Set your password. Every other session of yours ends; this one goes on with `POST /auth/refresh`."""
        with as_user() as (session, actor):
            email = service.email_of(session, actor)
        # Over all sessions of a person: an access token that got away must not find out the password.
        rate_limit.hit(resources().valkey, "password", str(actor.user_id), 10, 900)
        with resources().database.nobody() as session:
            found = service.resolve_login(session, email)
        password_hash = service.new_password_hash(found, actor, body["password"], body["current_password"])
        assert found is not None  # noqa: S101 -- there would be no hash
        token = request.cookies.get(COOKIE)
        own = resolve_credential("refresh_token", token) if token else None
        with as_user() as (session, actor):
            service.set_password(session, actor, found.session_version, password_hash, own[1] if own else None)
        rate_limit.forget(resources().valkey, "password", str(actor.user_id))


@organization.route("/organization")
class OrganizationView(MethodView):
    @organization.response(200, schemas.OrganizationSchema)
    def get(self) -> Any:
        """Your organisation."""
        with as_staff() as (session, actor):
            return service.organization(session, actor)

    @organization.arguments(schemas.OrganizationInput)
    @organization.response(200, schemas.OrganizationSchema)
    def patch(self, body: dict[str, Any]) -> Any:
        """Change its name, or the origins that may embed assessments."""
        with as_user("owner") as (session, actor):
            return service.change_organization(session, actor, body)


@organization.route("/api-keys")
class ApiKeys(MethodView):
    @organization.response(200, page_schema(schemas.ApiKeySchema))
    def get(self) -> Any:
        """All API keys."""
        with as_user("owner") as (session, _):
            return {"data": service.list_api_keys(session), "next_cursor": None}

    @organization.arguments(schemas.ApiKeyInput)
    @organization.response(201, schemas.NewApiKeySchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Make an API key. Its secret is in this answer and nowhere else."""
        with as_user("owner") as (session, actor):

            def create() -> Any:
                key, secret = service.create_api_key(session, actor.organization_id, body["name"])
                return {
                    "id": key.id,
                    "name": key.name,
                    "prefix": key.prefix,
                    "created_at": key.created_at,
                    "last_used_at": None,
                    "revoked_at": None,
                    "key": secret,
                }

            return answer_once(session, actor, resources().key_ring, schemas.NewApiKeySchema, 201, create)


@organization.route("/api-keys/<uuid:key_id>")
class ApiKeyView(MethodView):
    @organization.response(204)
    def delete(self, key_id: UUID) -> None:
        """Revoke an API key."""
        with as_user("owner") as (session, _):
            service.revoke_api_key(session, key_id)
