"""People come in by their mail: registering, joining, a forgotten password, and what an owner sees of it."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessible
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "correct horse battery staple"  # pragma: allowlist secret
NEW = "a different good password"  # pragma: allowlist secret


def new_email() -> str:
    return f"person-{os.urandom(4).hex()}@example.com"


def follow_mail(page: Page, stack: Stack, email: str, subject: str) -> None:
    """Open the mailbox as a newcomer does, and follow the link of the mail."""

    def arrived() -> bool:
        page.goto(f"{stack.url}/dev/mailbox")
        return mail.count() > 0

    mail = page.get_by_role("article").filter(has_text=email).filter(has=page.get_by_role("heading", name=subject))
    wait_until(arrived, 20)
    mail.first.locator("pre a").click()


def test_an_organisation_is_registered_and_its_people_come_by_mail(stack, open_page, watch, screenshot) -> None:
    # Nobody is signed in at first; a wrong password, and a link that is used up.
    watch.expect("401")
    owner, invited = new_email(), new_email()
    page = open_page()
    page.goto(stack.url)
    with accessible(page) as axe:
        page.get_by_role("link", name="Register an organisation").click()
        expect(page.get_by_role("heading", name="Register an organisation")).to_be_visible()
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_text("Enter your name.")).to_be_visible()
        axe.look_everywhere("register, refused")
        page.get_by_label("Organisation").fill("Northwind")
        page.get_by_label("Your name").fill("Nora North")
        page.get_by_label("E-mail").fill(owner)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        screenshot(page, "register")
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
        axe.look_everywhere("registered")

        follow_mail(page, stack, owner, "Confirm your e-mail address")
        expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
        axe.look_everywhere("confirm")
        page.get_by_label("Password", exact=True).fill("not the one")
        page.get_by_role("button", name="Confirm and sign in").click()
        expect(page.get_by_text("This is not the password")).to_be_visible()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Confirm and sign in").click()
        expect(page.get_by_role("heading", name="Assessments", level=1)).to_be_visible()
        assert "token" not in page.url

        page.goto(f"{stack.url}/#/settings/users")
        page.get_by_role("button", name="Invite").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Full name").fill("Rita <b>Recruiter</b>")
        dialog.get_by_label("E-mail").fill(invited)
        axe.look_everywhere("invite")
        dialog.get_by_role("button", name="Send invitation").click()
        expect(page.get_by_text("development mailbox")).to_be_visible()
        axe.look_everywhere("users")
        screenshot(page, "users")

    other = open_page(phone=True, dark=True)
    follow_mail(other, stack, invited, "Nora North invites you to Northwind on TALI")
    expect(other.get_by_role("heading", name="You are invited")).to_be_visible()
    expect(other.get_by_text("Recruiter", exact=True)).to_be_visible()
    screenshot(other, "join")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Join and sign in").click()
    expect(other.get_by_role("heading", name="Assessments", level=1)).to_be_visible()

    with accessible(page) as axe:
        page.reload()
        row = page.get_by_role("listitem").filter(has_text=invited)
        row.get_by_label("Role of").select_option("viewer")
        expect(page.get_by_text("Role changed", exact=True)).to_be_visible()
        row.get_by_role("button", name="End access").click()
        axe.look_everywhere("ending access")
        page.get_by_role("alertdialog").get_by_role("button", name="End access").click()
        expect(row.get_by_text("Access ended")).to_be_visible()
        page.goto(f"{stack.url}/#/settings/audit")
        expect(page.get_by_text("User deactivated")).to_be_visible()
        axe.look_everywhere("audit log")
        screenshot(page, "audit")
        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_text("Nothing of the kind has happened")).to_be_visible()
    other.goto(f"{stack.url}/#/candidates")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_forgotten_password_is_set_anew_by_mail(stack, open_page, watch, screenshot) -> None:
    watch.expect("401")
    email = new_email()
    setup = open_page()
    invited = stack.call("POST", "/users/invite", json={"email": email, "full_name": "Fred", "role": "viewer"})
    assert invited.status == 201, invited.json
    follow_mail(setup, stack, email, "invites you")
    setup.get_by_label("Password", exact=True).fill(PASSWORD)
    setup.get_by_role("button", name="Join and sign in").click()
    expect(setup.get_by_role("heading", name="Assessments", level=1)).to_be_visible()

    page = open_page()
    page.goto(stack.url)
    with accessible(page) as axe:
        page.get_by_role("link", name="Forgotten your password?").click()
        page.get_by_label("E-mail").fill(email)
        axe.look_everywhere("forgotten")
        page.get_by_role("button", name="Send the link").click()
        expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
        follow_mail(page, stack, email, "Set a new password")
        expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
        page.get_by_label("New password").fill("short")
        page.get_by_role("button", name="Set it and sign in").click()
        expect(page.get_by_text("Use at least 12 characters.")).to_be_visible()
        axe.look_everywhere("reset, refused")
        link = page.url
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Set it and sign in").click()
        expect(page.get_by_role("heading", name="Assessments", level=1)).to_be_visible()
        page.goto("about:blank")
        page.goto(link)
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Set it and sign in").click()
        expect(page.get_by_text("This link was used already")).to_be_visible()
        axe.look_everywhere("a used link")
    setup.reload()
    expect(setup.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_mailbox_is_for_everybody(stack, open_page, screenshot) -> None:
    page = open_page()
    email = new_email()
    stack.call("POST", "/users/invite", json={"email": email, "full_name": "Mia " * 20, "role": "viewer"})

    def arrived() -> bool:
        page.goto(f"{stack.url}/dev/mailbox")
        return page.get_by_role("article").filter(has_text=email).count() > 0

    wait_until(arrived, 20)
    with accessible(page) as axe:
        axe.look_everywhere("mailbox")
        screenshot(page, "mailbox")
        page.get_by_role("article").filter(has_text=email).get_by_role("link", name="As a mail program").click()
        expect(page.get_by_role("link", name="Look at the invitation")).to_be_visible()
        screenshot(page, "mail")
        page.set_viewport_size({"width": 390, "height": 844})
        overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not overflow
