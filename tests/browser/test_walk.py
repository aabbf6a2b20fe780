"""The main job: a recruiter invites, a candidate solves the task in another company's page, a score follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.candidate_window import TASK_TITLE, CandidateWindow, solution
from tests.browser.conftest import embedded
from tests.browser.host_page import HEARD, HostPages
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAMES = {"ready", "started", "progress", "submitted"}
FACTS = {"assessment", "state", "deadline", "seconds_left", "submitted_by"}


def invite_in_admin(page, name: str, email: str) -> str:
    """Create an assessment as the recruiter does; answers its id."""
    page.get_by_role("link", name="Create assessment").first.click()
    expect(page.get_by_role("heading", name="Create assessment")).to_be_focused()
    page.get_by_role("radio", name=TASK_TITLE).check(force=True)
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Create assessment").click()
    expect(page.get_by_text(f"Ready for {name}.")).to_be_visible()
    return page.url.split("/assessments/")[1].split("/")[0]


def put_on_host_page(host: HostPages, stack: Stack, assessment_id: str) -> str:
    return host.add(
        "/application",
        f"""<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
        <script type="module" src="{stack.url}/embed/v1.js"></script>{HEARD}
        <style>body {{ margin: 0; font: 16px system-ui }} h1 {{ margin: 8px 16px; font-size: 16px }}</style>
        <h1>Fabrikam careers</h1><tali-assessment height="740"></tali-assessment>
        <script>
          document.querySelector("tali-assessment").fetchToken = async () =>
            (await (await fetch("/token/{assessment_id}", {{ method: "POST" }})).json()).token;
        </script>""",
    )


def solve(window: CandidateWindow, screenshot, phone: bool = False) -> None:
    """From the welcome to the last page, as a candidate who works with care."""
    page, place = window.page, window.place
    show = window.tab if phone else (lambda name: None)
    brief_or_assistant = (lambda name: window.tab(name)) if page.viewport_size["width"] < 1140 or phone else show

    expect(place.get_by_role("heading", name=TASK_TITLE)).to_be_visible(timeout=20_000)
    screenshot(page, "welcome")
    window.button("Start").click()
    expect(place.get_by_text("Please confirm this first.")).to_be_visible()
    window.start()
    if phone:
        window.tab("Brief")
    expect(place.get_by_text("Some invoices are booked twice.")).to_be_visible()
    screenshot(page, "brief")

    brief_or_assistant("Assistant")
    expect(place.get_by_text("This assistant is not an AI")).to_be_visible()
    window.composer.click()
    page.keyboard.type("INV-1007 was lost: handle() adds the delivery to SeenEvents before the customer check. Right?")
    page.keyboard.press("Enter")
    reply = place.locator('.message[data-from="assistant"]').last
    # It comes piece by piece: something is there while more is still to come.
    expect(reply).to_contain_text("Follow INV-1007", timeout=20_000)
    assert "Compare the two" not in reply.inner_text()
    screenshot(page, "reply-streaming")
    window.replied()
    expect(reply).to_contain_text("Compare the two")
    screenshot(page, "reply")

    brief_or_assistant("Code")
    window.open_file("billing/seen.py")
    screenshot(page, "files")
    files = solution()
    window.replace_by_pasting("billing/events.py", files["billing/events.py"])
    window.replace_by_pasting("billing/processor.py", files["billing/processor.py"])
    window.open_file("billing/seen.py")
    if phone:
        # The line is at the same place on every screen.
        window.replace_by_pasting("billing/seen.py", files["billing/seen.py"])
    else:
        place.locator(".cm-line", has_text="if seen_at > now + self.keep_seconds:").click()
        page.keyboard.press("End")
        page.keyboard.press("Shift+Home")
        page.keyboard.type("if seen_at <= now - self.keep_seconds:")
    window.saved()
    screenshot(page, "edited")

    window.button("Run").click()
    show("Output")
    expect(place.get_by_role("log", name="Output")).to_contain_text("INV-1007", timeout=20_000)
    expect(place.get_by_text("Exit code 0")).to_be_visible(timeout=20_000)
    screenshot(page, "run")
    show("Code")
    window.button("Run tests").click()
    show("Output")
    expect(place.get_by_text("4 of 4 passed")).to_be_visible(timeout=30_000)
    screenshot(page, "tests")

    brief_or_assistant("Assistant")
    window.ask("My plan: add to SeenEvents only after _apply() returned, so a failed event is welcome again. Boundary?")
    screenshot(page, "second-reply")
    window.button("Hand in").click()
    dialog = place.get_by_role("dialog")
    expect(dialog.get_by_text("4 of 4 tests passed")).to_be_visible()
    screenshot(page, "hand-in")
    dialog.get_by_role("button", name="Hand in").click()
    window.done()
    screenshot(page, "done")


def read_result(page, screenshot) -> None:
    """What the recruiter sees, tab by tab."""
    expect(page.get_by_role("heading", name="Components")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Score", exact=True)).to_contain_text("of 100")
    row = page.get_by_role("row", name="Tests")
    expect(row).to_contain_text("10")
    screenshot(page, "overview", full_page=True)
    tabs = page.get_by_role("navigation", name="Parts of the assessment")
    tabs.get_by_role("link", name="Signals").click()
    expect(page.get_by_role("heading", name="Time to first prompt")).to_be_visible()
    screenshot(page, "signals", full_page=True)
    page.get_by_role("link", name="Prompt 1", exact=True).first.click()
    prompt = page.get_by_label("Prompt 1", exact=True)
    expect(prompt).to_be_focused()
    expect(prompt).to_contain_text("INV-1007 was lost")
    screenshot(page, "conversation", full_page=True)
    tabs.get_by_role("link", name="Code").click()
    expect(page.get_by_label("File billing/events.py")).to_contain_text("from decimal import Decimal")
    screenshot(page, "code", full_page=True)
    tabs.get_by_role("link", name="Tests").click()
    expect(page.get_by_text("Candidates never see these tests.")).to_be_visible()
    screenshot(page, "tests-hidden", full_page=True)
    tabs.get_by_role("link", name="Timeline").click()
    expect(page.get_by_role("list").filter(has_text="Submitted")).to_be_visible()
    screenshot(page, "timeline", full_page=True)


def told_the_host(page) -> None:
    """The host page heard where the candidate is, in ids and states, and never a score."""
    heard = page.evaluate("heard")
    assert [one["name"] for one in heard if one["name"] != "progress"] == ["ready", "started", "submitted"]
    assert {one["name"] for one in heard} == NAMES
    assert set().union(*(one["detail"] for one in heard)) <= FACTS


@pytest.mark.parametrize("look", ["light", "dark"])
def test_walk(look, stack, owner_link, open_page, host, screenshot) -> None:
    dark = look == "dark"
    recruiter = open_page(dark=dark)
    recruiter.goto(owner_link)
    expect(recruiter.get_by_role("heading", name="Assessments")).to_be_visible()
    assert "token" not in recruiter.url, "the one-time token stays in no address"
    screenshot(recruiter, "list")
    email = f"grace.{look}@example.com"
    assessment_id = invite_in_admin(recruiter, "Grace Hopper", email)
    screenshot(recruiter, "invited", full_page=True)
    recruiter.get_by_role("navigation", name="Parts of the assessment").get_by_role("link", name="Overview").click()

    page = open_page(dark=dark)
    page.goto(put_on_host_page(host, stack, assessment_id))
    solve(embedded(page), screenshot)
    told_the_host(page)

    read_result(recruiter, screenshot)
    detail = stack.call("GET", f"/assessments/{assessment_id}").json
    assert detail["result"]["tests"]["passed"] == detail["result"]["tests"]["total"] > 0


def test_walk_on_a_phone(stack, invite, open_page, host, screenshot) -> None:
    assessment = invite()
    page = open_page(phone=True)
    page.goto(put_on_host_page(host, stack, assessment["id"]))
    solve(embedded(page), screenshot, phone=True)
    told_the_host(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
    wait_until(lambda: stack.call("GET", f"/assessments/{assessment['id']}").json["result"], 60, 0.2)
