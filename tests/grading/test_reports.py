"""Reports and formulas, apart from any sandbox: hostile XML, languages as data, points per line."""

from __future__ import annotations

import pytest

from tali.grading.junit import parse_junit
from tali.grading.languages import fill, language_of, supported
from tali.grading.quality import Finding, changed_files, value_of


def test_junit_is_read_in_order_with_failures_skips_and_what_could_not_be_loaded() -> None:
    report = parse_junit(
        "<testsuites><testsuite>"
        '<testcase classname="test_a" name="test_ok" time="0.0123"/>'
        '<testcase classname="test_a.TestB" name="test_no" time="soon">'
        '<failure message="m">E  assert 1</failure></testcase>'
        '<testcase classname="test_a" name="test_later"><skipped message="why"/></testcase>'
        '<testcase classname="" name="sub/test_c">'
        '<error message="collection failure">x\nE   ImportError: y</error></testcase>'
        "</testsuite></testsuites>"
    )
    assert report is not None
    assert [(r.name, r.passed, r.message, r.duration_ms) for r in report.results] == [
        ("test_a::test_ok", True, "", 12),
        ("test_a.TestB::test_no", False, "E  assert 1", None),
        ("test_a::test_later", False, "skipped: why", None),
    ]
    assert report.unloaded == {"sub.test_c": "ImportError: y"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<testsuites>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        "\x00",
    ],
)
def test_a_report_that_is_none_is_not_read(text: str) -> None:
    assert parse_junit(text) is None


def test_a_report_of_millions_is_cut() -> None:
    report = parse_junit("<s>" + '<testcase classname="c" name="n"/>' * 5000 + "</s>")
    assert report is not None
    assert len(report.results) == 1000


def test_languages_are_data() -> None:
    python = language_of(["python"])
    assert supported()["python"] is python
    assert python.owns("a/b.py")
    assert not python.owns("b.pyc")
    ruff = python.analysers[0]
    assert [ruff.points_of(rule) for rule in ("F401", "E501", "E902", "SIM108", "invalid-syntax")] == [
        1,
        0.25,
        1,
        0.25,
        10,
    ]


def test_placeholders_are_filled_word_by_word() -> None:
    assert fill(["run", "{file}", "-x{file}", "{files}"], {"file": "a b"}, ["c", "{file}"]) == [
        "run",
        "a b",
        "-xa b",
        "c",
        "{file}",
    ]


def finding(points: float, rule: str = "F401") -> Finding:
    return Finding("a.py", 1, rule, "", points)


def test_quality_falls_with_points_per_line_and_never_below_zero() -> None:
    assert value_of([], 100) == 10
    assert value_of([finding(1)] * 8, 100) == 5
    assert value_of([finding(1)] * 8, 200) == 6.7
    assert value_of([finding(1)], 3) == value_of([finding(1)], 40)
    assert 0 < value_of([finding(1)] * 1000, 10) < 0.1 or value_of([finding(1)] * 1000, 10) == 0
    assert value_of([finding(0.1, "invalid-syntax")], 100) == 0


def test_only_what_the_candidate_wrote_is_analysed() -> None:
    python = language_of(["python"])
    given = {"given.py": "x", "changed.py": "x"}
    files = {"given.py": "x", "changed.py": "y", "new.py": "", "notes.md": ""}
    assert changed_files(python, files, given) == ["changed.py", "new.py"]
