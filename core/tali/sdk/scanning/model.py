"""How likely a stretch of text is a planted instruction: a logistic model over concepts, alone and in pairs."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from functools import lru_cache

from tali.sdk.scanning.concepts import BIT, of_marks, of_phrases, of_rules, of_words
from tali.sdk.scanning.rules import Finding, judge
from tali.sdk.scanning.weights import BIAS, WEIGHTS

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "to judge": ("grader", "addresses", "whoever"),
    "maybe judge": ("reader", "machine", "service"),
    "judged": ("candidate", "record"),
    "this": ("this one", "of me"),
    "self": ("me", "authorship", "hardship"),
    "judgement": ("judging", "score", "scale", "report"),
    "signal": ("quality", "signal"),
    "value": ("number", "top", "praise", "hire", "best", "strong hire", "floor"),
    "order": ("give", "modal", "dictates"),
    "mercy": ("lenient", "skip", "spares", "floor"),
    "claim": ("prior", "authority"),
    "thought": ("thinks",),
    "mark": ("token", "tool", "closes", "role", "forget", "thinking tag"),
    "code": ("code", "much code"),
    "build": ("builds", "calls", "question"),
    "others": ("others",),
}
GROUPS = {name: sum(BIT[one] for one in members) for name, members in _GROUPS.items()}
_PAIRS = tuple(
    (f"{one} + {other}", bits, others)
    for number, (one, bits) in enumerate(GROUPS.items())
    for other, others in list(GROUPS.items())[number + 1 :]
)


_TRIPLES = tuple(
    (f"{one} + {other} + {third}", GROUPS[one], GROUPS[other], GROUPS[third])
    for one in ("to judge", "maybe judge", "this", "judged")
    for other in ("judgement", "signal")
    for third in ("value", "mercy", "order", "claim")
)


def features(bits: int) -> Iterator[str]:
    """The names of everything that has a weight, for a set of concepts."""
    for name, bit in BIT.items():
        if bits & bit:
            yield name
    for name, group in GROUPS.items():
        if bits & group:
            yield f"any {name}"
    for name, one, other, third in _TRIPLES:
        if bits & one and bits & other and bits & third:
            yield name
    for name, one, other in _PAIRS:
        if bits & one and bits & other:
            yield name


_TELLING = GROUPS["to judge"] | GROUPS["judgement"] | GROUPS["signal"] | GROUPS["judged"]
_TELLING |= GROUPS["maybe judge"] | GROUPS["mercy"] | GROUPS["thought"] | GROUPS["self"]
# Single words are cheap to look up and phrases are not: a stretch whose words say less than this is done with. Of the
# texts that the weights were fitted on and that are found, fewer than one in a hundred is lost by it.
_WORTH_A_LOOK = -3.75

_MARKS = GROUPS["mark"]
_RULES = BIT["rule of words"] | BIT["rule of marks"]


@lru_cache(maxsize=8192)
def _logit(bits: int, is_name: bool) -> float:
    total = BIAS + (WEIGHTS.get("a name", 0.0) if is_name else 0.0)
    for feature in features(bits):
        total += WEIGHTS.get(feature, 0.0)
        if is_name and feature.startswith("any "):
            total += WEIGHTS.get(f"a name {feature[4:]}", 0.0)
    return total


def worth_a_look(bits: int) -> bool:
    """Whether the words of a stretch, by their concepts, say enough for its phrases to matter."""
    return _logit(bits, False) >= _WORTH_A_LOOK


def weigh(text: str, given: Container[str] = (), *, is_name: bool = False) -> Finding | None:
    """What a stretch of folded text is, if it is more likely than not a planted instruction.

    Words of `given`, which the task itself is about, count half.
    """
    plain = text.replace("_", " ")
    named = of_words(plain)
    if not (is_name or worth_a_look(named)):
        return None
    more = of_phrases(plain)
    # What is dear to look for is looked for where it could still turn the scale.
    if _logit(named | more | _MARKS | _RULES, is_name) <= 0:
        return None
    more |= of_marks(plain)
    found = judge(plain) if _logit(named | more | _RULES, is_name) > 0 else None
    more |= of_rules(found)
    logit = _logit(named | more, is_name)
    if logit > 0 and given:
        logit = (logit + _logit(of_words(plain, given) | more, is_name)) / 2
    if logit <= 0:
        return None
    likely = round(1 / (1 + math.exp(-min(logit, 3.0))), 2)
    return Finding(found.kind, likely, found.note) if found else Finding(*_kind(named | more, likely))


def _kind(bits: int, likely: float) -> tuple[str, float, str]:
    if bits & GROUPS["thought"] and not bits & (GROUPS["to judge"] | BIT["modal"]):
        return "fake_reasoning", likely, "speaks of the session as a grader would"
    if bits & GROUPS["to judge"]:
        return "direct", likely, "speaks to or of whoever judges"
    return "direct", likely, "speaks of how the session is to be judged"


def may_matter(text: str) -> bool:
    """Whether a longer text names anybody who judges, or a judgement, at all."""
    return bool(of_words(text.replace("_", " ")) & _TELLING)
