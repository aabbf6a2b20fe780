"""What is sent to Claude, what comes of it, and what a candidate is told when something goes wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.fakes.messages_api import beginning, ending, error, event, piece, stream
from tests.plugins.claude.conftest import KEY

from tali.sdk import Conversation, Done, Message, Notice, Rejected, Text, Transient, Usage
from tali_claude import DEFAULT_MODEL
from tali_claude.request import instructions_hash

UNDER = instructions_hash("full")
CONVERSATION = Conversation(
    brief="Some invoices are booked twice.",
    languages=["python"],
    messages=(Message("candidate", "Where do they come from?"),),
    open_files={"billing/seen.py": "SEEN = set()\n", "main.py": "import billing\n"},
    active_file="main.py",
    selection="SEEN",
    help_level="full",
)


def said(chunks: list) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, Text))


def long_conversation(turns: int, length: int) -> Conversation:
    earlier = [
        Message(role, f"{role} {number} " + "x" * length)
        for number in range(turns)
        for role in ("candidate", "assistant")
    ]
    return replace(CONVERSATION, messages=(*earlier, Message("candidate", "And now?")))


def test_a_reply_streams_and_counts_what_it_cost(claude, server) -> None:
    chunks = list(claude().reply(CONVERSATION))
    assert said(chunks) == "Follow the invoice. "
    assert chunks[-1] == Done(Usage(116, 7, 187), "complete", DEFAULT_MODEL, UNDER), "what the cache held was read too"
    assert server.keys == [f"Bearer {KEY}"]


def test_rules_and_brief_come_first_and_are_cached_and_files_come_last(claude, server) -> None:
    list(claude().reply(replace(CONVERSATION, messages=(Message("candidate", "Hi"), Message("assistant", "Hello"),
                                                        Message("candidate", "Where?")))))  # fmt: skip
    [sent] = server.requests
    assert [block.get("cache_control") for block in sent["system"]] == [None, {"type": "ephemeral"}]
    assert "<brief>\nSome invoices are booked twice.\n</brief>" in sent["system"][1]["text"]
    first, second, last = sent["messages"]
    assert (first["role"], second["role"], last["role"]) == ("user", "assistant", "user")
    assert second["content"][0]["cache_control"] == {"type": "ephemeral"}
    files, question = (block["text"] for block in last["content"])
    assert files.index('path="main.py"') < files.index('path="billing/seen.py"'), "what is being edited comes first"
    assert "<selection>\nSEEN\n</selection>" in files
    assert question == "Where?"


@pytest.mark.parametrize(
    ("level", "words"), [("full", "help with everything"), ("guided", "Guide:"), ("questions_only", "Answer questions")]
)
def test_how_far_help_goes_is_the_tasks_to_say(claude, server, level, words) -> None:
    list(claude().reply(replace(CONVERSATION, help_level=level)))
    assert words in server.requests[0]["system"][0]["text"]


def test_the_oldest_messages_go_first_and_the_candidate_is_told(claude, server) -> None:
    chunks = list(claude(conversation_tokens=4_000).reply(long_conversation(40, 600)))
    [notice] = [chunk for chunk in chunks if isinstance(chunk, Notice)]
    sent = server.requests[0]["messages"]
    left_out = 80 - (len(sent) - 1)
    assert notice.text.startswith(f"The oldest {left_out} messages were not sent along")
    assert sent[0]["role"] == "user"
    assert sent[-2]["content"][0]["text"].startswith("assistant 39 ")
    assert [message["role"] for message in sent] == ["user", "assistant"] * ((len(sent) - 1) // 2) + ["user"]
    assert sum(len(block["text"]) for message in sent for block in message["content"]) < 3 * 4_000


def said_before(body: dict) -> list[tuple[str, str]]:
    """The messages before the last, without the marks for the cache."""
    return [(message["role"], message["content"][0]["text"]) for message in body["messages"][:-1]]


def test_a_long_conversation_begins_alike_turn_after_turn(claude, server) -> None:
    one, whole = claude(conversation_tokens=8_000), long_conversation(60, 600).messages
    for turn in range(1, 61):
        # File and question differ in length, as they do.
        files = {"main.py": "x = 1\n" * (40 + 13 * turn % 30)}
        asked = (*whole[: 2 * turn], Message("candidate", "And now? " * (1 + turn % 7)))
        list(one.reply(replace(CONVERSATION, messages=asked, open_files=files)))
    sent = [said_before(body) for body in server.requests]
    assert len(sent[-1]) < 40, "there is something to leave out"
    changed = [number for number in range(1, 60) if sent[number][: len(sent[number - 1])] != sent[number - 1]]
    assert 0 < len(changed) <= 60 / 4, "many are left out at once, so that the turns between share their beginning"
    for body in server.requests:
        assert sum(len(block["text"]) for message in body["messages"] for block in message["content"]) < 3 * 8_000


def test_the_newest_exchange_stays_if_it_fits(claude, server) -> None:
    earlier = (Message("candidate", "Old?"), Message("assistant", "Old."), Message("candidate", "New?"))
    long = Message("assistant", "y" * 9_000)
    list(
        claude(conversation_tokens=8_000).reply(
            replace(CONVERSATION, messages=(*earlier, long, Message("candidate", "So?")))
        )
    )
    assert ("assistant", long.text) in said_before(server.requests[0])


def test_files_that_are_not_open_go_along_after_those_that_are(claude, server) -> None:
    files = {"a.py": "A = 1\n", "main.py": "old\n", "data.csv": "x" * 100_000}
    chunks = list(claude(conversation_tokens=8_000).reply(replace(CONVERSATION, files=files)))
    sent = server.requests[0]["messages"][-1]["content"][0]["text"]
    places = [sent.index(f'path="{path}"') for path in ("main.py", "billing/seen.py", "a.py")]
    assert places == sorted(places)
    assert "old" not in sent, "what is on the screen counts"
    assert "Too large to be shown here: data.csv" in sent
    assert not [chunk for chunk in chunks if isinstance(chunk, Notice)], (
        "only files that somebody opened are worth a word"
    )


def test_a_file_that_is_too_large_is_named_and_left_out(claude, server) -> None:
    conversation = replace(CONVERSATION, open_files={"main.py": "x" * 100_000, "small.py": "SMALL = 1\n"})
    chunks = list(claude(conversation_tokens=8_000).reply(conversation))
    assert Notice("info", "Too large to be sent along: main.py.") in chunks
    sent = server.requests[0]["messages"][-1]["content"][0]["text"]
    assert "SMALL = 1" in sent
    assert "Too large to be shown here: main.py" in sent


def test_a_message_that_was_never_answered_does_not_upset_the_order(claude, server) -> None:
    unanswered = (Message("candidate", "One"), Message("candidate", "Two"), Message("candidate", "Three"))
    list(claude().reply(replace(CONVERSATION, messages=unanswered)))
    assert [message["role"] for message in server.requests[0]["messages"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("answer", "meaning", "words"),
    [
        (error(429, "rate_limit_error", **{"retry-after": "7"}), Transient, "no more requests"),
        (error(529, "overloaded_error"), Transient, "overloaded"),
        (error(500, "api_error"), Transient, "overloaded"),
        (error(401, "authentication_error"), Rejected, "does not accept the key"),
        (error(402, "billing_error"), Rejected, "is empty"),
        (error(403, "permission_error"), Rejected, "does not accept the key"),
        (error(404, "not_found_error"), Rejected, "not known"),
        (error(413, "request_too_large"), Rejected, "too long"),
        (error(400, "invalid_request_error"), Rejected, "did not take"),
        (stream(event("error", error={"type": "overloaded_error", "message": "no"})), Transient, "overloaded"),
    ],
    ids=lambda value: getattr(value, "status", None) or str(value),
)
def test_what_went_wrong_is_said_in_words(claude, server, answer, meaning, words) -> None:
    server.script = lambda body: answer
    with pytest.raises(meaning) as told:
        list(claude().reply(CONVERSATION))
    assert words in told.value.reason
    assert KEY not in str(told.value)
    assert len(server.requests) == 1, "a candidate is told at once; nothing is tried behind their back"
    if "7" in answer.headers.get("retry-after", ""):
        assert told.value.retry_after == 7


@pytest.mark.parametrize(
    "pieces",
    [
        (beginning("m"), piece("It is "), event("error", error={"type": "overloaded_error", "message": "no"})),
        (beginning("m"), piece("It is ")),
        (beginning("m"), piece("It is "), b"event: content_block_delta\ndata: {broken\n\n"),
        (beginning("m"), piece("It is "), event("content_block_stop", index=9)),
    ],
    ids=["an error in mid-stream", "a connection that ends", "an event that is no JSON", "a block that never began"],
)
def test_a_reply_that_breaks_off_keeps_what_there_was_and_what_it_cost(claude, server, pieces) -> None:
    server.script = lambda body: stream(*pieces)
    chunks = list(claude().reply(CONVERSATION))
    assert said(chunks) == "It is "
    assert chunks[-1] == Done(Usage(116, None, 97), "cut_short", "m", UNDER)


def test_silence_in_mid_reply_keeps_what_there_was(claude, server, monkeypatch) -> None:
    monkeypatch.setattr("tali_claude.assistant.FIRST_WORD_SECONDS", 0.3)
    server.pause = 1.0
    chunks = list(claude().reply(CONVERSATION))
    assert said(chunks) == "Follow "
    assert chunks[-1] == Done(Usage(116, None, 97), "cut_short", DEFAULT_MODEL, UNDER)


def test_a_page_that_is_no_answer_is_said_in_words(claude, server) -> None:
    server.script = lambda body: stream(b"<html>A proxy says hello.</html>")
    with pytest.raises(Transient):
        list(claude().reply(CONVERSATION))


@pytest.mark.parametrize(
    ("reason", "stop", "words"),
    [("refusal", "refusal", "declined"), ("max_tokens", "length", "longest length"), ("end_turn", "complete", None)],
)
def test_how_a_reply_ended_is_kept_and_told(claude, server, reason, stop, words) -> None:
    server.stop_reason = reason
    chunks = list(claude().reply(CONVERSATION))
    assert chunks[-1].stop == stop
    told = [chunk.text for chunk in chunks if isinstance(chunk, Notice)]
    assert (words in told[0]) if words else not told


def test_nothing_but_a_refusal_still_says_something(claude, server) -> None:
    server.script = lambda body: stream(beginning("m"), ending("refusal", 0))
    assert said(list(claude().reply(CONVERSATION))) == "I cannot help with that."


def test_nobody_there_is_said_in_words(claude, server) -> None:
    with pytest.raises(Transient, match="could not be reached"):
        list(claude(base_url="http://127.0.0.1:9").reply(CONVERSATION))


def test_stop_closes_the_connection(claude, server) -> None:
    server.text, server.pause = "word " * 200, 0.02
    reply = claude().reply(CONVERSATION)
    next(chunk for chunk in reply if isinstance(chunk, Text))
    assert server.open_streams == 1
    reply.close()
    deadline = time.monotonic() + 10
    while server.open_streams and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.open_streams == 0


def test_the_test_button_asks_for_the_smallest_thing_there_is(claude, server) -> None:
    claude().check()
    assert not server.requests, "it costs no reply"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413])
def test_whoever_presses_test_is_not_told_to_ask_whoever_invited_them(claude, server, status) -> None:
    server.script = lambda body: error(status, "odd")
    with pytest.raises(Rejected) as told:
        claude().check()
    assert "invited you" not in told.value.reason
    assert told.value.reason.startswith(("Claude", "The "))


def until_it_fails(reply: Iterator) -> tuple[list[Usage], Exception]:
    """What a reply says that it has taken, up to its failure."""
    said = []
    try:
        for chunk in reply:
            said += [chunk] if isinstance(chunk, Usage) else []
    except (Transient, Rejected) as failure:
        return said, failure
    raise AssertionError("it did not fail")


def test_what_is_sent_is_counted_before_it_goes_out_so_that_stop_does_not_evade_it(claude, server) -> None:
    reply = claude().reply(replace(CONVERSATION, messages=(Message("candidate", "字" * 10_000),)))
    first = next(chunk for chunk in reply if isinstance(chunk, Usage))
    reply.close()
    assert server.requests == []
    assert (first.input_tokens, first.output_tokens) == (None, None)
    assert 10_000 * 3 < (first.cost or 0) < 12_000 * 3, "ten thousand tokens of question, and the rules"


def test_what_the_server_counts_takes_the_place_of_the_estimate(claude, server) -> None:
    told = [chunk for chunk in claude().reply(CONVERSATION) if isinstance(chunk, Usage)]
    assert told[0].input_tokens is None
    assert told[1] == Usage(116, None, 97)


@pytest.mark.parametrize("status", [400, 401, 413, 429, 500, 503, 529])
def test_a_refused_request_costs_nothing(claude, server, status) -> None:
    server.script = lambda body: error(status, "odd")
    told, _ = until_it_fails(claude().reply(CONVERSATION))
    assert told[0].cost
    assert told[-1] == Usage()


def test_what_never_went_out_costs_nothing(claude) -> None:
    told, _ = until_it_fails(claude(base_url="http://127.0.0.1:9").reply(CONVERSATION))
    assert told[-1] == Usage()


@pytest.mark.parametrize("status", [408, 502, 504])
def test_what_may_have_been_served_is_counted_as_far_as_anybody_knows(claude, server, status) -> None:
    server.script = lambda body: error(status, "odd")
    told, failure = until_it_fails(claude().reply(CONVERSATION))
    assert isinstance(failure, Transient)
    assert told[-1].cost
