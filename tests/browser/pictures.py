"""Takes the README's pictures of the running product: `python -m tests.browser.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.candidate_window import TASK, CandidateWindow, solution
from tests.browser.chromium import ARGUMENTS, chromium
from tests.browser.conftest import DESKTOP, run_cli
from tests.stack import Stack, running_stack

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PROMPTS = [
    "INV-1007 was answered with an error, and its second delivery with “duplicate”. I suspect that handle() remembers"
    " the delivery before the customer is known. How do I confirm that with the smallest test?",
    "occurred_at is compared as text. Two regions write different offsets, so “<” is not “earlier”. Should parse_event"
    " turn it into an aware datetime, and refuse one without an offset?",
    "int(float(amount) * 100) loses a cent for 19.99. I would use Decimal and refuse more than two decimals. Which"
    " invalid amounts have I not thought of?",
]


def work(stack: Stack, page: Page) -> str:
    """A candidate who fixes most of it; answers the assessment's id."""
    task = next(one for one in stack.call("GET", "/tasks").json["data"] if one["slug"] == TASK)
    candidate = {"full_name": "Grace Hopper", "email": "grace.hopper@example.com"}
    made = stack.call("POST", "/assessments", json={"task_id": task["id"], "candidate": candidate}).json
    page.goto(made["invitation_url"])
    window = CandidateWindow(page, page)
    window.start()
    files = solution()
    window.ask(PROMPTS[0])
    window.replace_by_pasting("billing/processor.py", files["billing/processor.py"])
    window.button("Run tests").click()
    expect(page.get_by_text("of 4 passed")).to_be_visible(timeout=30_000)
    window.ask(PROMPTS[1])
    window.replace_by_pasting("billing/events.py", files["billing/events.py"])
    window.ask(PROMPTS[2])
    window.button("Run tests").click()
    expect(page.get_by_text("4 of 4 passed")).to_be_visible(timeout=30_000)
    window.button("Show or hide the files").click()
    page.get_by_role("tab", name="processor.py").click()
    window.editor.click()
    page.keyboard.press("Control+Home")
    window.saved()
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "widget.png")
    window.hand_in()
    return str(made["id"])


def read(stack: Stack, page: Page, assessment_id: str) -> None:
    """A recruiter who reads the result."""
    page.goto(run_cli(stack, "owner-link").splitlines()[-1])
    page.get_by_role("button", name="Not now").click()
    page.goto(f"{stack.url}/#/assessments/{assessment_id}")
    expect(page.get_by_role("heading", name="Components")).to_be_visible(timeout=60_000)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "report.png")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tali-pictures-") as folder, sync_playwright() as playwright:
        Path(folder).chmod(0o755)
        with running_stack(Path(folder)) as stack:
            stack.sign_in()
            stack.call("PATCH", "/organization", json={"name": "Northwind"})
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            permissions = ["clipboard-read", "clipboard-write"]
            candidate, recruiter = (browser.new_page(viewport=DESKTOP, permissions=permissions) for _ in range(2))
            read(stack, recruiter, work(stack, candidate))
            browser.close()


if __name__ == "__main__":
    main()
