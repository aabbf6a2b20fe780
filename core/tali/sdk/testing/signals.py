"""The contract of signal evaluators."""

# ruff: noqa: S101 - a contract is made of assertions

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from tali.sdk.sessions import SessionRecord
from tali.sdk.signals import Evidence, SignalEvaluator, SignalResult
from tali.sdk.testing.records import sample_records

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_DETAIL_BYTES = 64 * 1024


class SignalEvaluatorContract:
    """Subclass this with a fixture `provider` that returns a `SignalEvaluator`."""

    @pytest.fixture(params=sorted(sample_records()))
    def record(self, request: pytest.FixtureRequest) -> SessionRecord:
        """Each sample session in turn."""
        return sample_records()[request.param]

    def test_signals_are_declared_for_people_and_programs(self, provider: SignalEvaluator) -> None:
        names = [signal.name for signal in provider.signals]
        assert names, "an evaluator declares at least one signal"
        assert len(set(names)) == len(names), "each signal is declared once"
        for signal in provider.signals:
            assert _SLUG.match(signal.name), f"{signal.name!r} is not a lower-case slug"
            assert signal.title.strip(), f"{signal.name} has no title"
            assert len(signal.help) >= 20, f"{signal.name}: help says what it is, and what it is not"
            if signal.range is not None:
                low, high = signal.range
                assert -math.inf < low < high < math.inf, f"{signal.name}: range {signal.range}"

    def test_a_signal_that_feeds_a_component_runs_from_0_to_10(self, provider: SignalEvaluator) -> None:
        for signal in provider.signals:
            if signal.component is not None:
                assert signal.range == (0, 10), f"{signal.name} feeds {signal.component}, with range {signal.range}"

    def test_each_signal_gets_exactly_one_result(self, provider: SignalEvaluator, record: SessionRecord) -> None:
        told = sorted(result.name for result in provider.evaluate(record))
        assert told == sorted(signal.name for signal in provider.signals)

    def test_values_are_numbers_in_their_range_or_null_with_a_reason(
        self, provider: SignalEvaluator, record: SessionRecord
    ) -> None:
        ranges = {signal.name: signal.range for signal in provider.signals}
        for result in provider.evaluate(record):
            if result.value is None:
                assert _SLUG.match(result.reason or ""), f"{result.name} is null without a reason"
                continue
            assert type(result.value) in (int, float), f"{result.name} is a {type(result.value).__name__}"
            assert math.isfinite(result.value), f"{result.name} is {result.value}"
            low, high = ranges.get(result.name) or (-math.inf, math.inf)
            assert low <= result.value <= high, f"{result.name} = {result.value} lies outside {low}…{high}"

    def test_evidence_points_at_what_is_there(self, provider: SignalEvaluator, record: SessionRecord) -> None:
        for result in provider.evaluate(record):
            for evidence in result.evidence:
                _must_point_into(record, result, evidence)

    def test_detail_is_small_json(self, provider: SignalEvaluator, record: SessionRecord) -> None:
        for result in provider.evaluate(record):
            size = len(json.dumps(dict(result.detail), allow_nan=False).encode())
            assert size <= _DETAIL_BYTES, f"{result.name}: a detail of {size} bytes"

    def test_flags_say_what_they_ask_people_to_look_at(self, provider: SignalEvaluator, record: SessionRecord) -> None:
        for result in provider.evaluate(record):
            if result.flag is not None:
                assert _SLUG.match(result.flag.code), f"{result.name}: flag code {result.flag.code!r}"
                assert len(result.flag.message) >= 10, f"{result.name}: the flag is silent"

    def test_measuring_twice_gives_the_same(self, provider: SignalEvaluator, record: SessionRecord) -> None:
        if any(signal.kind == "judged" for signal in provider.signals):
            pytest.skip("judged values may differ from call to call")
        assert _values(provider, record) == _values(provider, record)


def _values(provider: SignalEvaluator, record: SessionRecord) -> list[tuple[str, Any]]:
    return sorted((result.name, result.value) for result in provider.evaluate(record))


def _must_point_into(record: SessionRecord, result: SignalResult, evidence: Evidence) -> None:
    prompts = {prompt.index: prompt for prompt in record.prompts}
    seqs = {event.seq for event in record.events} | {edit.seq for edit in record.edits}
    if evidence.kind == "prompt":
        assert evidence.prompt_index in prompts, f"{result.name}: there is no prompt {evidence.prompt_index}"
        prompt = prompts[evidence.prompt_index]
        assert evidence.turn_id in (None, prompt.turn_id), f"{result.name}: the turn is another prompt's"
        if evidence.quote is not None:
            code = (*prompt.code_before.values(), *(prompt.code_after or {}).values())
            held = (prompt.message, prompt.response, *code)
            assert any(evidence.quote in text for text in held), f"{result.name}: {evidence.quote!r} is no quote"
    if evidence.kind == "event":
        assert evidence.event_seq in seqs, f"{result.name}: the timeline has no entry {evidence.event_seq}"
    if evidence.kind == "line":
        text = record.final_files.get(evidence.path or "")
        assert text is not None, f"{result.name}: there is no file {evidence.path!r}"
        assert 1 <= (evidence.line or 0) <= text.count("\n") + 1, f"{result.name}: {evidence.path} has no such line"
