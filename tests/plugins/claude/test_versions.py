"""What the model is told carries a version: whoever changes the words raises it, so that scores are told apart."""

from __future__ import annotations

import hashlib
import json

from tests.plugins.claude.test_packing import long_session

from tali.sdk import CalibrationRecord, Exchange
from tali.sdk.testing import sample_records
from tali_claude.judge.packing import PACKING_VERSION, pack
from tali_claude.judge.request import INSTRUCTIONS_VERSION, calibration_request, session_request
from tali_claude.judge.rubric import CALIBRATION, ENTRIES, RUBRIC_VERSION, rubric_text

RICH = sample_records()["rich"]


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def test_other_words_of_the_rubric_are_another_version() -> None:
    said = (RUBRIC_VERSION, digest(rubric_text((*ENTRIES, CALIBRATION))))
    noted = ("1", "16f3dbc6c772c225")  # pragma: allowlist secret
    assert said == noted, "the rubric's words changed: raise RUBRIC_VERSION, then note both here"


def test_other_instructions_are_another_version() -> None:
    texts = []
    calibration = CalibrationRecord("Ask.", (Exchange("Please.", "So."),))
    for request in (session_request(pack(RICH, 50_000), 3), calibration_request(calibration)):
        [rules] = request["system"]
        _, order = request["messages"][0]["content"]
        # The rubric within them has a version of its own.
        words = rules["text"].replace(rubric_text(ENTRIES), "").replace(rubric_text((CALIBRATION,)), "")
        texts += [words, order["text"], json.dumps(request["output_config"])]
    said = (INSTRUCTIONS_VERSION, digest(*texts))
    assert said == ("2", "7774837d22266e60"), (
        "what the model is told changed: raise INSTRUCTIONS_VERSION, then note both here"
    )


def test_another_way_to_show_a_session_is_another_version() -> None:
    packed = [pack(long_session(prompts, 20), 16_000).document for prompts in (2, 40, 300)]
    said = (PACKING_VERSION, digest(*packed, pack(RICH, 50_000).document))
    assert said == ("2", "371719244875ddc2"), (  # pragma: allowlist secret
        "the same sessions are shown otherwise: raise PACKING_VERSION, then note both here "
        "(if a sample record of the SDK changed and packing did not, note the new digest alone)"
    )
