"""Forgotten passwords: a link that works once, for an hour, and gives nothing away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select, update

from tali.kernel.clock import now
from tali.organizations import passwords
from tali.organizations.models import AddressRequest, AuditEntry, SignInLink
from tests.mail import new_email

from .conftest import PASSWORD

NEW = "a different good password"  # pragma: allowlist secret


def ask(browser, email: str):
    return browser.post("/api/v1/auth/password-reset", json={"email": email})


def redeem(browser, token: str, password: str = NEW):
    return browser.post("/api/v1/auth/password-reset/redeem", json={"token": token, "password": password})


def test_a_mailed_link_sets_a_new_password_and_signs_in(browser, post, join) -> None:
    person = join()
    assert ask(browser, person["email"].upper()).status_code == 202
    answer = redeem(browser, post.token_to(person["email"]))
    assert answer.status_code == 200
    assert answer.get_json()["me"]["user"]["email"] == person["email"]
    for password, expected in ((NEW, 200), (PASSWORD, 401)):
        login = browser.post("/api/v1/auth/login", json={"email": person["email"], "password": password})
        assert login.status_code == expected


def test_a_new_password_ends_every_session_and_is_told_of(browser, post, join, tenant) -> None:
    person = join()
    ask(browser, person["email"])
    redeem(browser, post.token_to(person["email"]))
    assert tenant.call("GET", "/auth/me", token=person["token"]).json["code"] == "session_ended"
    assert person["client"].post("/api/v1/auth/refresh").status_code == 401
    assert post.to(person["email"])[0]["subject"] == "Your password was changed"


def test_a_mailbox_is_not_filled_however_fast_somebody_asks(browser, post, join, resources) -> None:
    person = join()
    with resources.database.nobody() as session:
        for _ in range(15):
            passwords.ask_for(session, "password_reset", person["email"])
    mails = [mail for mail in post.to(person["email"]) if "password" in mail["subject"]]
    assert len(mails) == passwords.MAILS_AN_HOUR
    ask(browser, person["email"])
    assert len([mail for mail in post.to(person["email"]) if "password" in mail["subject"]]) == len(mails)


def test_a_link_works_once_and_two_at_once_have_one_winner(app, browser, post, join) -> None:
    person = join()
    ask(browser, person["email"])
    token = post.token_to(person["email"])
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: redeem(app.test_client(), token).status_code, range(2)))
    assert sorted(answers) == [200, 401]
    assert redeem(browser, token).get_json()["code"] == "reset_invalid"


def test_a_password_set_meanwhile_ends_the_links_that_are_out(browser, post, join) -> None:
    person = join()
    ask(browser, person["email"])
    first = post.token_to(person["email"])
    ask(browser, person["email"])
    second = post.token_to(person["email"])
    assert first != second
    assert redeem(browser, first).status_code == 200
    late = redeem(browser, second)
    assert (late.status_code, late.get_json()["code"]) == (401, "reset_invalid")


def test_a_link_is_good_for_an_hour(browser, post, join, resources) -> None:
    person = join()
    ask(browser, person["email"])
    token = post.token_to(person["email"])
    with resources.database.owner() as session:
        link = session.execute(select(SignInLink).where(SignInLink.purpose == "password_reset")).scalars().all()[-1]
        assert link.expires_at - link.created_at <= timedelta(hours=1, seconds=1)
        session.execute(update(SignInLink).values(expires_at=now() - timedelta(seconds=1)))
    assert redeem(browser, token).get_json()["code"] == "reset_invalid"


def test_a_reset_link_is_no_sign_in_link_nor_the_other_way_round(browser, post, join, tenant, resources) -> None:
    from tali.organizations import service
    from tali.organizations.models import Membership

    person = join()
    ask(browser, person["email"])
    token = post.token_to(person["email"])
    assert browser.post("/api/v1/auth/links/redeem", json={"token": token}).status_code == 401
    with resources.database.tenant(tenant.organization_id) as session:
        link = service.create_sign_in_link(session, session.get_one(Membership, tenant.membership_id))
    assert redeem(browser, link).status_code == 401
    assert redeem(browser, token).status_code == 200


def test_an_unknown_address_gets_the_same_answer_the_same_work_and_no_mail(browser, post, join, count) -> None:
    known, unknown = join()["email"], new_email()
    first, second = ask(browser, known), ask(browser, unknown)
    assert first.status_code == second.status_code == 202
    assert first.get_data() == second.get_data()
    assert count.during(lambda: ask(browser, known)) == count.during(lambda: ask(browser, unknown))
    assert post.to(unknown) == []


def test_signing_in_with_an_unknown_address_costs_the_same_work(browser, join, count) -> None:
    def login(email: str):
        return lambda: browser.post("/api/v1/auth/login", json={"email": email, "password": "not it"})

    known = join()["email"]
    assert count.during(login(known)) == count.during(login(new_email()))
    assert count.during(login(known))[0] == 1


def test_what_was_asked_is_forgotten_once_looked_at(browser, post, resources) -> None:
    email = new_email()
    ask(browser, email)
    post.deliver()
    with resources.database.owner() as session:
        assert session.execute(select(AddressRequest).where(AddressRequest.email == email)).first() is None


def test_one_person_gets_few_mails_an_hour(browser, post, join) -> None:
    person = join()
    for _ in range(5):
        assert ask(browser, person["email"]).status_code == 202
        post.deliver()
    assert [mail["subject"] for mail in post.to(person["email"])].count("Set a new password") == 3


def test_a_deactivated_member_gets_no_link(browser, post, join, tenant) -> None:
    person = join()
    assert tenant.call("POST", f"/users/{person['id']}/deactivate").status == 200
    before = len(post.to(person["email"]))
    ask(browser, person["email"])
    assert len(post.to(person["email"])) == before


def test_a_lockout_is_on_record_once(browser, join, post, tenant, resources) -> None:
    person = join()
    for _ in range(13):
        browser.post("/api/v1/auth/login", json={"email": person["email"], "password": "x"})
    post.deliver()
    with resources.database.tenant(tenant.organization_id) as session:
        entries = session.execute(select(AuditEntry).where(AuditEntry.action == "session.locked_out")).scalars().all()
    assert [(entry.actor, str(entry.subject_id)) for entry in entries] == [("anonymous", person["id"])]
