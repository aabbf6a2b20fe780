"""Many at once: one wins, the others are told the state, and a repeated key repeats the answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.candidate import Candidate
from tests.stack import HttpClient, Stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


def window(stack: Stack, candidate: Candidate) -> Candidate:
    other = Candidate(HttpClient(stack.url), candidate.assessment)
    other.bearer, other.session = candidate.bearer, candidate.session
    other.seq, other.epoch = candidate.seq, candidate.epoch
    return other


def test_fifty_submits_one_wins_and_the_others_carry_the_state(stack: Stack) -> None:
    candidate = stack.candidate()
    windows = [window(stack, candidate) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda pair: pair[1].submit(key=f"distinct-{pair[0]}"), enumerate(windows)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [409] * 49, statuses
    for answer in answers:
        if answer.status == 409:
            assert (answer.json["code"], answer.json["state"]) == ("attempt_not_in_progress", "submitted")
    winner = next(i for i, answer in enumerate(answers) if answer.status == 200)
    replay = candidate.submit(key=f"distinct-{winner}")
    assert (replay.status, replay.headers["Idempotent-Replayed"]) == (200, "true")
    assert replay.json == answers[winner].json
    wait_until(
        lambda: stack.call("GET", f"/assessments/{candidate.assessment['id']}").json["scoring_state"] == "scored", 60
    )
    [(scores,)] = stack.query("SELECT count(*) FROM score WHERE assessment_id = %s", candidate.assessment["id"])
    assert scores == 1


def test_the_same_key_at_once_is_one_submission_for_everybody(stack: Stack) -> None:
    candidate = stack.candidate()
    windows = [window(stack, candidate) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda w: w.submit(key="one-key"), windows))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


def test_two_windows_at_the_start_button(stack: Stack) -> None:
    candidate = stack.candidate(start=False)
    body = {"consent_version": candidate.session["consent_version"]}
    windows = [window(stack, candidate) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda w: w.call("POST", "/start", json=body), windows))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert {answer.json["state"] for answer in answers if answer.status == 409} == {"in_progress"}


def test_a_stream_can_be_followed_through_either_web_process(stack: Stack) -> None:
    candidate = stack.candidate()
    turn = candidate.ask("Which file decides whether a delivery is a duplicate?").json["turn"]
    wait_until(lambda: candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=0").json["turn"]["state"] == "done", 30)
    # New connections are spread over the processes; each must serve it from any offset.
    seen = {
        window(stack, candidate).call("GET", f"/turns/{turn['id']}?after={after}").body
        for after in (0, 1)
        for _ in range(8)
    }
    assert len(seen) == 2
