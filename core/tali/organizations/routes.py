"""Signing in, the organisation itself, its API keys and its audit log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from tali.kernel import rate_limit
from tali.kernel.errors import TooManyRequests
from tali.kernel.http import Blueprint, PageQuery, answer_once, page_schema
from tali.kernel.pagination import page
from tali.organizations import audit, passwords, schemas, service
from tali.organizations.access import as_staff, as_user, resolve_credential, resources
from tali.organizations.service import ReusedToken
from tali.organizations.sessions import (
    COOKIE,
    COOKIE_PATH,
    own_refresh_token,
    refuse_foreign_origin,
    session_answer,
    with_organizations,
)

auth = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="Signing in to the admin UI.")
organization = Blueprint("organization", __name__, url_prefix="/api/v1", description="The organisation and its keys.")


@auth.route("/links/redeem")
class SignInLinks(MethodView):
    @auth.arguments(schemas.SignInLinkInput)
    @auth.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Sign in with a one-time link."""
        refuse_foreign_origin()
        rate_limit.hit(resources().valkey, "link", request.remote_addr or "", 30, 900)
        found = resolve_credential("sign_in_link", body["token"])
        if found is None:
            raise service.link_invalid()
        with resources().database.tenant(found[0]) as session:
            signed_in = service.redeem_sign_in_link(session, found[1], resources().key_ring)
        rate_limit.forget(resources().valkey, "link", request.remote_addr or "")
        return session_answer(signed_in, found[0])


@auth.route("/login")
class Login(MethodView):
    @auth.arguments(schemas.LoginInput)
    @auth.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Sign in with e-mail address and password."""
        refuse_foreign_origin()
        # Also over all e-mail addresses: one machine must not try one password on everybody. A success does not start
        # this one over, or a single account of one's own would lift it.
        rate_limit.hit(resources().valkey, "login-from", request.remote_addr or "", 60, 900)
        email = body["email"].lower()
        subject = f"{email}|{request.remote_addr}"
        try:
            rate_limit.hit(resources().valkey, "login", subject, 10, 900)
            # From everywhere: many machines must not share the guessing. High, since it locks the person out as well.
            rate_limit.hit(resources().valkey, "login-to", email, 100, 3600)
        except TooManyRequests as refusal:
            if refusal.first:
                with resources().database.nobody() as session:
                    passwords.ask_for(session, "lockout", email)
            raise
        with resources().database.nobody() as session:
            found = service.resolve_login(session, body["email"])
        checked = service.check_login(found, body["password"])
        with resources().database.tenant(checked.organization_id) as session:
            signed_in = service.login(session, checked, resources().key_ring)
        rate_limit.forget(resources().valkey, "login", subject)
        rate_limit.forget(resources().valkey, "login-to", email)
        return session_answer(signed_in, checked.organization_id)


@auth.route("/refresh")
class Refresh(MethodView):
    @auth.response(200, schemas.SessionSchema)
    def post(self) -> Response:
        """Renew the session with the refresh cookie."""
        refuse_foreign_origin()
        found = own_refresh_token()
        if found is None:
            raise service.session_ended()
        try:
            with resources().database.tenant(found[0]) as session:
                signed_in = service.refresh(session, found[1], resources().key_ring)
        except ReusedToken as reused:
            with resources().database.tenant(found[0]) as session:
                service.revoke_family(session, reused.family_id)
            raise
        return session_answer(signed_in, found[0])


@auth.route("/logout")
class Logout(MethodView):
    @auth.response(204)
    def post(self) -> Response:
        """End the session, here and in its other tabs."""
        refuse_foreign_origin()
        found = own_refresh_token()
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
            me = service.me(session, actor.membership_id)
        return with_organizations(me)


@auth.route("/password")
class Password(MethodView):
    @auth.arguments(schemas.PasswordInput)
    @auth.response(204)
    def post(self, body: dict[str, Any]) -> None:
        """Set your password. Every other session of yours ends; this one goes on with `POST /auth/refresh`."""
        with as_user() as (session, actor):
            email = passwords.email_of(session, actor)
        # Over all sessions of a person: an access token that got away must not find out the password.
        rate_limit.hit(resources().valkey, "password", str(actor.user_id), 10, 900)
        with resources().database.nobody() as session:
            found = service.resolve_login(session, email)
        password_hash = passwords.new_password_hash(found, actor, body["password"], body["current_password"])
        assert found is not None  # noqa: S101 -- there would be no hash
        own = own_refresh_token()
        with as_user() as (session, actor):
            passwords.set_password(session, actor, found.session_version, password_hash, own[1] if own else None)
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
    @organization.arguments(PageQuery, location="query")
    @organization.response(200, page_schema(schemas.ApiKeySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """The API keys, newest first."""
        with as_user("owner") as (session, _):
            rows = service.list_api_keys(session, query["limit"], query["cursor"])
            return page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))

    @organization.arguments(schemas.ApiKeyInput)
    @organization.response(201, schemas.NewApiKeySchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Make an API key. Its secret is in this answer and nowhere else."""
        with as_user("owner") as (session, actor):

            def create() -> Any:
                key, secret = service.create_api_key(session, actor.organization_id, **body)
                audit.record(session, actor, "api_key.created", key.id, scopes=key.scopes)
                return {
                    **schemas.ApiKeySchema().dump(key),
                    "created_at": key.created_at,
                    "expires_at": key.expires_at,
                    "key": secret,
                }

            return answer_once(session, actor, resources().key_ring, schemas.NewApiKeySchema, 201, create)


@organization.route("/api-keys/<uuid:key_id>")
class ApiKeyView(MethodView):
    @organization.response(204)
    def delete(self, key_id: UUID) -> None:
        """Revoke an API key."""
        with as_user("owner") as (session, actor):
            service.revoke_api_key(session, key_id)
            audit.record(session, actor, "api_key.revoked", key_id)


@organization.route("/audit-log")
class AuditLog(MethodView):
    @organization.arguments(schemas.AuditQuery, location="query")
    @organization.response(200, page_schema(schemas.AuditEntrySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """Who did what to which thing, newest first."""
        with as_user("owner") as (session, _):
            rows = audit.list_entries(session, **query)
            names = audit.names_of(session, {row.actor for row in rows})
            listed = page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))
            listed["data"] = [{**vars(row), "actor_name": names.get(row.actor)} for row in listed["data"]]
            return listed
