"""The plugin of the README, installed by pip from its own folder: its component counts, and people see it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.docs.test_readme import blocks
from tests.plugins.installing import install
from tests.stack import Stack, running_stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """`tali up` with the plugin installed, and weight for its component."""
    with tempfile.TemporaryDirectory(prefix="tali-readme-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        package = folder / "tali-politeness"
        package.mkdir()
        [module], [project] = blocks("python"), blocks("toml")
        (package / "tali_politeness.py").write_text(module)
        (package / "pyproject.toml").write_text(project)
        site = install(package, folder)
        weights = "tests=0.8,politeness=0.2"
        with running_stack(folder, PYTHONPATH=str(site), SCORE_WEIGHTS=weights) as running:
            running.sign_in()
            yield running


def test_it_appears_with_its_own_component_in_score_api_and_admin_page(
    stack: Stack, owner_link: str, open_page, screenshot
) -> None:
    providers = stack.call("GET", "/plugins").json["providers"]
    assert [one["used"] for one in providers if one["name"] == "politeness"] == [True]
    candidate = stack.candidate()
    for message in ("Please explain this.", "Fix it."):
        turn = candidate.ask(message).json["turn"]
        path = f"/turns/{turn['id']}?after=0&wait=0"
        wait_until(lambda path=path: candidate.call("GET", path).json["turn"]["state"] == "done", 20)
    candidate.submit()
    path = f"/assessments/{candidate.assessment['id']}"
    detail = wait_until(lambda: (d := stack.call("GET", path).json)["scoring_state"] == "scored" and d, 30, 0.2)
    component = next(one for one in detail["result"]["components"] if one["name"] == "politeness")
    assert component["value"] == 5.0
    page = open_page()
    page.goto(owner_link)
    expect(page.get_by_role("heading", name="Assessments", exact=True)).to_be_visible()
    page.goto(f"{stack.url}/#/assessments/{candidate.assessment['id']}")
    row = page.get_by_role("row", name="Politeness")
    expect(row).to_contain_text("5.0")
    screenshot(page, "component")
