"""Offsets between what browsers count (UTF-16 code units) and what Python counts (code points)."""

from __future__ import annotations


def utf16_length(text: str) -> int:
    """Length as JavaScript's `length` tells it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def splice_utf16(text: str, start: int, end: int, insert: str) -> str:
    """Replace `[start, end)`, counted in UTF-16 units, by `insert`.

    Raises:
        ValueError: the range is reversed, outside the text, or cuts a character in half.
    """
    if text.isascii():
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"range {start}..{end} is outside a text of {len(text)}")
        return text[:start] + insert + text[end:]
    units = text.encode("utf-16-le")
    if not 0 <= start <= end <= len(units) // 2:
        raise ValueError(f"range {start}..{end} is outside a text of {len(units) // 2}")
    try:
        return units[: 2 * start].decode("utf-16-le") + insert + units[2 * end :].decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise ValueError(f"range {start}..{end} cuts a character in half") from error
