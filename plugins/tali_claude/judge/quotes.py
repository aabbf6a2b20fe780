"""Whether a quote is in a text as it was shown: white space and Unicode form do not make one wrong, a word does."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from tali_claude.judge.packing import Piece
from tali_claude.judge.writing import UNSTORABLE

LONGEST = 300
SHORTEST = 10
"""Shorter quotes are found in almost any text; a message that is itself as short may be quoted whole."""
_MARK = re.compile(r"^[+-]", re.MULTILINE)


def plain(text: str) -> str:
    """A text for comparison. What no answer can hold is the same mark on both sides."""
    return " ".join(unicodedata.normalize("NFC", UNSTORABLE.sub("\ufffd", text)).split())


@dataclass(frozen=True, slots=True)
class Held:
    """A quote that holds, in the words that were found, and where."""

    where: str
    prompt: int | None
    path: str | None
    quote: str


class Shown:
    """The texts that the model was shown, ready to be searched."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._plain: dict[int, str] = {}
        self._at: dict[int | None, list[int]] = defaultdict(list)
        for number, piece in enumerate(pieces):
            self._at[piece.prompt].append(number)

    def has_prompt(self, index: object) -> bool:
        """Whether any text of this prompt was shown."""
        return isinstance(index, int) and not isinstance(index, bool) and index in self._at

    def find(self, quote: object, where: object, prompt: int | None, path: object) -> Held | None:
        """The quote at this prompt, or in this final file. A wrong `where` is forgiven at the same prompt."""
        if not isinstance(quote, str) or not quote.strip():
            return None
        cut = quote[:LONGEST].strip()
        # Whoever quotes a change may quote its marks along.
        tries = [cut, _MARK.sub("", cut).strip()] if where in ("code", "final") else [cut]
        places = sorted(self._at[prompt], key=lambda number: self._pieces[number].where != where)
        for text in tries:
            wanted = plain(text)
            for number in places:
                piece = self._pieces[number]
                if prompt is None and isinstance(path, str) and path and piece.path != path:
                    continue
                held = self._text(number)
                if wanted in held and wanted and (len(wanted) >= SHORTEST or wanted == held):
                    return Held(piece.where, prompt, piece.path, text)
        return None

    def _text(self, number: int) -> str:
        if number not in self._plain:
            self._plain[number] = plain(self._pieces[number].text)
        return self._plain[number]


def line_of(quote: str, text: str) -> int | None:
    """The line, from 1, on which a quote begins in a text; None where it is not there."""
    words = [(word, number) for number, line in enumerate(text.split("\n"), 1) for word in plain(line).split()]
    starts = list(accumulate((len(word) + 1 for word, _ in words), initial=0))
    at = " ".join(word for word, _ in words).find(plain(quote))
    return words[bisect_right(starts, at) - 1][1] if at >= 0 and words else None
