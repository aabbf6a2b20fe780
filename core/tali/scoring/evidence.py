"""Checking what evaluators answer: declared, in range, and every quote found in the text that it is said to be from."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson

from tali.plugins import PluginFault
from tali.sdk import Evidence, SessionRecord, Signal, SignalResult

MAX_DETAIL_BYTES = 64 * 1024
MAX_EVIDENCE = 50
MAX_QUOTE = 500
KINDS: tuple[str, ...] = ("prompt", "event", "line", "test")
LEAST_QUOTED = 10
"""Characters that say where a judged value comes from: fewer are found anywhere. A whole message is enough."""
LEAST_QUOTED_DENSE = 4
"""For scripts that say a word with a character or two."""


def checked(
    plugin: str, declared: Sequence[Signal], results: Sequence[SignalResult], record: SessionRecord
) -> tuple[list[SignalResult], Counter[str]]:
    """The results in the order of declaration, with evidence that does not hold removed, and how much of it was.

    A value whose quotes all fail loses its value, with the reason `no_evidence`, and the flag that rests on it. A
    judged value needs words of its session: one quote that is long enough to be from there and nowhere else.

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
    session, dropped = _Session(record), Counter[str]()
    return [_checked(plugin, signal, by_name[signal.name], session, dropped) for signal in declared], dropped


def _checked(
    plugin: str, signal: Signal, result: SignalResult, session: _Session, dropped: Counter[str]
) -> SignalResult:
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
    kept = []
    for piece in result.evidence[:MAX_EVIDENCE]:
        problem = session.problem(piece)
        if problem is None:
            kept.append(piece)
        else:
            dropped[problem] += 1
    kept = [session.pointing(piece) for piece in kept]
    quoted = [piece for piece in kept if piece.quote]
    if signal.kind == "judged":
        needed, held = True, any(session.is_telling(piece) for piece in quoted)
        if quoted and not held:
            dropped["too_little_quoted"] += 1
    else:
        needed, held = any(piece.quote for piece in result.evidence), bool(quoted)
    if value is not None and needed and not held:
        dropped["no_evidence"] += 1
        return replace(result, value=None, reason="no_evidence", flag=None, evidence=kept, detail={})
    return replace(result, evidence=kept)


class _Session:
    """What evidence can point at. A text is normalised once, however many quotes are looked for in it."""

    def __init__(self, record: SessionRecord) -> None:
        self._record = record
        self._prompts = {prompt.index: prompt for prompt in record.prompts}
        self._events = {event.seq for event in record.events} | {edit.seq for edit in record.edits}
        self._tests = {test.name for test in record.tests.results} if record.tests else set()
        self._plain: dict[str, str] = {}

    def problem(self, piece: Evidence) -> str | None:
        """Why a piece of evidence does not hold, as a kind that is counted; None when it does."""
        record = self._record
        if piece.kind not in KINDS:
            return "unknown_kind"
        if piece.kind == "prompt":
            if piece.prompt_index not in self._prompts:
                return "unknown_prompt"
        elif piece.kind == "line":
            content = record.final_files.get(piece.path or "")
            if content is None or (piece.line is not None and not 1 <= piece.line <= content.count("\n") + 1):
                return "unknown_line"
        elif piece.kind == "event":
            if piece.event_seq not in self._events:
                return "unknown_event"
        elif not piece.quote:
            # A test is pointed at by its name.
            return "unknown_test"
        if not piece.quote:
            return None
        if len(piece.quote) > MAX_QUOTE:
            return "quote_too_long"
        wanted = _plain(piece.quote)
        if not wanted or not any(wanted in self._normal(source) for source in self._sources(piece)):
            return "quote_not_found"
        return None

    def pointing(self, piece: Evidence) -> Evidence:
        """A piece that holds, with the turn that its prompt is."""
        if piece.kind != "prompt":
            return piece
        return replace(piece, turn_id=self._prompts[piece.prompt_index or 0].turn_id)

    def is_telling(self, piece: Evidence) -> bool:
        """Whether a quote is long enough to be from where it is said to be from."""
        wanted = _plain(piece.quote or "")
        least = LEAST_QUOTED if wanted.isascii() else LEAST_QUOTED_DENSE
        return len(wanted) >= least or any(wanted == self._normal(source) for source in self._sources(piece))

    def _sources(self, piece: Evidence) -> Iterator[str]:
        if piece.kind == "line":
            yield self._record.final_files[piece.path or ""]
        elif piece.kind == "prompt":
            prompt = self._prompts[piece.prompt_index or 0]
            yield prompt.message
            yield prompt.response
            yield from prompt.code_before.values()
            yield from (prompt.code_after or {}).values()
        elif piece.kind == "test":
            yield from self._tests

    def _normal(self, source: str) -> str:
        if source not in self._plain:
            self._plain[source] = _plain(source)
        return self._plain[source]


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
