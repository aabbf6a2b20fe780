"""Registering: an organisation begins when its first owner shows both the mailbox and the password."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tali.kernel.clock import now
from tali.organizations import registration
from tali.organizations.models import Organization, Registration, User
from tali.web import create_app
from tests.mail import new_email

from .conftest import PASSWORD


def register(browser, email: str, /, **changes):
    body = {"organization_name": "Acme", "full_name": "Ada Byron", "email": email, "password": PASSWORD, **changes}
    return browser.post("/api/v1/auth/register", json=body)


def confirm(browser, token: str, password: str = PASSWORD):
    return browser.post("/api/v1/auth/register/confirm", json={"token": token, "password": password})


def test_registering_mails_a_link_that_makes_the_first_owner(browser, post) -> None:
    email = new_email()
    assert register(browser, email.upper()).status_code == 202
    assert browser.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}).status_code == 401
    answer = confirm(browser, post.token_to(email))
    assert answer.status_code == 200
    me = answer.get_json()["me"]
    assert (me["user"]["email"], me["role"], me["organization"]["name"]) == (email, "owner", "Acme")
    assert browser.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}).status_code == 200


def test_the_link_without_the_password_makes_nobody_an_account(browser, post) -> None:
    """Somebody registers with another's address and their own password, and hopes that the other follows the link."""
    email = new_email()
    register(browser, email)
    token = post.token_to(email)
    wrong = confirm(browser, token, "the victim's own password")
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "credentials_invalid")
    assert confirm(browser, token).status_code == 200


def test_a_confirmation_works_once(browser, post) -> None:
    email = new_email()
    register(browser, email)
    token = post.token_to(email)
    assert confirm(browser, token).status_code == 200
    again = confirm(browser, token)
    assert (again.status_code, again.get_json()["code"]) == (401, "confirmation_invalid")


def test_a_known_address_gets_another_mail_and_the_same_answer(browser, post, join) -> None:
    known, unknown = join()["email"], new_email()
    first, second = register(browser, known), register(browser, unknown)
    assert (first.status_code, first.get_data()) == (second.status_code, second.get_data())
    assert "account already" in post.to(known)[0]["subject"]
    assert "token=" not in post.to(known)[0]["text"]
    assert "Confirm" in post.to(unknown)[0]["subject"]


def test_a_known_address_costs_the_same_work(browser, join, count) -> None:
    known = join()["email"]
    assert count.during(lambda: register(browser, known)) == count.during(lambda: register(browser, new_email()))


def test_the_mail_repeats_nothing_that_a_stranger_typed(browser, post) -> None:
    email = new_email()
    register(browser, email, organization_name="WIN A PRIZE", full_name="http://evil.example")
    mail = post.to(email)[0]
    for part in ("subject", "text", "html", "name"):
        assert "PRIZE" not in mail[part]
        assert "evil" not in mail[part]


def test_an_address_that_got_an_account_meanwhile_is_told_so(browser, post, join) -> None:
    email = new_email()
    register(browser, email)
    token = post.token_to(email)
    join(email=email)
    answer = confirm(browser, token)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "account_exists")


def test_what_nobody_confirms_goes(browser, post, resources) -> None:
    email = new_email()
    register(browser, email)
    token = post.token_to(email)
    with resources.database.owner() as session:
        pending = session.execute(select(Registration).where(Registration.email == email)).scalar_one()
        pending.expires_at = now() - timedelta(seconds=1)
        organization_id = pending.organization_id
    assert confirm(browser, token).get_json()["code"] == "confirmation_invalid"
    with resources.database.owner() as session:
        registration.forget_unconfirmed(session)
        assert session.get(Organization, organization_id) is None
        found = select(func.count()).select_from(User).where(User.email == email)
        assert session.execute(found).scalar_one() == 0


def test_registering_is_closed_in_production_unless_opened(services, resources) -> None:
    production = replace(services, environment="production", secret_keys=("k" * 32,))
    for settings, expected in (
        (production, 403),
        (replace(production, registration_setting="open"), 202),
        (replace(services, registration_setting="closed"), 403),
    ):
        client = create_app(settings, replace(resources, settings=settings)).test_client()
        assert client.get("/api/v1/auth/options").get_json()["registration"] is (expected == 202)
        assert register(client, new_email()).status_code == expected


def test_one_machine_registers_few(browser) -> None:
    answers = [register(browser, new_email()).status_code for _ in range(11)]
    assert answers == [202] * 10 + [429]


@pytest.mark.parametrize(
    "changes",
    [{"password": 11 * "x"}, {"email": "nobody"}, {"full_name": ""}, {"organization_name": "x" * 121}, {"more": 1}],
)
def test_what_does_not_hold_is_named(browser, changes) -> None:
    answer = register(browser, new_email(), **changes)
    assert answer.status_code == 422
    assert next(iter(changes)) in answer.get_json()["errors"]
