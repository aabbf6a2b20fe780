"""Checking what evaluators answer: declared, in range, and every quote found in the text that it is said to be from."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson

from tali.plugins import PluginFault
from tali.sdk import Evidence, SessionRecord, Signal, SignalResult

MAX_DETAIL_BYTES = 64 * 1024
MAX_EVIDENCE = 50
MAX_QUOTE = 500


def checked(
    plugin: str, declared: Sequence[Signal], results: Sequence[SignalResult], record: SessionRecord
) -> list[SignalResult]:
    """The results in the order of declaration, with evidence that does not hold removed.

    A value whose quotes all fail loses its value, with the reason `no_evidence`.

    Raises:
        PluginFault: a result is missing, undeclared, doubled, of the wrong type, out of range or too large.
    """
    by_name: dict[str, SignalResult] = {}
    for result in results:
        if not isinstance(result, SignalResult):
            raise PluginFault(plugin, f"evaluate answers with SignalResult, not {type(result).__name__}")
        if result.name in by_name:
            raise PluginFault(plugin, f"signal {result.name} was answered twice")
        by_name[result.name] = result
    names = [signal.name for signal in declared]
    if set(names) != set(by_name):
        odd = ", ".join(sorted(set(names) ^ set(by_name)))
        raise PluginFault(plugin, f"declared and answered signals differ: {odd}")
    return [_checked(plugin, signal, by_name[signal.name], record) for signal in declared]


def _checked(plugin: str, signal: Signal, result: SignalResult, record: SessionRecord) -> SignalResult:
    value = result.value
    if value is None:
        if not result.reason:
            raise PluginFault(plugin, f"{signal.name} has neither a value nor a reason")
    else:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise PluginFault(plugin, f"{signal.name} is not a finite number")
        if signal.range and not signal.range[0] <= value <= signal.range[1]:
            raise PluginFault(plugin, f"{signal.name} = {value} is outside {signal.range}")
    try:
        size = len(orjson.dumps(dict(result.detail)))
    except TypeError as error:
        raise PluginFault(plugin, f"{signal.name}: detail is not JSON: {error}") from error
    if size > MAX_DETAIL_BYTES:
        raise PluginFault(plugin, f"{signal.name}: detail is larger than {MAX_DETAIL_BYTES} bytes")
    quoted = [piece for piece in result.evidence if piece.quote]
    kept = [piece for piece in result.evidence if _holds(piece, record)][:MAX_EVIDENCE]
    if value is not None and quoted and not any(piece.quote for piece in kept):
        return replace(result, value=None, reason="no_evidence", evidence=kept)
    return replace(result, evidence=kept)


def _holds(evidence: Evidence, record: SessionRecord) -> bool:
    if evidence.kind == "prompt":
        prompt = next((p for p in record.prompts if p.index == evidence.prompt_index), None)
        if prompt is None:
            return False
        sources = [prompt.message, prompt.response, *prompt.code_before.values()]
    elif evidence.kind == "line":
        sources = [record.final_files.get(evidence.path or "", "")]
        if evidence.path not in record.final_files:
            return False
    else:
        sources = []
    if not evidence.quote:
        return True
    if len(evidence.quote) > MAX_QUOTE:
        return False
    wanted = _plain(evidence.quote)
    return not sources or any(wanted in _plain(source) for source in sources)


def _plain(text: str) -> str:
    """White space and Unicode form do not make a quote wrong."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def evidence_data(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Evidence as it is stored: without what is not set."""
    return [
        {
            name: str(value) if name == "turn_id" else value
            for name, value in asdict(piece).items()
            if value not in (None, "")
        }
        for piece in evidence
    ]


def declared_data(signal: Signal) -> Mapping[str, Any]:
    """A signal's declaration as it is stored beside its value: it stays readable when the plugin is gone."""
    return asdict(signal)
