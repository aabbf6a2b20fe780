"""What a judge is shown holds no name and no address, and says nothing that is not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tali.scoring.redaction import Redaction
from tali.sdk import SessionEvent, TestOutcome, TestResult
from tali.sdk.testing import sample_records

RICH = sample_records()["rich"]
TOLD = "Max Wren <max@wren.example> ops@example.com"


def told_everywhere():
    """A record in which every text holds the name and two addresses."""
    prompts = tuple(
        replace(
            one,
            message=TOLD,
            response=TOLD,
            code_before={f"{TOLD}.py": TOLD},
            code_after={f"{TOLD}.py": TOLD},
        )
        for one in RICH.prompts
    )
    result = TestResult(TOLD, False, TOLD)
    return replace(
        RICH,
        task=replace(RICH.task, title=TOLD, brief=TOLD, starter_files={TOLD: TOLD}),
        final_files={TOLD: TOLD},
        prompts=prompts,
        runs=tuple(replace(run, tests=[result]) for run in RICH.runs),
        events=(SessionEvent(1, datetime(2026, 1, 1, tzinfo=UTC), "paste", {"text": TOLD, "of": [TOLD]}),),
        tests=TestOutcome("failed", 0, 1, [result]),
    )


def test_no_text_of_a_record_holds_the_name_or_an_address() -> None:
    shown = repr(Redaction("Max Wren", "max@wren.example").record(told_everywhere()))
    for word in ("Max", "Wren", "wren", "ops@"):
        assert word not in shown


def test_what_nobody_touched_is_shown_as_untouched() -> None:
    """A starter file with an address, and a call that is somebody's name."""
    code = "CONTACT = 'ops@example.com'\nprint(max(1, 2))\n"
    record = replace(
        RICH, task=replace(RICH.task, starter_files={"a.py": code}), final_files={"a.py": code}, prompts=()
    )
    shown = Redaction("Max Wren", "max@wren.example").record(record)
    assert shown.final_files == shown.task.starter_files


def test_each_placeholder_stands_for_one_text_and_comes_back_as_it_was() -> None:
    redaction = Redaction("Zdeňka Hoffmannová", "z@example.com")
    text = "Zdenka, ZDENKA and zdenkahoffmannova wrote to z@example.com and Z@example.com"
    shown = redaction.text(text)
    assert "denka" not in shown.lower()
    assert redaction.restore(shown) == text
    assert redaction.restore({"a": [shown, 1]}) == {"a": [text, 1]}
    assert redaction.restore("[name 99] is nobody") == "[name 99] is nobody"


def test_what_the_tests_say_moves_no_number() -> None:
    """An answer is read again after another run of the tests, which may say other things."""
    said = replace(RICH, prompts=tuple(replace(one, message="I am Max.") for one in RICH.prompts))
    other = replace(said, tests=TestOutcome("failed", 0, 1, [TestResult("t", False, "ops@example.com, Wren")]))
    shown = [Redaction("Max Wren", "max@wren.example").record(one).prompts[0].message for one in (said, other)]
    assert shown == ["I am [name 1].", "I am [name 1]."]
