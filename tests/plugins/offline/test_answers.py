"""What the hint sheet answers: the right hint, as far as the help level allows, or an honest no."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tali.sdk import Conversation, Done, HelpLevel, Hint, Message, Text, Usage
from tali_offline import tali_assistants
from tali_offline.assistant import OfflineAssistant

HINTS = (
    Hint(("duplicate", "delivery_id"), "Lay both lines side by side. Which fields differ? Then look at the key."),
    Hint(("memory", "SeenEvents"), "Work through the condition with numbers. It is one line."),
)


def ask(message: str, *, level: HelpLevel = "full", earlier: Sequence[Message] = (), **files: str) -> str:
    conversation = Conversation(
        brief="",
        languages=["python"],
        messages=(*earlier, Message("candidate", message)),
        open_files={name.replace("_", "."): text for name, text in files.items()},
        active_file=next((name.replace("_", ".") for name in files), None),
        selection=None,
        help_level=level,
        hints=HINTS,
    )
    chunks = OfflineAssistant(pause=lambda seconds: None).reply(conversation)
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, Text))


@pytest.mark.parametrize("message", ["Why do I get duplicates?", "what is DELIVERY_ID for", "It is duplicated!"])
def test_words_of_the_message_find_the_hint(message: str) -> None:
    assert ask(message) == HINTS[0].text


def test_somebody_stuck_gets_the_hint_for_the_file_in_front_of_them() -> None:
    assert ask("I'm stuck, any hint?", seen_py="class SeenEvents:\n    pass\n") == HINTS[1].text


def test_what_is_not_on_the_sheet_gets_an_honest_no_and_the_list() -> None:
    said = ask("Write me a poem about rivers")
    assert said.startswith("I have no hint about that.")
    assert "- duplicate\n- memory" in said


def test_questions_only_keeps_to_the_questions() -> None:
    assert ask("duplicates", level="questions_only") == "Which fields differ?"
    assert ask("memory", level="questions_only").endswith("?")


def test_guided_gives_the_beginning() -> None:
    assert ask("duplicates", level="guided") == "Lay both lines side by side. Which fields differ?"


def test_a_hint_given_before_yields_to_another_that_fits_too() -> None:
    both = "duplicate events in memory"
    first = ask(both)
    assert ask(both, earlier=(Message("candidate", both), Message("assistant", first))) != first


def test_it_streams_in_small_pieces_at_a_readable_pace() -> None:
    pauses: list[float] = []
    conversation = Conversation("", ["python"], (Message("candidate", "duplicate"),), {}, None, None, "full", HINTS)
    chunks = list(OfflineAssistant(pause=pauses.append).reply(conversation))
    assert len(chunks) > 10
    assert set(pauses) == {0.015}
    assert chunks[-1] == Done(Usage(None, None))


def test_it_says_that_it_is_no_ai() -> None:
    spec = tali_assistants()
    assert "not_an_ai" in spec.capabilities
    assert spec.notice == "This assistant is not an AI: it answers from the hints that come with this task."
