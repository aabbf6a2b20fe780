"""Plugins installed by pip from their own folders: a component of theirs on the report, and their settings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import accessible
from tests.docs.test_readme import blocks
from tests.plugins.installing import install
from tests.stack import Stack, running_stack, wait_until

MIRROR = Path(__file__).parents[1] / "plugins" / "mirror"
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """`tali up` with the README's plugin, weight for its component, and an assistant that takes settings."""
    with tempfile.TemporaryDirectory(prefix="tali-readme-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        package = folder / "tali-politeness"
        package.mkdir()
        [module], [project] = blocks("python"), blocks("toml")
        (package / "tali_politeness.py").write_text(module)
        (package / "pyproject.toml").write_text(project)
        sites = (install(package, folder / "readme"), install(MIRROR, folder / "mirror"))
        weights = "tests=0.8,politeness=0.2"
        with running_stack(folder, PYTHONPATH=":".join(map(str, sites)), SCORE_WEIGHTS=weights) as running:
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
    assert (component["value"], component["weight"], component["contribution"]) == (5.0, 0.2, 10.0)
    assert detail["score"] == pytest.approx(8 * detail["result"]["components"][0]["value"] + 10, abs=0.1)
    page = open_page()
    page.goto(owner_link)
    expect(page.get_by_role("heading", name="Assessments", exact=True)).to_be_visible()
    page.goto(f"{stack.url}/#/assessments/{candidate.assessment['id']}")
    row = page.get_by_role("row", name="Politeness")
    expect(row).to_contain_text("5.0")
    expect(row).to_contain_text("20%")
    screenshot(page, "component")


def test_an_owner_sets_a_provider_up_tests_it_and_uses_it(
    stack: Stack, owner_link: str, open_page, screenshot, watch
) -> None:
    watch.expect("422")
    page = open_page()
    page.goto(owner_link)
    expect(page.get_by_role("heading", name="Assessments", exact=True)).to_be_visible()
    page.goto(f"{stack.url}/#/settings/plugins")
    mirror = page.get_by_role("main").get_by_role("listitem").filter(has_text="Mirror")
    expect(mirror).to_contain_text("It still needs TALI_TEST_MIRROR_KEY.")
    with accessible(page) as axe:
        screenshot(page, "before", full_page=True)
        axe.look_everywhere("plugins")
        page.get_by_role("button", name="Set up Mirror").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Key").fill("k-123")
        dialog.get_by_label("Budget").fill("many")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_text("Expected a whole number.")).to_be_visible()
        screenshot(page, "refused")
        axe.look_everywhere("set up, refused")
        dialog.get_by_label("Budget").fill("200")
        dialog.get_by_label("Tone").select_option("warm")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        expect(mirror).not_to_contain_text("It still needs")
        page.get_by_role("button", name="Test Mirror").click()
        expect(mirror).to_contain_text("It is set up and answers.")
        page.get_by_role("button", name="Use Mirror").click()
        expect(mirror).to_contain_text("In use")
        page.get_by_role("button", name="Switch off Politeness").click()
        expect(page.get_by_role("button", name="Switch on Politeness")).to_be_visible()
        page.get_by_role("button", name="Set up Mirror").click()
        expect(dialog.get_by_label("Key")).to_have_value("")
        expect(dialog.get_by_label("Budget")).to_have_value("200")
        page.keyboard.press("Escape")
        axe.look_everywhere("plugins, set up")
        page.emulate_media(color_scheme="dark")
        screenshot(page, "after-dark", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        screenshot(page, "after-phone", full_page=True)
    providers = stack.call("GET", "/plugins").json["providers"]
    assert [one["used"] for one in providers if one["name"] == "mirror"] == [True]
