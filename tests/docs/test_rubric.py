"""docs/rubric.md says, word for word, what the judge is told."""

from __future__ import annotations

from pathlib import Path

from tali.scoring.contradictions import RULES
from tali_claude.judge.rubric import ENTRIES, RUBRIC_VERSION

DOCS = Path(__file__).parents[2] / "docs"


def written() -> str:
    """What docs/rubric.md has to be."""
    parts = [
        f"# The rubric, version {RUBRIC_VERSION}",
        "What the judge looks at, and what a 2, a 5, an 8 and a 10 mean. Model and recruiter read the same words; a "
        "report shows them at each judged signal. How values are asked for and checked is in [scoring.md](scoring.md).",
    ]
    for entry in ENTRIES:
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
