"""`tali score`: agreement with people, and of a judge with itself."""

from __future__ import annotations

import itertools
import json
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from tali.cli import score as command
from tali.cli.score import score
from tali.scoring.trust import Rated, RatingsInvalid, agreement, read_ratings, spread
from tests.scoring.judge import ScriptedJudge
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
