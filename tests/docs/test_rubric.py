"""docs/rubric.md says, word for word, what the judge is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tali.scoring.contradictions import RULES
from tali_claude.judge.rubric import CALIBRATION, ENTRIES, RUBRIC_VERSION
from tali_claude.judge.schema import FRAUD_TYPES

DOCS = Path(__file__).parents[2] / "docs"


def written() -> str:
    """What docs/rubric.md has to be."""
    parts = [
        f"# The rubric, version {RUBRIC_VERSION}",
        "What the judge looks at, and what a 2, a 5, an 8 and a 10 mean. Model and recruiter read the same words; a "
        "report shows them at each judged signal. The last entry is of the warm-up alone. How values are asked for and "
        "checked is in [scoring.md](scoring.md).",
    ]
    for entry in (*ENTRIES, CALIBRATION):
        feeds = f"Feeds the component `{entry.component}`." if entry.component else "Feeds no component."
        rows = "\n".join(f"| {value} | {words} |" for value, words in entry.anchors)
        parts.append(f"## {entry.title}\n\n`{entry.name}`. {entry.looks_at} {feeds}\n\n| | |\n|---:|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def test_the_page_and_the_judge_say_the_same() -> None:
    assert (DOCS / "rubric.md").read_text() == written()


def test_every_rule_of_contradiction_is_explained() -> None:
    page = (DOCS / "scoring.md").read_text()
    for rule in RULES:
        assert f"`{rule.judged}`" in page
        assert f"`{rule.measured}`" in page


@pytest.mark.parametrize(
    "name",
    [
        *("no_evidence", "value_without_evidence", "out_of_scale", "quote_not_found", "quote_too_long", "not_answered"),
        *("unknown_prompt", "unknown_line", "unknown_event", "unknown_fraud", "too_little_quoted"),
        *("prompt_fraud", "planted_instructions", "calibration_score", "contradicted", "coverage", "JudgeContract"),
        *FRAUD_TYPES,
    ],
)
def test_what_a_report_shows_is_explained(name: str) -> None:
    assert name in (DOCS / "scoring.md").read_text()
