"""The judge: `tali.sdk.Judge`, one client an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import anthropic

from tali.sdk import (
    CalibrationRecord,
    Component,
    Judgement,
    ModelAnswer,
    PluginContext,
    Rejected,
    SessionRecord,
    Settings,
    Signal,
    SignalResult,
)
from tali_claude import failures
from tali_claude.judge.asking import SILENCE_SECONDS, ask, require_readable
from tali_claude.judge.calibration import read_calibration
from tali_claude.judge.packing import PACKING_VERSION, Packed, pack
from tali_claude.judge.reading import Reader
from tali_claude.judge.request import INSTRUCTIONS_VERSION, RULES, calibration_request, session_request
from tali_claude.judge.rubric import ENTRIES, FRAUD, RUBRIC_VERSION
from tali_claude.judge.writing import size
from tali_claude.prices import Prices


class ClaudeJudge:
    """`tali.sdk.Judge`."""

    def __init__(self, settings: Settings, context: PluginContext) -> None:
        self._model = str(settings["judge_model"])
        self._tokens = int(cast(int, settings["session_tokens"]))
        self._prices = Prices.of(settings)
        # The key explicitly: an explicit one keeps the SDK from reading any other credential of the process.
        # No retries of its own: each request is on core's record.
        self._client = anthropic.Anthropic(
            api_key=str(settings["api_key"]),
            base_url=str(settings["base_url"] or "https://api.anthropic.com"),
            timeout=SILENCE_SECONDS,
            max_retries=0,
        )

    @property
    def signals(self) -> Sequence[Signal]:
        return [*(entry.signal() for entry in ENTRIES), FRAUD]

    @property
    def components(self) -> Sequence[Component]:
        """None of its own: its signals feed those of core."""
        return ()

    @property
    def versions(self) -> Mapping[str, str]:
        return {
            "rubric": RUBRIC_VERSION,
            "instructions": INSTRUCTIONS_VERSION,
            "packing": f"{PACKING_VERSION}/{self._tokens}",
            "model": self._model,
        }

    def ask(self, record: SessionRecord) -> ModelAnswer:
        """One request about the whole session."""
        request = session_request(self._pack(record), len(record.prompts))
        return ask(self._client, self._model, self._prices, request)

    def read(self, record: SessionRecord, answer: ModelAnswer) -> Judgement:
        """What of the answer holds against the text that was sent."""
        require_readable(answer.content)
        return Reader(record, self._pack(record)).judgement(answer.content)

    def ask_about_calibration(self, record: CalibrationRecord) -> ModelAnswer:
        """One small request."""
        return ask(self._client, self._model, self._prices, calibration_request(record))

    def read_calibration(self, record: CalibrationRecord, answer: ModelAnswer) -> SignalResult:
        """The calibration's value, where a quote bears it out."""
        require_readable(answer.content)
        return read_calibration(record, answer.content)

    def check(self) -> None:
        """The smallest request there is: counting the tokens of one word."""
        failures.check(self._client, self._model)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _pack(self, record: SessionRecord) -> Packed:
        if not record.prompts:
            raise Rejected("A session without prompts is not judged.")
        return pack(record, self._tokens - size(RULES) // 3)
