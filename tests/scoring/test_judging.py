"""A submission is judged by one request: counted, kept, checked, and never bought twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tali.jobs import worker
from tali.kernel.ids import new_id
from tali.plugins import Provider
from tali.scoring.models import JudgeRequest, ScoreRun, SignalValue
from tali.sdk import AnswerLost, Judgement, ProviderSpec, Rejected, Transient, Usage
from tests.scoring.judge import ScriptedJudge

PROMPTS = ("Why does the second delivery fail? I am Ada Byron, ada@example.com.", "I tried a set of ids. Is it enough?")


def good(record: Any) -> dict[str, Any]:
    first, second = record.prompts
    return {
        "independence": [8, [second.index, "I tried a set of ids"]],
        "prompt_clarity": [6, [first.index, first.message[:60]]],
        "prompts": [first.index, second.index],
    }


@pytest.fixture
def offer(resources, monkeypatch) -> Callable[[ScriptedJudge], ScriptedJudge]:
    """Put a judge among the evaluators, and let jobs that are tried again be due at once."""
    monkeypatch.setattr(worker, "BACKOFF", (0,))

    def put(judge: ScriptedJudge) -> ScriptedJudge:
        spec = ProviderSpec("scripted", "Scripted", lambda *_: judge, capabilities=frozenset({"judge"}))
        provider = Provider("signal_evaluators", "scripted_plugin", spec)
        monkeypatch.setitem(resources.plugins._providers, ("signal_evaluators", "scripted"), provider)
        # Instances are shared and outlive a test.
        resources.plugins._instances.clear()
        return judge

    return put


@pytest.fixture
def submit(tenant, run_jobs):
    """Work with these messages, hand in, and have everything scored; answers how to look at the report."""

    def do(messages=PROMPTS, of=tenant) -> SimpleNamespace:
        candidate = of.candidate()
        for message in messages:
            assert candidate.ask(message).status == 202
            run_jobs(of)
        assert candidate.submit().status == 200
        run_jobs(of)
        path = f"/assessments/{candidate.assessment['id']}"
        return SimpleNamespace(
            path=path, candidate=candidate, report=lambda: of.call("GET", path).json, id=candidate.assessment["id"]
        )

    return do


def signal(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in report["result"]["signals"] if one["name"] == name)


def requests(tenant, resources) -> list[JudgeRequest]:
    with resources.database.tenant(tenant.organization_id) as session:
        return list(session.execute(select(JudgeRequest).order_by(JudgeRequest.created_at)).scalars())


def test_one_request_gives_values_with_evidence_a_breakdown_and_what_it_cost(offer, submit, tenant) -> None:
    judge = offer(ScriptedJudge(good))
    held = submit()
    report = held.report()
    assert len(judge.asked) == 1
    assert report["scoring_state"] == "scored"
    assert signal(report, "independence")["value"] == 8
    assert signal(report, "independence")["evidence"][0]["quote"] == "I tried a set of ids"
    assert signal(report, "independence")["anchors"][2] == {"value": 8, "text": "Tries first."}
    parts = {part["name"]: part["value"] for part in report["result"]["components"]}
    assert (parts["independence"], parts["prompt_quality"]) == (8, 6)
    [mine] = [one for one in report["scoring"]["evaluators"] if one["name"] == "scripted"]
    assert mine["dropped"] == {"out_of_scale": 2}
    assert mine["left_out"] == ["The files are shown as diffs."]
    asked = {
        "requests": 1,
        "input_tokens": 1200,
        "output_tokens": 300,
        "spent": "0.008100",
        "requests_without_cost": 0,
    }
    nothing = {**dict.fromkeys(asked), "requests": 0, "requests_without_cost": 0}
    assert report["cost"]["judge"] == {**asked, "session": asked, "warm_up": nothing}
    shown = tenant.call("GET", f"{held.path}/prompts").json["data"]
    assert [prompt["judged"]["values"] for prompt in shown] == [{"clarity": 7}, {"clarity": 7}]


def test_a_judge_sees_no_name_and_no_address_and_its_quotes_are_mapped_back(offer, submit) -> None:
    judge = offer(ScriptedJudge(good))
    report = submit().report()
    [record] = judge.asked
    text = repr(record)
    for word in ("Ada", "Byron", "ada@example.com"):
        assert word not in text
    assert "I am [name" in record.prompts[0].message
    assert record.edits == ()
    assert (record.help_level, record.assistant, record.assistant_is_ai) == ("full", "offline", False)
    [quote] = [piece["quote"] for piece in signal(report, "prompt_clarity")["evidence"]]
    assert "I am Ada Byron" in quote


def test_a_stored_answer_is_never_asked_for_again(offer, submit, tenant, run_jobs) -> None:
    judge = offer(ScriptedJudge(good))
    held = submit()
    assert held.candidate.submit().status == 409, "a double submit changes nothing"
    for _ in range(2):
        assert tenant.call("POST", f"{held.path}/rescore").status in (200, 202)
        run_jobs(tenant)
    report = held.report()
    assert signal(report, "independence")["value"] == 8
    assert report["cost"]["judge"]["requests"] == 1
    assert len(judge.asked) == 1


def test_an_answer_under_another_rubric_is_not_read(offer, submit, tenant, run_jobs) -> None:
    judge = offer(ScriptedJudge(good))
    held = submit()
    judge.versions = {**judge.versions, "rubric": "2"}
    tenant.call("POST", f"{held.path}/rescore")
    run_jobs(tenant)
    assert len(judge.asked) == 2
    [lineage] = [one for one in held.report()["result"]["lineage"]["evaluators"] if one["name"] == "scripted"]
    assert lineage["versions"]["rubric"] == "2"


def test_a_refused_request_is_tried_again_and_only_the_taken_one_counts(offer, submit) -> None:
    tries = []

    def overloaded_at_first(record: Any) -> dict[str, Any]:
        tries.append(1)
        if len(tries) < 3:
            raise Transient("overloaded")
        return good(record)

    offer(ScriptedJudge(overloaded_at_first))
    report = submit().report()
    assert signal(report, "independence")["value"] == 8
    assert report["cost"]["judge"]["requests"] == 1


def test_an_answer_that_is_lost_is_asked_for_once_more_and_both_are_on_record(offer, submit, tenant, resources) -> None:
    def lost(record: Any) -> dict[str, Any]:
        raise AnswerLost("the connection broke off", Usage(1000, 5, 3075))

    judge = offer(ScriptedJudge(lost))
    held = submit()
    report = held.report()
    assert len(judge.asked) == 2
    assert [one.state for one in requests(tenant, resources)] == ["lost", "lost"]
    assert report["scoring_state"] == "partial"
    assert "asked 2 times" in report["scoring"]["reason_text"]
    assert signal(report, "independence")["reason"] == "evaluator_failed"
    assert report["result"]["score"] is not None
    assert report["cost"]["judge"]["spent"] == "0.006150"


def test_a_person_can_have_a_failed_judging_run_again(offer, submit, tenant, run_jobs) -> None:
    def refused(record: Any) -> dict[str, Any]:
        raise Rejected("The key is not accepted.")

    judge = offer(ScriptedJudge(refused))
    held = submit()
    assert "The key is not accepted." in held.report()["scoring"]["reason_text"]
    assert len(judge.asked) == 1, "it would not work however often it is tried"
    judge.answer = good
    assert tenant.call("POST", f"{held.path}/rescore").status in (200, 202)
    run_jobs(tenant)
    assert signal(held.report(), "independence")["value"] == 8


def test_an_unreadable_answer_is_kept_and_not_bought_again_unasked(offer, submit, tenant, resources, run_jobs) -> None:
    judge = offer(ScriptedJudge(lambda record: {"raw": "{"}))
    held = submit()
    assert "not JSON" in held.report()["scoring"]["reason_text"]
    assert [one.state for one in requests(tenant, resources)] == ["unusable"]
    assert len(judge.asked) == 1
    judge.answer = good
    tenant.call("POST", f"{held.path}/rescore")
    run_jobs(tenant)
    assert signal(held.report(), "independence")["value"] == 8


def test_an_answer_is_read_again_once_the_plugin_that_stumbled_over_it_is_mended(
    offer, submit, tenant, run_jobs, monkeypatch
) -> None:
    judge = offer(ScriptedJudge(good))
    with monkeypatch.context() as broken:
        broken.setattr(ScriptedJudge, "read", lambda self, record, answer: 1 / 0)
        held = submit()
        assert "ZeroDivisionError" in held.report()["scoring"]["reason_text"]
    assert tenant.call("POST", f"{held.path}/rescore").status == 202
    run_jobs(tenant)
    assert signal(held.report(), "independence")["value"] == 8
    assert len(judge.asked) == 1


def test_a_judgement_outside_the_contract_is_the_plugins_fault_and_costs_no_second_request(
    offer, submit, monkeypatch
) -> None:
    judge = offer(ScriptedJudge(good))
    monkeypatch.setattr(
        ScriptedJudge, "read", lambda self, record, answer: Judgement(["no result"], dropped={"x": "y"})
    )
    report = submit().report()
    assert report["scoring_state"] == "partial"
    assert "scripted_plugin" in report["scoring"]["reason_text"]
    assert len(judge.asked) == 1


def test_an_answer_speaks_of_the_text_that_was_sent_whatever_the_candidate_is_called_by_then(
    offer, submit, tenant, run_jobs
) -> None:
    judge = offer(ScriptedJudge(good))
    held = submit()
    candidate_id = held.report()["candidate"]["id"]
    renamed = tenant.call("PATCH", f"/candidates/{candidate_id}", json={"full_name": "Augusta King"})
    assert renamed.status == 200, renamed.json
    tenant.call("POST", f"{held.path}/rescore")
    run_jobs(tenant)
    report = held.report()
    assert len(judge.asked) == 1
    [quote] = [piece["quote"] for piece in signal(report, "prompt_clarity")["evidence"]]
    assert "I am Ada Byron" in quote


def test_what_cannot_be_kept_is_paid_for_all_the_same(offer, submit, tenant, resources) -> None:
    """Too large an answer, and a price that no provider asks."""
    judge = offer(ScriptedJudge(lambda record: {"raw": "x" * 1_100_000}))
    report = submit().report()
    assert "larger than" in report["scoring"]["reason_text"]
    assert len(judge.asked) == 1
    [one] = requests(tenant, resources)
    assert (one.state, one.cost, one.answer) == ("unusable", 8100, {})
    assert tenant.call("GET", "/organization/spending").json["spent"] == "0.008100"


@pytest.mark.parametrize("usage", [Usage(-1, 2**40, -5), Usage("many", None, 1.5), None])
def test_a_usage_that_is_no_count_is_not_known(offer, submit, usage) -> None:
    judge = offer(ScriptedJudge(good))
    judge.usage = usage
    spent = submit().report()["cost"]["judge"]
    assert (spent["input_tokens"], spent["output_tokens"], spent["spent"]) == (None, None, None)


def test_the_second_of_two_answers_is_on_record_with_its_cost_and_the_first_counts(
    offer, submit, tenant, resources
) -> None:
    """As after a pause so long that another worker took the job and was answered."""

    def overtaken(record: Any) -> dict[str, Any]:
        with resources.database.tenant(tenant.organization_id) as session:
            mine = session.execute(select(JudgeRequest)).scalar_one()
            first = {column.name: getattr(mine, column.name) for column in JudgeRequest.__table__.columns}
            first |= {"id": new_id(), "state": "answered", "answer": good(record), "cost": 5}
            session.add(JudgeRequest(**first))
        return {**good(record), "independence": [1, [2, "I tried a set of ids"]]}

    offer(ScriptedJudge(overtaken))
    report = submit().report()
    assert signal(report, "independence")["value"] == 8
    assert sorted((one.state, one.cost) for one in requests(tenant, resources)) == [("answered", 5), ("lost", 8100)]


def test_a_session_without_prompts_is_not_asked_about(offer, submit) -> None:
    judge = offer(ScriptedJudge(good))
    report = submit(()).report()
    assert judge.asked == []
    assert signal(report, "independence")["reason"] == "no_prompts"
    assert report["scoring_state"] == "scored"


@pytest.mark.parametrize(
    "evidence",
    [
        [],
        [[1, "I never wrote this"]],
        [[99, "I tried a set of ids"]],
        [[1, "x" * 600]],
        [[1, "   "]],
        [[2, ""]],
        [[2, "set"]],
    ],
)
def test_a_judged_value_without_evidence_that_holds_is_null(offer, submit, evidence) -> None:
    offer(ScriptedJudge(lambda record: {**good(record), "independence": [9, *evidence]}))
    report = submit().report()
    assert (signal(report, "independence")["value"], signal(report, "independence")["reason"]) == (None, "no_evidence")
    [mine] = [one for one in report["scoring"]["evaluators"] if one["name"] == "scripted"]
    assert mine["dropped"]["no_evidence"] == 1


def test_every_judged_value_in_the_database_points_at_something(offer, submit, tenant, resources) -> None:
    offer(ScriptedJudge(lambda record: {**good(record), "prompt_clarity": [10, [1, "made up"]]}))
    submit()
    with resources.database.tenant(tenant.organization_id) as session:
        values = session.execute(select(SignalValue).where(SignalValue.evaluator == "scripted")).scalars().all()
    assert {one.name: one.value for one in values} == {"independence": 8, "prompt_clarity": None}
    assert all(one.evidence for one in values if one.value is not None)


def test_a_judged_value_that_the_facts_speak_against_is_marked_and_flagged(offer, tenant, run_jobs) -> None:
    said = {"independence": [9, [1, "Write it for me"]], "prompt_clarity": [None], "prompts": [1]}
    offer(ScriptedJudge(lambda record: said))
    candidate = tenant.candidate()
    candidate.ask("Write it for me, please.")
    run_jobs(tenant)
    pasted = "def everything():\n    return 42\n" * 5
    assert candidate.write(candidate.editable, pasted, origin="assistant_apply").status == 200
    candidate.submit()
    run_jobs(tenant)
    report = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    marked = signal(report, "independence")
    assert marked["value"] == 9, "kept"
    assert marked["contradicted"]["measured"] == "assistant_share"
    assert "came from the assistant" in marked["contradicted"]["message"]
    assert report["flag_count"] >= 1


QUOTES = st.sampled_from(
    ["I tried a set of ids", "I am Ada Byron", "i  tried a set", "made up", "", " ", "second delivery", "x" * 600, "é"]
)
SAID = st.tuples(
    st.one_of(st.none(), st.floats(0, 10)), st.lists(st.tuples(st.sampled_from([0, 1, 2, 3, -1]), QUOTES), max_size=4)
)


def test_whatever_a_judge_says_every_value_that_is_stored_can_be_looked_up(
    offer, submit, tenant, resources, run_jobs
) -> None:
    """A property, through the database: each judged value that is not null points at words that are in its session."""
    judge = offer(ScriptedJudge(good))
    held = submit()
    said_in = {turn["index"]: turn for turn in tenant.call("GET", f"{held.path}/prompts").json["data"]}
    rounds = itertools.count(2)

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(independence=SAID, clarity=SAID, indexes=st.lists(st.integers(-1, 4), max_size=4))
    def hold(independence: Any, clarity: Any, indexes: list[int]) -> None:
        said = {"independence": independence, "prompt_clarity": clarity}
        judge.answer = lambda record: {
            **{name: [value, *map(list, quotes)] for name, (value, quotes) in said.items()},
            "prompts": indexes,
        }
        judge.versions = {"rubric": str(next(rounds))}
        assert tenant.call("POST", f"{held.path}/rescore").status == 202
        run_jobs(tenant)
        with resources.database.tenant(tenant.organization_id) as session:
            newest = session.execute(select(ScoreRun.id).order_by(ScoreRun.number.desc()).limit(1)).scalar_one()
            stored = session.execute(
                select(SignalValue).where(SignalValue.score_run_id == newest, SignalValue.evaluator == "scripted")
            ).scalars()
            for one in stored:
                assert (one.value is None) == (one.reason is not None)
                if one.value is None:
                    continue
                assert one.evidence
                for piece in one.evidence:
                    turn = said_in[piece["prompt_index"]]
                    assert " ".join(piece.get("quote", "").split()) in " ".join(turn["message"].split())

    hold()
