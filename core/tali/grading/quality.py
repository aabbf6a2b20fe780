"""Code quality, 0 to 10, from what analysers find in the code that the candidate wrote. Nothing is executed.

The formula. Each finding costs points: a lint finding what its language file says, a function 0.2 per unit of
cyclomatic complexity above 10 (at most 2), 0.5 when longer than 60 lines, 0.25 when it takes more than 6 parameters.
With p the points per 100 lines that are not blank (short files count as 40 lines, so that one slip in five lines is not
a catastrophe), the value is 10 / (1 + p / 8): 10 without findings, 5 at eight points per hundred lines, never negative.
Code that does not parse is 0.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tali.grading.languages import Analyser, Language, command
from tali.sdk import Execution, Files, Limits, Output, Sandbox

_LEAST_LINES = 40
_HALVING_POINTS = 8.0
_SIMPLE_ENOUGH, _LONG, _MANY_PARAMETERS = 10, 60, 6
_MAX_FINDINGS = 200
_LIMITS = Limits(wall_seconds=20, cpu_seconds=20, output_bytes=1024 * 1024)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an analyser says about a line. `line` counts from 1; `points` is what it costs."""

    path: str
    line: int
    rule: str
    message: str
    points: float


@dataclass(frozen=True, slots=True)
class CodeQuality:
    """`value` is 0–10, or None; then `reason` says why: `no_changes`, `no_analyser` or `analysis_failed`."""

    value: float | None
    reason: str | None = None
    findings: Sequence[Finding] = ()
    lines: int = 0


def changed_files(language: Language, files: Files, starter: Files) -> list[str]:
    """The files of the language that the candidate wrote or changed; what they were given is not theirs."""
    return sorted(path for path, text in files.items() if language.owns(path) and starter.get(path) != text)


def analyse(sandbox: Sandbox, language: Language, files: Files, paths: Sequence[str]) -> CodeQuality:
    """Run the language's analysers over `paths`, which are in the sandbox already."""
    if not language.analysers:
        return CodeQuality(None, "no_analyser")
    lines = sum(1 for path in paths for line in files[path].splitlines() if line.strip())
    if not lines:
        return CodeQuality(None, "no_changes")
    findings: list[Finding] = []
    for analyser in language.analysers:
        told = _run(sandbox, analyser, paths)
        if told is None:
            return CodeQuality(None, "analysis_failed", lines=lines)
        try:
            findings.extend(_PARSERS[analyser.report](analyser, told))
        except (ValueError, LookupError, TypeError):
            return CodeQuality(None, "analysis_failed", lines=lines)
    findings.sort(key=lambda finding: (-finding.points, finding.path, finding.line))
    return CodeQuality(value_of(findings, lines), None, findings[:_MAX_FINDINGS], lines)


def value_of(findings: Sequence[Finding], lines: int) -> float:
    """The formula at the head of this module, to one decimal."""
    if any(finding.rule == "invalid-syntax" for finding in findings):
        return 0.0
    density = 100 * sum(finding.points for finding in findings) / max(lines, _LEAST_LINES)
    return round(10 / (1 + density / _HALVING_POINTS), 1)


def _run(sandbox: Sandbox, analyser: Analyser, paths: Sequence[str]) -> str | None:
    # "./" keeps a file called --config=x from being an option.
    files = [f"./{path}" for path in paths]
    run = sandbox.run(command(analyser.argv, analyser.environment, {}, files=files, toolchain=True), _LIMITS)
    told: list[str] = []
    for piece in run:
        if isinstance(piece, Output) and piece.stream == "stdout":
            told.append(piece.text)
        elif isinstance(piece, Execution) and (piece.stopped is not None or piece.truncated):
            return None
    return "".join(told)


def _ruff(analyser: Analyser, told: str) -> Iterator[Finding]:
    for line in told.splitlines():
        entry = json.loads(line)
        rule = entry.get("code") or "invalid-syntax"
        yield Finding(
            path=_relative(entry["filename"]),
            line=int(entry["location"]["row"]),
            rule=rule,
            message=str(entry["message"])[:300],
            points=analyser.points_of(rule),
        )


def _lizard(analyser: Analyser, told: str) -> Iterator[Finding]:
    for row in csv.reader(io.StringIO(told)):
        complexity, parameters, length = int(row[1]), int(row[3]), int(row[4])
        path, name, line = _relative(row[6]), row[7], int(row[9])
        if complexity > _SIMPLE_ENOUGH:
            cost = min(2.0, 0.2 * (complexity - _SIMPLE_ENOUGH))
            yield Finding(path, line, "complexity", f"`{name}` has {complexity} paths through it", cost)
        if length > _LONG:
            yield Finding(path, line, "long-function", f"`{name}` is {length} lines long", 0.5)
        if parameters > _MANY_PARAMETERS:
            yield Finding(path, line, "many-parameters", f"`{name}` takes {parameters} parameters", 0.25)


def _relative(path: str) -> str:
    return path.removeprefix("/workspace/").removeprefix("./")


_PARSERS = {"ruff-json-lines": _ruff, "lizard-csv": _lizard}
