"""Listens to a page for everything that a user's console would show red, and for requests that leave this machine."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

LOOPBACK = {"127.0.0.1", "localhost", ""}


class Watch:
    """What went wrong in the pages of a test. A test says beforehand what it provokes, and nothing else is let pass."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, *patterns: str) -> None:
        """This test provokes these messages."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    def follow(self, context: BrowserContext) -> None:
        context.on("page", self._page)
        context.on("request", self._request)

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self.problems.append(f"console: {message.text} ({where})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.hostname not in LOOPBACK:
            self.problems.append(f"a request left this machine: {request.url}")

    def unexpected(self) -> list[str]:
        return [one for one in self.problems if not any(pattern.search(one) for pattern in self._expected)]
