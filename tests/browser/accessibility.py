"""Runs axe-core in a page, against WCAG 2.2 A and AA, at the sizes and in the colours that people use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from playwright.sync_api import CDPSession, Locator, Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """axe.run(document, { runOnly: %s, resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, any, all, none }) =>
    id + ": " + help + " at " + target.flat().join(" ") + " "
      + [...any, ...all, ...none].map(({ message }) => message).slice(0, 2).join("; "))))"""
LOOKS = [("light", 1280, 800), ("dark", 1280, 800), ("dark", 390, 844), ("light", 390, 844)]
SETTLE = """Promise.all(document.getAnimations({ subtree: true }).filter(({ effect }) =>
  effect.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished.catch(() => {})))"""


FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


class Axe:
    """Collects what is wrong in a page, screen by screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        self._session: CDPSession = page.context.new_cdp_session(page)

    def look(self, screen: str) -> None:
        """Check the screen as it is."""
        # The debugger's evaluation is what a strict content policy and trusted types let through.
        self._evaluate(SETTLE)
        if not self._evaluate("typeof axe === 'object'"):
            self._evaluate(f"{AXE}\n0")
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        dark = self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        # Colours are all that differs in the dark.
        for problem in self._evaluate(RUN % (["color-contrast"] if dark else TAGS)):
            self.found.append(f"{screen}, {'dark' if dark else 'light'}, {width} px: {problem}")

    def look_everywhere(self, screen: str) -> None:
        """Check it light and dark, on a desktop and on a phone."""
        for scheme, width, height in LOOKS:
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size({"width": width, "height": height})
            # Two frames: styles and observers have seen the new size.
            self._evaluate(FRAMES)
            self.look(screen)
        scheme, width, height = LOOKS[0]
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size({"width": width, "height": height})

    def _evaluate(self, expression: str):
        answer = self._session.send(
            "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


@contextmanager
def accessible(page: Page) -> Iterator[Axe]:
    """Fails at the end with everything that was found."""
    axe = Axe(page)
    yield axe
    assert not axe.found, "\n".join(axe.found)


FOCUSED = "element => element.getRootNode().activeElement === element"


def tab_to(page: Page, target: Locator, *, backwards: bool = False, presses: int = 80) -> None:
    """Press Tab until something has the focus, as a person without a mouse does."""
    for _ in range(presses):
        if target.evaluate(FOCUSED):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"the Tab key does not reach {target}")
