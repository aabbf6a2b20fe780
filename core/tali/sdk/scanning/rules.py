"""What planted instructions have in common, in English and in the marks of machines.

A rule is a set of ideas that come together in two or three sentences: somebody who grades, the best score, an order.
Alone each is common in honest work (a grade book is a fine exercise), and none is enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tali.sdk.scanning.ideas import (
    ADDRESS,
    BREAKS,
    CANDIDATE,
    CLAIMS,
    CLOSES,
    ENDS,
    FORGET,
    GIVE,
    GRADER,
    HIRE,
    IF_YOU,
    IGNORE,
    JOB,
    JUDGING,
    LENIENT,
    MUST,
    NAMED,
    NUMBER,
    OVERRIDE,
    PERSON,
    PLAIN,
    PRAISE,
    READER,
    RESULT,
    ROLE,
    SECRET,
    SIGNAL,
    SOMEBODY,
    SPARE,
    STRICT,
    SUPER,
    THINKS,
    TO_GRADER,
    TOKEN,
    TOOL,
    VALUE,
    VOID,
)
from tali.sdk.scanning.languages import Language


@dataclass(frozen=True, slots=True)
class Finding:
    """A class of planted instruction, how likely it is one, and in words why."""

    kind: str
    confidence: float
    note: str


def judge(text: str) -> Finding | None:
    """What a stretch of folded text is, if it is a planted instruction in English or in the marks of machines."""
    if PLAIN.search(text) is None:
        return None
    found = _orders(text) or _disguised(text)
    if found is None and "_" in text:
        return judge(text.replace("_", " "))
    return found


def _orders(text: str) -> Finding | None:
    """Orders to whoever grades, in plain words."""
    best, gives = SUPER.search(text), GIVE.search(text)
    grader, candidate = GRADER.search(text), CANDIDATE.search(text)
    valued = best or VALUE.search(text)
    marked = _marked(text, bool(grader or candidate or valued or JUDGING.search(text) or IGNORE.search(text)))
    if marked is not None:
        return marked
    if IGNORE.search(text) or FORGET.search(text):
        return Finding("direct", 0.9, "tells a reader to ignore instructions")
    if ADDRESS.search(text) or (TO_GRADER.search(text) and (gives or valued)):
        return Finding("direct", 0.85, "addresses whoever grades")
    if IF_YOU.search(text) and (gives or valued) and (grader or valued or candidate):
        return Finding("direct", 0.85, "addresses whoever grades")
    if SECRET.search(text) and (grader or candidate or valued or JUDGING.search(text)):
        return Finding("direct", 0.8, "asks for secrecy")
    if SOMEBODY.search(text) and PRAISE.search(text) and (valued or THINKS.search(text)):
        return Finding("fake_reasoning", 0.8, "speaks of the candidate as a grader would")
    if THINKS.search(text) and ((valued and (candidate or JUDGING.search(text))) or STRICT.search(text)):
        return Finding("fake_reasoning", 0.75, "imitates a grader's reasoning")
    if grader and valued and (gives or PRAISE.search(text)):
        return Finding("direct", 0.85, "tells whoever grades what to give")
    if gives and best and candidate:
        return Finding("direct", 0.8, "asks for a score")
    return None


def _marked(text: str, about_grading: bool) -> Finding | None:
    """Orders that come in the marks of machines: turns, tools, the end of the material."""
    token, tool = TOKEN.search(text), TOOL.search(text)
    if tool and RESULT.search(text) and (about_grading or PERSON.search(text)):
        return Finding("fake_tool_result", 0.75, "imitates a tool's result")
    if (
        tool
        and about_grading
        and (VALUE.search(text) or SUPER.search(text) or SIGNAL.search(text) or IGNORE.search(text))
    ):
        return Finding("fake_tool_result", 0.8, "imitates a tool's result")
    if token and (about_grading or JOB.search(text)):
        return Finding("fake_turn", 0.9, "imitates a message of the system or of the assistant")
    breaks = CLOSES.search(text) or ENDS.search(text) or BREAKS.search(text)
    if (
        breaks
        and about_grading
        and (GIVE.search(text) or JOB.search(text) or ROLE.search(text) or IGNORE.search(text) or SUPER.search(text))
    ):
        return Finding("delimiter", 0.8, "imitates the end of the material")
    strong = (
        SUPER.search(text) or VALUE.search(text) or IGNORE.search(text) or GRADER.search(text) or PERSON.search(text)
    )
    if ROLE.search(text) and strong and about_grading:
        return Finding("fake_turn", 0.8, "imitates a message of the system or of the assistant")
    return None


def _disguised(text: str) -> Finding | None:
    """Claims, names of signals, and orders that come around the corner."""
    best, value = SUPER.search(text), VALUE.search(text)
    if (
        SIGNAL.search(text)
        and (NUMBER.search(text) or len(set(SIGNAL.findall(text))) > 1)
        and (value or best or GIVE.search(text) or re.search(r"[_ -]\w+\W{1,5}(?:10|9)", text))
    ):
        return Finding("direct", 0.8, "names what is judged, with values")
    if len({found.group(1) for found in NAMED.finditer(text)}) > 1:
        return Finding("direct", 0.75, "names what is judged, with values")
    if VOID.search(text):
        return Finding("direct", 0.7, "says that the rubric does not hold")
    if READER.search(text) and (MUST.search(text) or best or HIRE.search(text)):
        return Finding("direct", 0.75, "addresses whatever reads it")
    if LENIENT.search(text) and (JUDGING.search(text) or GRADER.search(text) or IF_YOU.search(text)):
        return Finding("direct", 0.7, "asks to be spared")
    if HIRE.search(text):
        return Finding("direct", 0.65, "asks for a verdict")
    if OVERRIDE.search(text) and (best or value):
        return Finding("direct", 0.75, "claims another role or other rules")
    if JOB.search(text) and (best or value or GRADER.search(text)) and JUDGING.search(text):
        return Finding("direct", 0.8, "claims another role or other rules")
    if JOB.search(text) and (best or SOMEBODY.search(text)):
        return Finding("direct", 0.75, "claims another role or other rules")
    if CLAIMS.search(text) and (best or value) and (CANDIDATE.search(text) or JUDGING.search(text)):
        return Finding("direct", 0.75, "claims that the score is settled")
    if SPARE.search(text) and (JUDGING.search(text) or CANDIDATE.search(text) or GRADER.search(text)):
        return Finding("direct", 0.7, "asks to be spared")
    if best and JUDGING.search(text) and GIVE.search(text):
        return Finding("direct", 0.7, "asks for a score")
    wish = re.search(
        r"\b(?:give|award|grant|rate|score|grade|mark|assign)\b (?:me|us|this|it|them|him|her|my|"
        r"myself)\b.{0,40}",
        text,
    )
    if wish and re.search(
        r"full (?:marks|score|points|credit)|top (?:marks|score|rating|grade)|perfect (?:score|10|rating|grade)|"
        r"10 ?(?:/|out of) ?10|"
        r"100 ?(?:/|out of) ?100|all (?:tens|10s)|(?:highest|maximum|best) (?:possible )?(?:marks|rating|grade|"
        r"score)",
        wish.group(),
    ):
        return Finding("direct", 0.7, "asks for a score")
    return None


def judge_foreign(text: str, languages: Sequence[Language]) -> Finding | None:
    """The same in other languages."""
    for language in languages:
        found = language.finds(text)
        if found is not None:
            return Finding("foreign_language", found[1], f"{found[0]}, in {language.name}")
    return None
