"""Ways in which text is hidden from a reader's eye and not from a model's: undone here, and looked at again."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from tali.sdk.scanning.texts import INVISIBLE, fold


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What a stretch of a text says once it is undone. `how` reads "in base64"."""

    start: int
    end: int
    text: str
    how: str


_MOST_TOKENS = 200
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?:[ \r\n]+[A-Za-z0-9+/_-]{16,})*={0,2}")
_BASE32 = re.compile(r"(?<![A-Z2-7])[A-Z2-7]{32,}={0,6}(?![A-Za-z])")
_HEX = re.compile(r"(?<![0-9a-zA-Z])(?:(?:\\x|0x|%|#)?[0-9a-fA-F]{2}[ ,:-]?){12,}(?![0-9a-zA-Z])")
_BINARY = re.compile(r"(?:[01]{8}[ ,_-]?){8,}")
_DECIMAL = re.compile(r"(?:\b(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])\b[ ,;]+){12,}\d{2,3}")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{2,6}\}|\\[0-7]{3}){6,}")
_PERCENT = re.compile(r"(?:[^\s%]{0,40}%[0-9a-fA-F]{2}){4,}[^\s%]{0,40}")
_ENTITIES = re.compile(r"(?:&#x?[0-9a-fA-F]{2,6};?\s?){6,}")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*|]{1,3}){6,}\w(?!\w)")
_WORD_BREAK = re.compile(r"[ .\-_*|]{2,}")
_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_MORSE = re.compile(r"(?:[.\-·−–]{1,6}(?: +| */ *)){10,}[.\-·−–]{1,6}")
_IDENTIFIER = re.compile(
    r"\b[A-Za-z]+(?:_[A-Za-z0-9]+){3,}\b|\b[A-Za-z]?[a-z]+(?:[A-Z][a-z0-9]+){3,}\b|\b[a-z0-9]+(?:-[a-z0-9]+){3,}\b"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_WORD = re.compile(r"[\w@$!|]+")
_SEEDY = re.compile(r"(?=[^\W\d_]*[0134578@$!|])(?=[0134578@$!|]*[^\W\d_])")
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_MORSE_CODE = (
    "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- "
    "w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----."
)
_MORSE_LETTERS = {word[1:]: word[0] for word in _MORSE_CODE.split()}
# Letters of other scripts that are drawn like Latin ones.
_ALIKE = str.maketrans(
    "аеорсухіјѕԁɡһкмтвнзԛԝʏьґӏҽɑοαεικνρτυχγωβηςσєɩıℓⅼ",
    "aeopcyxijsdghkmtbh3qwybrleaoaeikvptuxywbncseiill",
)
_OTHER_SCRIPT = re.compile("[\u0370-\u052f\u0250-\u02af\u0131\u2113\u2160-\u217f]")
_TELLTALE = re.compile(
    r"ignore|instruction|disregard|grader|judge|evaluator|candidate|full marks|perfect|score|maximum|rubric|rating|"
    r"previous"
)


def uncovered(text: str) -> Iterator[Uncovered]:
    """Everything in a text that says something else once it is undone."""
    yield from _tokens(text)
    yield from _invisible(text)
    yield from _spaced(text)


def unfolded(text: str) -> Iterator[tuple[str, str]]:
    """Other readings of a short stretch, each with its name; only those that differ and tell something."""
    if _OTHER_SCRIPT.search(text):
        plain = fold(text).translate(_ALIKE)
        if _telling(plain):
            yield plain, "with letters of another alphabet"
    if sum(_seedy(word) for word in _WORD.findall(text)) > 2:
        plain = fold(
            _WORD.sub(lambda word: word.group().translate(_LEET) if _seedy(word.group()) else word.group(), text)
        )
        if _telling(plain):
            yield plain, "with digits for letters"
    letters = fold(text)
    for step in range(1, 26):
        plain = letters.translate(_SHIFTS[step])
        if _telling(plain):
            yield plain, "in rot13" if step == 13 else "in a shifted alphabet"
    for backwards, how in (
        (letters[::-1], "backwards"),
        (" ".join(word[::-1] for word in letters.split()), "backwards"),
    ):
        if _telling(backwards):
            yield backwards, how


def _seedy(word: str) -> bool:
    """Whether a word has letters, and digits that look like others."""
    return len(word) <= 40 and _SEEDY.match(word) is not None


def identifiers(text: str) -> Iterator[Uncovered]:
    """Names made of four words or more, as words."""
    for match in _IDENTIFIER.finditer(text):
        yield Uncovered(match.start(), match.end(), as_words(match.group()), "in a name")


def as_words(name: str) -> str:
    """A name of a file or of a variable, as words."""
    return " ".join(_CAMEL.sub(" ", re.sub(r"[_\-./\\]+", " ", name)).split())


def _telling(plain: str) -> bool:
    return len(set(_TELLTALE.findall(plain))) > 1


_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SHIFTS = [str.maketrans(_ALPHABET, _ALPHABET[step:] + _ALPHABET[:step]) for step in range(26)]


def _tokens(text: str) -> Iterator[Uncovered]:
    for pattern, decode, how in _DECODERS:
        for number, match in enumerate(pattern.finditer(text)):
            if number >= _MOST_TOKENS:
                break
            said = decode(match.group())
            if said is not None and said != match.group():
                yield Uncovered(match.start(), match.end(), said, how)


def _text(data: bytes) -> str | None:
    """Bytes as text, if it is text."""
    for encoding in ("utf-8", "utf-16-le") if len(data) % 2 == 0 and data[1:2] == b"\0" else ("utf-8",):
        try:
            said = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        seen = sum(character.isprintable() or character in "\n\t\r" for character in said)
        if said and seen >= 0.95 * len(said):
            return said
    return None


def _base64(token: str) -> str | None:
    plain = re.sub(r"\s", "", token).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _text(base64.b64decode(plain + "=" * (-len(plain) % 4)))
    except (ValueError, binascii.Error):
        return None


def _base32(token: str) -> str | None:
    plain = token.rstrip("=")
    try:
        return _text(base64.b32decode(plain + "=" * (-len(plain) % 8)))
    except (ValueError, binascii.Error):
        return None


def _hex(token: str) -> str | None:
    digits = re.sub(r"\\x|0x|[%# ,:-]", "", token)
    return _text(bytes.fromhex(digits)) if len(digits) % 2 == 0 else None


def _binary(token: str) -> str | None:
    bits = re.sub(r"[ ,_-]", "", token)
    return _text(bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)))


def _decimal(token: str) -> str | None:
    return _text(bytes(int(number) for number in re.findall(r"\d+", token) if int(number) < 128))


def _escapes(token: str) -> str | None:
    plain = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: f"\\U{match.group(1):0>8}", token)
    try:
        return codecs.decode(plain, "unicode_escape")
    except UnicodeDecodeError:
        return None


def _morse(token: str) -> str | None:
    said = " ".join(
        "".join(_MORSE_LETTERS.get(re.sub("[·]", ".", re.sub("[−–]", "-", letter)), "?") for letter in word.split())
        for word in token.split("/")
    )
    return said if said.count("?") * 5 < len(said) else None


_DECODERS = (
    (_BASE64, _base64, "in base64"),
    (_BASE32, _base32, "in base32"),
    (_HEX, _hex, "in hexadecimal"),
    (_BINARY, _binary, "in binary"),
    (_DECIMAL, _decimal, "as character codes"),
    (_ESCAPES, _escapes, "in escapes"),
    (_PERCENT, unquote, "in percent escapes"),
    (_ENTITIES, html.unescape, "in HTML entities"),
    (_MORSE, _morse, "in Morse code"),
)


def _invisible(text: str) -> Iterator[Uncovered]:
    """Tag characters spell ASCII that nobody sees; two kinds of zero-width character may spell bits."""
    if text.isascii():
        return
    for match in _TAGS.finditer(text):
        yield Uncovered(match.start(), match.end(), "".join(chr(ord(c) - 0xE0000) for c in match.group()), "in tags")
    for match in re.finditer("[\u200b-\u200d\u2060\u2062-\u2064\ufeff]{32,}", text):
        kinds = sorted(set(match.group()))
        if len(kinds) == 2:
            for zero, one in (kinds, kinds[::-1]):
                bits = match.group().replace(zero, "0").replace(one, "1")
                said = _binary(bits)
                if said is not None:
                    yield Uncovered(match.start(), match.end(), said, "in zero-width characters")


def _spaced(text: str) -> Iterator[Uncovered]:
    """Letters with a space or a dot between each two."""
    for match in _SPACED.finditer(text):
        said = match.group()
        words = [re.sub(r"[ .\-_*|]", "", word) for word in _WORD_BREAK.split(said)]
        yield Uncovered(match.start(), match.end(), " ".join(words), "letter by letter")


def hides(text: str) -> bool:
    """Whether a word has invisible characters inside, as nobody types them."""
    found = INVISIBLE.findall(text)
    return len(found) > 2 and any(unicodedata.category(c) == "Cf" for c in found)
