"""Which hints a message is about: by the words of the message, then by what the candidate has in front of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tali.sdk import Conversation, Hint

_WORD = re.compile(r"[A-Za-z0-9_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What somebody says who wants help with whatever is on the screen.
_POINTING = frozenset({"help", "stuck", "hint", "here", "this", "file", "next", "idea", "clue"})
_ENDINGS = ("ies", "ing", "ed", "es", "s")
# Words in the message count for more than those in the file that happens to be open.
_MESSAGE_WEIGHT, _SELECTION_WEIGHT, _SCREEN_WEIGHT = 1.0, 1.0, 0.5
_ENOUGH = 1.0


@dataclass(frozen=True, slots=True)
class Match:
    """A hint and how strongly it was meant."""

    hint: Hint
    score: float


def best_matches(conversation: Conversation, most: int = 1) -> Sequence[Match]:
    """The hints that the last message is about, best first; one that was given already yields to a new one."""
    message = conversation.messages[-1].text if conversation.messages else ""
    asked, selected = _stems(message), _stems(conversation.selection or "")
    on_screen = _stems(_active_text(conversation)) if asked & _POINTING else frozenset()
    given = "\n".join(entry.text for entry in conversation.messages if entry.role == "assistant")
    matches = []
    for hint in conversation.hints:
        score = sum(
            _MESSAGE_WEIGHT * _hit(subject, asked)
            + _SELECTION_WEIGHT * _hit(subject, selected)
            + _SCREEN_WEIGHT * _hit(subject, on_screen)
            for subject in hint.about
        )
        if score >= _ENOUGH:
            matches.append(Match(hint, score - (1.5 if hint.text in given else 0.0)))
    return sorted(matches, key=lambda match: -match.score)[:most]


def _active_text(conversation: Conversation) -> str:
    active = conversation.active_file
    return "" if active is None else f"{active} {conversation.open_files.get(active, '')}"


def _hit(subject: str, words: frozenset[str]) -> float:
    """1 for each subject whose every word occurs; longer subjects, being more specific, weigh more."""
    wanted = _stems(subject)
    return 0.5 + 0.5 * len(wanted) if wanted and wanted <= words else 0.0


def _stems(text: str) -> frozenset[str]:
    words = {part for word in _WORD.findall(text) for part in (word, *_CAMEL.sub("_", word).split("_"))}
    return frozenset(_stem(word.lower()) for word in words if word)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    # "duplicate", "duplicated" and "duplicates" meet, and so do "memory" and "memories".
    return word.rstrip("ey") or word
