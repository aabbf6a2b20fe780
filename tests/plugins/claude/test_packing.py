"""Long sessions fit their budget, and what was left out is said."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tali.sdk import Prompt, SessionRecord
from tali.sdk.testing import sample_records
from tali_claude.judge.changes import sides, stretch, unified
from tali_claude.judge.packing import BYTES_A_TOKEN, pack
from tali_claude.judge.writing import as_json

RICH = sample_records()["rich"]


def long_session(prompts: int, kilobytes: int, *, rewritten: bool = False) -> SessionRecord:
    """Each prompt is followed by a few changed lines, or by a file that is all new."""
    chance = random.Random(5)
    count = kilobytes * 1000 // 40
    lines = [f"value_{number} = compute({number}, {chance.random()})" for number in range(count)]
    made, code = [], "\n".join(lines)
    for number in range(prompts):
        before = code
        for _ in range(count if rewritten else 12):
            lines[chance.randrange(count)] = f"changed_{number} = {chance.random()}"
        code = "\n".join(lines)
        message = f"Prompt {number}: " + "please look at this function and tell me what is wrong with it. " * 12
        made.append(
            replace(
                RICH.prompts[0],
                index=number,
                message=message,
                response=f"Reply {number}: " + "try another value. " * 60,
                timestamp=RICH.started_at + timedelta(seconds=20 * number),
                code_before={"big.py": before},
                code_after={"big.py": code},
                word_count=len(message.split()),
            )
        )
    return replace(RICH, prompts=tuple(made), final_files={"big.py": code})


@pytest.mark.parametrize("tokens", [16_000, 100_000])
@pytest.mark.parametrize("rewritten", [False, True])
def test_300_prompts_over_200_kilobytes_fit_the_budget(tokens: int, rewritten: bool) -> None:
    record = long_session(300, 200, rewritten=rewritten)
    packed = pack(record, tokens)
    size = len(packed.document.encode())
    assert size <= tokens * BYTES_A_TOKEN
    assert size >= tokens * BYTES_A_TOKEN // 2, "room that is there is used"
    assert packed.left_out


def test_the_first_and_the_last_prompts_are_whole_and_the_rest_is_counted() -> None:
    record = long_session(300, 20)
    packed = pack(record, 40_000)
    document = json.loads(packed.document)
    turns = document["turns"]
    for shown, prompt in zip([*turns[:3], *turns[-3:]], [*record.prompts[:3], *record.prompts[-3:]], strict=True):
        assert (shown["prompt"], shown["message"], shown["reply"]) == (prompt.index, prompt.message, prompt.response)
    told = sum(turn.get("prompts_not_shown", 1) for turn in turns)
    assert told == 300, "every prompt is shown or counted"
    assert document["session"]["left_out_of_this_document"] == list(packed.left_out)
    assert any("counts only" in sentence for sentence in packed.left_out)


def test_a_session_that_fits_is_whole() -> None:
    packed = pack(RICH, 16_000)
    document = json.loads(packed.document)
    assert packed.left_out == ()
    assert [turn["message"] for turn in document["turns"]] == [prompt.message for prompt in RICH.prompts]
    assert [turn["reply"] for turn in document["turns"]] == [prompt.response for prompt in RICH.prompts]
    assert document["final_files"]["changed"] == dict(RICH.final_files)
    assert document["turns"][0]["runs_after"] == ["run: done, exit code 0", "0 of 1 visible tests passed"]


def test_hidden_tests_are_counts_and_names() -> None:
    assert json.loads(pack(RICH, 16_000).document)["hidden_tests"] == {
        "passed": 3,
        "total": 4,
        "state": "failed",
        "failed": [],
    }


@pytest.mark.parametrize("name", ["one_prompt", "rich", "hostile"])
def test_the_same_session_is_the_same_bytes(name: str) -> None:
    record = sample_records()[name]
    assert pack(record, 16_000).document == pack(record, 16_000).document
    assert pack(record, 16_000).nonce == pack(record, 16_000).nonce


def test_every_text_that_may_be_quoted_is_in_the_document() -> None:
    packed = pack(long_session(40, 20), 20_000)
    strings = as_json(json.loads(packed.document))
    for piece in packed.pieces:
        if piece.where in ("message", "reply"):
            assert as_json(piece.text)[1:-1] in strings


def test_text_that_is_mostly_escapes_still_fits() -> None:
    odd: Prompt = replace(RICH.prompts[0], message="\u200b\x00" * 40_000, response="\ud800" * 20_000)
    packed = pack(replace(RICH, prompts=(odd,)), 16_000)
    assert len(packed.document.encode()) <= 16_000 * BYTES_A_TOKEN
    assert json.loads(packed.document)["turns"][0]["message"]["characters_left_out"] > 0


def test_thousands_of_files_still_fit() -> None:
    files = {f"{'deep/' * 20}{number}.py": f"x = {number}\n" for number in range(3_000)}
    prompts = [replace(prompt, code_before={}, code_after=files) for prompt in RICH.prompts]
    packed = pack(replace(RICH, prompts=prompts, final_files=files), 16_000)
    assert len(packed.document.encode()) <= 16_000 * BYTES_A_TOKEN
    assert packed.left_out


def test_a_change_shows_what_was_and_what_is_with_a_little_around_it() -> None:
    old = "\n".join(f"line {number}" for number in range(100))
    new = old.replace("line 50", "line fifty").replace("line 70", "line seventy")
    shown = unified(stretch("a.py", old, new), 10_000)
    assert "-line 50\n+line fifty\n" in shown
    assert "line 60" not in shown
    for before, after in sides(shown):
        assert before in old
        assert after in new
