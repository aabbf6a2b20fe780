"""Signing in: links that work once, cookies that rotate, and answers that give nothing away."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, update

from tali.jobs.kinds import SWEEPS
from tali.kernel import security
from tali.kernel.actors import UserActor
from tali.kernel.clock import now
from tali.kernel.ids import new_id
from tali.kernel.plugin_services import PluginEntry
from tali.organizations import members, service
from tali.organizations.models import Membership, RefreshToken, SignInLink, User
from tests.mail import new_email

DAY = timedelta(days=1)
PASSWORD = "correct horse battery staple"  # pragma: allowlist secret


@pytest.fixture
def new_link(tenant, resources):
    def make() -> str:
        with resources.database.tenant(tenant.organization_id) as session:
            return service.create_sign_in_link(session, session.get_one(Membership, tenant.membership_id))

    return make


@pytest.fixture
def browser(app):
    return app.test_client()


def redeem(browser, token):
    return browser.post("/api/v1/auth/links/redeem", json={"token": token})


def refresh(browser):
    return browser.post("/api/v1/auth/refresh")


def set_password(tenant, password=PASSWORD, **body) -> None:
    """Set it, and renew the access token as a page does."""
    assert tenant.call("POST", "/auth/password", json={"password": password, **body}).status == 204
    tenant.token = refresh(tenant.client).get_json()["access_token"]


def test_a_link_works_once(browser, new_link) -> None:
    token = new_link()
    assert redeem(browser, token).status_code == 200
    again = redeem(browser, token)
    assert (again.status_code, again.get_json()["code"]) == (401, "link_invalid")


def test_a_new_link_ends_the_one_before(browser, new_link) -> None:
    old, new = new_link(), new_link()
    assert redeem(browser, old).status_code == 401
    assert redeem(browser, new).status_code == 200


def test_the_refresh_cookie_is_out_of_scripts_and_other_sites_reach(browser, new_link) -> None:
    cookie = redeem(browser, new_link()).headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"):
        assert attribute in cookie


def test_refreshing_rotates_and_a_late_reuse_ends_the_family(browser, app, new_link, tenant, resources) -> None:
    redeem(browser, new_link())
    first = browser.get_cookie("tali_refresh", path="/api/v1/auth").value
    assert browser.post("/api/v1/auth/refresh").status_code == 200
    second = browser.get_cookie("tali_refresh", path="/api/v1/auth").value
    assert second != first
    thief = app.test_client()
    thief.set_cookie("tali_refresh", first, path="/api/v1/auth")
    assert thief.post("/api/v1/auth/refresh").status_code == 200, "within ten seconds: a race between tabs"
    assert thief.get_cookie("tali_refresh", path="/api/v1/auth").value == second
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(
            update(RefreshToken).where(RefreshToken.used_at.is_not(None)).values(used_at=now() - timedelta(seconds=11))
        )
    thief.set_cookie("tali_refresh", first, path="/api/v1/auth")
    stolen = thief.post("/api/v1/auth/refresh")
    assert (stolen.status_code, stolen.get_json()["code"]) == (401, "session_ended")
    assert browser.post("/api/v1/auth/refresh").status_code == 401, "the honest tab is asked to sign in again"


@pytest.mark.parametrize("ending", ["logout", "deactivation"])
def test_a_token_that_is_born_while_the_session_ends_ends_with_it(browser, new_link, tenant, resources, ending) -> None:
    redeem(browser, new_link())
    with resources.database.tenant(tenant.organization_id) as session:
        newest = session.execute(select(RefreshToken).order_by(RefreshToken.created_at.desc()).limit(1)).scalar_one()
    with resources.database.owner() as session:
        other = User(id=new_id(), email=new_email(), full_name="Another Owner")
        session.add(other)
        session.flush()
        session.add(Membership(organization_id=tenant.organization_id, user_id=other.id, role="owner", active=True))

    def end() -> None:
        with resources.database.tenant(tenant.organization_id) as session:
            if ending == "logout":
                service.revoke_token(session, newest.id)
            else:
                me = session.get_one(Membership, tenant.membership_id)
                actor = UserActor(tenant.organization_id, me.user_id, me.id, "owner")
                members.deactivate(session, actor, me.user_id)

    with ThreadPoolExecutor(1) as pool:
        with resources.database.tenant(tenant.organization_id) as session:
            service.refresh(session, newest.id, resources.key_ring)
            session.flush()
            ended = pool.submit(end)
            with pytest.raises(TimeoutError):
                ended.result(timeout=0.5)
        ended.result(timeout=10)
    with resources.database.tenant(tenant.organization_id) as session:
        alive = select(RefreshToken.id).where(
            RefreshToken.family_id == newest.family_id, RefreshToken.revoked_at.is_(None)
        )
        assert session.execute(alive).all() == []


def test_another_sites_page_cannot_use_the_cookie(browser, new_link) -> None:
    redeem(browser, new_link())
    answer = browser.post("/api/v1/auth/refresh", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "origin_not_allowed")


def test_logging_out_ends_the_session_everywhere(browser, new_link) -> None:
    redeem(browser, new_link())
    kept = browser.get_cookie("tali_refresh", path="/api/v1/auth").value
    assert browser.post("/api/v1/auth/logout").status_code == 204
    browser.set_cookie("tali_refresh", kept, path="/api/v1/auth")
    assert browser.post("/api/v1/auth/refresh").status_code == 401


def test_a_password_signs_in_and_a_wrong_one_says_as_little_as_a_wrong_address(browser, tenant) -> None:
    email = tenant.call("GET", "/auth/me").json["user"]["email"]
    set_password(tenant)

    def login(address: str, password: str):
        return browser.post("/api/v1/auth/login", json={"email": address, "password": password})

    assert login(email.upper(), PASSWORD).status_code == 200
    wrong, unknown = login(email, "not it"), login("nobody@example.com", "not it")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()


def test_too_many_tries_are_stopped(browser, tenant) -> None:
    answers = [
        browser.post("/api/v1/auth/login", json={"email": "target@example.com", "password": "x"}) for _ in range(11)
    ]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_changing_a_password_asks_for_the_one_before(tenant) -> None:
    set_password(tenant)
    refused = tenant.call("POST", "/auth/password", json={"password": "another good password"})
    assert (refused.status, refused.json["code"]) == (403, "current_password_wrong")


def test_a_raised_session_version_ends_access_tokens_at_once(tenant, resources) -> None:
    user_id = tenant.call("GET", "/auth/me").json["user"]["id"]
    with resources.database.owner() as session:
        session.execute(update(User).where(User.id == user_id).values(session_version=2))
    ended = tenant.call("GET", "/auth/me")
    assert (ended.status, ended.json["code"]) == (401, "session_ended")


def test_a_new_password_ends_every_session_but_ones_own(browser, new_link, tenant) -> None:
    elsewhere = redeem(browser, new_link()).get_json()["access_token"]
    set_password(tenant)
    assert tenant.call("GET", "/auth/me").json["user"]["has_password"] is True
    assert tenant.call("GET", "/auth/me", token=elsewhere).json["code"] == "session_ended"
    assert refresh(browser).get_json()["code"] == "session_ended"
    assert refresh(tenant.client).status_code == 200, "the person who changed it stays signed in"


def test_a_password_set_without_the_cookie_ends_all_sessions(app, tenant) -> None:
    program = app.test_client()
    answer = program.post(
        "/api/v1/auth/password", json={"password": PASSWORD}, headers={"Authorization": f"Bearer {tenant.token}"}
    )
    assert answer.status_code == 204
    assert refresh(tenant.client).status_code == 401


def test_a_raised_session_version_ends_refresh_tokens(tenant, resources) -> None:
    user_id = tenant.call("GET", "/auth/me").json["user"]["id"]
    with resources.database.owner() as session:
        session.execute(update(User).where(User.id == user_id).values(session_version=2))
    assert refresh(tenant.client).get_json()["code"] == "session_ended"


def test_a_new_password_ends_the_sign_in_links_that_are_out(browser, new_link, tenant) -> None:
    token = new_link()
    set_password(tenant)
    assert redeem(browser, token).get_json()["code"] == "link_invalid"
    assert redeem(browser, new_link()).status_code == 200


def test_a_sign_in_with_a_password_that_was_changed_meanwhile_does_not_last(tenant, resources) -> None:
    email = tenant.call("GET", "/auth/me").json["user"]["email"]
    set_password(tenant)
    with resources.database.nobody() as session:
        checked = service.check_login(service.resolve_login(session, email), PASSWORD)
    set_password(tenant, "another good password", current_password=PASSWORD)
    with resources.database.tenant(tenant.organization_id) as session:
        late = service.login(session, checked, resources.key_ring)
    assert tenant.call("GET", "/auth/me", token=late.access_token).json["code"] == "session_ended"


def test_one_address_tries_few_passwords_over_all_accounts(browser) -> None:
    def tries(number: int, address: str):
        return browser.post(
            "/api/v1/auth/login",
            json={"email": f"person-{number}@example.com", "password": "x"},
            environ_overrides={"REMOTE_ADDR": address},
        ).status_code

    with patch.object(service, "verify_password", return_value=False):
        assert [tries(number, "192.0.2.1") for number in range(61)] == [401] * 60 + [429]
        assert tries(0, "192.0.2.2") == 401


def test_four_passwords_are_hashed_at_once_and_no_more() -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    class Slow:
        def hash(self, _password: str) -> str:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.05)
            with lock:
                at_once -= 1
            return "hash"

    with patch.object(security, "_hasher", Slow()), ThreadPoolExecutor(12) as pool:
        list(pool.map(security.hash_password, ["x"] * 12))
    assert most == 4


def test_a_login_that_would_wait_too_long_is_asked_to_come_again(browser) -> None:
    with patch.object(security, "_HASHING", threading.Semaphore(0)), patch.object(security, "_LONGEST_WAIT_SECONDS", 0):
        answer = browser.post("/api/v1/auth/login", json={"email": "a@example.com", "password": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "sign_in_busy")


def test_expired_credentials_are_forgotten(tenant, new_link, resources) -> None:
    new_link()
    organization_id = tenant.organization_id
    with resources.database.tenant(organization_id) as session:
        session.add(
            PluginEntry(organization_id=organization_id, plugin="p", key="old", value=b"", expires_at=now() + DAY)
        )
        session.add(PluginEntry(organization_id=organization_id, plugin="p", key="kept", value=b"", expires_at=None))

    def left(table) -> int:
        with resources.database.tenant(organization_id) as session:
            return session.execute(select(func.count()).select_from(table)).scalar_one()

    tables = (RefreshToken, SignInLink, PluginEntry)
    assert [left(table) for table in tables] == [1, 2, 2]
    _, _, forget = next(entry for entry in SWEEPS if entry[0] == "forget expired credentials")
    with resources.database.owner() as session:
        forget(session, now())
        assert [left(table) for table in tables] == [1, 2, 2]
        forget(session, now() + 15 * DAY)
    assert [left(table) for table in tables] == [0, 0, 1]


def test_a_viewer_reads_and_does_not_write(tenant, resources) -> None:
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Membership).values(role="viewer"))
    assert tenant.call("GET", "/assessments").status == 200
    refused = tenant.call("POST", "/candidates", json={"full_name": "A", "email": "a@example.com"})
    assert (refused.status, refused.json["code"]) == (403, "role_insufficient")


def test_an_api_key_is_shown_once_works_and_can_be_revoked(tenant) -> None:
    made = tenant.call("POST", "/api-keys", json={"name": "ATS"}).json
    listed = tenant.call("GET", "/api-keys")
    assert made["key"] not in listed.body.decode()
    assert tenant.call("GET", "/assessments", token=made["key"]).status == 200
    assert tenant.call("GET", "/api-keys", token=made["key"]).status == 403, "keys are a person's business"
    assert tenant.call("DELETE", f"/api-keys/{made['id']}").status == 204
    revoked = tenant.call("GET", "/assessments", token=made["key"])
    assert (revoked.status, revoked.json["code"]) == (401, "api_key_invalid")


@pytest.mark.parametrize(
    "origin", ["https://a.example; script-src *", "https://a.example/path", "javascript:alert(1)", "*", "https://"]
)
def test_only_exact_origins_may_frame(tenant, origin: str) -> None:
    answer = tenant.call("PATCH", "/organization", json={"allowed_origins": ["https://ok.example", origin]})
    assert answer.status == 422
    assert "https://ok.example" not in str(answer.json.get("errors"))
