"""Everybody can use it: WCAG 2.2 A and AA on every screen, light and dark, wide and narrow, and no mouse needed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessible, tab_to
from tests.browser.candidate_window import TASK_TITLE, CandidateWindow
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "correct horse battery staple"  # pragma: allowlist secret


@pytest.fixture(scope="package")
def scored(stack: Stack) -> dict[str, Any]:
    """A finished assessment with prompts, edits, runs and a score."""
    candidate = stack.candidate(email="scored@example.com")
    for message in ("Where do I start?", "Why is INV-1007 never booked?"):
        path = f"/turns/{candidate.ask(message).json['turn']['id']}?after=0&wait=0"
        wait_until(lambda path=path: candidate.call("GET", path).json["turn"]["state"] == "done", 30)
        candidate.type(f"# after {message}\n")
    execution = candidate.test().json["execution"]
    path = f"/executions/{execution['id']}?after=0&wait=0"
    wait_until(lambda: candidate.call("GET", path).json["execution"]["state"] == "done", 30)
    candidate.submit(key="scored")
    found = wait_until(
        lambda: (one := stack.call("GET", f"/assessments/{candidate.assessment['id']}").json)["result"] and one, 60
    )
    return dict(found)


def signed_in(page: Page, owner_link: str) -> None:
    page.goto(owner_link)
    expect(page.get_by_role("heading", name="Assessments")).to_be_visible()


def test_every_page_of_the_admin_app(stack, owner_link, scored, invite, open_page, watch) -> None:
    watch.expect("401")  # nobody is signed in at first
    page = open_page()
    invited, task_id = invite(), scored["task"]["id"]
    page.goto(stack.url)
    with accessible(page) as axe:
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        axe.look_everywhere("sign in, refused")
        signed_in(page, owner_link)
        pages = {
            "assessments": ("Assessments", "row"),
            "assessments?status=expired": ("Assessments", None),
            "assessments/new": ("Create assessment", "radio"),
            f"assessments/{invited['id']}/overview": ("Ada Byron", None),
            f"assessments/{invited['id']}/invite": ("Ada Byron", None),
            **{
                f"assessments/{scored['id']}/{tab}": ("Ada Byron", None)
                for tab in ("overview", "signals", "conversation", "code", "tests", "timeline")
            },
            "candidates": ("Candidates", "row"),
            "tasks": ("Tasks", None),
            f"tasks/{task_id}": (TASK_TITLE, None),
            "settings/organization": ("Settings", None),
            "settings/api-keys": ("Settings", None),
            "settings/account": ("Settings", None),
            "nowhere": ("Not found", None),
        }
        for address, (heading, filled) in pages.items():
            page.goto(f"{stack.url}/#/{address}")
            expect(page.get_by_role("heading", name=heading, level=1).first).to_be_visible()
            if filled:
                expect(page.get_by_role(filled).first).to_be_attached()
            expect(page.get_by_text("Loading")).to_have_count(0)
            axe.look_everywhere(address)
        page.goto(f"{stack.url}/#/assessments/new")
        page.get_by_role("button", name="Create assessment").click()
        expect(page.get_by_text("Enter the candidate’s name.")).to_be_visible()
        axe.look_everywhere("create, refused")
        page.keyboard.press("Control+k")
        expect(page.get_by_placeholder("Search assessments and candidates")).to_be_visible()
        axe.look_everywhere("command palette")
        page.keyboard.press("Escape")
        page.goto(f"{stack.url}/#/settings/api-keys")
        page.get_by_role("button", name="Create key").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        axe.look_everywhere("a dialog")


def test_every_screen_of_the_candidate_app(stack, invite, open_page, watch) -> None:
    watch.expect("409", "410", "401")
    assessment = invite(proctored=True)
    page = open_page()
    page.goto(assessment["invitation_url"])
    window = CandidateWindow(page, page)
    with accessible(page) as axe:
        window.button("Start").click()
        expect(page.get_by_text("Please confirm this first.")).to_be_visible()
        axe.look_everywhere("welcome")
        window.start()
        window.type("# work\n")
        window.ask("Where do I start?")
        window.button("Run tests").click()
        expect(page.get_by_text("of 4 passed")).to_be_visible(timeout=30_000)
        axe.look_everywhere("work")
        page.set_viewport_size({"width": 390, "height": 844})
        for part in ("Brief", "Code", "Output", "Assistant"):
            window.tab(part)
            axe.look(f"work, {part}")
        page.set_viewport_size({"width": 1280, "height": 800})
        window.open_file("billing/seen.py")
        window.button("New file").click()
        page.keyboard.type("../outside")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Use letters, digits")).to_be_visible()
        axe.look_everywhere("files")
        page.keyboard.press("Escape")
        window.button("Hand in").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        axe.look_everywhere("hand in")
        page.get_by_role("dialog").get_by_role("button", name="Keep working").click()

        other = page.context.new_page()
        other.goto(assessment["invitation_url"])
        second = CandidateWindow(other, other)
        second.at_work()
        second.type("# over there\n")
        window.type("# too late\n")
        expect(page.get_by_role("heading", name="You continued in another window")).to_be_visible()
        axe.look_everywhere("taken over")
        second.hand_in()
        other.close()
        page.reload()
        window.done()
        axe.look_everywhere("done")

        cancelled = invite()
        stack.call("POST", f"/assessments/{cancelled['id']}/cancel")
        page.goto("about:blank")
        page.goto(cancelled["invitation_url"])
        expect(page.get_by_role("heading", name="This invitation was withdrawn")).to_be_visible()
        axe.look_everywhere("withdrawn")
        page.goto("about:blank")
        page.goto(f"{stack.url}/take#inv_{'x' * 43}")
        expect(page.get_by_role("heading", name="Open your link again")).to_be_visible()
        axe.look_everywhere("a link that opens nothing")


def test_the_recruiter_needs_no_mouse(stack, open_page, watch) -> None:
    watch.expect("401")  # nobody is signed in at first
    me = stack.call("GET", "/auth/me").json["user"]
    changed = stack.call("POST", "/auth/password", json={"password": PASSWORD, "current_password": None})
    assert changed.status in {200, 204}, changed.json
    # A new password ends the access tokens from before it.
    signed_in = stack.call("POST", "/auth/login", json={"email": me["email"], "password": PASSWORD})
    stack.token = signed_in.json["access_token"]
    page = open_page()
    page.goto(stack.url)
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(me["email"])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Assessments")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Create assessment")).to_be_focused()
    task = page.get_by_role("radio", name=TASK_TITLE)
    # Until the tasks are there, the first radio button is another one.
    expect(task).to_be_visible()
    tab_to(page, page.get_by_role("radio").first)
    for _ in range(50):
        if task.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    expect(task).to_be_focused()
    page.keyboard.press("Space")
    expect(task).to_be_checked()
    tab_to(page, page.get_by_label("Full name"))
    page.keyboard.type("Key Board")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type("key.board@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ready for Key Board.")).to_be_visible()
    expect(page.get_by_role("heading", name="Key Board")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Copy invitation link"))
    page.keyboard.press("Enter")
    assert "/take#inv_" in page.evaluate("navigator.clipboard.readText()")


def test_the_candidate_needs_no_mouse(stack, invite, open_page) -> None:
    assessment = invite()
    page = open_page()
    page.goto(assessment["invitation_url"])
    window = CandidateWindow(page, page)
    expect(window.button("Start")).to_be_visible()
    tab_to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    tab_to(page, window.button("Start"))
    page.keyboard.press("Enter")
    window.at_work()
    tab_to(page, window.editor)
    page.keyboard.press("Control+End")
    page.keyboard.type("\n# by keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("# indented")
    expect(window.editor).to_contain_text("# indented")
    assert window.editor.evaluate("element => element.getRootNode().activeElement === element"), "Tab indents"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not window.editor.evaluate("element => element.getRootNode().activeElement === element"), "Esc, Tab leaves"
    tab_to(page, window.composer)
    page.keyboard.type("Where do I start?")
    page.keyboard.press("Enter")
    window.replied()
    tab_to(page, window.button("Run tests"), backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("of 4 passed")).to_be_visible(timeout=30_000)
    tab_to(page, window.button("Hand in"), backwards=True)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("dialog").get_by_role("button", name="Hand in"), presses=10)
    page.keyboard.press("Enter")
    window.done()
    [(content,)] = stack.query(
        "SELECT string_agg(f.content, '') FROM workspace_file f JOIN attempt a ON a.id = f.attempt_id"
        " WHERE a.assessment_id = %s",
        assessment["id"],
    )
    assert "# by keyboard" in content
