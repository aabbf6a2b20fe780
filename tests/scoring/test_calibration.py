"""A warm-up is judged by one small request: value, evidence and reasons, and how the organisation's candidates did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tali.jobs import worker
from tali.plugins import Provider
from tali.scoring.models import JudgeRequest
from tali.sdk import (
    CalibrationRecord,
    ConfigurationMissing,
    Done,
    Evidence,
    ModelAnswer,
    ProviderSpec,
    Rejected,
    SignalResult,
    Text,
    Transient,
    Usage,
)

ASKED = "I am Ada Byron. Reverse a string in Python, emoji included, please."


class WarmUpJudge:
    """A judge of warm-ups alone: `answer` makes what its model says, or raises; a quote is `[place, text]`."""

    versions = {"rubric": "1"}  # noqa: RUF012
    signals = ()
    components = ()

    def __init__(self, answer: Callable[[CalibrationRecord], dict[str, Any]]) -> None:
        self.answer = answer
        self.asked: list[CalibrationRecord] = []

    def ask(self, record: Any) -> ModelAnswer:
        raise Rejected("not today")

    def read(self, record: Any, answer: ModelAnswer) -> Any:
        raise Rejected("not today")

    def ask_about_calibration(self, record: CalibrationRecord) -> ModelAnswer:
        self.asked.append(record)
        return ModelAnswer(self.answer(record), "scripted-1", Usage(100, 20, 600))

    def read_calibration(self, record: CalibrationRecord, answer: ModelAnswer) -> SignalResult:
        quotes = [Evidence("prompt", place, quote=text) for place, text in answer.content["quotes"]]
        return SignalResult(
            "calibration_score", answer.content["value"], evidence=quotes, detail={"why": "It is clear."}
        )


@pytest.fixture
def offer(resources, monkeypatch):
    """Put a judge among the evaluators, and let jobs that are tried again be due at once."""
    monkeypatch.setattr(worker, "BACKOFF", (0,))

    def put(judge: Any) -> Any:
        make = judge if callable(judge) else lambda *_: judge
        spec = ProviderSpec("scripted", "Scripted", make, capabilities=frozenset({"judge"}))
        provider = Provider("signal_evaluators", "scripted_plugin", spec)
        monkeypatch.setitem(resources.plugins._providers, ("signal_evaluators", "scripted"), provider)
        resources.plugins._instances.clear()
        return judge

    return put


@pytest.fixture(autouse=True)
def replies(assistant):
    def reply(conversation):
        yield Text("`text[::-1]`, but it breaks emoji.")
        yield Done(Usage(50, 9, 40))

    assistant(reply)


@pytest.fixture
def warmed_up(tenant, run_jobs):
    """A candidate who took the warm-up and started; answers the assessment's path."""

    def do(email: str = "ada@example.com", messages=(ASKED,), **wishes) -> str:
        invited = tenant.invite(email, calibration=True, **wishes)
        candidate = tenant.candidate(invited, start=False)
        for message in messages:
            assert candidate.warm_up(message).status == 202
            run_jobs(tenant)
        candidate.start()
        run_jobs(tenant)
        return f"/assessments/{invited['id']}"

    return do


def good(record: CalibrationRecord) -> dict[str, Any]:
    return {"value": 8, "quotes": [[0, record.exchanges[0].message[:40]]]}


def test_the_value_stands_with_its_quote_and_names_come_back(tenant, offer, warmed_up) -> None:
    judge = offer(WarmUpJudge(good))
    path = warmed_up()
    [seen] = judge.asked
    assert "Ada" not in seen.exchanges[0].message, "no model learns who it is about"
    taken = tenant.call("GET", f"{path}/calibration").json
    assert (taken["score"], taken["reason_text"], taken["judged_because"]) == (8, None, "It is clear.")
    [piece] = taken["evidence"]
    assert (piece["prompt_index"], piece["quote"]) == (1, ASKED[: len(piece["quote"])])
    report = tenant.call("GET", path).json
    assert report["calibration_score"] == 8
    assert "calibration_score" not in report["unmeasured"]


def test_it_is_asked_once_whatever_becomes_of_the_assessment(tenant, run_jobs, offer, resources) -> None:
    judge = offer(WarmUpJudge(good))
    candidate = tenant.candidate(tenant.invite(calibration=True), start=False)
    candidate.warm_up(ASKED)
    run_jobs(tenant)
    candidate.call("POST", "/calibration/finish")
    candidate.start()
    candidate.submit()
    run_jobs(tenant)
    assert len(judge.asked) == 1
    with resources.database.tenant(tenant.organization_id) as session:
        kept = session.execute(select(JudgeRequest).where(JudgeRequest.subject == "calibration")).scalar_one()
    assert (kept.state, kept.cost) == ("answered", 600)


def test_it_moves_no_score(tenant, run_jobs, offer, warmed_up) -> None:
    offer(WarmUpJudge(good))
    warmed_up()
    taken = tenant.call("GET", "/assessments").json["data"][0]
    assert (taken["score"], taken["flag_count"]) == (None, 0)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"value": 9, "quotes": [[0, "never said"]]}, "The evidence given for it is not in the session"),
        ({"value": 9, "quotes": []}, "The evidence given for it is not in the session"),
        ({"value": 9, "quotes": [[4, "Reverse a string"]]}, "The evidence given for it is not in the session"),
        ({"value": 11, "quotes": [[0, "Reverse a string"]]}, "Nobody judged it: "),
    ],
    ids=["a quote that is not there", "no quote", "a message that is not there", "beyond the scale"],
)
def test_a_value_that_nothing_bears_out_is_none(tenant, offer, warmed_up, answer, why) -> None:
    offer(WarmUpJudge(lambda record: answer))
    report = tenant.call("GET", warmed_up()).json
    assert report["calibration_score"] is None
    assert report["unmeasured"]["calibration_score"].startswith(why)


def test_without_a_judge_the_report_says_so(tenant, warmed_up) -> None:
    why = tenant.call("GET", warmed_up()).json["unmeasured"]["calibration_score"]
    assert why.startswith("Nobody judged it: ")


def test_a_judge_that_lacks_its_key_is_named_by_it(tenant, offer, warmed_up) -> None:
    def make(*_):
        raise ConfigurationMissing("ANTHROPIC_API_KEY")

    offer(make)
    why = tenant.call("GET", warmed_up()).json["unmeasured"]["calibration_score"]
    assert why == "Nobody judged it: ANTHROPIC_API_KEY is not set."


def test_a_model_that_is_busy_is_asked_again_and_one_that_stays_so_is_given_up(tenant, offer, warmed_up) -> None:
    tries = []

    def busy(record):
        tries.append(record)
        if len(tries) < 3:
            raise Transient("overloaded")
        return good(record)

    offer(WarmUpJudge(busy))
    assert tenant.call("GET", warmed_up()).json["calibration_score"] == 8

    def always(record):
        raise Rejected("the account is empty")

    offer(WarmUpJudge(always))
    report = tenant.call("GET", warmed_up("grace@example.com")).json
    assert report["unmeasured"]["calibration_score"] == "Nobody judged it: the account is empty."


def test_a_message_that_got_no_answer_is_not_part_of_what_is_judged(tenant, offer, warmed_up, assistant) -> None:
    answered = []

    def reply(conversation):
        answered.append(1)
        if len(answered) == 1:
            raise Transient("overloaded")
        yield Text("Yes.")
        yield Done(Usage())

    assistant(reply)
    judge = offer(WarmUpJudge(lambda record: {"value": 5, "quotes": [[0, "Second"]]}))
    path = warmed_up(messages=("First try", "Second try"))
    assert [one.message for one in judge.asked[0].exchanges] == ["Second try"]
    [piece] = tenant.call("GET", f"{path}/calibration").json["evidence"]
    assert piece["prompt_index"] == 2, "people count the messages that they see"


def test_scoring_again_judges_a_warm_up_that_nobody_could_judge_and_no_other(
    tenant, run_jobs, offer, warmed_up
) -> None:
    def refuse(record):
        raise Rejected("the account is empty")

    offer(WarmUpJudge(refuse))
    candidate = tenant.candidate(tenant.invite(calibration=True), start=False)
    candidate.warm_up(ASKED)
    run_jobs(tenant)
    candidate.start()
    candidate.submit()
    run_jobs(tenant)
    path = f"/assessments/{candidate.assessment['id']}"
    assert tenant.call("GET", path).json["calibration_score"] is None
    judge = offer(WarmUpJudge(good))
    for _ in range(2):
        assert tenant.call("POST", f"{path}/rescore").status == 202
        run_jobs(tenant)
    assert tenant.call("GET", path).json["calibration_score"] == 8
    assert len(judge.asked) == 1


def test_who_skipped_it_costs_nobody_a_request(tenant, run_jobs, offer, warmed_up) -> None:
    judge = offer(WarmUpJudge(good))
    report = tenant.call("GET", warmed_up(messages=())).json
    assert judge.asked == []
    assert report["unmeasured"]["calibration_score"] == "The candidate did no calibration."


def test_the_average_counts_each_candidate_once_and_nobody_elses(tenant, make_tenant, offer, warmed_up) -> None:
    values = iter([2, 4, 10])
    offer(WarmUpJudge(lambda record: {"value": next(values), "quotes": [[0, "Reverse a string"]]}))
    nobody = tenant.call("GET", "/calibration").json
    assert (nobody["average"], nobody["candidates"]) == (None, 0)
    warmed_up()
    warmed_up()
    warmed_up("grace@example.com")
    told = tenant.call("GET", "/calibration").json
    assert (told["average"], told["candidates"]) == (6.5, 2), "Ada's 2 and 4 are one 3"
    assert [step["candidates"] for step in told["distribution"]] == [0, 1, 0, 0, 1]
    assert make_tenant().call("GET", "/calibration").json["candidates"] == 0
