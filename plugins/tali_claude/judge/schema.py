"""What the model may answer with: a schema that the API holds it to. Bounds are checked when the answer is read.

It has no numeric bounds and no lengths, which the API does not take, and few unions, which it limits.
"""

from __future__ import annotations

from typing import Any

from tali_claude.judge.rubric import ENTRIES

FRAUD_TYPES = ("external_text", "full_solution_dump", "injection")
PLACES = ("message", "reply", "code", "final")
BREAKDOWN = ("prompt_clarity", "prompt_specificity", "prompt_efficiency")
"""The signals that are also told per prompt."""


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT = {"type": "string"}
_PLACE = {
    "where": {"type": "string", "enum": list(PLACES)},
    # -1 and "" where there is none: a union here would count once for each signal.
    "prompt": {"type": "integer"},
    "path": _TEXT,
    "quote": _TEXT,
}
# Quotes first, then the reason, then the value: a value is written after what it rests on.
_JUDGED = _object(evidence=_list(_object(**_PLACE)), why=_TEXT, value={"anyOf": [{"type": "number"}, {"type": "null"}]})
ANSWER = _object(
    signals=_object(**{entry.name: _JUDGED for entry in ENTRIES}),
    fraud=_list(
        _object(type={"type": "string", "enum": list(FRAUD_TYPES)}, **_PLACE, note=_TEXT, confidence={"type": "number"})
    ),
    prompts=_list(_object(prompt={"type": "integer"}, **{name: {"type": "number"} for name in BREAKDOWN}, note=_TEXT)),
)
CALIBRATION_ANSWER = _object(
    evidence=_list(_object(prompt={"type": "integer"}, quote=_TEXT)),
    why=_TEXT,
    value={"anyOf": [{"type": "number"}, {"type": "null"}]},
)
