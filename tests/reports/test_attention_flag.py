"""More tab switches than the organisation lets pass: a flag on the report, in words, and no change of the score."""

from __future__ import annotations


def switched(tenant, run_jobs, times: int, **wishes) -> dict:
    candidate = tenant.candidate(tenant.invite(f"ada-{times}-{len(wishes)}@example.com", **wishes))
    for _ in range(times):
        assert candidate.observe({"kind": "tab_switch"}).status == 204
    candidate.submit()
    run_jobs(tenant)
    return tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json


def flag_of(detail: dict) -> dict | None:
    return next(one for one in detail["result"]["signals"] if one["name"] == "tab_switch_count")["flag"]


def test_the_reason_reaches_the_report_and_the_score_stays(tenant, run_jobs) -> None:
    calm, busy = switched(tenant, run_jobs, 5, proctored=True), switched(tenant, run_jobs, 6, proctored=True)
    assert flag_of(calm) is None
    assert flag_of(busy)["code"] == "many_tab_switches"
    assert "6 times" in flag_of(busy)["message"]
    assert (busy["score"], busy["result"]["coverage"]) == (calm["score"], calm["result"]["coverage"])
    listed = {row["id"]: row["flag_count"] for row in tenant.call("GET", "/assessments").json["data"]}
    assert listed[busy["id"]] == listed[calm["id"]] + 1


def test_the_organisation_says_how_many_are_many(tenant, run_jobs) -> None:
    path = "/plugins/signal_evaluators/heuristics"
    assert tenant.call("PATCH", path, json={"settings": {"tab_switch_limit": 1}}).status == 200
    assert "more than 1" in flag_of(switched(tenant, run_jobs, 2, proctored=True))["message"]
    assert flag_of(switched(tenant, run_jobs, 2)) is None, "nobody watched"
