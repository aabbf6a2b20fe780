"""People: registering, forgotten passwords, invitations, members, and going from one organisation to another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from tali.kernel import rate_limit
from tali.kernel.clock import now
from tali.kernel.errors import Forbidden, NotFound, Unauthorized
from tali.kernel.http import Blueprint, PageQuery, answer_once, page_schema
from tali.kernel.ids import new_id
from tali.kernel.pagination import page
from tali.kernel.security import hash_password, verify_password
from tali.organizations import invitations, members, passwords, people_schemas, registration, schemas, service
from tali.organizations.access import as_user, resolve_credential, resources
from tali.organizations.models import Membership, UserInvitation
from tali.organizations.registration import Applicant
from tali.organizations.sessions import own_refresh_token, refuse_foreign_origin, session_answer

doors = Blueprint("doors", __name__, url_prefix="/api/v1/auth", description="Becoming somebody who can sign in.")
users = Blueprint("users", __name__, url_prefix="/api/v1", description="The members of the organisation.")


def _limit(name: str, subject: str, limit: int, seconds: int) -> None:
    rate_limit.hit(resources().valkey, name, subject, limit, seconds)


def _limit_this_machine(name: str, limit: int, seconds: int) -> None:
    _limit(name, request.remote_addr or "", limit, seconds)


@doors.route("/options")
class Options(MethodView):
    @doors.response(200, people_schemas.OptionsSchema)
    def get(self) -> dict[str, Any]:
        """What the sign-in page offers."""
        return {"registration": resources().settings.registration_open}


@doors.route("/register")
class Register(MethodView):
    @doors.arguments(people_schemas.RegistrationInput)
    @doors.response(202, people_schemas.OnItsWaySchema)
    def post(self, body: dict[str, Any]) -> dict[str, str]:
        """Register an organisation. A mail says how to go on; whether the address is known is not told here."""
        refuse_foreign_origin()
        if not resources().settings.registration_open:
            raise Forbidden("registration_closed", "This TALI takes no registrations. Ask its operator to be invited.")
        _limit_this_machine("register-from", 10, 3600)
        _limit("register", body["email"].lower(), 5, 3600)
        applicant = Applicant(body["email"], body["full_name"], hash_password(body["password"]))
        with resources().database.tenant(new_id()) as session:
            registration.register(session, body["organization_name"], applicant)
        return {"message": "A mail to this address says how to go on."}


@doors.route("/register/confirm")
class ConfirmRegistration(MethodView):
    @doors.arguments(people_schemas.ConfirmationInput)
    @doors.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Confirm the address with the mail's link and the password that was chosen, and be signed in."""
        refuse_foreign_origin()
        _limit_this_machine("confirm-from", 30, 900)
        found = resolve_credential("registration", body["token"])
        if found is None:
            raise registration.confirmation_invalid()
        organization_id, registration_id = found
        _limit("confirm", str(registration_id), 10, 900)
        with resources().database.tenant(organization_id) as session:
            chosen = registration.password_hash_of(session, registration_id)
        if chosen is None:
            raise registration.confirmation_invalid()
        if not verify_password(chosen, body["password"]):
            raise Unauthorized("credentials_invalid", "This is not the password that was chosen when registering.")
        with resources().database.tenant(organization_id) as session:
            signed_in = registration.confirm(session, registration_id, body["token"], resources().key_ring)
        return session_answer(signed_in, organization_id)


@doors.route("/password-reset")
class AskForReset(MethodView):
    @doors.arguments(people_schemas.ResetRequestInput)
    @doors.response(202, people_schemas.OnItsWaySchema)
    def post(self, body: dict[str, Any]) -> dict[str, str]:
        """Ask for a new password. An address that has an account gets a link by mail; the answer is always the same."""
        refuse_foreign_origin()
        _limit_this_machine("reset-from", 20, 900)
        with resources().database.nobody() as session:
            passwords.ask_for(session, "password_reset", body["email"])
        return {"message": "If this address has an account, a mail with a link is on its way."}


@doors.route("/password-reset/redeem")
class RedeemReset(MethodView):
    @doors.arguments(people_schemas.ResetInput)
    @doors.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Set a new password with the mail's link, once. Every session of yours ends; a new one begins here."""
        refuse_foreign_origin()
        _limit_this_machine("redeem-from", 30, 900)
        found = resolve_credential("password_reset", body["token"])
        if found is None:
            raise passwords.reset_invalid()
        password_hash = hash_password(body["password"])
        with resources().database.tenant(found[0]) as session:
            signed_in = passwords.redeem_reset(session, found[1], password_hash, resources().key_ring)
        return session_answer(signed_in, found[0])


@doors.route("/invitation")
class LookAtInvitation(MethodView):
    @doors.arguments(people_schemas.InvitationTokenInput)
    @doors.response(200, people_schemas.InvitationViewSchema)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """What an invitation's link is for. Changes nothing; a POST, so that the token is in no address."""
        _limit_this_machine("invitation-from", 60, 900)
        view, person = _invitation(body["token"])
        return {**view, "has_password": person.password_hash is not None}


@doors.route("/invitation/accept")
class AcceptInvitation(MethodView):
    @doors.arguments(people_schemas.AcceptInput)
    @doors.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Join the organisation and be signed in: with a password of your choice, or your account's own."""
        refuse_foreign_origin()
        _limit_this_machine("invitation-from", 60, 900)
        view, person = _invitation(body["token"])
        # Guessing at the account's password by this door counts as guessing at the other.
        _limit("login-to", view["email"].lower(), 100, 3600)
        _limit("login", f"{view['email'].lower()}|{request.remote_addr}", 10, 900)
        new_hash = invitations.check_password(person, body["password"])
        with resources().database.nobody() as session:
            organization_id, membership_id = invitations.accept(session, body["token"], person, new_hash)
        with resources().database.tenant(organization_id) as session:
            invitations.record_joining(session, membership_id)
            signed_in = service.sign_in(session, membership_id, resources().key_ring, by="invitation")
        return session_answer(signed_in, organization_id)


def _invitation(token: str) -> tuple[dict[str, Any], invitations.Person]:
    found = resolve_credential("user_invitation", token)
    if found is None:
        raise invitations.invitation_invalid()
    with resources().database.tenant(found[0]) as session:
        view = invitations.look_at(session, found[1])
    with resources().database.nobody() as session:
        return view, invitations.resolve_person(session, view["email"])


@doors.route("/switch")
class Switch(MethodView):
    @doors.arguments(people_schemas.SwitchInput)
    @doors.response(200, schemas.SessionSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Go to another organisation that you are a member of. This session ends, another begins there."""
        refuse_foreign_origin()
        with as_user() as (session, actor):
            me = service.me(session, actor.membership_id)
        with resources().database.nobody() as session:
            own = members.organizations_of(session, actor.user_id, me["session_version"])
        target = next((one for one in own if one["id"] == body["organization_id"]), None)
        if target is None:
            raise NotFound("organization_not_found", "You are not a member of this organisation.")
        left = own_refresh_token()
        with resources().database.tenant(target["id"]) as session:
            signed_in = service.sign_in(
                session,
                target["membership_id"],
                resources().key_ring,
                by="switch",
                session_version=me["session_version"],
            )
        if left is not None:
            with resources().database.tenant(left[0]) as session:
                service.revoke_token(session, left[1])
        return session_answer(signed_in, target["id"])


@users.route("/users")
class Users(MethodView):
    @users.arguments(PageQuery, location="query")
    @users.response(200, page_schema(people_schemas.MemberSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """The members, those whose access was ended too; the oldest first."""
        with as_user() as (session, _):
            rows = members.list_members(session, query["limit"], query["cursor"])
            listed = page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))
            return {**listed, "data": [_member(row) for row in listed["data"]]}


@users.route("/users/invite")
class Invite(MethodView):
    @users.arguments(people_schemas.UserInviteInput)
    @users.response(201, people_schemas.UserInvitationSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Invite somebody by mail."""
        with as_user("owner") as (session, actor):
            _limit("invite", str(actor.organization_id), 60, 3600)
            return answer_once(
                session,
                actor,
                resources().key_ring,
                people_schemas.UserInvitationSchema,
                201,
                lambda: _invited(invitations.invite(session, actor, **body)),
            )


@users.route("/users/invitations")
class Invitations(MethodView):
    @users.arguments(PageQuery, location="query")
    @users.response(200, page_schema(people_schemas.UserInvitationSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """Invitations that nobody has taken up yet, newest first."""
        with as_user("owner") as (session, _):
            rows = invitations.list_open(session, query["limit"], query["cursor"])
            listed = page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))
            return {**listed, "data": [_invited(row) for row in listed["data"]]}


@users.route("/users/invitations/<uuid:invitation_id>")
class InvitationView(MethodView):
    @users.response(204)
    def delete(self, invitation_id: UUID) -> None:
        """Take an invitation back."""
        with as_user("owner") as (session, actor):
            invitations.revoke(session, actor, invitation_id)


@users.route("/users/invitations/<uuid:invitation_id>/resend")
class ResendInvitation(MethodView):
    @users.response(200, people_schemas.UserInvitationSchema)
    def post(self, invitation_id: UUID) -> Any:
        """Mail an invitation again, for another week. The link of the mail before ends."""
        with as_user("owner") as (session, actor):
            _limit("invite", str(actor.organization_id), 60, 3600)
            _limit("invite-again", str(invitation_id), 5, 3600)
            return _invited(invitations.resend(session, actor, invitation_id))


@users.route("/users/<uuid:user_id>")
class UserView(MethodView):
    @users.arguments(people_schemas.MemberInput)
    @users.response(200, people_schemas.MemberSchema)
    def patch(self, body: dict[str, Any], user_id: UUID) -> Any:
        """Give a member another role."""
        with as_user("owner") as (session, actor):
            return _member(members.change_role(session, actor, user_id, body["role"]))


@users.route("/users/<uuid:user_id>/deactivate")
class Deactivate(MethodView):
    @users.response(200, people_schemas.MemberSchema)
    def post(self, user_id: UUID) -> Any:
        """End a member's access to this organisation, at once."""
        with as_user("owner") as (session, actor):
            return _member(members.deactivate(session, actor, user_id))


@users.route("/users/<uuid:user_id>/reactivate")
class Reactivate(MethodView):
    @users.response(200, people_schemas.MemberSchema)
    def post(self, user_id: UUID) -> Any:
        """Give a member access again."""
        with as_user("owner") as (session, actor):
            return _member(members.reactivate(session, actor, user_id))


def _member(row: Membership) -> dict[str, Any]:
    return {
        "id": row.user_id,
        "email": row.user.email,
        "full_name": row.user.full_name,
        "role": row.role,
        "active": row.active,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
    }


def _invited(row: UserInvitation) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.email,
        "full_name": row.full_name,
        "role": row.role,
        "state": invitations.state_of(row, now()),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }
