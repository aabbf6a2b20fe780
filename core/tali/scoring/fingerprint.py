"""Winnowed fingerprints of code (Schleimer, Wilkerson, Aiken 2003): what two texts share, whatever names they use.

Tokens are normalised, so that other names, other strings and numbers, comments and layout change nothing. Every run of
`GRAM` tokens is hashed, those that the task itself gave are left out, and of each `WINDOW` neighbours the smallest hash
is kept: whatever two texts share in `GRAM + WINDOW - 1` tokens or more is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

GRAM = 18
WINDOW = 8
METHOD = f"winnow-{GRAM}-{WINDOW}-2"
NO_CODE = (".md", ".txt", ".json", ".toml", ".yaml", ".yml", ".csv", ".cfg", ".ini", ".lock", ".html", ".css")
MAX_TOKENS = 200_000
"""Of one file; beyond this it is data and not something that somebody wrote."""


@dataclass(frozen=True, slots=True)
class Token:
    """A normalised token and the line it stands in."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Place:
    """A kept hash, and where it stands."""

    hash: int
    path: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Print:
    """A fingerprint. `token_count` is of the code that the task did not give."""

    token_count: int
    places: Sequence[Place]


def fingerprint(files: Mapping[str, str], given: Mapping[str, str]) -> Print:
    """The fingerprint of `files` without what stands in `given`, in whichever file."""
    known = {digest for path, text in given.items() for digest, _, _ in _grams(_tokens(path, text))}
    places: list[Place] = []
    own = 0
    for path in sorted(files):
        grams = list(_grams(_tokens(path, files[path])))
        own += sum(1 for digest, _, _ in grams if digest not in known)
        places.extend(Place(digest, path, first, last) for digest, first, last in _winnowed(grams, known))
    return Print(own, places)


def _tokens(path: str, text: str) -> list[Token]:
    if path.endswith(NO_CODE):
        return []
    # Imported where it is used: it costs processes that never compare code a tenth of a second and eight megabytes.
    from pygments.lexers import get_lexer_for_filename
    from pygments.token import Comment, Literal, Name
    from pygments.token import Token as Kind
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return []
    tokens: list[Token] = []
    line = 1
    for kind, piece in lexer.get_tokens(text):
        at = line
        line += piece.count("\n")
        if kind in Comment or not piece.strip() or kind in Literal.String.Doc:
            continue
        if kind in Name and (kind not in Name.Builtin or kind in Name.Builtin.Pseudo):
            # `self` and `cls` are names like any other: Pygments counts them among the builtins.
            tokens.append(Token("n", at))
        elif kind in Literal.String and kind not in Literal.String.Interpol:
            # One string is several tokens: quotes, escapes, text.
            if not (tokens and tokens[-1].text == "s"):
                tokens.append(Token("s", at))
        elif kind in Literal:
            tokens.append(Token("0", at))
        elif kind in Kind.Punctuation:
            tokens.extend(Token(sign, at) for sign in piece if not sign.isspace() and sign not in ",;")
        else:
            tokens.append(Token(piece.strip(), at))
        if len(tokens) > MAX_TOKENS:
            return []
    return tokens


def _grams(tokens: Sequence[Token]) -> Iterator[tuple[int, int, int]]:
    """(hash, first line, last line) of every run of `GRAM` tokens."""
    for start in range(len(tokens) - GRAM + 1):
        run = tokens[start : start + GRAM]
        digest = hashlib.blake2b("\x1f".join(token.text for token in run).encode(), digest_size=7).digest()
        yield int.from_bytes(digest, "big"), run[0].line, run[-1].line


def _winnowed(grams: Sequence[tuple[int, int, int]], known: set[int]) -> Iterator[tuple[int, int, int]]:
    """The smallest hash of each window, in the stretches that the task did not give."""
    stretch: list[tuple[int, int, int]] = []
    for gram in [*grams, None]:
        if gram is not None and gram[0] not in known:
            stretch.append(gram)
            continue
        yield from _smallest(stretch)
        stretch = []


def _smallest(stretch: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    kept = -1
    for start in range(max(1, len(stretch) - WINDOW + 1)):
        window = range(start, min(start + WINDOW, len(stretch)))
        if not window:
            return
        # Of equal ones the rightmost, so that a repetition keeps few.
        smallest = min(window, key=lambda place: (stretch[place][0], -place))
        if smallest != kept:
            kept = smallest
            yield stretch[smallest]
