"""Does in the candidate app what a candidate does, wherever it is: in a host's frame or on a page of its own."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

import tali.tasks.library

TASK = "webhook-redeliveries"
TASK_TITLE = "Invoices that come twice"
LIBRARY = Path(next(iter(tali.tasks.library.__path__)))
LONG = 20_000


def solution() -> dict[str, str]:
    """The reference solution of the task: path → text."""
    root = LIBRARY / TASK / "reference"
    return {str(file.relative_to(root)): file.read_text() for file in sorted(root.rglob("*.py"))}


class CandidateWindow:
    """`place` is where the app is: a frame within a page, or the page."""

    def __init__(self, page: Page, place: Page | FrameLocator) -> None:
        self.page = page
        self.place = place

    @property
    def editor(self) -> Locator:
        return self.place.locator(".cm-content")

    @property
    def composer(self) -> Locator:
        return self.place.get_by_role("textbox", name=re.compile("^Ask "))

    def button(self, name: str) -> Locator:
        return self.place.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> None:
        """Show a part, where only one fits."""
        parts = self.place.get_by_role("tablist", name="Parts of the workspace")
        parts.get_by_role("tab", name=name, exact=True).click()

    def start(self) -> None:
        self.place.get_by_role("checkbox").check()
        self.button("Start").click()
        self.at_work()

    def at_work(self) -> None:
        expect(self.editor).to_be_attached(timeout=LONG)

    def open_file(self, path: str) -> None:
        toggle = self.button("Show or hide the files")
        if toggle.get_attribute("aria-expanded") != "true":
            toggle.click()
        self.place.locator(f'.file-name[title="{path}"]').click()
        expect(self.editor).to_have_attribute("aria-label", path)

    def type(self, text: str, at: str = "Control+End") -> None:
        self.editor.click()
        self.page.keyboard.press(at)
        self.page.keyboard.type(text)

    def copy(self, text: str) -> None:
        """Put text on the clipboard, as copying it in another program does."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)

    def paste(self, text: str) -> None:
        self.copy(text)
        self.page.keyboard.press("Control+v")

    def replace_by_pasting(self, path: str, text: str) -> None:
        self.open_file(path)
        self.editor.click()
        self.page.keyboard.press("Control+a")
        self.paste(text)

    def saved(self) -> None:
        expect(self.place.locator(".save-state")).to_have_attribute("data-state", "saved", timeout=LONG)

    def ask(self, message: str) -> None:
        self.composer.click()
        self.composer.fill(message)
        self.page.keyboard.press("Enter")
        self.replied()

    def replied(self) -> None:
        """The reply is there, whole."""
        expect(self.composer).to_have_value("", timeout=LONG)
        expect(self.place.get_by_role("log", name="Conversation with the assistant")).to_have_attribute(
            "aria-busy", "false", timeout=LONG
        )
        expect(self.button("Send")).to_be_visible()

    def hand_in(self) -> None:
        self.button("Hand in").click()
        self.place.get_by_role("dialog").get_by_role("button", name="Hand in").click()
        self.done()

    def done(self) -> None:
        expect(self.place.get_by_role("heading", name="Your work is handed in")).to_be_visible(timeout=LONG)
