"""What models cost: counted with the reply, capped by assessment and by month, shown to the organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tali.kernel.money import cents_of, dollars_of_micros
from tali.kernel.settings import Settings, SettingsError
from tali.providers import spending
from tali.sdk import Done, Text, Usage
from tali.web import create_app
from tests.candidate import Candidate

CAPS = "/organization/spending"


@pytest.fixture
def costing(assistant):
    """An assistant whose replies cost so many millionths of a dollar."""

    def use(cost: int | None, stop: str = "complete") -> None:
        def reply(conversation):
            yield Text("Use a set.")
            yield Done(Usage(100, 10, cost), stop)

        assistant(reply)

    return use


def ask(tenant, run_jobs, candidate, message: str = "How?") -> None:
    assert candidate.ask(message).status == 202
    run_jobs(tenant)


def test_what_a_reply_cost_is_counted_once_for_assessment_and_month(tenant, run_jobs, costing) -> None:
    costing(12_345)
    candidate = tenant.candidate()
    ask(tenant, run_jobs, candidate)
    ask(tenant, run_jobs, candidate)
    told = tenant.call("GET", CAPS).json
    assert told["spent"] == "0.024690"
    assert told["month"] == datetime.now(UTC).date().replace(day=1).isoformat()
    cost = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["cost"]["assistant"]
    assert cost == {
        "replies": 2,
        "input_tokens": 200,
        "output_tokens": 20,
        "spent": "0.024690",
        "replies_without_cost": 0,
    }


def test_a_reply_that_broke_off_costs_what_it_cost(tenant, run_jobs, costing) -> None:
    costing(700, "cut_short")
    candidate = tenant.candidate()
    ask(tenant, run_jobs, candidate)
    assert candidate.refresh()["turns"][0]["state"] == "interrupted"
    assert tenant.call("GET", CAPS).json["spent"] == "0.000700"


def test_an_assistant_that_counts_nothing_costs_nothing_and_says_so(tenant, run_jobs, costing) -> None:
    costing(None)
    candidate = tenant.candidate()
    ask(tenant, run_jobs, candidate)
    cost = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["cost"]["assistant"]
    assert (cost["spent"], cost["replies_without_cost"]) == (None, 1)
    assert tenant.call("GET", CAPS).json["spent"] == "0.000000"


def test_the_assistant_of_an_assessment_stops_at_its_cap_and_the_assessment_goes_on(tenant, run_jobs, costing) -> None:
    costing(15_000)
    assert tenant.call("PATCH", CAPS, json={"assessment_spend_cap": "0.02"}).status == 200
    candidate, other = tenant.candidate(), tenant.candidate(tenant.invite("grace@example.com"))
    ask(tenant, run_jobs, candidate)
    ask(tenant, run_jobs, candidate, "The cap is not reached yet, and nobody knows what this will cost.")
    refused = candidate.ask("And now?")
    assert (refused.status, refused.json["code"]) == (429, "spend_cap_reached")
    assert refused.json["message"] == (
        "The assistant's budget for this assessment is used up. You can go on without it; your work is saved."
    )
    assert "Retry-After" not in refused.headers, "waiting does not help"
    assert candidate.type("# on my own\n").status == 200
    assert candidate.submit().status == 200
    assert other.ask("Mine is my own?").status == 202
    prompts = tenant.call("GET", f"/assessments/{candidate.assessment['id']}/prompts").json["data"]
    assert len(prompts) == 2, "a message that was refused is not part of the record"


def test_the_organisations_month_stops_every_assistant_of_it_and_nobody_elses(
    tenant, make_tenant, run_jobs, costing
) -> None:
    costing(15_000)
    stranger = make_tenant()
    for one in (tenant, stranger):
        assert one.call("PATCH", CAPS, json={"monthly_spend_cap": "0.01"}).status == 200
    ask(tenant, run_jobs, tenant.candidate())
    refused = tenant.candidate(tenant.invite("grace@example.com")).ask("May I?")
    assert (refused.status, refused.json["code"]) == (429, "spend_cap_reached")
    assert "this month" in refused.json["message"]
    assert stranger.candidate().ask("May I?").status == 202


def test_a_new_month_begins_at_nothing(tenant, resources) -> None:
    with resources.database.tenant(tenant.organization_id) as session:
        spending.add(session, 9_000_000, datetime(2020, 1, 31, 23, 59, tzinfo=UTC))
        spending.add(session, 5, datetime.now(UTC))
        assert spending.spent_this_month(session) == 5


def test_owners_set_the_caps_and_the_audit_log_keeps_them(tenant) -> None:
    assert tenant.call("GET", CAPS).json["own_caps"] is False
    set_ = tenant.call("PATCH", CAPS, json={"assessment_spend_cap": "2.5", "monthly_spend_cap": "100"})
    assert (set_.json["assessment_spend_cap"], set_.json["monthly_spend_cap"]) == ("2.50", "100.00")
    kept = tenant.call("PATCH", CAPS, json={"assessment_spend_cap": None}).json
    assert (kept["assessment_spend_cap"], kept["monthly_spend_cap"], kept["own_caps"]) == (None, "100.00", True)
    log = tenant.call("GET", "/audit-log?action=organization.spending").json["data"]
    assert [line["facts"] for line in log] == [
        {"assessment_cents": None, "month_cents": 10_000},
        {"assessment_cents": 250, "month_cents": 10_000},
    ]


@pytest.mark.parametrize("wrong", ["-1", "1.005", "1e3", "ten", "", "10000000", 5])
def test_an_amount_is_dollars_and_whole_cents(tenant, wrong) -> None:
    refused = tenant.call("PATCH", CAPS, json={"monthly_spend_cap": wrong})
    assert refused.status == 422
    assert "monthly_spend_cap" in str(refused.json["errors"])


def test_where_an_organisation_says_nothing_the_deployments_caps_hold(tenant, resources, run_jobs, costing) -> None:
    costing(15_000)
    settings = replace(resources.settings, assessment_spend_cap=1, monthly_spend_cap=None)
    client = create_app(settings, replace(resources, settings=settings)).test_client()
    candidate = tenant.candidate()
    capped = Candidate(client, candidate.assessment)
    capped.bearer, capped.session, capped.files, capped.epoch = (
        candidate.bearer, candidate.session, candidate.files, candidate.epoch
    )  # fmt: skip
    ask(tenant, run_jobs, candidate)
    assert capped.ask("More?").json["code"] == "spend_cap_reached"
    assert tenant.call("PATCH", CAPS, json={"assessment_spend_cap": None}).json["own_caps"] is True
    assert capped.ask("More?").status == 202, "none is what the organisation said"


def test_settings_take_dollars() -> None:
    environment = {"TALI_ASSESSMENT_SPEND_CAP": "2.50", "TALI_MONTHLY_SPEND_CAP": ""}
    settings = Settings.from_environment(environment)
    assert (settings.assessment_spend_cap, settings.monthly_spend_cap) == (250, None)
    with pytest.raises(SettingsError, match="TALI_MONTHLY_SPEND_CAP: takes an amount in US dollars"):
        Settings.from_environment({"TALI_MONTHLY_SPEND_CAP": "lots"})


def test_money_is_counted_without_fractions_of_floats() -> None:
    assert [cents_of(text) for text in ("0", "0.1", "2.50", "1000000")] == [0, 10, 250, 100_000_000]
    assert dollars_of_micros(1) == "0.000001"
