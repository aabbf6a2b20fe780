"""What an organisation says of its providers: settings, secrets, choice, tests; and what others never see of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tali.jobs.resources import Resources
from tali.plugins import PluginManager
from tali.sdk import ConfigurationMissing
from tali.web import create_app
from tests.conftest import Tenant
from tests.plugins.mirror.tali_mirror import KEY, MADE


@pytest.fixture(scope="module")
def resources(resources: Resources) -> Iterator[Resources]:
    """A process in which one more plugin is installed."""
    plugins = PluginManager(resources.plugins._environment)
    plugins.discover()
    plugins.load(EntryPoint("mirror", "tests.plugins.mirror.tali_mirror", "tali"))
    yield replace(resources, plugins=plugins)
    plugins.close()


@pytest.fixture(scope="module")
def app(resources: Resources) -> Flask:
    return create_app(resources.settings, resources)


def _mirror(tenant: Tenant) -> dict[str, Any]:
    answer = tenant.call("GET", "/plugins/assistants/mirror")
    assert answer.status == 200, answer.json
    return answer.json


def _setting(tenant: Tenant, name: str) -> dict[str, Any]:
    return next(one for one in _mirror(tenant)["settings"] if one["name"] == name)


def _set(tenant: Tenant, **settings: Any) -> Any:
    return tenant.call("PATCH", "/plugins/assistants/mirror", json={"settings": settings})


def _said(tenant: Tenant, run_jobs: Callable[[Tenant], int], message: str = "Hello") -> dict[str, Any]:
    candidate = tenant.candidate(tenant.invite(f"{os.urandom(4).hex()}@example.com"))
    turn = candidate.ask(message).json["turn"]
    run_jobs(tenant)
    return candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=0").json["turn"]


def test_a_provider_is_listed_and_can_be_set_up_before_it_has_a_key(tenant: Tenant) -> None:
    listed = tenant.call("GET", "/plugins").json
    mirror = next(one for one in listed["providers"] if one["name"] == "mirror")
    assert mirror["missing"] == [KEY]
    assert not mirror["used"]
    assert {one["name"]: one["source"] for one in mirror["settings"]} == {
        "key": "unset",
        "model": "default",
        "budget": "default",
        "tone": "default",
        "socket": "default",
    }
    assert {one["name"] for one in listed["plugins"]} >= {"bubblewrap", "heuristics", "offline", "mirror"}
    assert _set(tenant, key="k-123").json["missing"] == []


def test_a_secret_goes_in_and_never_comes_out(tenant: Tenant, resources: Resources) -> None:
    assert _set(tenant, key="k-very-secret").status == 200
    answers = [tenant.call("GET", "/plugins"), tenant.call("GET", "/plugins/assistants/mirror")]
    assert all(b"k-very-secret" not in answer.body for answer in answers)
    assert _setting(tenant, "key") | {"help": ""} == {
        **_setting(tenant, "key"),
        "help": "",
        "source": "organization",
        "value": None,
    }
    with resources.database.owner() as session:
        rows = session.execute(text("SELECT row_to_json(p)::text FROM provider_choice p")).scalars().all()
        audited = session.execute(text("SELECT facts::text FROM audit_entry")).scalars().all()
    assert rows
    assert not any("k-very-secret" in row for row in [*rows, *audited])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"budget": 0}, "Expected a number from 1 to 1000."),
        ({"budget": "many"}, "Expected a whole number."),
        ({"budget": True}, "Expected a whole number."),
        ({"tone": "rude"}, "Expected one of dry, warm."),
        ({"model": "  "}, "Expected a text of 1 to 2000 characters."),
        ({"colour": "red"}, "This provider has no such setting."),
        ({"socket": "/etc"}, "The deployment alone sets this."),
    ],
)
def test_a_value_that_does_not_hold_is_named_and_nothing_changes(
    tenant: Tenant, settings: dict[str, Any], says: str
) -> None:
    answer = _set(tenant, key="k", **settings)
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert answer.json["errors"] == {f"settings.{next(iter(settings))}": [says]}
    assert _setting(tenant, "key")["source"] == "unset"


def test_null_brings_the_deployments_value_back(tenant: Tenant) -> None:
    _set(tenant, model="large")
    assert _setting(tenant, "model")["value"] == "large"
    _set(tenant, model=None)
    assert _setting(tenant, "model") == _setting(tenant, "model") | {"source": "default", "value": "small"}


def test_only_owners_set_up_and_no_program_does(tenant: Tenant, resources: Resources) -> None:
    key = tenant.call("POST", "/api-keys", json={"name": "ats"}).json["key"]
    assert tenant.call("PATCH", "/plugins/assistants/mirror", token=key, json={"used": True}).status == 403
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(text("UPDATE membership SET role = 'recruiter'"))
    assert _set(tenant, key="k").status == 403
    assert tenant.call("GET", "/plugins").status == 200


def test_what_is_chosen_answers_the_next_assessments_with_the_organisations_settings(
    tenant: Tenant, run_jobs: Callable[[Tenant], int]
) -> None:
    _set(tenant, key="k-1", model="large")
    assert tenant.call("PATCH", "/plugins/assistants/mirror", json={"used": True}).json["used"]
    assert "('model', 'large')" in _said(tenant, run_jobs)["response"]
    first = MADE[-1]
    assert "('model', 'large')" in _said(tenant, run_jobs)["response"]
    assert MADE[-1] is first, "one instance for one version of the settings"
    _set(tenant, model="huge")
    assert "('model', 'huge')" in _said(tenant, run_jobs)["response"]
    assert not first.closed, "a reply may be under way in it"
    listed = tenant.call("GET", "/plugins").json["providers"]
    assert [one["name"] for one in listed if one["kind"] == "assistants" and one["used"]] == ["mirror"]
    assert not tenant.call("PATCH", "/plugins/assistants/mirror", json={"used": False}).json["used"]


def test_doing_without_one_provider_leaves_the_chosen_one(tenant: Tenant) -> None:
    assert tenant.call("PATCH", "/plugins/assistants/mirror", json={"used": True}).json["used"]
    assert not tenant.call("PATCH", "/plugins/assistants/offline", json={"used": False}).json["used"]
    assert _mirror(tenant)["used"]
    assert not tenant.call("PATCH", "/plugins/assistants/mirror", json={"used": False}).json["used"]


def test_a_tenant_sees_nothing_of_anothers_settings(make_tenant: Callable[[], Tenant]) -> None:
    one, other = make_tenant(), make_tenant()
    _set(one, key="k", model="large")
    assert _setting(other, "model")["value"] == "small"
    assert _mirror(other)["missing"] == [KEY]


def test_the_deployments_key_is_not_sent_where_a_tenant_points(
    tenant: Tenant, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "k-of-the-deployment")
    made = resources.plugins.assistant("mirror", tenant.organization_id)
    assert made.settings["key"] == "k-of-the-deployment"  # type: ignore[attr-defined]
    assert _setting(tenant, "key") | {"source": "deployment", "value": None} == _setting(tenant, "key")
    _set(tenant, model="https://elsewhere.example")
    with pytest.raises(ConfigurationMissing):
        resources.plugins.assistant("mirror", tenant.organization_id)
    assert _mirror(tenant)["missing"] == ["key"]


@pytest.mark.parametrize(
    ("model", "state", "says"),
    [
        ("fine", "ok", "answers"),
        ("wrong", "failed", "there is no model called wrong"),
        ("broken", "failed", "The plugin itself failed (RuntimeError)"),
    ],
)
def test_the_test_button_tells_what_a_worker_found(
    tenant: Tenant, run_jobs: Callable[[Tenant], int], model: str, state: str, says: str
) -> None:
    _set(tenant, key="k", model=model)
    asked = tenant.call("POST", "/plugins/assistants/mirror/check")
    assert (asked.status, asked.json["check"]["state"]) == (202, "running")
    run_jobs(tenant)
    check = _mirror(tenant)["check"]
    assert check["state"] == state
    assert says in check["message"]
    assert "secret detail" not in check["message"]
    _set(tenant, model="other")
    assert _mirror(tenant)["check"] is None, "it said nothing of these settings"


def test_the_test_button_names_what_is_missing(tenant: Tenant, run_jobs: Callable[[Tenant], int]) -> None:
    tenant.call("POST", "/plugins/assistants/mirror/check")
    run_jobs(tenant)
    assert KEY in _mirror(tenant)["check"]["message"]


def test_a_provider_that_keeps_failing_rests_and_costs_the_others_nothing(
    tenant: Tenant, make_tenant: Callable[[], Tenant], run_jobs: Callable[[Tenant], int], resources: Resources
) -> None:
    for organization in (tenant, other := make_tenant()):
        _set(organization, key="k")
        organization.call("PATCH", "/plugins/assistants/mirror", json={"used": True})
    for _ in range(5):
        assert _said(tenant, run_jobs, "be busy")["error"]["code"] == "assistant_busy"
    made = len(MADE)
    resting = _said(tenant, run_jobs)
    assert resting["error"]["code"] == "assistant_busy"
    assert "rests" in resting["error"]["message"]
    assert len(MADE) == made, "it was not called"
    assert _said(other, run_jobs)["state"] == "done"
    for key in resources.valkey.scan_iter("breaker:open:*"):
        resources.valkey.delete(key)
    assert _said(tenant, run_jobs)["state"] == "done", "after its rest it answers again"


def test_what_is_set_up_stays_readable_when_its_plugin_is_gone(tenant: Tenant, resources: Resources) -> None:
    _set(tenant, key="k", model="large")
    tenant.call("PATCH", "/plugins/assistants/mirror", json={"used": True})
    offered = resources.plugins._providers.pop(("assistants", "mirror"))
    try:
        gone = _mirror(tenant)
        assert (gone["installed"], gone["used"]) == (False, True)
        assert tenant.call("PATCH", "/plugins/assistants/mirror", json={"used": False}).status == 200
        assert _set(tenant, model="other").json["code"] == "provider_not_found"
    finally:
        resources.plugins._providers["assistants", "mirror"] = offered
    assert _setting(tenant, "model")["value"] == "large"


def test_a_listing_costs_the_same_number_of_queries_however_much_is_set(
    tenant: Tenant, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    before = count_queries(lambda: tenant.call("GET", "/plugins"))
    _set(tenant, key="k")
    tenant.call("PATCH", "/plugins/signal_evaluators/heuristics", json={"used": False})
    assert count_queries(lambda: tenant.call("GET", "/plugins")) == before


def test_an_evaluator_that_is_switched_off_is_not_asked(tenant: Tenant, run_jobs: Callable[[Tenant], int]) -> None:
    assert tenant.call("PATCH", "/plugins/signal_evaluators/heuristics", json={"used": False}).status == 200
    candidate = tenant.candidate()
    candidate.submit()
    run_jobs(tenant)
    detail = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    assert detail["scoring_state"] == "scored"
    assert not [one for one in detail["result"]["signals"] if one["evaluator"] == "heuristics"]
