"""A warm-up with Claude, judged by Claude: two requests and the judge's one, all at one server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask
from tests.conftest import Tenant
from tests.fakes.messages_api import MessagesServer, beginning, ending, messages_server, piece, stream
from tests.plugins.claude.conftest import KEY

from tali.jobs.resources import Resources
from tali.plugins import PluginManager
from tali.web import create_app

ASKED = "I am Ada Byron. Reverse a string in Python, emoji included, and show how I would check it."


@pytest.fixture(scope="module")
def server() -> Iterator[MessagesServer]:
    with messages_server() as running:
        yield running


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


def test_a_warm_up_is_answered_and_judged_by_one_small_request(
    tenant: Tenant, run_jobs: Callable[[Tenant], int], server: MessagesServer
) -> None:
    def judging(body: dict[str, Any]) -> bool:
        return "output_config" in body

    def said(body: dict[str, Any]) -> Any:
        if not judging(body):
            return None
        answer = {"evidence": [{"prompt": 0, "quote": "emoji included"}], "why": "It is bounded.", "value": 8}
        return stream(beginning(body["model"]), piece(orjson.dumps(answer).decode()), ending("end_turn"))

    server.script = said
    candidate = tenant.candidate(tenant.invite(calibration=True), start=False)
    assert candidate.warm_up(ASKED).status == 202
    run_jobs(tenant)
    [asked] = server.requests
    assert "Invoices" not in str(asked), "nothing of the task goes along before the clock starts"
    candidate.call("POST", "/calibration/finish")
    candidate.start()
    run_jobs(tenant)
    [judged] = [body for body in server.requests if judging(body)]
    assert "Ada Byron" not in str(judged)
    assert judged["max_tokens"] <= 2_000
    path = f"/assessments/{candidate.assessment['id']}"
    taken = tenant.call("GET", f"{path}/calibration").json
    assert taken["score"] == 8, taken
    assert [(piece["prompt_index"], piece["quote"]) for piece in taken["evidence"]] == [(1, "emoji included")]
    spent = tenant.call("GET", "/organization/spending").json["spent"]
    assert float(spent) > 0, "the reply and the judging are both counted"
