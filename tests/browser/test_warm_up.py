"""The warm-up and the budget, as people meet them: by mouse, by keyboard, on a phone, in both colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import accessible, tab_to
from tests.browser.candidate_window import CandidateWindow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CAPS = "/organization/spending"


def test_a_candidate_warms_up_before_the_clock(stack, invite, open_page, screenshot) -> None:
    assessment = invite(calibration=True)
    page = open_page()
    page.goto(assessment["invitation_url"])
    window = CandidateWindow(page, page)
    with accessible(page) as axe:
        window.button("Try the warm-up").click()
        expect(page.get_by_text("Please confirm this first.")).to_be_visible()
        expect(page.get_by_role("checkbox")).to_be_focused()
        page.get_by_role("checkbox").check()
        screenshot(page, "offer")
        window.button("Try the warm-up").click()
        expect(page.get_by_role("heading", name="Warm-up")).to_be_focused()
        expect(page.get_by_text("Ask Claude to help you write a function")).to_be_visible()
        screenshot(page, "open")
        axe.look_everywhere("warm-up, empty")
        window.ask("How do I reverse a string in Python?")
        expect(page.get_by_text("4 messages left")).to_be_visible()
        screenshot(page, "answered")
        axe.look_everywhere("warm-up, answered")
        page.reload()
        page.get_by_role("checkbox").check()
        window.button("Back to the warm-up").click()
        expect(page.locator('.message[data-from="candidate"]')).to_have_text(
            "You: How do I reverse a string in Python?"
        )
        window.button("Done").click()
        expect(page.get_by_text("The warm-up is done.")).to_be_visible()
        expect(window.button("Start")).to_be_focused()
        screenshot(page, "done")
        axe.look_everywhere("welcome, warmed up")
    window.button("Start").click()
    window.at_work()
    expect(page.locator(".exchange")).to_have_count(0)
    window.hand_in()


def test_it_can_be_done_and_skipped_by_keyboard(invite, open_page) -> None:
    page = open_page()
    page.goto(invite(calibration=True)["invitation_url"])
    window = CandidateWindow(page, page)
    tab_to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    tab_to(page, window.button("Try the warm-up"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Warm-up")).to_be_focused()
    tab_to(page, window.button("Skip"))
    page.keyboard.press("Enter")
    expect(window.button("Start")).to_be_focused()
    page.keyboard.press("Enter")
    window.at_work()


def test_on_a_phone_in_the_dark(invite, open_page, screenshot) -> None:
    page = open_page(phone=True, dark=True)
    page.goto(invite(calibration=True)["invitation_url"])
    window = CandidateWindow(page, page)
    page.get_by_role("checkbox").check()
    screenshot(page, "offer", full_page=True)
    window.button("Try the warm-up").click()
    window.ask("How do I reverse a string?")
    screenshot(page, "answered", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing runs off the side"
    expect(page.get_by_role("heading", name="Warm-up")).to_be_in_viewport()


def test_where_there_is_none_nothing_is_offered(invite, open_page) -> None:
    page = open_page()
    page.goto(invite(calibration=False)["invitation_url"])
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(page.get_by_text("Warm-up")).to_have_count(0)


def test_a_used_up_budget_is_said_calmly_and_the_work_goes_on(stack, take, screenshot, watch) -> None:
    watch.expect("429")
    stack.call("PATCH", CAPS, json={"assessment_spend_cap": "0"})
    try:
        window = take()
        page = window.page
        window.composer.fill("May I?")
        page.keyboard.press("Enter")
        expect(page.get_by_text("The assistant's budget for this assessment is used up.")).to_be_visible()
        expect(window.composer).to_be_disabled()
        screenshot(page, "used-up")
        with accessible(page) as axe:
            axe.look_everywhere("budget used up")
        window.type("# on my own\n")
        window.saved()
        window.hand_in()
    finally:
        stack.call("PATCH", CAPS, json={"assessment_spend_cap": None})


def test_an_owner_sees_and_sets_the_caps_and_a_report_shows_the_warm_up(
    stack, invite, open_page, owner_link, screenshot, watch
) -> None:
    watch.expect("422")
    assessment = invite(calibration=True)
    candidate = open_page()
    candidate.goto(assessment["invitation_url"])
    window = CandidateWindow(candidate, candidate)
    candidate.get_by_role("checkbox").check()
    window.button("Try the warm-up").click()
    window.ask("How do I reverse a string in Python, emoji included?")
    window.start()
    window.hand_in()

    page = open_page()
    page.goto(owner_link)
    expect(page.get_by_role("link", name="Candidates").first).to_be_visible()
    page.goto(f"{stack.url}/#/assessments/{assessment['id']}")
    expect(page.get_by_role("heading", name="Warm-up")).to_be_visible()
    page.get_by_text("Read the warm-up").click()
    expect(page.get_by_text("How do I reverse a string in Python, emoji included?")).to_be_visible()
    page.get_by_role("heading", name="Warm-up").scroll_into_view_if_needed()
    with accessible(page) as axe:
        axe.look_everywhere("report with a warm-up")
        screenshot(page, "report")
        page.goto(f"{stack.url}/#/settings/organization")
        expect(page.get_by_role("heading", name="Spending")).to_be_visible()
        page.get_by_label("Cap a month, in US dollars").fill("many")
        save = page.get_by_role("button", name="Save caps")
        save.click()
        expect(page.get_by_text("takes an amount in US dollars")).to_be_visible()
        axe.look_everywhere("spending, refused")
        page.get_by_label("Cap a month, in US dollars").fill("250")
        save.click()
        expect(page.get_by_text("of $250.00")).to_be_visible()
        screenshot(page, "spending", full_page=True)
        axe.look_everywhere("spending")
    stack.call("PATCH", CAPS, json={"monthly_spend_cap": None})
