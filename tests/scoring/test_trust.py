"""`tali score`: agreement with people, and of a judge with itself."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from tali.cli import score as command
from tali.cli.score import score
from tali.scoring.trust import Rated, RatingsInvalid, agreement, judged_values, read_ratings, spread
from tali.sdk import AnswerLost, Usage
from tests.scoring.judge import CLARITY, INDEPENDENCE, ScriptedJudge
from tests.scoring.test_judging import good, offer, submit

__all__ = ["offer", "submit"]
HEAD = "assessment_id,rater,signal,value\n"


@pytest.fixture
def run(resources, monkeypatch):
    """Run a command over the test's own database."""
    monkeypatch.setattr(command, "create_resources", lambda *_, **__: resources)
    monkeypatch.setattr(type(resources), "close", lambda _: None)
    return lambda *arguments: CliRunner().invoke(score, [str(one) for one in arguments])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("assessment_id,rater,value\n", "no column signal"),
        (f"{HEAD}no-id,ann,independence,5\n", "Line 2"),
        (f"{HEAD}{UUID(int=1)},ann,independence,11\n", "outside 0 to 10"),
        (f"{HEAD}{UUID(int=1)},ann,independence,much\n", "Line 2"),
        (f"{HEAD.strip()},blind\n{UUID(int=1)},ann,independence,5,perhaps\n", "neither true nor false"),
        (f"{HEAD}{UUID(int=1)},ann,independence,5\n{UUID(int=1)},ann,independence,6\n", "already"),
    ],
)
def test_a_file_that_does_not_hold_names_its_line(text: str, complaint: str) -> None:
    with pytest.raises(RatingsInvalid, match=complaint):
        read_ratings(text.splitlines())


def test_a_signal_is_compared_with_people_and_people_with_each_other() -> None:
    ids = [uuid4() for _ in range(12)]
    rated = [
        Rated(one, rater, "independence", float(min(10, index % 10 + (rater == "ben"))))
        for index, one in enumerate(ids)
        for rater in ("ann", "ben")
    ]
    values = {(one, "independence"): float(index % 10) + 0.5 for index, one in enumerate(ids[:11])}
    [row] = agreement(rated, values)
    assert (row["rated"], row["ratings"], row["compared"]) == (12, 24, 11)
    assert row["people_icc"] > 0.9
    assert row["signal_icc"] == pytest.approx(1, abs=0.02)
    assert row["mean_difference"] == pytest.approx(0, abs=0.1)


def test_people_who_gave_the_very_same_number_agree() -> None:
    five, nine = 5.0, 9.0
    rated = [
        Rated(one, rater, "independence", value) for one, value in ((uuid4(), five), (uuid4(), nine)) for rater in "ab"
    ]
    assert agreement(rated, {})[0]["people_kappa"] == 1


def test_ratings_by_people_who_had_seen_the_values_are_reported_apart() -> None:
    head, one = f"{HEAD.strip()},blind\n", uuid4()
    lines = f"{head}{one},ann,independence,4,true\n{one},ben,independence,8,FALSE\n{one},eve,independence,8,\n"
    blind, seeing = agreement(read_ratings(lines.splitlines()), {(one, "independence"): 8.0})
    assert (blind["blind"], blind["ratings"], blind["mean_difference"]) == (True, 1, 4)
    assert (seeing["blind"], seeing["ratings"], seeing["mean_difference"]) == (False, 2, 0)
    [unsaid] = read_ratings(f"{HEAD}{one},ann,independence,4\n".splitlines())
    assert unsaid.blind is False


def test_a_signal_on_another_scale_is_held_against_nobody(offer, submit, resources) -> None:
    count = replace(INDEPENDENCE, range=None, component=None, display="count")
    offer(ScriptedJudge(good, signals=(count, CLARITY)))
    held = UUID(submit().id)
    with resources.database.owner() as session:
        values = judged_values(session, [held])
    assert values[held, "prompt_clarity"] == 6
    assert (held, "independence") not in values


def test_what_a_judge_says_of_one_session_again_and_again_is_its_spread() -> None:
    [row] = spread({"a": [{"x": 5.0}, {"x": 7.0}, {"x": None}], "b": [{"x": 1.0}, {"x": 1.0}, {"x": 1.0}]})
    assert row["null_share"] == pytest.approx(1 / 6)
    assert row["widest"] == 2
    assert row["sd"] == pytest.approx((2**0.5 + 0) / 2)
    assert 0 < row["icc"] < 1


def test_judge_stability_asks_and_stores_nothing(offer, submit, tenant, run) -> None:
    swing = itertools.count()

    def unsteady(record):
        return {**good(record), "independence": [6 + next(swing) % 3, [2, "I tried a set of ids"]]}

    judge = offer(ScriptedJudge(unsteady))
    held = submit()
    before = held.report()
    done = run("judge-stability", held.id, "--judge", "scripted", "--runs", 3, "--yes", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["requests"], len(judge.asked)) == (3, 4)
    assert told["cost_usd"] == pytest.approx(3 * 0.0081)
    rows = {row["signal"]: row for row in told["signals"]}
    assert (rows["independence"]["widest"], rows["prompt_clarity"]["widest"]) == (2, 0)
    assert held.report()["result"] == before["result"]


def test_a_request_that_fails_is_counted_and_the_others_stand(offer, submit, tenant, run) -> None:
    tries = itertools.count()

    def at_times(record):
        turn = next(tries)
        if turn == 2:
            raise AnswerLost("the connection broke", Usage(1, 1, 50))
        return {"raw": "…"} if turn == 3 else good(record)

    offer(ScriptedJudge(at_times))
    held = submit()
    before = int(tenant.call("GET", "/organization/spending").json["spent"].replace(".", ""))
    done = run("judge-stability", held.id, "--judge", "scripted", "--runs", 4, "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert "2 of 4 requests failed: the connection broke (1); The model's answer is not JSON (1)." in done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["requests"], [one["requests"] for one in told["failed"]]) == (4, [1, 1])
    assert {row["answers"] for row in told["signals"]} == {2}
    after = int(tenant.call("GET", "/organization/spending").json["spent"].replace(".", ""))
    assert after - before == 3 * 8100 + 50
    assert told["cost_usd"] == pytest.approx((after - before) / 1_000_000)


def test_judge_stability_asks_no_judge_that_the_organisation_does_without(offer, submit, tenant, run) -> None:
    judge = offer(ScriptedJudge(good))
    held = submit()
    off = tenant.call("PATCH", "/plugins/signal_evaluators/scripted", json={"used": False})
    assert off.status == 200, off.json
    done = run("judge-stability", held.id, "--judge", "scripted", "--yes")
    assert (done.exit_code, len(judge.asked)) == (1, 1)
    assert "has switched scripted off" in done.output


def test_judge_stability_asks_before_it_spends(offer, submit, run) -> None:
    judge = offer(ScriptedJudge(good))
    held = submit()
    assert run("judge-stability", held.id, "--judge", "scripted").exit_code == 1
    assert len(judge.asked) == 1
    assert "was never scored" in run("judge-stability", uuid4(), "--judge", "scripted", "--yes").output


def test_agreement_reads_a_file_and_the_newest_scores(offer, submit, run, tmp_path) -> None:
    offer(ScriptedJudge(good))
    held = submit()
    file = tmp_path / "ratings.csv"
    file.write_text(f"{HEAD}{held.id},ann,independence,7\n{held.id},ben,independence,9\n")
    done = run("agreement", file, "--json")
    assert done.exit_code == 0, done.output
    [row] = json.loads(done.stdout)
    assert (row["compared"], row["mean_difference"]) == (1, 0)
    shown = run("agreement", file)
    assert "independence" in shown.output
    file.write_text("something else")
    assert "no column" in run("agreement", file).output
