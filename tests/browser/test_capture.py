"""What the browser captures reaches the database: prompts with their circumstances, and every edit with its origin."""

from __future__ import annotations

import signal

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from tests.browser.candidate_window import CandidateWindow
from tests.browser.conftest import embedded
from tests.browser.host_page import HEARD
from tests.stack import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Playwright keeps every page visible and in focus, so that a hidden tab has to be played.
HIDE_TAB = """() => {
  for (const state of ["hidden", "visible"]) {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }
}"""
PROMPTS = """
    SELECT t.message, t.paste_detected, t.browser_focused, t.time_since_last_prompt_ms, t.word_count, t.context,
           before.files, after.files
    FROM turn t JOIN attempt a ON a.id = t.attempt_id JOIN code_snapshot before ON before.id = t.code_before_id
    LEFT JOIN code_snapshot after ON after.id = t.code_after_id
    WHERE a.assessment_id = %s ORDER BY t.index
"""
EDITS = """
    SELECT edit->>'origin', edit->>'insert' FROM edit_batch b JOIN attempt a ON a.id = b.attempt_id,
        jsonb_array_elements(b.edits) WITH ORDINALITY AS e(edit, place)
    WHERE a.assessment_id = %s AND edit->>'op' = 'edit' ORDER BY b.seq, place
"""
FILE = """
    SELECT f.content FROM workspace_file f JOIN attempt a ON a.id = f.attempt_id
    WHERE a.assessment_id = %s AND f.path = %s
"""
EVENTS = """
    SELECT e.kind, e.data FROM timeline_event e JOIN attempt a ON a.id = e.attempt_id
    WHERE a.assessment_id = %s ORDER BY e.seq
"""


def test_a_prompt_carries_the_circumstances_it_was_written_in(stack, invite, open_page) -> None:
    assessment = invite(proctored=True)
    page = open_page()
    page.goto(assessment["invitation_url"])
    window = CandidateWindow(page, page)
    expect(window.button("Start")).to_be_visible()
    page.evaluate(HIDE_TAB)
    window.start()
    for _ in range(2):
        page.evaluate(HIDE_TAB)
    window.type("# before the first\n")
    window.composer.click()
    window.paste("Why is INV-1007 never booked?")
    page.keyboard.press("Enter")
    window.replied()
    window.type("# before the second\n")
    window.ask("And which test would show it?")
    window.hand_in()

    first, second = stack.query(PROMPTS, assessment["id"])
    message, pasted, focused, gap, words, context, before, after = first
    assert (message, pasted, focused, gap, words) == ("Why is INV-1007 never booked?", True, True, None, 5)
    active = context["active_file"]
    assert "# before the first" in before[active], "the code at the moment of sending, although it was not saved yet"
    assert "# before the second" not in before[active]
    assert "# before the second" in after[active]
    _, pasted, focused, gap, _, _, before, _ = second
    assert (pasted, focused) == (False, True), "a paste belongs to one prompt"
    assert gap > 0
    assert "# before the second" in before[active]
    [counts] = stack.query(
        "SELECT tab_switch_count, client_tab_switch_count FROM attempt WHERE assessment_id = %s", assessment["id"]
    )
    assert counts == (2, 2), "what happened before the start is not counted"
    assert stack.call("GET", f"/assessments/{assessment['id']}").json["integrity"]["tab_switch_count"] == 2

    # The same tab, another assessment: everything counts from nothing.
    another = invite(proctored=True)
    page.goto("about:blank")
    page.goto(another["invitation_url"])
    window.start()
    window.ask("Where do I start?")
    window.hand_in()
    [(_, pasted, _, gap, *_)] = stack.query(PROMPTS, another["id"])
    assert (pasted, gap) == (False, None)
    [counts] = stack.query(
        "SELECT tab_switch_count, client_tab_switch_count FROM attempt WHERE assessment_id = %s", another["id"]
    )
    assert counts == (0, 0)


def test_focus_in_the_page_around_is_told_from_focus_here(stack, invite, host, open_page) -> None:
    assessment = invite(proctored=True)
    token = host.token(assessment["id"])
    page = open_page()
    page.goto(
        host.add(
            "/focus",
            f"""<script type="module" src="{stack.url}/embed/v1.js"></script>{HEARD}
            <input aria-label="Of the host"><tali-assessment session="{token}"></tali-assessment>""",
        )
    )
    window = embedded(page)
    window.start()
    window.type("# here\n")
    window.composer.fill("Where do I start?")
    page.get_by_label("Of the host").click()
    page.wait_for_timeout(300)
    window.composer.evaluate("field => field.form.requestSubmit()")
    window.replied()
    window.type("# back\n")
    page.wait_for_timeout(300)
    window.hand_in()
    [(_, _, focused, *_)] = stack.query(PROMPTS, assessment["id"])
    assert focused is False
    focus = [(data["state"], data["where"]) for kind, data in stack.query(EVENTS, assessment["id"]) if kind == "focus"]
    assert focus[0][0] == "focused", "where it began is a fact too"
    assert ("blurred", "host_page") in focus
    assert focus[-1][0] == "focused"
    ratio = (
        wait_until(
            lambda: (stack.call("GET", f"/assessments/{assessment['id']}").json["result"] or {}) and True, 60, 0.2
        )
        and stack.call("GET", f"/assessments/{assessment['id']}").json["integrity"]["browser_focus_ratio"]
    )
    assert 0 < ratio < 1


def test_edits_survive_killed_servers_a_lost_network_a_crash_and_a_reload(stack, invite, take, watch) -> None:
    watch.expect("Failed to load resource")
    assessment = invite()
    window = take(assessment)
    page = window.page
    window.open_file("billing/seen.py")
    window.type("# one")
    window.saved()

    for process in stack.processes()["web"]:
        process.send_signal(signal.SIGKILL)
    page.keyboard.type(" two\n# three", delay=40)
    window.saved()
    stack.settled()

    page.context.set_offline(True)
    page.keyboard.type("\n# four é😀")
    expect(page.get_by_text("You are offline.")).to_be_visible()
    expect(page.locator(".save-state")).to_have_text("Not saved yet")
    page.keyboard.type(" five")
    page.context.set_offline(False)
    window.saved()
    expect(page.get_by_text("You are offline.")).to_be_hidden()

    page.context.set_offline(True)
    page.keyboard.type("\n# six")
    expect(page.locator(".save-state")).to_have_text("Not saved yet")
    # The tab crashes: it has no last words, and what was typed is in this browser alone.
    with pytest.raises(PlaywrightError):
        page.goto("chrome://crash")
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(assessment["invitation_url"])
    window = CandidateWindow(page, page)
    window.at_work()
    window.open_file("billing/seen.py")
    expect(window.editor).to_contain_text("# six")
    window.editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n# seven")
    page.reload()  # sooner than anything was sent
    window.at_work()
    window.open_file("billing/seen.py")
    window.saved()
    end = "# one two\n# three\n# four é😀 five\n# six\n# seven"
    expect(window.editor).to_contain_text("# seven")
    [(content,)] = stack.query(FILE, assessment["id"], "billing/seen.py")
    assert content.endswith(end)
    kinds = [kind for kind, _ in stack.query(EVENTS, assessment["id"])]
    assert not {"workspace_diverged", "snapshot"} & set(kinds), "every edit arrived as itself"


def test_a_second_window_takes_over_and_the_first_says_so(stack, invite, take, watch) -> None:
    watch.expect("409")
    assessment = invite()
    first = take(assessment)
    first.type("# from the first\n")
    first.saved()

    page = first.page.context.new_page()
    page.goto(assessment["invitation_url"])
    second = CandidateWindow(page, page)
    second.at_work()
    expect(second.editor).to_contain_text("# from the first")
    second.type("# from the second\n")
    second.saved()

    first.type("# too late\n")
    expect(first.place.get_by_role("heading", name="You continued in another window")).to_be_visible()
    first.button("Continue here instead").click()
    first.at_work()
    expect(first.editor).to_contain_text("# from the second")
    first.type("# again\n")
    first.saved()
    active = first.editor.get_attribute("aria-label")
    [(content,)] = stack.query(FILE, assessment["id"], active)
    assert "# from the second" in content
    assert content.rstrip().endswith("# again")


def test_every_origin_of_an_edit_is_told_apart(stack, invite, take, task_with_code) -> None:
    assessment = invite(slug=task_with_code)
    window = take(assessment)
    page = window.page
    window.type("\n# typed")
    window.paste("\n# pasted\r\n# twice")
    expect(window.editor).to_contain_text("# twice")
    window.ask("Give me a snippet")
    window.editor.click()
    page.keyboard.press("Control+End")
    window.button("Insert at cursor").click()
    expect(window.editor).to_contain_text("from_the_assistant")
    page.keyboard.press("Control+z")
    expect(window.editor).not_to_contain_text("from_the_assistant")
    page.keyboard.press("Control+Shift+Z")
    expect(window.editor).to_contain_text("from_the_assistant")
    window.composer.click()
    window.paste('def from_the_assistant():\n    return "assistant"')
    window.hand_in()

    edits = stack.query(EDITS, assessment["id"])
    texts: dict[str, str] = {}
    for origin, inserted in edits:
        texts[origin] = texts.get(origin, "") + inserted
    assert set(texts) == {"typed", "paste", "assistant_insert", "undo"}
    assert "# typed" in texts["typed"]
    assert texts["paste"] == "\n# pasted\n# twice"
    assert texts["assistant_insert"].startswith("def from_the_assistant():")
    pastes = [data for kind, data in stack.query(EVENTS, assessment["id"]) if kind == "paste"]
    assert [(data["where"], data["from_assistant"]) for data in pastes] == [("editor", False), ("prompt", True)]
