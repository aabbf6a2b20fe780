"""Turns and executions: recorded with all that was true when they were sent, streamed from any offset, always ended."""

from __future__ import annotations

import orjson
import pytest

from tali.kernel.valkey import CancelFlag
from tali.sdk import Done, Rejected, Text, Transient, Usage
from tali.workspace import turns
from tali.workspace.models import Turn
from tali.workspace.work import subject
from tests.stack import wait_until


def prompts(tenant, candidate):
    """The conversation, with the states of the code in place of their ids."""
    path = f"/assessments/{candidate.assessment['id']}"
    found = tenant.call("GET", f"{path}/prompts").json["data"]
    for prompt in found:
        for which in ("code_before", "code_after"):
            if prompt[which] is not None:
                prompt[which] = tenant.call("GET", f"{path}/code-snapshots/{prompt[which]}").json["files"]
    return found


def test_all_thirteen_facts_of_a_prompt_are_kept(tenant, run_jobs, assistant) -> None:
    def reply(conversation):
        yield Text("Use a ")
        yield Text("set.")
        yield Done(Usage(120, 7))

    assistant(reply)
    candidate = tenant.candidate()
    path = candidate.editable
    candidate.type("# one\n")
    before = dict(candidate.files)
    facts = {"paste_detected": True, "browser_focused": False, "time_since_last_prompt_ms": 4200}
    candidate.ask("How do I find  duplicates?", **facts)
    run_jobs(tenant)
    candidate.type("# two\n")
    candidate.ask("And now?")
    run_jobs(tenant)
    first, second = prompts(tenant, candidate)
    assert first["message"] == "How do I find  duplicates?"
    assert first["response"] == "Use a set."
    assert first["timestamp"]
    assert (first["input_tokens"], first["output_tokens"]) == (120, 7)
    assert first["response_latency_ms"] >= 0
    assert first["code_before"] == before
    assert first["code_after"] == second["code_before"] == candidate.files
    assert (first["word_count"], first["char_count"]) == (5, 26)
    assert first["time_since_last_prompt_ms"] == 4200
    assert first["paste_detected"] is True
    assert first["browser_focused"] is False
    assert second["code_after"] is None
    assert second["server_gap_ms"] >= 0
    assert [part["text"] for part in first["parts"]] == ["Use a ", "set."]
    assert first["code_diff"][0]["path"] == path


def test_the_code_after_the_last_prompt_is_the_code_at_submit(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    candidate.ask("Anything?")
    run_jobs(tenant)
    candidate.type("# at the end\n")
    candidate.submit()
    run_jobs(tenant)
    assert prompts(tenant, candidate)[0]["code_after"] == candidate.files


def test_what_the_screen_shows_wins_over_what_was_saved(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    path = candidate.editable
    candidate.ask("Look", code_context=[{"path": path, "content": "# not saved yet\n"}])
    run_jobs(tenant)
    assert prompts(tenant, candidate)[0]["code_before"][path] == "# not saved yet\n"


def test_one_turn_at_a_time(tenant) -> None:
    candidate = tenant.candidate()
    assert candidate.ask("first").status == 202
    second = candidate.ask("second")
    assert (second.status, second.json["code"]) == (409, "turn_running")


def test_the_same_key_asks_once(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    first = candidate.ask("once", key="k-1")
    again = candidate.ask("once", key="k-1")
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    run_jobs(tenant)
    assert len(prompts(tenant, candidate)) == 1


def test_a_reply_can_be_read_from_any_offset_also_when_its_stream_is_gone(
    tenant, run_jobs, assistant, resources
) -> None:
    def reply(conversation):
        for number in range(5):
            yield Text(f"{number} ")
        yield Done(Usage())

    assistant(reply)
    candidate = tenant.candidate()
    turn = candidate.ask("count").json["turn"]
    run_jobs(tenant)
    resources.valkey.delete(*resources.valkey.keys("chunks:*"))
    whole = candidate.call("GET", f"/turns/{turn['id']}?after=0").json
    assert "".join(chunk["text"] for chunk in whole["chunks"]) == "0 1 2 3 4 "
    tail = candidate.call("GET", f"/turns/{turn['id']}?after=3").json
    assert [chunk["n"] for chunk in tail["chunks"]] == [4, 5]
    events = candidate.call(
        "GET", f"/turns/{turn['id']}?after=4", headers={"Accept": "text/event-stream"}
    ).body.decode()
    assert "id: 5\nevent: chunk\n" in events
    end = orjson.loads(events.split("event: end\ndata: ")[1].split("\n")[0])
    assert (end["state"], end["response"]) == ("done", "0 1 2 3 4 ")


def fails_midway(conversation):
    yield Text("half a ")
    raise ConnectionError("gone")


def stops_without_done(conversation):
    yield Text("half a ")


def asks_to_wait(conversation):
    yield Text("half a ")
    raise Transient("the model is overloaded", retry_after=5)


def lies_about_its_type(conversation):
    yield "half a "


@pytest.mark.parametrize(
    ("reply", "state", "code", "response"),
    [
        (fails_midway, "failed", "assistant_failed", "half a "),
        (stops_without_done, "interrupted", "interrupted", "half a "),
        (asks_to_wait, "failed", "assistant_busy", "half a "),
        (lies_about_its_type, "failed", "assistant_failed", ""),
    ],
)
def test_a_reply_that_breaks_keeps_what_it_had_and_lets_the_candidate_go_on(
    tenant, run_jobs, assistant, reply, state, code, response
) -> None:
    assistant(reply)
    candidate = tenant.candidate()
    candidate.ask("please")
    run_jobs(tenant)
    turn = candidate.refresh()["turns"][0]
    assert (turn["state"], turn["error"]["code"], turn["response"]) == (state, code, response)
    assert candidate.ask("again").status == 202


def test_stop_ends_the_work_behind_a_reply(tenant, run_jobs, assistant, resources) -> None:
    closed = []
    box = {}

    def reply(conversation):
        try:
            yield Text("one ")
            CancelFlag(resources.valkey, subject(Turn, box["id"])).raise_flag()
            yield Text("two ")
            yield Text("three ")
            yield Done(Usage())
        finally:
            closed.append(True)

    assistant(reply)
    candidate = tenant.candidate()
    box["id"] = candidate.ask("please").json["turn"]["id"]
    run_jobs(tenant)
    turn = candidate.refresh()["turns"][0]
    assert turn["state"] == "cancelled"
    assert turn["response"].startswith("one ")
    assert "three" not in turn["response"]
    wait_until(lambda: closed, 5)


def test_the_assistant_never_sees_hidden_tests_the_reference_or_a_name(tenant, run_jobs, assistant) -> None:
    seen = []

    def reply(conversation):
        seen.append(repr(conversation))
        yield Done(Usage())

    assistant(reply)
    candidate = tenant.candidate()
    candidate.ask("hello")
    run_jobs(tenant)
    assert "Ada Byron" not in seen[0]
    assert "ada@example.com" not in seen[0]


def test_a_run_shows_its_output_and_how_it_ended(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    candidate.write(
        "hello.py", "import sys\nprint('out', sys.stdin.read())\nprint('err', file=sys.stderr)\nsys.exit(3)\n"
    )
    execution = candidate.run("hello.py", stdin="in").json["execution"]
    run_jobs(tenant)
    ended = candidate.call("GET", f"/executions/{execution['id']}?after=0").json["execution"]
    assert (ended["state"], ended["exit_code"]) == ("done", 3)
    assert "out in" in ended["output"]
    assert "err" in ended["output"]


def test_running_the_tests_tells_each_one(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    execution = candidate.test().json["execution"]
    run_jobs(tenant)
    ended = candidate.call("GET", f"/executions/{execution['id']}?after=0").json["execution"]
    assert ended["state"] == "done"
    assert ended["tests"]
    assert all({"name", "passed", "message", "duration_ms"} <= set(test) for test in ended["tests"])


def test_a_sandbox_that_cannot_contain_refuses_with_the_remedy(tenant, resources) -> None:
    from tali.workspace.service import SANDBOX_STATE_KEY

    candidate = tenant.candidate()
    sentence = "This host cannot contain code. Run: sysctl kernel.unprivileged_userns_clone=1"
    resources.valkey.set(f"{SANDBOX_STATE_KEY}bubblewrap", sentence, ex=5)
    refused = candidate.run()
    resources.valkey.delete(f"{SANDBOX_STATE_KEY}bubblewrap")
    assert (refused.status, refused.json["code"], refused.json["message"]) == (503, "sandbox_unavailable", sentence)
    assert candidate.refresh()["executions"] == [], "nothing is left behind"


def test_a_file_that_is_not_there_cannot_be_run(tenant) -> None:
    answer = tenant.candidate().run("nothing.py")
    assert (answer.status, answer.json["code"]) == (422, "file_not_found")


def test_a_long_conversation_comes_in_pieces_and_whole(tenant, run_jobs, assistant, monkeypatch) -> None:
    monkeypatch.setattr(turns, "SHOWN", 2)
    candidate = tenant.candidate()
    for number in range(5):
        candidate.ask(f"Question {number}?")
        run_jobs(tenant)
    shown = candidate.refresh()
    told, more = shown["turns"], shown["earlier_turns"]
    assert len(told) == 2
    while more:
        before = candidate.call("GET", f"/turns?before={told[0]['index']}").json
        told, more = before["turns"] + told, before["earlier_turns"]
    assert [turn["message"] for turn in told] == [f"Question {number}?" for number in range(5)]


def test_without_an_assistant_the_candidate_is_told_and_nothing_is_left_behind(tenant, resources) -> None:
    before = resources.settings.assistant_setting
    object.__setattr__(resources.settings, "assistant_setting", "none")
    try:
        candidate = tenant.candidate()
    finally:
        object.__setattr__(resources.settings, "assistant_setting", before)
    refused = candidate.ask("hello")
    assert (refused.status, refused.json["code"]) == (503, "provider_not_configured")
    assert candidate.refresh()["turns"] == []
    assert "not available" in candidate.session["assistant"]["notice"]


def test_a_turn_that_never_ends_is_closed_by_the_sweeper(tenant, run_jobs, resources) -> None:
    from datetime import timedelta

    from sqlalchemy import update

    from tali.jobs.models import Job
    from tali.kernel.clock import now
    from tali.workspace.closing import LONGEST_WORK, find_stale

    candidate = tenant.candidate()
    candidate.ask("hello?")
    with resources.database.tenant(tenant.organization_id) as session:
        # A producer that hangs: it has the turn, its job is alive, and nothing comes.
        session.execute(update(Turn).values(state="running", created_at=now() - LONGEST_WORK - timedelta(seconds=1)))
        session.execute(update(Job).values(state="running", lease_until=now() + timedelta(hours=1)))
    with resources.database.owner() as session:
        find_stale(session, now())
    run_jobs(tenant)
    turn = candidate.refresh()["turns"][0]
    assert (turn["state"], turn["error"]["code"]) == ("interrupted", "interrupted")
    assert candidate.ask("again").status == 202


def test_a_nul_in_the_output_or_in_a_reply_blocks_nobody(tenant, run_jobs, assistant) -> None:
    def reply(conversation):
        yield Text("a\0b")
        yield Done(Usage(), model="some-model")

    assistant(reply)
    candidate = tenant.candidate()
    candidate.write("nul.py", "print('a' + chr(0) + 'b' + chr(0xd800), flush=True)\nprint('a\\0b')\n")
    candidate.run("nul.py")
    candidate.ask("NUL?")
    run_jobs(tenant)
    session = candidate.refresh()
    assert session["executions"][0]["state"] == "done"
    assert (session["turns"][0]["state"], session["turns"][0]["response"]) == ("done", "a\ufffdb")
    assert candidate.run("nul.py").status == 202


def test_a_reply_that_is_no_text_is_the_plugins_fault(tenant, run_jobs, assistant) -> None:
    def reply(conversation):
        yield Text(None)

    assistant(reply)
    candidate = tenant.candidate()
    candidate.ask("hello")
    run_jobs(tenant)
    assert candidate.refresh()["turns"][0]["error"]["code"] == "assistant_failed"


def test_an_assistant_that_hangs_can_be_stopped_and_holds_nobody_else_up(
    tenant, run_jobs, assistant, resources, monkeypatch
) -> None:
    import threading

    from tali.jobs import pump
    from tali.workspace import replies

    hang = threading.Event()

    def reply(conversation):
        yield Text("so far ")
        hang.wait(30)
        yield Done(Usage())

    monkeypatch.setattr(replies, "REPLY_SECONDS", 0.5)
    assistant(reply)
    candidate = tenant.candidate()
    candidate.ask("hello")
    run_jobs(tenant)
    turn = candidate.refresh()["turns"][0]
    assert (turn["state"], turn["error"]["code"], turn["response"]) == ("interrupted", "deadline", "so far ")
    name = f"assistant:{resources.settings.assistant}"
    for _ in range(pump.PLACES - 1):
        assert pump._bulkhead(name).acquire(blocking=False)
    candidate.ask("again")
    run_jobs(tenant)
    assert candidate.refresh()["turns"][1]["error"]["code"] == "assistant_busy", "its own places are taken, no more"
    hang.set()


def test_the_assistant_sees_the_screen_and_the_selection_counts_in_it(tenant, run_jobs, assistant) -> None:
    seen = []

    def reply(conversation):
        seen.append(conversation)
        yield Done(Usage())

    assistant(reply)
    candidate = tenant.candidate()
    path = candidate.editable
    screen = "# 🦉 not saved yet\n"
    candidate.ask("this?", code_context=[{"path": path, "content": screen}], selection={"from": 2, "to": 8})
    run_jobs(tenant)
    assert seen[0].open_files == {path: screen}
    assert seen[0].files == {**candidate.files, path: screen}, "the rest of the workspace goes along"
    assert len(seen[0].files) > 1
    assert seen[0].selection == "🦉 not"


def test_submitting_with_valkey_away_works(tenant, resources, monkeypatch) -> None:
    import redis

    def away(*_, **__):
        raise redis.exceptions.ConnectionError

    candidate = tenant.candidate()
    candidate.ask("still running?")
    monkeypatch.setattr(type(resources.valkey), "execute_command", away)
    assert candidate.submit().status == 200


def test_a_stopped_reply_is_counted_as_far_as_it_had_told(tenant, run_jobs, assistant) -> None:
    """Or a cap would be evaded by pressing Stop."""

    def reply(conversation):
        yield Usage(900, None, 2700)
        yield Text("A long beginning")
        yield Usage(900, None, 3300)
        raise Rejected("The candidate pressed Stop, as far as the plugin can tell.")

    assistant(reply)
    candidate = tenant.candidate()
    turn = candidate.ask("Write everything.").json["turn"]
    run_jobs(tenant)
    ended = candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=0").json["turn"]
    assert ended["response"] == "A long beginning"
    spent = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["cost"]["assistant"]
    assert (spent["input_tokens"], spent["spent"], spent["replies_without_cost"]) == (900, "0.003300", 0)
