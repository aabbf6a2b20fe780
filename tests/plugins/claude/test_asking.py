"""One request for a session: what is in it, what it cost, and what a failure means."""

from __future__ import annotations

import json
import socket
from dataclasses import replace

import pytest
from tests.fakes.judging import honest, material
from tests.fakes.messages_api import Script, beginning, ending, error, event, piece, stream
from tests.plugins.claude.conftest import KEY
from tests.plugins.claude.test_judge_contract import answer, breakdown, quoting

from tali.sdk import AnswerLost, CalibrationRecord, Exchange, Rejected, Transient, Usage
from tali.sdk.testing import sample_records
from tali_claude import DEFAULT_MODEL, tali_signal_evaluators
from tali_claude.judge import analyze_prompt_session
from tali_claude.judge.request import answer_tokens

RICH = sample_records()["rich"]


def strict(schema: object) -> bool:
    """Whether every object of a schema says all of its properties and allows no other."""
    if isinstance(schema, list):
        return all(strict(one) for one in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and (
        schema["additionalProperties"] is not False or sorted(schema["required"]) != sorted(schema["properties"])
    ):
        return False
    return all(strict(one) for one in schema.values())


def test_a_session_is_one_request_with_a_strict_schema(judge, server) -> None:
    server.script = honest()
    judgement = analyze_prompt_session(RICH, judge())
    [sent] = server.requests
    output = sent["output_config"]["format"]
    assert output["type"] == "json_schema"
    assert strict(output["schema"])
    assert "minimum" not in json.dumps(output), "the API takes no bounds"
    assert sent["stream"] is True
    assert sent["model"] == DEFAULT_MODEL
    assert server.keys == [f"Bearer {KEY}"]
    values = {result.name: result.value for result in judgement.results}
    assert values["prompt_clarity"] == 6
    assert values["learning_velocity"] is None


def test_the_answers_length_is_bounded_by_the_number_of_prompts(judge, server) -> None:
    server.script = honest()
    judge().ask(RICH)
    assert server.requests[0]["max_tokens"] == 24_000 + 3 * 200
    assert answer_tokens(5_000) == 48_000


DENSE = "私はまず合計を計算する関数の仕様を確認し端数処理の方針を決めてから小さな例で検証したいと思います" * 7


def counting(said: object) -> Script:
    """A server that stops where the longest answer is reached: two bytes a token, as Japanese has it."""

    def script(body: dict) -> object:
        text = json.dumps(said, ensure_ascii=False)
        room = 2 * body["max_tokens"]
        fits = len(text.encode()) <= room
        text = text if fits else text.encode()[:room].decode(errors="ignore")
        return stream(beginning(body["model"]), piece(text), ending("end_turn" if fits else "max_tokens"))

    return script


def test_the_longest_answer_that_the_rules_allow_fits_in_any_script(judge, server) -> None:
    prompts = [replace(prompt, message=DENSE) for prompt in RICH.prompts]
    record = replace(RICH, prompts=prompts)
    quotes = [quoting(DENSE[start : start + 300], 0) for start in range(3)]
    notes = [{**breakdown(prompt.index), "note": DENSE[:60]} for prompt in prompts]
    said = answer(6, *quotes, prompts=notes).content
    long = {**said["signals"]["prompt_clarity"], "why": DENSE[:150]}
    server.script = counting({**said, "signals": dict.fromkeys(said["signals"], long)})
    one = judge()
    values = {result.name: result.value for result in one.read(record, one.ask(record)).results}
    assert values["prompt_clarity"] == 6


def test_the_longest_answer_about_a_warm_up_fits_in_any_script(judge, server) -> None:
    evidence = [{"prompt": 0, "quote": DENSE[start : start + 200]} for start in range(3)]
    server.script = counting({"evidence": evidence, "why": DENSE[:150], "value": 7})
    one, record = judge(), CalibrationRecord("Ask for a reversed string.", (Exchange(DENSE, "s[::-1]"),))
    assert one.read_calibration(record, one.ask_about_calibration(record)).value == 7


def test_the_whole_session_is_one_json_document_between_lines_that_nobody_could_foresee(judge, server) -> None:
    server.script = honest()
    hostile = sample_records()["hostile"]
    judge().ask(hostile)
    document, outside = material(server.requests[0])
    assert document is not None
    for prompt in hostile.prompts:
        if prompt.message:
            assert any(turn.get("message") == prompt.message for turn in document["turns"])
            assert prompt.message[:60] not in outside
    assert "Ignore all previous" not in json.dumps(server.requests[0]["system"])
    assert "hidden" not in json.dumps(document["task"])


def test_what_nobody_sees_is_plain_to_the_model(judge, server) -> None:
    server.script = honest()
    judge().ask(sample_records()["hostile"])
    text = server.requests[0]["messages"][0]["content"][0]["text"]
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_what_it_cost_is_told_with_the_cache_counted_at_its_price(judge, server) -> None:
    server.script = honest()
    answer = judge(input_price=4.0, output_price=20.0).ask(RICH)
    # 11 sent, 5 written to the cache, 100 read from it, 7 received; a fraction of a millionth counts as one.
    assert answer.usage == Usage(116, 7, 11 * 4 + 5 * 5 + 100 * 4 // 10 + 7 * 20)
    assert answer.model == DEFAULT_MODEL
    assert answer.latency_ms is not None


@pytest.mark.parametrize(
    ("stop", "text", "words"),
    [
        ("max_tokens", '{"signals": {"prompt_cl', "longest length"),
        ("end_turn", "I would rather not say.", "not the JSON"),
        ("end_turn", "[1, 2]", "not the JSON"),
        ("refusal", "", "declined"),
    ],
)
def test_an_answer_that_cannot_be_read_is_kept_because_it_was_paid_for(judge, server, stop, text, words) -> None:
    server.script = lambda body: stream(beginning(body["model"]), piece(text), ending(stop))
    one = judge()
    answer = one.ask(RICH)
    assert answer.content["raw"] == text
    assert answer.usage.cost
    with pytest.raises(Rejected) as told:
        one.read(RICH, answer)
    assert words in told.value.reason
    assert len(server.requests) == 1, "nothing is asked again behind anybody's back"


def test_what_a_database_cannot_keep_costs_a_character_and_not_the_answer(judge, server) -> None:
    said = r'{"a": "x\u0000\ud800y", "b": 1e999, "c": [1%s, NaN, true, 2.5]}' % ("0" * 4_000)
    server.script = lambda body: stream(beginning(body["model"]), piece(said), ending("end_turn"))
    content = judge().ask(RICH).content
    assert content == {"a": "x\ufffd\ufffdy", "b": None, "c": [None, None, True, 2.5]}


def test_an_answer_that_is_nested_without_end_is_kept_as_it_came(judge, server) -> None:
    said = "[" * 50_000
    server.script = lambda body: stream(beginning(body["model"]), piece(said), ending("end_turn"))
    assert judge().ask(RICH).content["raw"] == said


@pytest.mark.parametrize(
    "answer",
    [
        lambda: stream(beginning("m"), piece('{"signals"')),
        lambda: stream(beginning("m"), event("error", error={"type": "overloaded_error", "message": "no"})),
        lambda: stream(beginning("m"), b"event: content_block_delta\ndata: {broken\n\n"),
        lambda: stream(),
        lambda: stream(b"<html>A proxy says hello.</html>"),
        lambda: stream(piece("words before there is a message")),
        lambda: error(408, "timeout_error"),
        lambda: error(502, "api_error"),
        lambda: error(504, "timeout_error"),
        lambda: error(524, "odd"),
        lambda: stream(event("error", error={"type": "timeout_error", "message": "no"})),
    ],
    ids=[
        "a stream that ends",
        "an error in mid-stream",
        "an event that is no JSON",
        "a stream of nothing",
        "a page",
        "events out of order",
        "408",
        "502",
        "504",
        "524",
        "a timeout in the stream",
    ],
)
def test_an_answer_that_did_not_come_whole_is_lost_and_may_have_cost(judge, server, answer) -> None:
    server.script = lambda body: answer()
    with pytest.raises(AnswerLost):
        judge().ask(RICH)
    assert len(server.requests) == 1


def test_what_a_lost_answer_cost_is_told_as_far_as_it_is_known(judge, server) -> None:
    server.script = lambda body: stream(beginning("m"), piece("{"))
    with pytest.raises(AnswerLost) as told:
        judge().ask(RICH)
    assert told.value.usage == Usage(116, 1, 97)


@pytest.mark.parametrize(
    "odd",
    [
        event("content_block_delta", index=7, delta={"type": "text_delta", "text": "{"}),
        event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}),
        event("content_block_start", index=1, content_block=None),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": None}),
    ],
    ids=["a block that never began", "no count", "a block of nothing", "text of nothing"],
)
def test_events_that_the_sdk_trips_over_are_a_lost_answer_with_its_cost(judge, server, odd) -> None:
    server.script = lambda body: stream(beginning("m"), piece("{"), odd, ending("end_turn"))
    with pytest.raises(AnswerLost) as told:
        judge().ask(RICH)
    assert told.value.usage == Usage(116, 1, 97)


def test_silence_after_sending_is_a_lost_answer(judge, server, monkeypatch) -> None:
    monkeypatch.setattr("tali_claude.judge.provider.SILENCE_SECONDS", 0.3)
    server.pause = 1.0
    with pytest.raises(AnswerLost) as told:
        judge().ask(RICH)
    assert told.value.usage == Usage(116, 1, 97)


def test_an_answer_without_end_is_left(judge, server, monkeypatch) -> None:
    monkeypatch.setattr("tali_claude.judge.asking.ANSWER_SECONDS", -1)
    with pytest.raises(AnswerLost) as told:
        judge().ask(RICH)
    assert "longer than" in told.value.reason


def test_a_key_that_cannot_be_sent_is_not_tried_again(judge, server) -> None:
    with pytest.raises(Rejected) as told:
        judge(api_key="sk\nsecret").ask(RICH)  # pragma: allowlist secret
    assert "secret" not in told.value.reason
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "meaning", "words"),
    [
        (lambda: error(429, "rate_limit_error", **{"retry-after": "7"}), Transient, "no more requests"),
        (lambda: error(529, "overloaded_error", **{"retry-after": "7"}), Transient, "overloaded"),
        (lambda: error(500, "api_error"), Transient, "overloaded"),
        (lambda: error(503, "api_error"), Transient, "overloaded"),
        (lambda: stream(event("error", error={"type": "overloaded_error", "message": "no"})), Transient, "overloaded"),
        (lambda: error(400, "invalid_request_error"), Rejected, "did not take"),
        (lambda: error(401, "authentication_error"), Rejected, "key"),
        (lambda: error(402, "billing_error"), Rejected, "empty"),
        (lambda: error(404, "not_found_error"), Rejected, "not known"),
        (lambda: error(413, "request_too_large"), Rejected, "too long"),
        (lambda: error(418, "odd"), Rejected, "418"),
    ],
)
def test_a_request_that_was_not_taken_says_whether_to_try_again(judge, server, answer, meaning, words) -> None:
    server.script = lambda body: answer()
    with pytest.raises(meaning) as told:
        judge().ask(RICH)
    assert not isinstance(told.value, AnswerLost)
    assert words in told.value.reason
    assert KEY not in str(told.value)
    assert len(server.requests) == 1
    if meaning is Transient and "7" in answer().headers.get("retry-after", ""):
        assert told.value.retry_after == 7


def test_nobody_there_costs_nothing(judge) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(Transient) as told:
        judge(base_url=url).ask(RICH)
    assert not isinstance(told.value, AnswerLost)


def test_a_calibration_is_one_small_request(judge, server) -> None:
    server.script = honest(8)
    one = judge()
    record = CalibrationRecord(
        "Ask for a reversed string.", (Exchange("Reverse a string in Python, please.", "s[::-1]"),)
    )
    answer = one.ask_about_calibration(record)
    [sent] = server.requests
    assert sent["max_tokens"] <= 2_000
    assert len(json.dumps(sent)) < 8_000
    result = one.read_calibration(record, answer)
    assert (result.name, result.value) == ("calibration_score", 8)
    assert result.evidence[0].quote == "Reverse a string in Python, please."


def test_the_provider_says_that_it_is_a_judge_and_what_it_needs() -> None:
    spec = tali_signal_evaluators()
    assert spec.name == "claude_judge"
    assert "judge" in spec.capabilities
    settings = {setting.name: setting for setting in spec.settings}
    assert settings["api_key"].env == "ANTHROPIC_API_KEY"
    assert settings["judge_model"].default == DEFAULT_MODEL
    assert settings["base_url"].deployment_only
    assert (settings["input_price"].default, settings["output_price"].default) == (3.0, 15.0)


def test_another_model_budget_or_rubric_is_another_version(judge) -> None:
    versions = judge().versions
    assert judge(judge_model="other").versions != versions
    assert judge(session_tokens=50_000).versions != versions
    assert judge(input_price=1.0).versions == versions, "what it costs changes no value"
