"""Kill, and pause, each kind of process in mid-work: the candidate goes on, and nothing is lost."""

from __future__ import annotations

import signal
import threading
import time

import httpx
import pytest

from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]
UNFINISHED = {"queued", "running"}
SLOW_PROGRAM = "import time\nfor i in range(40):\n    print(i, flush=True)\n    time.sleep(0.1)\n"


def insist(call, seconds: float = 40):
    """As the candidate app does: try again while nobody answers."""

    def attempt():
        try:
            answer = call()
        except httpx.TransportError:
            return None
        return answer if answer.status < 500 else None

    return wait_until(attempt, seconds, every=0.2)


def kill(stack: Stack, name: str) -> None:
    victims = stack.processes().get(name, [])
    assert victims, f"no {name} to kill"
    for victim in victims:
        victim.send_signal(signal.SIGKILL)


def back(stack: Stack, name: str) -> None:
    wait_until(lambda: stack.processes().get(name), 40)


def turn_of(candidate, turn_id):
    return insist(lambda: candidate.call("GET", f"/turns/{turn_id}?after=0&wait=0")).json["turn"]


def execution_of(candidate, execution_id):
    return insist(lambda: candidate.call("GET", f"/executions/{execution_id}?after=0&wait=0")).json["execution"]


VICTIMS = ["web", "web parent", "interactive", "grading", "batch", "batch parent", "dispatcher", "valkey", "postgres"]


@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_in_mid_chat(stack: Stack, victim: str) -> None:
    candidate = stack.candidate()
    candidate.type("# kept\n")
    saved = dict(candidate.files)
    turn = candidate.ask("How do I find out whether a delivery was seen before?").json["turn"]
    time.sleep(0.15)
    kill(stack, victim)
    ended = wait_until(lambda: (t := turn_of(candidate, turn["id"]))["state"] not in UNFINISHED and t, 40, 0.2)
    assert ended["state"] in {"done", "interrupted"}
    assert ended["message"] == turn["message"]
    stack.settled()
    candidate.refresh()
    assert candidate.files == saved
    again = insist(lambda: candidate.ask("And again?"))
    assert again.status == 202
    wait_until(lambda: turn_of(candidate, again.json["turn"]["id"])["state"] == "done", 40, 0.2)


@pytest.mark.parametrize(("parent", "child"), [("web parent", "web"), ("grading parent", "grading")])
def test_a_parent_that_is_killed_leaves_no_orphan(stack: Stack, parent: str, child: str) -> None:
    stack.settled()
    children = stack.processes()[child]
    kill(stack, parent)
    wait_until(lambda: not any(one.is_running() and one.status() != "zombie" for one in children), 10)
    back(stack, child)
    stack.settled()


@pytest.mark.parametrize("victim", ["web", "interactive", "dispatcher", "valkey", "postgres"])
def test_killed_in_mid_run(stack: Stack, victim: str) -> None:
    candidate = stack.candidate()
    candidate.write("slow.py", SLOW_PROGRAM)
    execution = candidate.run("slow.py").json["execution"]
    time.sleep(0.8)
    kill(stack, victim)
    ended = wait_until(
        lambda: (e := execution_of(candidate, execution["id"]))["state"] not in UNFINISHED and e, 40, 0.2
    )
    assert ended["state"] in {"done", "interrupted"}
    if victim == "interactive":
        assert ended["state"] == "interrupted"
        assert ended["output"].startswith("0\n"), "what it had is kept"
    candidate.write("quick.py", "print('still here')\n") if victim != "postgres" else insist(
        lambda: candidate.write("quick.py", "print('still here')\n")
    )
    again = insist(lambda: candidate.run("quick.py")).json["execution"]
    wait_until(lambda: "still here" in execution_of(candidate, again["id"])["output"], 40, 0.2)


@pytest.mark.parametrize("victim", ["web", "web parent", "postgres"])
def test_killed_in_mid_edit(stack: Stack, victim: str) -> None:
    candidate = stack.candidate()
    acknowledged = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            text = f"# line {len(acknowledged)}\n"
            try:
                answer = candidate.type(text)
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.status == 200:
                acknowledged.append(text)
            time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.5)
    kill(stack, victim)
    before = len(acknowledged)
    wait_until(lambda: len(acknowledged) > before + 5, 40)
    stop.set()
    writer.join()
    path = candidate.editable
    # What a killed parent left behind serves a moment longer, and then hangs up.
    stack.settled()
    candidate.refresh()
    for line in acknowledged:
        assert candidate.files[path].count(line) == 1


@pytest.mark.parametrize("victim", ["web", "grading", "grading parent", "dispatcher", "valkey", "postgres"])
def test_killed_in_mid_submit(stack: Stack, victim: str) -> None:
    candidate = stack.candidate()
    candidate.type("# final\n")
    key = f"submit-{victim}"
    killer = threading.Timer(0.05, kill, (stack, victim))
    killer.start()
    answer = insist(lambda: candidate.submit(key=key))
    assert answer.status == 200, answer.json
    killer.join()
    detail = wait_until(lambda: _scored(stack, candidate.assessment["id"]), 60, 0.2)
    assert detail["result"]["tests"]["total"] > 0
    assert "# final\n" in insist(lambda: stack.call("GET", f"/assessments/{detail['id']}/code")).body.decode().replace(
        "\\n", "\n"
    )
    [(scores,)] = stack.query("SELECT count(*) FROM score WHERE assessment_id = %s", detail["id"])
    assert scores == 1


def _scored(stack: Stack, assessment_id: str):
    detail = insist(lambda: stack.call("GET", f"/assessments/{assessment_id}")).json
    return detail if detail["scoring_state"] in {"scored", "partial"} else None


def test_a_worker_that_wakes_from_a_pause_writes_nothing(stack: Stack) -> None:
    candidate = stack.candidate()
    candidate.write("slow.py", SLOW_PROGRAM)
    execution = candidate.run("slow.py").json["execution"]
    wait_until(lambda: "0" in _live_output(candidate, execution["id"]), 20)
    paused = stack.processes()["interactive"]
    for process in paused:
        process.suspend()
    # Past the lease: the dispatcher takes the job back. Nobody else can run it while the only worker sleeps.
    [job] = wait_until(
        lambda: stack.query(
            "SELECT attempt, state FROM job WHERE payload->>'execution_id' = %s AND state = 'queued'", execution["id"]
        ),
        40,
    )
    assert job == (1, "queued")
    for process in paused:
        process.resume()
    ended = wait_until(
        lambda: (e := execution_of(candidate, execution["id"]))["state"] not in UNFINISHED and e, 40, 0.2
    )
    assert ended["state"] == "interrupted", "the woken attempt did not write its end over the new one's"
    [row] = stack.query("SELECT attempt, state FROM job WHERE payload->>'execution_id' = %s", execution["id"])
    assert row == (2, "done")


def _live_output(candidate, execution_id: str) -> str:
    chunks = candidate.call("GET", f"/executions/{execution_id}?after=0&wait=0").json["chunks"]
    return "".join(chunk["text"] for chunk in chunks)
