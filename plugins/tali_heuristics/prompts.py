"""What the prompts look like from outside: their length, signs of pasted text, and what the tokens bought."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import fmean

from tali.sdk import Evidence, Flag, Prompt, SessionRecord, Signal, SignalResult
from tali_heuristics.evidence import MOST_ENTRIES, first_few, of_event, of_prompt

SHORT_WORDS, LONG_WORDS = 10, 500

SIGNALS = (
    Signal(
        name="prompt_length_stats",
        title="Length of prompts",
        kind="measured",
        unit="words",
        help="Mean number of words per message, with the shortest and the longest. A short message can be precise and "
        "a long one vague; the flags only ask for a look.",
    ),
    Signal(
        name="copy_paste",
        title="Prompts with pasted text",
        kind="measured",
        display="count",
        help="Messages that were pasted, or that carry the marks of Stack Overflow or ChatGPT pages. Pasting an error "
        "message is good practice; this counts, and does not judge.",
    ),
    Signal(
        name="token_efficiency",
        title="Tests passed per 1,000 tokens",
        kind="measured",
        direction="higher",
        help="Hidden tests passed for each thousand tokens sent and received. It compares attempts at one task with "
        "one model, and nothing else.",
    ),
)

# (source, a word without which the pattern cannot match, the pattern): what pages leave in text copied from them.
# The word is looked for first, because that is a hundred times faster, and most messages hold none.
_MARKS = tuple(
    (source, word, re.compile(pattern, re.MULTILINE | re.IGNORECASE))
    for source, word, pattern in (
        ("stackoverflow", "stackoverflow.com/", r"stackoverflow\.com/(?:q|a|questions|answers)/\d+"),
        (
            "stackoverflow",
            "ed ",
            r"^(?:asked|answered|edited) (?:[A-Z][a-z]{2} \d{1,2}, (?:\d{4} )?at \d|\d+ (?:years?|months?|days?) ago)",
        ),
        ("stackoverflow", "improve this ", r"^(?:Share ?)?Improve this (?:question|answer)"),
        ("stackoverflow", "highest score (default)", r"^Highest score \(default\)"),
        ("stackoverflow", " answer", r"^\d+ Answers?\n(?:Sorted by|Active)"),
        ("chatgpt", "chat.openai.com/", r"chat\.openai\.com/"),
        ("chatgpt", "chatgpt.com/", r"chatgpt\.com/"),
        ("chatgpt", "as an ai ", r"\bas an AI (?:language )?model\b"),
        ("chatgpt", "here", r"^(?:Certainly|Sure|Absolutely|Of course)[!,.] Here(?:'s|’s| is| are)"),
        ("chatgpt", " said:", r"^(?:You|ChatGPT) said:"),
        ("chatgpt", "copy", r"^(?:python|javascript|typescript|java|bash)\n?Copy(?: code|Edit)"),
        ("chatgpt", "i hope this helps!", r"\bI hope this helps!"),
        ("chatgpt", "let me know if you", r"^Let me know if you(?:'d|’d| would| have| need)"),
    )
)
_NAMES = {"stackoverflow": "Stack Overflow", "chatgpt": "ChatGPT"}
_SCANNED_CHARACTERS = 20_000


def measure(record: SessionRecord) -> Sequence[SignalResult]:
    """Lengths, pastes and tokens."""
    return (_lengths(record.prompts), _copy_paste(record), _token_efficiency(record))


def _lengths(prompts: Sequence[Prompt]) -> SignalResult:
    if not prompts:
        return SignalResult("prompt_length_stats", None, "no_prompts")
    counts = [prompt.word_count for prompt in prompts]
    short = [prompt for prompt in prompts if prompt.word_count < SHORT_WORDS]
    long = [prompt for prompt in prompts if prompt.word_count > LONG_WORDS]
    flag = None
    if long:
        flag = Flag("long_prompts", f"{len(long)} of {len(prompts)} prompts have more than {LONG_WORDS} words.")
    elif short:
        flag = Flag("short_prompts", f"{len(short)} of {len(prompts)} prompts have fewer than {SHORT_WORDS} words.")
    return SignalResult(
        "prompt_length_stats",
        round(fmean(counts), 1),
        flag=flag,
        evidence=first_few(of_prompt(prompt, f"{prompt.word_count} words") for prompt in (*long, *short)),
        detail={
            "average": round(fmean(counts), 1),
            "min": min(counts),
            "max": max(counts),
            "under_10_words": len(short),
            "over_500_words": len(long),
        },
    )


def _copy_paste(record: SessionRecord) -> SignalResult:
    found = [(prompt, _mark(prompt.message)) for prompt in record.prompts]
    marked = [(prompt, mark) for prompt, mark in found if mark is not None]
    pasted = [prompt for prompt, mark in found if prompt.paste_detected and mark is None]
    into_editor = [e for e in record.events if e.kind == "paste" and e.data.get("where") == "editor"]
    foreign = [event for event in into_editor if not event.data.get("from_assistant")]
    flag = None
    if marked:
        sources = sorted({_NAMES[mark[0]] for _, mark in marked})
        flag = Flag("external_text", f"{len(marked)} prompts carry marks of text from {' and '.join(sources)}.")

    def evidence() -> Iterator[Evidence]:
        for prompt, (source, quote) in marked:
            yield of_prompt(prompt, f"reads like text from {_NAMES[source]}", quote)
        for prompt in pasted:
            yield of_prompt(prompt, "was pasted, in whole or in part")
        for event in foreign:
            yield of_event(event.seq, f"{_size(event.data.get('chars')):,} characters pasted into the editor")

    return SignalResult(
        "copy_paste",
        len(marked) + len(pasted),
        flag=flag,
        evidence=first_few(evidence()),
        detail={
            "pasted_prompts": sum(prompt.paste_detected for prompt in record.prompts),
            "marked": [{"prompt": prompt.index, "source": mark[0]} for prompt, mark in marked][:MOST_ENTRIES],
            "editor_pastes": len(into_editor),
            "editor_pastes_from_assistant": len(into_editor) - len(foreign),
            "editor_pasted_characters": sum(_size(event.data.get("chars")) for event in into_editor),
        },
    )


def _mark(message: str) -> tuple[str, str] | None:
    """The first mark of a foreign page in a message, as (source, verbatim quote)."""
    text = message[:_SCANNED_CHARACTERS]
    lowered = text.lower()
    for source, word, pattern in _MARKS:
        match = pattern.search(text) if word in lowered else None
        if match is not None:
            return source, match.group()
    return None


def _size(chars: object) -> int:
    """A browser's number, which may be anything."""
    return max(0, chars) if isinstance(chars, int) and not isinstance(chars, bool) else 0


def _token_efficiency(record: SessionRecord) -> SignalResult:
    name = "token_efficiency"
    if not record.prompts:
        return SignalResult(name, None, "no_prompts")
    if record.tests is None or record.tests.total == 0:
        return SignalResult(name, None, "no_tests")
    counted = [p for p in record.prompts if p.input_tokens is not None or p.output_tokens is not None]
    sent = sum(prompt.input_tokens or 0 for prompt in counted)
    received = sum(prompt.output_tokens or 0 for prompt in counted)
    detail = {
        "input_tokens": sent,
        "output_tokens": received,
        "tests_passed": record.tests.passed,
        "tests_total": record.tests.total,
        "prompts_without_token_count": len(record.prompts) - len(counted),
    }
    if sent + received <= 0:
        return SignalResult(name, None, "no_tokens", detail=detail)
    dearest = max(counted, key=lambda prompt: (prompt.input_tokens or 0) + (prompt.output_tokens or 0))
    value = round(1000 * record.tests.passed / (sent + received), 3)
    return SignalResult(name, value, evidence=(of_prompt(dearest, "took the most tokens"),), detail=detail)
