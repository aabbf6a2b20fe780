"""What a report says while scoring is under way."""

from __future__ import annotations

from tests.scoring.judge import ScriptedJudge
from tests.scoring.test_judging import good, offer

__all__ = ["offer"]


def test_hidden_tests_are_told_before_the_judge_has_answered(offer, tenant, run_jobs) -> None:
    candidate, seen = tenant.candidate(), []
    at = f"/assessments/{candidate.assessment['id']}"

    def looking(record):
        seen.append(tenant.call("GET", at).json)
        return good(record)

    offer(ScriptedJudge(looking))
    for message in ("Why does the second delivery fail, and where?", "I tried a set of ids. Is it enough?"):
        candidate.ask(message)
        run_jobs(tenant)
    assert tenant.call("GET", at).json["scoring"]["tests"] is None
    candidate.submit()
    run_jobs(tenant)
    [meanwhile] = seen
    assert (meanwhile["scoring_state"], meanwhile["result"]) == ("running", None)
    told = meanwhile["scoring"]["tests"]
    done = tenant.call("GET", at).json
    assert told["total"] > 0
    assert done["scoring"]["tests"] is None
    assert done["result"]["tests"] == told
