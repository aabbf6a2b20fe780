"""What a request cost, by the prices that are set up: counted as the API counts, told in millionths of a dollar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tali.sdk import Setting, Settings, Usage

CACHE_READ, CACHE_WRITE = Fraction(1, 10), Fraction(5, 4)
"""What a token costs that the cache held, or that was written to it, as a multiple of one that was sent."""
BYTES_A_TOKEN = 3
"""Fewer than English prose has, as code has: for what is sent, before anybody counted it."""
LETTERS_A_TOKEN = 4
"""About as many as English prose has: for what was received before anybody counted it."""

PRICES = (
    Setting(
        "input_price",
        "Price of input",
        "US dollars for a million tokens sent. Check it against Anthropic's price list: costs are told by it.",
        "number",
        3.0,
        env="TALI_CLAUDE_INPUT_PRICE",
        minimum=0,
        maximum=10_000,
    ),
    Setting(
        "output_price",
        "Price of output",
        "US dollars for a million tokens received. Check it against Anthropic's price list.",
        "number",
        15.0,
        env="TALI_CLAUDE_OUTPUT_PRICE",
        minimum=0,
        maximum=10_000,
    ),
)


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a million tokens, which is the same number as millionths of a dollar for one."""

    sent: Fraction
    received: Fraction

    @classmethod
    def of(cls, settings: Settings) -> Prices:
        """As set up; exactly what was typed, not its nearest binary fraction."""
        return cls(Fraction(str(settings["input_price"])), Fraction(str(settings["output_price"])))

    def usage(self, counted: Any, output_tokens: int | None = None) -> Usage:
        """Tokens and cost of a request; `output_tokens` where a later event counted them anew.

        All that was read counts as input, from the cache or not.
        """
        written, read = counted.cache_creation_input_tokens or 0, counted.cache_read_input_tokens or 0
        received = counted.output_tokens if output_tokens is None else output_tokens
        cost = (counted.input_tokens + written * CACHE_WRITE + read * CACHE_READ) * self.sent + received * self.received
        return Usage(counted.input_tokens + written + read, received, math.ceil(cost))

    def about(self, size: int) -> Usage:
        """What a request of so many bytes may take at least, before anybody has counted it."""
        return Usage(None, None, math.ceil(size // BYTES_A_TOKEN * self.sent))

    def so_far(self, counted: Any, letters: int) -> Usage:
        """What a reply has taken that is not at its end: output is counted then, so that it shows in the cost alone."""
        about = self.usage(counted, max(counted.output_tokens, letters // LETTERS_A_TOKEN))
        return Usage(about.input_tokens, None, about.cost)
