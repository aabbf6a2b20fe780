"""A candidate's turns with Claude, from the request to the stored row."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from tests.conftest import Tenant
from tests.fakes.messages_api import MessagesServer, beginning, error, messages_server, piece, stream
from tests.plugins.claude.conftest import KEY

from tali.jobs.resources import Resources
from tali.plugins import PluginManager
from tali.web import create_app


@pytest.fixture(scope="module")
def server() -> Iterator[MessagesServer]:
    with messages_server() as running:
        yield running


@pytest.fixture(autouse=True)
def as_new(server: MessagesServer) -> None:
    server.requests.clear()
    server.script, server.text, server.stop_reason, server.pause = None, "Follow the invoice.", "end_turn", 0.0


@pytest.fixture(scope="module")
def resources(resources: Resources, server: MessagesServer) -> Iterator[Resources]:
    """A deployment with a key."""
    environ = {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url}
    plugins = PluginManager(replace(resources.plugins._environment, environ=environ))
    plugins.discover()
    yield replace(resources, plugins=plugins, settings=replace(resources.settings, assistant_setting="claude"))
    plugins.close()


@pytest.fixture(scope="module")
def app(resources: Resources) -> Flask:
    return create_app(resources.settings, resources)


@pytest.fixture
def ask(tenant: Tenant, run_jobs: Callable[[Tenant], int]) -> Callable[[str], dict[str, Any]]:
    """Ask as one candidate; answers the turn as it ended."""
    candidate = tenant.candidate()

    def one(message: str) -> dict[str, Any]:
        turn = candidate.ask(message).json["turn"]
        run_jobs(tenant)
        return candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=0").json["turn"]

    one.candidate = candidate  # type: ignore[attr-defined]
    return one


def test_the_widget_is_told_that_it_is_an_ai(ask) -> None:
    assistant = ask.candidate.call("GET", "").json["assistant"]
    assert (assistant["name"], assistant["is_ai"]) == ("Claude", True)


def test_a_turn_is_stored_whole_with_its_tokens_and_its_model(ask, tenant: Tenant, server: MessagesServer) -> None:
    told = ask("Where do the duplicates come from?")
    assert (told["state"], told["response"], told["error"]) == ("done", "Follow the invoice. ", None)
    [prompt] = tenant.call("GET", f"/assessments/{ask.candidate.assessment['id']}/prompts").json["data"]
    assert (prompt["input_tokens"], prompt["output_tokens"]) == (116, 7)
    sent = str(server.requests[0])
    assert "Some invoices are booked twice" in sent
    for secret in ("Ada Byron", "ada@example.com", "tests/hidden", "reference"):
        assert secret not in sent.replace("reference solution", "")


def test_the_conversation_goes_along(ask, server: MessagesServer) -> None:
    ask("First question?")
    ask("Second question?")
    roles = [message["role"] for message in server.requests[-1]["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert server.requests[-1]["messages"][1]["content"][0]["text"] == "Follow the invoice. "


def test_what_broke_off_is_kept_marked_and_can_be_asked_again(ask, tenant: Tenant, server: MessagesServer) -> None:
    server.script = lambda body: stream(beginning("m"), piece("It is "))
    broken = ask("Where?")
    assert (broken["state"], broken["response"], broken["error"]["code"]) == ("interrupted", "It is ", "interrupted")
    [prompt] = tenant.call("GET", f"/assessments/{ask.candidate.assessment['id']}/prompts").json["data"]
    assert prompt["input_tokens"] == 116, "what it cost is on record"
    server.script = None
    assert ask("Where?")["state"] == "done"


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (error(429, "rate_limit_error"), "assistant_busy", "Ask again in a moment"),
        (error(529, "overloaded_error"), "assistant_busy", "Ask again in a moment"),
        (error(401, "authentication_error"), "assistant_refused", "does not accept the key"),
    ],
)
def test_the_candidate_reads_what_went_wrong(ask, server: MessagesServer, answer: Any, code: str, words: str) -> None:
    server.script = lambda body: answer
    told = ask("Where?")
    assert (told["state"], told["error"]["code"]) == ("failed", code)
    assert words in told["error"]["message"]
    assert KEY not in str(told)
