"""Members: invited, given roles, let go; and people who belong to several organisations."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tali.kernel.actors import UserActor
from tali.kernel.clock import now
from tali.organizations import members
from tali.organizations.models import Membership, UserInvitation
from tali.organizations.sessions import COOKIE, COOKIE_PATH
from tests.mail import new_email

from .conftest import PASSWORD


def invite(tenant, email: str, role: str = "recruiter", **options):
    body = {"email": email, "full_name": "Rita Recruiter", "role": role}
    return tenant.call("POST", "/users/invite", json=body, **options)


def accept(client, token: str, password: str = PASSWORD):
    return client.post("/api/v1/auth/invitation/accept", json={"token": token, "password": password})


def look(client, token: str):
    return client.post("/api/v1/auth/invitation", json={"token": token})


def own_id(tenant) -> str:
    return tenant.call("GET", "/auth/me").json["user"]["id"]


def test_an_invited_person_chooses_a_password_and_is_in(browser, tenant, post) -> None:
    email = new_email()
    made = invite(tenant, email)
    assert (made.status, made.json["state"]) == (201, "open")
    mail = post.to(email)[0]
    assert "Olive Owner" in mail["subject"]
    token = post.token_to(email)
    view = look(browser, token).get_json()
    assert (view["email"], view["organization_name"], view["has_password"]) == (email, "Test organisation", False)
    answer = accept(browser, token)
    assert answer.status_code == 200
    assert answer.get_json()["me"]["role"] == "recruiter"
    members = tenant.call("GET", "/users").json["data"]
    assert [member["email"] for member in members][-1] == email
    assert tenant.call("GET", "/users/invitations").json["data"] == []


def test_looking_at_an_invitation_uses_nothing_up(browser, tenant, post) -> None:
    email = new_email()
    invite(tenant, email)
    token = post.token_to(email)
    for _ in range(3):
        assert look(browser, token).status_code == 200
    assert accept(browser, token).status_code == 200
    assert look(browser, token).get_json()["code"] == "invitation_invalid"


def test_an_invitation_is_taken_up_once_also_by_two_at_once(app, tenant, post) -> None:
    email = new_email()
    invite(tenant, email)
    token = post.token_to(email)
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda _: accept(app.test_client(), token).status_code, range(2)))
    assert answers[0] == 200
    assert answers[1] in {401, 409}
    assert [member["email"] for member in tenant.call("GET", "/users").json["data"]].count(email) == 1


def test_who_has_an_account_joins_with_its_password_and_no_other(browser, make_tenant, post, join) -> None:
    person, other = join(), make_tenant()
    assert invite(other, person["email"]).status == 201, "the inviter does not learn that there is an account"
    token = post.token_to(person["email"])
    assert look(browser, token).get_json()["has_password"] is True
    wrong = accept(browser, token, "whoever found the mail")
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "credentials_invalid")
    answer = accept(browser, token)
    assert answer.status_code == 200
    assert len(answer.get_json()["me"]["organizations"]) == 2
    login = browser.post("/api/v1/auth/login", json={"email": person["email"], "password": PASSWORD})
    assert login.status_code == 200, "the password is what it was"


def test_inviting_tells_a_stranger_and_a_member_elsewhere_apart_in_nothing(tenant, make_tenant, join, count) -> None:
    known = join(of=make_tenant())["email"]
    first = count.during(lambda: invite(tenant, known))
    assert first == count.during(lambda: invite(tenant, new_email()))


def test_who_has_no_password_yet_gets_one(browser, tenant, make_tenant, post) -> None:
    email = tenant.call("GET", "/auth/me").json["user"]["email"]
    invite(make_tenant(), email)
    token = post.token_to(email)
    short = accept(browser, token, "short")
    assert (short.status_code, short.get_json()["code"]) == (422, "password_too_short")
    assert accept(browser, token).status_code == 200
    assert browser.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}).status_code == 200


def test_members_and_the_invited_are_not_invited_again(tenant, join) -> None:
    person = join()
    member = invite(tenant, person["email"].upper())
    assert (member.status, member.json["code"], member.json["state"]) == (409, "already_member", "active")
    email = new_email()
    made = invite(tenant, email)
    again = invite(tenant, email)
    assert (again.status, again.json["code"], again.json["invitation_id"]) == (409, "invitation_open", made.json["id"])


def test_the_same_key_invites_once(tenant, post) -> None:
    email = new_email()
    first, second = invite(tenant, email, key="k1"), invite(tenant, email, key="k1")
    assert first.json == second.json
    assert len(post.to(email)) == 1


def test_a_new_mail_ends_the_link_of_the_one_before(browser, tenant, post, resources) -> None:
    email = new_email()
    made = invite(tenant, email).json
    old = post.token_to(email)
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(UserInvitation).values(expires_at=now() - timedelta(seconds=1)))
    assert tenant.call("GET", "/users/invitations").json["data"][0]["state"] == "expired"
    assert accept(browser, old).status_code == 401
    again = tenant.call("POST", f"/users/invitations/{made['id']}/resend")
    assert (again.status, again.json["state"]) == (200, "open")
    new = post.token_to(email)
    assert accept(browser, old).status_code == 401
    assert accept(browser, new).status_code == 200
    closed = tenant.call("POST", f"/users/invitations/{made['id']}/resend")
    assert (closed.status, closed.json["code"], closed.json["state"]) == (409, "invitation_closed", "accepted")


def test_an_invitation_that_was_taken_back_does_not_work(browser, tenant, post) -> None:
    email = new_email()
    made = invite(tenant, email).json
    token = post.token_to(email)
    assert tenant.call("DELETE", f"/users/invitations/{made['id']}").status == 204
    assert accept(browser, token).status_code == 401
    assert invite(tenant, email).status == 201, "they may be invited anew"


def test_an_invitation_taken_back_before_it_went_out_is_not_mailed(tenant, post) -> None:
    email = new_email()
    made = invite(tenant, email).json
    tenant.call("DELETE", f"/users/invitations/{made['id']}")
    assert post.to(email) == []


@pytest.mark.parametrize("role", ["recruiter", "viewer"])
def test_only_owners_manage_people(tenant, join, role: str) -> None:
    person = join(role)
    token = person["token"]
    assert tenant.call("GET", "/users", token=token).status == 200
    refused = [
        invite(tenant, new_email(), token=token),
        tenant.call("GET", "/users/invitations", token=token),
        tenant.call("PATCH", f"/users/{person['id']}", json={"role": "owner"}, token=token),
        tenant.call("POST", f"/users/{own_id(tenant)}/deactivate", token=token),
        tenant.call("GET", "/audit-log", token=token),
    ]
    assert [(answer.status, answer.json["code"]) for answer in refused] == [(403, "role_insufficient")] * 5


def test_a_key_manages_nobody(tenant) -> None:
    key = tenant.call("POST", "/api-keys", json={"name": "k"}).json["key"]
    for answer in (invite(tenant, new_email(), token=key), tenant.call("GET", "/users", token=key)):
        assert (answer.status, answer.json["code"]) == (403, "user_required")


def test_a_role_holds_from_the_next_request_on(tenant, join) -> None:
    person = join("recruiter")
    candidate = {"full_name": "A", "email": "a@example.com"}
    assert tenant.call("PATCH", f"/users/{person['id']}", json={"role": "viewer"}).json["role"] == "viewer"
    assert tenant.call("POST", "/candidates", json=candidate, token=person["token"]).status == 403
    assert tenant.call("GET", "/candidates", token=person["token"]).status == 200


def test_deactivating_ends_access_at_once_and_for_good(tenant, join) -> None:
    person = join()
    ended = tenant.call("POST", f"/users/{person['id']}/deactivate")
    assert (ended.status, ended.json["active"]) == (200, False)
    assert tenant.call("GET", "/auth/me", token=person["token"]).json["code"] == "session_ended"
    assert person["client"].post("/api/v1/auth/refresh").status_code == 401
    login = person["client"].post("/api/v1/auth/login", json={"email": person["email"], "password": PASSWORD})
    assert login.status_code == 401
    twice = tenant.call("POST", f"/users/{person['id']}/deactivate")
    assert (twice.status, twice.json["code"]) == (409, "already_deactivated")
    assert tenant.call("POST", f"/users/{person['id']}/reactivate").json["active"] is True
    assert tenant.call("GET", "/auth/me", token=person["token"]).status == 401, "an old token does not come alive again"
    login = person["client"].post("/api/v1/auth/login", json={"email": person["email"], "password": PASSWORD})
    assert login.status_code == 200


def test_a_refresh_that_comes_while_somebody_is_deactivated_waits_and_fails(tenant, join, resources) -> None:
    person = join()
    with ThreadPoolExecutor(1) as pool:
        with resources.database.tenant(tenant.organization_id) as session:
            owner = session.get_one(Membership, tenant.membership_id)
            actor = UserActor(tenant.organization_id, owner.user_id, owner.id, "owner")
            members.deactivate(session, actor, UUID(person["id"]))
            session.flush()
            refreshed = pool.submit(person["client"].post, "/api/v1/auth/refresh")
            with pytest.raises(TimeoutError):
                refreshed.result(timeout=0.5)
        answer = refreshed.result(timeout=10)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "session_ended")


@pytest.mark.parametrize("round_", range(6))
def test_once_somebody_is_deactivated_no_token_of_theirs_refreshes(round_: int, app, tenant, join) -> None:
    """Whatever came between: tokens that were renewed at the same moment end as well."""
    person = join()
    first = person["client"].get_cookie(COOKIE, path=COOKIE_PATH).value
    refreshers = 5
    barrier = threading.Barrier(refreshers + 1)

    def refresh(token: str) -> tuple[int, str | None, str | None]:
        client = app.test_client()
        client.set_cookie(COOKIE, token, path=COOKIE_PATH)
        answer = client.post("/api/v1/auth/refresh")
        if answer.status_code != 200:
            return answer.status_code, None, None
        return 200, client.get_cookie(COOKIE, path=COOKIE_PATH).value, answer.get_json()["access_token"]

    def at_the_same_moment(number: int) -> tuple[int, str | None, str | None]:
        barrier.wait()
        # Some begin a little later, so that the rounds differ in who comes first.
        time.sleep(number * round_ / 1000)
        return refresh(first)

    def deactivate() -> int:
        barrier.wait()
        time.sleep(round_ / 500)
        return tenant.call("POST", f"/users/{person['id']}/deactivate").status

    with ThreadPoolExecutor(refreshers + 1) as pool:
        ended = pool.submit(deactivate)
        answers = list(pool.map(at_the_same_moment, range(refreshers)))
    assert ended.result() == 200
    assert {status for status, _, _ in answers} <= {200, 401}
    tokens = {first} | {token for _, token, _ in answers if token}
    assert {refresh(token)[0] for token in tokens} == {401}
    for access in {access for _, _, access in answers if access} | {person["token"]}:
        assert tenant.call("GET", "/auth/me", token=access).json["code"] == "session_ended"
    assert tenant.call("POST", f"/users/{person['id']}/reactivate").status == 200
    assert {refresh(token)[0] for token in tokens} == {401}, "none of them comes alive again"


def test_the_last_owner_stays(tenant, join) -> None:
    me = own_id(tenant)
    for answer in (
        tenant.call("PATCH", f"/users/{me}", json={"role": "viewer"}),
        tenant.call("POST", f"/users/{me}/deactivate"),
    ):
        assert (answer.status, answer.json["code"]) == (409, "last_owner")
    join("owner")
    assert tenant.call("PATCH", f"/users/{me}", json={"role": "viewer"}).status == 200


def test_two_owners_who_let_each_other_go_at_once_leave_one(tenant, join) -> None:
    other = join("owner")
    tries = [(f"/users/{other['id']}", tenant.token), (f"/users/{own_id(tenant)}", other["token"])]

    def demote(attempt):
        path, token = attempt
        return tenant.call("PATCH", path, json={"role": "viewer"}, token=token).status

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(demote, tries))
    assert answers[0] == 200
    assert answers[1] in {403, 409}
    # Whoever is owner now sees exactly one.
    listed = tenant.call("GET", "/users").json["data"]
    assert [member["role"] for member in listed].count("owner") == 1


def test_people_of_two_organisations_go_from_one_to_the_other(app, make_tenant, join, post) -> None:
    first, second = make_tenant(), make_tenant()
    person = join(of=first)
    invite(second, person["email"], "viewer")
    client = app.test_client()
    me = accept(client, post.token_to(person["email"])).get_json()["me"]
    assert {one["id"] for one in me["organizations"]} == {str(first.organization_id), str(second.organization_id)}
    login = client.post("/api/v1/auth/login", json={"email": person["email"], "password": PASSWORD}).get_json()
    assert login["me"]["organization"]["id"] == str(second.organization_id), "the one that was used last"

    def switch(organization_id, token):
        return client.post(
            "/api/v1/auth/switch",
            json={"organization_id": str(organization_id)},
            headers={"Authorization": f"Bearer {token}"},
        )

    before = client.get_cookie("tali_refresh", path="/api/v1/auth").value
    there = switch(first.organization_id, login["access_token"])
    assert there.status_code == 200
    assert there.get_json()["me"]["organization"]["id"] == str(first.organization_id)
    assert there.get_json()["me"]["role"] == "recruiter"
    client.set_cookie("tali_refresh", before, path="/api/v1/auth")
    assert client.post("/api/v1/auth/refresh").status_code == 401, "the session that was left has ended"
    third = make_tenant()
    refused = switch(third.organization_id, there.get_json()["access_token"])
    assert (refused.status_code, refused.get_json()["code"]) == (404, "organization_not_found")


def test_one_organisation_ends_no_session_in_another(app, make_tenant, join, post) -> None:
    first, second = make_tenant(), make_tenant()
    person = join(of=first)
    invite(second, person["email"])
    there = accept(app.test_client(), post.token_to(person["email"])).get_json()
    assert first.call("POST", f"/users/{person['id']}/deactivate").status == 200
    assert first.call("GET", "/auth/me", token=person["token"]).status == 401
    me = second.call("GET", "/auth/me", token=there["access_token"])
    assert [one["id"] for one in me.json["organizations"]] == [str(second.organization_id)]


def test_lists_of_people_cost_the_same_for_few_and_many(tenant, join, count) -> None:
    def lists():
        assert tenant.call("GET", "/users").status == 200
        assert tenant.call("GET", "/users/invitations").status == 200
        assert tenant.call("GET", "/audit-log").status == 200

    join()
    invite(tenant, new_email())
    few = count.during(lists)
    for _ in range(2):
        join()
        invite(tenant, new_email())
    assert count.during(lists) == few


def test_members_come_page_by_page(tenant, join) -> None:
    for _ in range(2):
        join()
    first = tenant.call("GET", "/users?limit=2").json
    second = tenant.call("GET", f"/users?limit=2&cursor={first['next_cursor']}").json
    ids = [member["id"] for member in first["data"] + second["data"]]
    assert len(set(ids)) == 3
    assert second["next_cursor"] is None


def test_every_act_is_on_record_with_ids_alone(tenant, join, post) -> None:
    person = join()
    invitation = invite(tenant, new_email()).json
    tenant.call("POST", f"/users/invitations/{invitation['id']}/resend")
    tenant.call("DELETE", f"/users/invitations/{invitation['id']}")
    tenant.call("PATCH", f"/users/{person['id']}", json={"role": "viewer"})
    tenant.call("POST", f"/users/{person['id']}/deactivate")
    tenant.call("POST", f"/users/{person['id']}/reactivate")
    key = tenant.call("POST", "/api-keys", json={"name": "k"}).json
    tenant.call("DELETE", f"/api-keys/{key['id']}")
    tenant.call("PATCH", "/organization", json={"name": "Other"})
    entries = tenant.call("GET", "/audit-log").json["data"]
    assert [entry["action"] for entry in reversed(entries)] == [
        "session.started",
        "user.invited",
        "user.joined",
        "session.started",
        "user.invited",
        "user.invitation_resent",
        "user.invitation_revoked",
        "user.role_changed",
        "user.deactivated",
        "user.reactivated",
        "api_key.created",
        "api_key.revoked",
        "organization.changed",
    ]
    changed = next(entry for entry in entries if entry["action"] == "user.role_changed")
    assert changed["facts"] == {"before": "recruiter", "after": "viewer"}
    assert (changed["actor"], changed["actor_name"]) == (f"user:{own_id(tenant)}", "Olive Owner")
    stored = str([{**entry, "actor_name": None} for entry in entries])
    assert person["email"] not in stored
    assert "Rita" not in stored


def test_the_audit_log_is_found_by_action_subject_and_actor(tenant, join) -> None:
    person = join()
    tenant.call("PATCH", f"/users/{person['id']}", json={"role": "viewer"})

    def actions(query: str) -> set[str]:
        return {entry["action"] for entry in tenant.call("GET", f"/audit-log?{query}").json["data"]}

    assert actions("action=session.") == {"session.started"}
    assert actions("action=user.role") == {"user.role_changed"}
    assert actions(f"subject_id={person['id']}") == {"user.joined", "session.started", "user.role_changed"}
    assert actions(f"actor=user:{person['id']}") == {"user.joined", "session.started"}
    assert actions("action=%25") == set()
    first = tenant.call("GET", "/audit-log?limit=2").json
    rest = tenant.call("GET", f"/audit-log?limit=100&cursor={first['next_cursor']}").json
    assert len({entry["id"] for entry in first["data"] + rest["data"]}) == len(first["data"]) + len(rest["data"])


def test_an_invitation_is_in_the_database_by_hash_alone(tenant, post, resources) -> None:
    email = new_email()
    invite(tenant, email)
    token = post.token_to(email)
    with resources.database.tenant(tenant.organization_id) as session:
        row = session.execute(select(UserInvitation)).scalar_one()
        assert row.token_hash
        assert token not in str(vars(row))
