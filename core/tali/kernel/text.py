"""What counts as text: what a database can hold of it, and what people see of it."""

from __future__ import annotations

import re
import unicodedata

# Letters and symbols by their category, and yet nothing that anybody sees: Hangul fillers, the empty Braille cell.
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def storable(text: str) -> str:
    """Text as PostgreSQL can hold it: programs and models may write anything, a NUL included."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def trimmed(text: str) -> str:
    """The text without what nobody sees at its ends: white space, zero-width and control characters.

    Inside it they stay: Persian joins words with one, and so does a family of emoji.
    """
    shown = [position for position, character in enumerate(text) if not _unseen(character)]
    return text[shown[0] : shown[-1] + 1] if shown else ""


def _unseen(character: str) -> bool:
    return character in _INVISIBLE or unicodedata.category(character)[0] in "ZC"


def is_one_line(text: str) -> bool:
    """Whether there is no line break or other control character in it."""
    return _LINE_BREAK.search(text) is None
