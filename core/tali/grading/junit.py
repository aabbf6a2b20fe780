"""Reads a test runner's report: what ran, what passed, and what could not be loaded. The report is untrusted input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tali.sdk import TestResult

MAX_BYTES = 2 * 1024 * 1024
_MAX_RESULTS = 1000
_MAX_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class TestReport:
    """Results in the order of the run, and per test module that could not be loaded, why."""

    __test__ = False

    results: Sequence[TestResult]
    unloaded: dict[str, str]


def parse_junit(text: str) -> TestReport | None:
    """Read JUnit XML; None when it is not that.

    A test's name is `module::test`, or `module.Class::test`. A test that was skipped did not pass.
    """
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    results: list[TestResult] = []
    unloaded: dict[str, str] = {}
    for case in _cases(root):
        classname, name = case.get("classname", ""), case.get("name", "")
        fault = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        message = "" if fault is None else _message(fault)
        if not classname and fault is not None and fault.tag == "error":
            unloaded[name.replace("/", ".")] = _essence(message)
            continue
        seconds = case.get("time", "")
        results.append(
            TestResult(
                name=f"{classname}::{name}"[:500],
                passed=fault is None,
                message=message,
                duration_ms=round(float(seconds) * 1000) if _is_number(seconds) else None,
            )
        )
    return TestReport(results[:_MAX_RESULTS], unloaded)


def _cases(root: Element) -> Iterator[Element]:
    return root.iter("testcase")


def _message(fault: Element) -> str:
    if fault.tag == "skipped":
        return f"skipped: {fault.get('message', '')}"[:_MAX_MESSAGE]
    return (fault.text or fault.get("message") or "failed without a word").strip()[:_MAX_MESSAGE]


def _essence(message: str) -> str:
    """The lines in which pytest says what went wrong; the import machinery's own frames help nobody."""
    lines = [line[1:].strip() for line in message.splitlines() if line.startswith("E ")]
    return "\n".join(lines) or message[-500:]


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 20
