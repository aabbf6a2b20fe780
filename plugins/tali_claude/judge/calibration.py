"""Reading what was said of a calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tali.sdk import CalibrationRecord, Evidence, SignalResult
from tali_claude.judge.packing import Piece
from tali_claude.judge.quotes import Shown
from tali_claude.judge.reading import number, words
from tali_claude.judge.request import calibration_document
from tali_claude.judge.rubric import CALIBRATION

_MOST_QUOTES = 6


def read_calibration(record: CalibrationRecord, content: Mapping[str, Any]) -> SignalResult:
    """The value, if it is on the scale and a quote from one of the candidate's messages holds."""
    name = CALIBRATION.name
    if not record.exchanges:
        return SignalResult(name, None, "no_prompts")
    _, messages = calibration_document(record)
    shown = Shown([Piece("message", index, None, text) for index, text in messages])
    said = content.get("evidence")
    evidence = []
    for one in said[:_MOST_QUOTES] if isinstance(said, Sequence) and not isinstance(said, str) else ():
        index = one.get("prompt") if isinstance(one, Mapping) else None
        held = shown.find(one["quote"], "message", index, None) if shown.has_prompt(index) and "quote" in one else None
        if held is not None:
            evidence.append(Evidence("prompt", prompt_index=held.prompt, quote=held.quote))
    detail = {"why": why} if (why := words(content.get("why"), 500)) else {}
    if content.get("value") is None:
        return SignalResult(name, None, "not_observed", evidence=evidence, detail=detail)
    value = number(content["value"], 10)
    if value is None:
        return SignalResult(name, None, "out_of_scale", evidence=evidence, detail=detail)
    if not evidence:
        return SignalResult(name, None, "no_evidence", detail=detail)
    return SignalResult(name, value, evidence=evidence, detail=detail)
