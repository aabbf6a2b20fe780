"""Streams an answer from the hint sheet, at a pace that a person can read along."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from tali.sdk import Chunk, Conversation, Done, HelpLevel, Hint, Text, Usage
from tali_offline.matching import best_matches

_PAUSE_SECONDS = 0.015
_PIECE = re.compile(r"\S+\s*|\s+")
_QUESTION = re.compile(r"[^.?!\n]*\?")


class OfflineAssistant:
    """Implements `tali.sdk.Assistant`."""

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause

    def reply(self, conversation: Conversation) -> Iterator[Chunk]:
        for index, piece in enumerate(_PIECE.findall(_answer(conversation))):
            if index:
                self._pause(_PAUSE_SECONDS)
            yield Text(piece)
        yield Done(Usage())


def _answer(conversation: Conversation) -> str:
    matches = best_matches(conversation)
    if matches:
        return _at_level(matches[0].hint, conversation.help_level)
    if not conversation.hints:
        return "This task came without hints, so I cannot help here. The brief and the tests are your best sources."
    subjects = "\n".join(f"- {hint.about[0]}" for hint in conversation.hints)
    return (
        f"I have no hint about that. I only know the hints that come with this task, which are about:\n\n{subjects}\n"
    )


def _at_level(hint: Hint, level: HelpLevel) -> str:
    """The hint as far as the task's help level allows: whole, its first thought, or only its questions."""
    if level == "full":
        return hint.text
    if level == "questions_only":
        questions = [" ".join(question.split()) for question in _QUESTION.findall(hint.text)]
        return " ".join(questions) or f"What do you know already about {hint.about[0]}, and how could you check it?"
    first, _, _ = hint.text.strip().partition("\n\n")
    sentences = re.split(r"(?<=[.?!])\s+", first)
    return " ".join(sentences[:2])
