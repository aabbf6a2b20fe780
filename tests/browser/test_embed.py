"""The loader in other companies' pages, on another origin: mounting, leaving and being refused all end well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.candidate_window import CandidateWindow
from tests.browser.chromium import ARGUMENTS
from tests.browser.conftest import DESKTOP, embedded, show
from tests.browser.host_page import HEARD, HostPages
from tests.browser.watch import Watch
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

IFRAMES = "document.querySelector('tali-assessment')?.shadowRoot.querySelectorAll('iframe').length ?? 0"


@pytest.fixture
def ordinary_browser(
    playwright: Playwright, executable: str, watch: Watch, tmp_path: Path
) -> Iterator[Callable[..., BrowserContext]]:
    """A browser as people have it, with a profile: the contexts of other tests are private windows."""
    contexts: list[BrowserContext] = []

    def launch(**profile: Any) -> BrowserContext:
        folder = tmp_path / f"profile-{len(contexts)}"
        (folder / "Default").mkdir(parents=True)
        (folder / "Default" / "Preferences").write_text(json.dumps({"profile": profile}))
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=executable, args=ARGUMENTS, headless=True, viewport=DESKTOP
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        watch.follow(context)
        return context

    yield launch
    for context in contexts:
        context.close()


# What a browser's settings really do to a frame of another site.
SETS_COOKIE = "document.cookie = 'probe=1; SameSite=None; Secure'; document.cookie"
STORES = "(() => { try { sessionStorage.setItem('probe', '1'); return true } catch { return false } })()"


def loader(stack: Stack) -> str:
    return f'<script type="module" src="{stack.url}/embed/v1.js"></script>{HEARD}'


def names_heard(page: Page) -> list[str]:
    return [one["name"] for one in page.evaluate("heard")]


def welcome(page: Page) -> CandidateWindow:
    window = embedded(page)
    expect(window.button("Start")).to_be_visible(timeout=20_000)
    return window


def test_the_sample_page_embeds_a_session(stack, open_page, screenshot) -> None:
    page = open_page()
    page.goto(stack.ready["host_page_url"])
    assert page.url.startswith("http://localhost:") != stack.url.startswith("http://localhost:"), "two origins"
    welcome(page)
    expect(page.locator("#events li")).to_contain_text("The assessment is on screen (ready).")
    assert page.evaluate("[document.activeElement.tagName, scrollY]") == ["BODY", 0], "it takes neither focus nor place"
    screenshot(page, "host")


def test_mounting_twice_is_one_frame_and_destroying_undoes_everything(stack, invite, host, open_page) -> None:
    token = host.token(invite()["id"])
    page = open_page()
    page.goto(host.add("/mount", f'{loader(stack)}<main id="place"></main>'))
    page.wait_for_function("window.Tali")
    before = page.evaluate("[document.head.innerHTML, document.body.innerHTML, Object.keys(window).length]")
    page.evaluate(
        f"""() => {{
          const options = {{ session: {show(token)}, height: 500 }};
          const place = document.getElementById("place");
          // As React's StrictMode does in development: mount, unmount, mount.
          const first = Tali.mount(place, options);
          first.destroy();
          window.handles = [Tali.mount(place, options), Tali.mount(place, options)];
        }}"""
    )
    welcome(page)
    assert page.evaluate(IFRAMES) == 1
    assert names_heard(page) == ["ready"]
    page.evaluate("handles[0].destroy()")
    page.wait_for_timeout(50)
    assert page.evaluate(IFRAMES) == 1, "the other handle still holds it"
    page.evaluate("handles[1].destroy(); handles[1].destroy(); delete window.handles")
    page.wait_for_function(f"{IFRAMES} === 0")
    after = page.evaluate("[document.head.innerHTML, document.body.innerHTML, Object.keys(window).length]")
    assert after == before


def test_the_same_token_is_exchanged_again_by_the_same_page(stack, invite, host, open_page, watch) -> None:
    """A framework that unmounts and mounts later, or moves the node, where the browser gives the frame no storage."""
    token = host.token(invite()["id"])
    page = open_page()
    page.goto(host.add("/again", f'{loader(stack)}<main></main><tali-assessment session="{token}"></tali-assessment>'))
    welcome(page)
    page.evaluate(
        """() => {
          window.element = document.querySelector("tali-assessment");
          element.remove();
        }"""
    )
    page.wait_for_function(f"{IFRAMES} === 0")
    page.wait_for_timeout(200)
    page.evaluate("document.querySelector('main').append(element)")
    welcome(page)
    page.evaluate("document.body.prepend(element)")
    welcome(page)
    assert page.evaluate(IFRAMES) == 1
    assert len(host.minted) == 1
    assert "error" not in names_heard(page)


def test_a_single_page_application_is_left_and_entered_again(stack, invite, host, open_page) -> None:
    assessment = invite()
    page = open_page()
    page.goto(
        host.add(
            "/spa",
            f"""{loader(stack)}<nav><button id="to">To</button><button id="away">Away</button></nav><main></main>
            <script>
              const main = document.querySelector("main");
              document.getElementById("away").onclick = () => main.replaceChildren("Another view");
              document.getElementById("to").onclick = () => {{
                const element = document.createElement("tali-assessment");
                element.fetchToken = async () =>
                  (await (await fetch("/token/{assessment["id"]}", {{ method: "POST" }})).json()).token;
                main.replaceChildren(element);
              }};
            </script>""",
        )
    )
    page.get_by_role("button", name="To").click()
    window = embedded(page)
    window.start()
    window.type("# written before leaving\n")
    window.saved()
    page.get_by_role("button", name="Away").click()
    expect(page.get_by_text("Another view")).to_be_visible()
    page.get_by_role("button", name="To").click()
    window.at_work()
    expect(window.editor).to_contain_text("# written before leaving")
    window.type("# and after\n")
    window.saved()
    window.hand_in()
    assert [name for name in names_heard(page) if name != "progress"] == ["ready", "started", "ready", "submitted"]


def test_two_assessments_on_one_page_keep_apart(stack, invite, host, open_page) -> None:
    assessments = [invite("First Person"), invite("Second Person")]
    tokens = [host.token(one["id"]) for one in assessments]
    elements = "".join(f'<tali-assessment session="{token}" height="360"></tali-assessment>' for token in tokens)
    page = open_page()
    page.goto(host.add("/two", loader(stack) + elements))
    for index, name in enumerate(("First Person", "Second Person")):
        frame = page.locator("tali-assessment").nth(index).frame_locator("iframe")
        expect(frame.get_by_text(f"Hello {name}.")).to_be_visible(timeout=20_000)
    second = CandidateWindow(page, page.locator("tali-assessment").nth(1).frame_locator("iframe"))
    second.start()
    page.wait_for_function("heard.some(one => one.name === 'started')")
    heard = page.evaluate("heard")
    ids = {one["embed"]["public_id"] for one in assessments}
    assert {one["detail"]["assessment"] for one in heard if one["name"] == "ready"} == ids
    assert {one["detail"]["assessment"] for one in heard if one["name"] == "started"} == {
        assessments[1]["embed"]["public_id"]
    }


def test_an_origin_that_is_not_allowed_gets_a_visible_way_out(
    stack, invite, host, open_page, watch, screenshot
) -> None:
    watch.expect("frame-ancestors", "Framing")
    assessment = invite()
    stack.call("PATCH", "/organization", json={"allowed_origins": ["https://elsewhere.example"]})
    page = open_page()
    page.goto(
        host.add(
            "/refused",
            f"""{loader(stack)}<tali-assessment></tali-assessment>
            <script>
              document.querySelector("tali-assessment").fetchToken = async () =>
                (await (await fetch("/token/{assessment["id"]}", {{ method: "POST" }})).json()).token;
            </script>""",
        )
    )
    link = page.get_by_role("link", name="Open the assessment in a new tab")
    expect(link).to_be_visible(timeout=14_000)
    screenshot(page, "refused")
    assert [(one["name"], one["detail"]["code"]) for one in page.evaluate("heard")] == [("error", "load_timeout")]
    with page.context.expect_page() as opened:
        link.click()
    tab = opened.value
    window = CandidateWindow(tab, tab)
    expect(window.button("Start")).to_be_visible(timeout=20_000)
    assert "#" not in tab.url, "the token is not kept in the history"
    window.start()


def test_a_strict_host_policy_needs_to_name_only_tali(stack, invite, host: HostPages, open_page) -> None:
    token = host.token(invite()["id"])
    policy = f"default-src 'none'; script-src {stack.url}; frame-src {stack.url}; img-src data:"
    page = open_page()
    # Nothing inline, neither script nor style: the watch hears of every refusal.
    page.goto(
        host.add(
            "/strict",
            f'<script type="module" src="{stack.url}/embed/v1.js"></script>'
            f'<tali-assessment session="{token}"></tali-assessment>',
            policy,
        )
    )
    window = welcome(page)
    window.start()
    window.type("# under a strict policy\n")
    window.saved()


def test_blocked_third_party_cookies_stop_nothing(stack, invite, host, ordinary_browser) -> None:
    assessment = invite()
    page = ordinary_browser(block_third_party_cookies=True, cookie_controls_mode=1).new_page()
    _work_reload_and_go_on(stack, host, page, assessment)
    assert page.context.cookies() == [], "the candidate app uses none"
    assert page.frames[1].evaluate(SETS_COOKIE) == "", "they are blocked"


def test_an_ordinary_browser_resumes_from_its_own_storage(stack, invite, host, ordinary_browser) -> None:
    page = ordinary_browser(cookie_controls_mode=0, block_third_party_cookies=False).new_page()
    page.goto(
        host.add(
            "/storage", f'{loader(stack)}<tali-assessment session="{host.token(invite()["id"])}"></tali-assessment>'
        )
    )
    window = welcome(page)
    expect(window.place.get_by_text("keeps nothing for this page")).to_have_count(0)
    window.start()
    window.type("# kept\n")
    window.saved()
    # The page's token is spent and the page asks for no other: only the frame's own key opens it again.
    page.frames[1].evaluate("location.reload()")
    window.at_work()
    expect(window.editor).to_contain_text("# kept")
    assert page.context.cookies() == []
    assert page.frames[1].evaluate(SETS_COOKIE) == "probe=1", "this browser would have kept one"


def test_a_browser_that_stores_nothing_is_told_so_and_works(stack, invite, ordinary_browser, screenshot) -> None:
    context = ordinary_browser(default_content_setting_values={"cookies": 2})
    page = context.new_page()
    page.goto(invite()["invitation_url"])
    window = CandidateWindow(page, page)
    expect(page.get_by_text("This browser keeps nothing for this page.")).to_be_visible()
    screenshot(page, "storage-blocked")
    window.start()
    window.type("# in memory\n")
    window.saved()
    page.reload()
    window.at_work()
    expect(window.editor).to_contain_text("# in memory")
    assert page.evaluate(STORES) is False
    window.hand_in()


def test_a_broken_host_backend_offers_to_try_again(stack, invite, host, open_page) -> None:
    assessment = invite()
    page = open_page()
    page.goto(
        host.add(
            "/broken",
            f"""{loader(stack)}<tali-assessment></tali-assessment>
            <script>
              let tries = 0;
              document.querySelector("tali-assessment").fetchToken = async () => {{
                if (tries++ === 0) throw new Error("our database is down");
                return (await (await fetch("/token/{assessment["id"]}", {{ method: "POST" }})).json()).token;
              }};
            </script>""",
        )
    )
    expect(page.get_by_text("The assessment could not be opened just now.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    welcome(page)
    assert page.evaluate("heard[0].detail.code") == "token_unavailable"


def _work_reload_and_go_on(stack: Stack, host: HostPages, page: Page, assessment: dict[str, Any]) -> None:
    page.goto(
        host.add(
            "/cookies",
            f"""{loader(stack)}<tali-assessment></tali-assessment>
            <script>
              document.querySelector("tali-assessment").fetchToken = async () =>
                (await (await fetch("/token/{assessment["id"]}", {{ method: "POST" }})).json()).token;
            </script>""",
        )
    )
    window = welcome(page)
    window.start()
    window.type("# without cookies\n")
    window.saved()
    page.reload()
    window.at_work()
    expect(window.editor).to_contain_text("# without cookies")
