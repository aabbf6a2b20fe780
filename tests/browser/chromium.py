"""Finds a Chromium for the browser tests, or installs one: `python -m tests.browser.chromium`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's own sandbox refuses to run as root.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
ADVICE = "The browser tests need Chromium: install it (on Debian: apt-get install chromium) or set TALI_CHROMIUM to it."


class NoChromium(Exception):
    """None is here, and none could be had."""


@cache
def chromium() -> str:
    """The path of a Chromium that runs.

    Raises:
        NoChromium: with one sentence for a person.
    """
    for path in _candidates():
        if _runs(path):
            return path
    for install in (_from_debian, _from_playwright):
        path = install()
        if path and _runs(path):
            return path
    raise NoChromium(ADVICE)


def _candidates() -> Iterator[str]:
    wanted = os.environ.get("TALI_CHROMIUM")
    if wanted:
        yield wanted
        raise NoChromium(f"TALI_CHROMIUM is {wanted}, which does not run. Set it to a Chromium, or unset it.")
    for name in NAMES:
        path = shutil.which(name)
        if path:
            yield path


def _runs(path: str) -> bool:
    """Whether this is a browser: some distributions put a script in its place that only says where to get one."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "Chrom" in done.stdout


def _from_debian() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("Installing Chromium", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _quietly(["apt-get", "update", "-qq"], environment)
    if not _quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], environment):
        return None
    return shutil.which("chromium")


def _from_playwright() -> str | None:
    def path() -> str | None:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
        return found if os.path.exists(found) else None

    print("Looking for Playwright's Chromium", flush=True)
    return _first(path, lambda: path() if _install_with_playwright() else None)


def _install_with_playwright() -> bool:
    return _quietly([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _first(*ways: Callable[[], str | None]) -> str | None:
    for way in ways:
        found = way()
        if found:
            return found
    return None


def _quietly(argv: list[str], environment: dict[str, str]) -> bool:
    try:
        return subprocess.run(argv, env=environment, capture_output=True, timeout=600, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    try:
        chromium()
    except NoChromium as error:
        sys.exit(str(error))
