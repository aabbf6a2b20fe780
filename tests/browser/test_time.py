"""Time that changes while the page is open: a pause says so and holds the page, extra time arrives by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SOON = 40_000
"""The page asks every fifteen seconds."""


def minutes_left(window) -> int:
    text = window.place.get_by_role("timer").inner_text()
    parts = [int(part) for part in re.findall(r"\d+", text)]
    return parts[0] * 60 + parts[1] if len(parts) == 3 else parts[0]


def test_a_pause_holds_the_page_and_extra_time_reaches_it(stack, invite, take, watch, screenshot) -> None:
    assessment = invite(duration_minutes=30)
    window = take(assessment)
    path = f"/assessments/{assessment['id']}"
    window.type("# before the pause\n")
    window.saved()
    assert 28 <= minutes_left(window) <= 30

    assert stack.call("POST", f"{path}/pause", json={"reason": "The fire alarm"}).status == 200
    # Written before the page has heard of it: it waits, and is not lost.
    watch.expect("409")
    window.type("# while it was paused\n")
    expect(window.place.get_by_text("Your organisation has stopped the clock.")).to_be_visible(timeout=SOON)
    expect(window.place.locator("main")).to_have_attribute("inert", "")
    expect(window.button("Hand in")).to_be_disabled()
    screenshot(window.page, "paused")

    given = stack.call("POST", f"{path}/accommodation", json={"minutes": 20, "reason": "The fire alarm"})
    assert given.status == 200
    assert stack.call("POST", f"{path}/resume").status == 200
    expect(window.place.get_by_text("Your organisation has stopped the clock.")).to_be_hidden(timeout=SOON)
    window.saved()
    assert 48 <= minutes_left(window) <= 51
    window.type("# after the pause\n")
    window.saved()
    window.hand_in()
    code = stack.call("GET", f"{path}/code").body.decode()
    for line in ("# before the pause", "# while it was paused", "# after the pause"):
        assert line in code
