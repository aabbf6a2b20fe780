"""One running product and one browser for the folder; pages that fail their test when anything in them goes wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.candidate_window import LIBRARY, TASK, TASK_TITLE, CandidateWindow
from tests.browser.chromium import ARGUMENTS, NoChromium, chromium
from tests.browser.host_page import HostPages, host_pages
from tests.browser.watch import Watch
from tests.stack import Stack, running_stack

SCREENSHOTS = Path(__file__).parent / "screenshots"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

# Two cores carry the product, the browser and other tests at once; five seconds are too few for a lazy page then.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """`tali up`, for all browser tests."""
    with tempfile.TemporaryDirectory(prefix="tali-browser-") as folder:
        Path(folder).chmod(0o755)
        with running_stack(Path(folder)) as running:
            running.sign_in()
            yield running


@pytest.fixture(scope="package")
def executable() -> str:
    """A Chromium."""
    try:
        return chromium()
    except NoChromium as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright itself."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright, executable: str) -> Iterator[Browser]:
    """One browser; every test has contexts of its own."""
    running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, headless=True)
    yield running
    running.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test for what its pages complained about."""
    watching = Watch()
    yield watching
    assert not watching.unexpected(), "\n".join(watching.unexpected())


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a page with a context of its own: another person at another computer."""
    contexts: list[BrowserContext] = []

    def open_one(*, phone: bool = False, dark: bool = False, **options: Any) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            color_scheme="dark" if dark else "light",
            permissions=["clipboard-read", "clipboard-write"],
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        watch.follow(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a picture of a step, to be looked at by a person."""
    SCREENSHOTS.mkdir(exist_ok=True)
    prefix = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")
    counter = iter(range(1, 100))

    def keep(page: Page, step: str, **options: Any) -> None:
        # Names sort by step, so that the folder reads as the story.
        page.screenshot(path=SCREENSHOTS / f"{prefix}-{next(counter):02}-{step}.png", animations="disabled", **options)

    return keep


def run_cli(stack: Stack, *arguments: str) -> str:
    """The `tali` command, as an operator of this product runs it."""
    # None of the commands that tests run speaks to the queue, whose password only the product's own processes know.
    services = {"TALI_DATABASE_URL": stack.database_url(), "TALI_REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-m", "tali.cli", *arguments],
        env={**stack.environment, **services},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def owner_link(stack: Stack) -> str:
    """A fresh one-time link for the first owner."""
    return run_cli(stack, "owner-link").splitlines()[-1]


HINT_WITH_CODE = """
[[hint]]
about = ["snippet"]
text = '''Like this:

```python
def from_the_assistant():
    return "assistant"
```
'''
"""


@pytest.fixture(scope="package")
def task_with_code(stack: Stack) -> str:
    """The slug of a task whose hint sheet answers "snippet" with a block of code."""
    with tempfile.TemporaryDirectory(prefix="tali-task-") as folder:
        task = Path(folder) / "snippet"
        shutil.copytree(LIBRARY / TASK, task)
        about = task / "task.toml"
        about.write_text(about.read_text().replace(TASK, "snippet").replace(TASK_TITLE, "A hint with code"))
        hints = task / "hints.toml"
        hints.write_text(hints.read_text() + HINT_WITH_CODE)
        key = stack.call("POST", "/api-keys", json={"name": "CI"}).json["key"]
        run_cli(stack, "tasks", "push", str(task), "--url", stack.url, "--api-key", key)
    return "snippet"


@pytest.fixture
def invite(stack: Stack) -> Callable[..., dict[str, Any]]:
    """Create an assessment through the API."""

    def create(name: str = "Ada Byron", slug: str = TASK, **options: Any) -> dict[str, Any]:
        listed = stack.call("GET", "/tasks")
        task = next(one for one in listed.json["data"] if one["slug"] == slug)
        email = f"{name.lower().replace(' ', '.')}.{os.urandom(3).hex()}@example.com"
        body = {"task_id": task["id"], "candidate": {"full_name": name, "email": email}, **options}
        made = stack.call("POST", "/assessments", json=body)
        assert made.status == 201, made.json
        return dict(made.json)

    return create


@pytest.fixture
def take(open_page: Callable[..., Page], invite: Callable[..., dict[str, Any]]) -> Callable[..., CandidateWindow]:
    """A candidate at work, come by invitation link."""

    def at_work(assessment: dict[str, Any] | None = None, **options: Any) -> CandidateWindow:
        page = open_page(**options)
        page.goto((assessment or invite())["invitation_url"])
        window = CandidateWindow(page, page)
        window.start()
        return window

    return at_work


@pytest.fixture(scope="package")
def api_key(stack: Stack) -> str:
    """The key of a host's backend."""
    made = stack.call("POST", "/api-keys", json={"name": "Browser tests"})
    assert made.status == 201, made.json
    return str(made.json["key"])


@pytest.fixture
def host(stack: Stack, api_key: str) -> Iterator[HostPages]:
    """Pages of another company, which may embed assessments."""

    def mint(assessment_id: str) -> str:
        answer = stack.client.open(
            "/api/v1/embed-sessions",
            method="POST",
            headers={"Authorization": f"Bearer {api_key}"},
            json={"assessment_id": assessment_id},
        )
        assert answer.status_code == 201, answer.get_data()
        return str(answer.get_json()["token"])

    before = stack.call("GET", "/organization").json["allowed_origins"]
    with host_pages(mint) as pages:
        allowed = stack.call("PATCH", "/organization", json={"allowed_origins": [*before, pages.origin]})
        assert allowed.status == 200, allowed.json
        yield pages
    stack.call("PATCH", "/organization", json={"allowed_origins": before})


def embedded(page: Page) -> CandidateWindow:
    """The one assessment that a host page shows."""
    return CandidateWindow(page, page.frame_locator("tali-assessment iframe"))


def show(value: Any) -> str:
    """For a page's source: a literal that no quoting can break."""
    return json.dumps(value).replace("<", "\\u003c")
