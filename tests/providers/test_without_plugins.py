"""Safe mode, and plugins that were uninstalled: everything that was recorded stays readable, and work ends in words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from tali.application import with_assistant
from tali.jobs import worker
from tali.jobs.resources import Resources
from tali.kernel.settings import Settings
from tali.plugins import PluginManager
from tali.web import create_app
from tests.candidate import Candidate
from tests.conftest import Tenant


@pytest.fixture
def bare(resources: Resources) -> Iterator[Resources]:
    """The same deployment, started in safe mode."""
    settings = replace(resources.settings, safe_mode=True)
    plugins = PluginManager(resources.plugins._environment)
    plugins.discover(safe_mode=settings.safe_mode)
    yield replace(resources, settings=settings, plugins=plugins)
    plugins.close()


@pytest.fixture
def without(tenant: Tenant, bare: Resources) -> Tenant:
    """The tenant, seen through a web process in safe mode."""
    return replace(tenant, client=create_app(bare.settings, bare).test_client(), resources=bare)


def test_safe_mode_is_a_setting() -> None:
    assert Settings.from_environment({"TALI_SAFE_MODE": "1"}).safe_mode


def test_what_plugins_produced_stays_readable_without_them(
    tenant: Tenant, without: Tenant, run_jobs: Callable[[Tenant], int]
) -> None:
    candidate = tenant.candidate()
    candidate.ask("Where do the duplicates come from?")
    run_jobs(tenant)
    candidate.submit()
    run_jobs(tenant)
    path = f"/assessments/{candidate.assessment['id']}"
    for part in ("", "/timeline", "/prompts", "/code"):
        before, after = tenant.call("GET", path + part), without.call("GET", path + part)
        assert (before.status, after.status) == (200, 200), part
        assert after.json == before.json, part
    listed = without.call("GET", "/plugins").json
    assert listed == {"plugins": [], "providers": []}
    assert without.client.get("/health").get_json()["status"] == "healthy"


def test_work_that_needs_a_plugin_ends_in_words_and_the_work_is_kept(
    tenant: Tenant, without: Tenant, bare: Resources
) -> None:
    candidate = Candidate(without.client, invited := without.invite())
    candidate.open(invitation=invited["invitation_url"].partition("#")[2])
    candidate.start()
    candidate.type("# kept\n")
    asked = candidate.ask("hello")
    assert (asked.status, asked.json["code"]) == (503, "provider_not_configured")
    assert "offline is not installed here" in asked.json["message"]
    run = candidate.run().json["execution"]
    _run_jobs(bare, without)
    ran = candidate.call("GET", f"/executions/{run['id']}?after=0&wait=0").json["execution"]
    assert (ran["state"], ran["error"]["code"]) == ("failed", "sandbox_failed")
    assert candidate.submit().status == 200
    _run_jobs(bare, without)
    detail = without.call("GET", f"/assessments/{invited['id']}").json
    assert detail["state"] == "completed"
    assert detail["scoring_state"] == "failed"
    assert "no installed plugin offers sandboxes called bubblewrap" in detail["scoring"]["reason_text"]
    assert tenant.call("POST", f"/assessments/{invited['id']}/rescore").status == 202, (
        "with its plugins it can be scored"
    )


def _run_jobs(resources: Resources, tenant: Tenant) -> None:
    from sqlalchemy import select

    from tali.jobs.models import Job
    from tali.kernel.clock import now

    for _ in range(50):
        with resources.database.tenant(tenant.organization_id) as session:
            query = select(Job.id).where(Job.state == "queued", Job.run_at <= now()).order_by(Job.created_at).limit(1)
            due = session.execute(query).scalar_one_or_none()
        if due is None:
            return
        worker.run(resources, due)
    raise AssertionError("jobs keep coming back")


def test_calls_are_traced_when_asked_for(
    tenant: Tenant, resources: Resources, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    traced = replace(resources, settings=replace(resources.settings, trace_plugins=True))
    candidate = tenant.candidate()
    candidate.ask("a prompt that no trace shows")
    with caplog.at_level(logging.INFO):
        _run_jobs(traced, tenant)
    said = caplog.text + "".join(capsys.readouterr())
    assert "plugin call" in said
    for word in ("'plugin': 'offline'", "'kind': 'assistants'", "'outcome': 'ok'", "'seconds': "):
        assert word in said
    assert "no trace shows" not in said


@pytest.mark.parametrize(
    ("environment", "key", "assistant"),
    [
        ("development", "", "offline"),
        ("development", "sk-test", "claude"),
        ("production", "", "none"),
        ("production", "sk-test", "claude"),
    ],
)
def test_the_assistant_is_an_ai_where_one_is_set_up_and_in_production_never_the_hint_sheet_by_itself(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, environment: str, key: str, assistant: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    settings = replace(resources.settings, environment=environment, assistant_setting="")
    assert with_assistant(settings, resources.plugins).assistant == assistant
    chosen = replace(settings, assistant_setting="offline")
    assert with_assistant(chosen, resources.plugins).assistant == "offline"


def test_a_plugin_that_exits_while_it_loads_is_broken_and_stops_nobody(resources: Resources) -> None:
    plugins = PluginManager(resources.plugins._environment)
    plugins.load(EntryPoint("leaver", "tests.plugins.hostile.leaver", "tali"))
    plugins.discover()
    states = {plugin.name: plugin.error for plugin in plugins.plugins()}
    assert states["leaver"] == "SystemExit: goodbye"
    assert states["offline"] is None
    plugins.close()


def test_hooks_are_traced_at_boot(resources: Resources, caplog: pytest.LogCaptureFixture) -> None:
    plugins = PluginManager(resources.plugins._environment)
    with caplog.at_level(logging.INFO, logger="tali.plugins"):
        plugins.discover(trace=True)
    assert "hook tali_sandboxes called on bubblewrap" in caplog.text
    plugins.close()
