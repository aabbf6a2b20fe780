"""How a person's name and address may stand in texts and in code, in whatever spelling: what finds them there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import permutations

SHORTEST_PART = 3
"""Parts of a name below this are words of many languages; they are found as parts of more of the name alone."""
SHORTEST_ABBREVIATED = 4
"""Below this an initial and a part run together are words of many languages ("all", "one")."""
SHORTEST_LOCAL = 5
"""What stands before the @ and is shorter is a word of its own ("info", "test")."""
SHORTEST_INSIDE = 8
"""Two parts of a name as long as this together mean the person even in the middle of a word."""
MOST_PARTS = 8
_LETTERS = re.compile(r"[^\W\d_]+")
_GAP = r"[\s_.,\-'’]"

# Where a word begins and ends in code: letters stop, or camelCase starts the next word.
_BEGIN = r"(?:(?<![^\W\d_])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))"
_END = r"(?:(?![^\W\d_])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))"


class _Folds(dict[int, str]):
    """What each character is without its marks, in the same case; what nobody sees is nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code < 128:
            return character
        if unicodedata.category(character) in {"Mn", "Cf"}:
            found = ""
        else:
            bare = "".join(one for one in unicodedata.normalize("NFD", character) if unicodedata.category(one) != "Mn")
            found = _WITHOUT_MARKS.get(bare) or unicodedata.normalize("NFC", bare)
        self[code] = found
        return found


_WITHOUT_MARKS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "þ": "th", "Þ": "TH", "ı": "i",
}  # fmt: skip
"""Letters that Unicode does not take apart, as people write them who have no such key."""
_FOLDS = _Folds()


def folded(text: str) -> str:
    """A text without diacritics and without what nobody sees, in its own case."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_FOLDS)


class NamePattern:
    """Finds one person in texts: their address, their whole name in any order and spelling, and each longer part."""

    def __init__(self, full_name: str, email: str) -> None:
        self._pattern = _compiled(full_name, email)

    def replaced(self, text: str, replacement: Callable[[str], str]) -> str:
        """The text in NFC, with every mention replaced by what `replacement` makes of it."""
        text = unicodedata.normalize("NFC", text)
        bare = folded(text)
        if bare is text:
            return self._pattern.sub(lambda found: replacement(found[0]), text)
        origins = _origins(text) if len(bare) != len(text) else range(len(text) + 1)
        pieces, done = [], 0
        for hit in self._pattern.finditer(bare):
            first, last = origins[hit.start()], origins[hit.end()]
            pieces += [text[done:first], replacement(text[first:last])]
            done = last
        return "".join([*pieces, text[done:]])


def _origins(text: str) -> list[int]:
    """For each place in the folded text, the place of what it came from."""
    places: list[int] = []
    for place, character in enumerate(text):
        places.extend([place] * len(_FOLDS[ord(character)]))
    return [*places, len(text)]


def _compiled(full_name: str, email: str) -> re.Pattern[str]:
    local = _LETTERS.findall(_spelled(email).partition("@")[0].partition("+")[0])
    # "O'Brien" and "Jean-Pierre" are two parts each, and both of them one in somebody's file name.
    words = [
        parts for word in unicodedata.normalize("NFC", full_name).split() if (parts := _LETTERS.findall(_spelled(word)))
    ]
    whole = [part for word in words for part in word]
    parts = whole[:MOST_PARTS]
    inside, alone, unspaced = [], [re.escape(folded(email))], []
    # Longest first, so that a whole name becomes one replacement.
    together = [whole, *([one, other] for one, other in permutations(parts, 2) if len(one) > 1 and len(other) > 1)]
    for some in together:
        if len(some) < 2:
            continue
        size = sum(map(len, some))
        if not any(map(_has_case, some)):
            unspaced.append(f"{_GAP}*".join(some))
        elif size >= SHORTEST_INSIDE:
            inside.append(f"{_GAP}*".join(map(_loose, some)))
        else:
            # Run together, a short name is a word ("Al So").
            alone.append((f"{_GAP}*" if size > 2 * SHORTEST_PART else f"{_GAP}+").join(map(_loose, some)))
    if sum(map(len, local)) >= SHORTEST_LOCAL:
        alone.append(f"{_GAP}*".join(map(_loose, local)))
    for word in words[:MOST_PARTS]:
        written = f"{_GAP}*".join(map(_loose, word))
        initials = "".join(sorted({other[0][0] for other in words if other is not word}))
        if initials and any(map(_has_case, word)) and sum(map(len, word)) >= SHORTEST_ABBREVIATED:
            alone += [f"[{initials}]{_GAP}?{written}", f"{written}{_GAP}?[{initials}]"]
    alone += [f"{_GAP}*".join(map(_loose, word)) for word in words if sum(map(len, word)) >= SHORTEST_PART]
    for part in sorted(parts, key=len, reverse=True):
        if not _has_case(part):
            unspaced += [part, part[1:]] if _is_full_name(part) else [part] * (len(part) > 1)
        elif len(part) >= SHORTEST_PART:
            alone.append(_loose(part))
    # Where a script has no capitals, and often no blanks, words do not end where letters do.
    wanted = [f"(?i:{'|'.join(dict.fromkeys(some))})" for some in (inside, unspaced) if some]
    return re.compile("|".join([*wanted, f"{_BEGIN}(?i:{'|'.join(dict.fromkeys(alone))}){_END}"]))


def _spelled(text: str) -> str:
    """Folded, with umlauts as they are written by who has none: `_loose` makes the e optional again."""
    return folded(unicodedata.normalize("NFC", text).translate(_UMLAUTS))


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def _loose(part: str) -> str:
    """A part as a pattern, with and without the e that stands for an umlaut."""
    return re.sub("([aou])e", r"\1e?", part, flags=re.IGNORECASE) if len(part) > SHORTEST_PART else part


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def _is_full_name(part: str) -> bool:
    """A Chinese or Korean name: one sign for the family, the others for the person."""
    return len(part) == 3 and all(unicodedata.name(sign, "").startswith(("CJK", "HANGUL")) for sign in part)
