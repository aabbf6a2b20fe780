"""Languages as data: each `languages/<name>.toml` says how its files are run, tested and analysed."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tali.sdk import Command, Files, Rejected

_FOLDER = Path(__file__).with_name("languages")
TestReport = Literal["junit"]
AnalysisReport = Literal["ruff-json-lines", "lizard-csv"]


@dataclass(frozen=True, slots=True)
class TestRunner:
    """How tests run. `rig` holds our own files of the run: name → content."""

    __test__ = False

    argv: Sequence[str]
    report: TestReport
    folder: str
    rig: Files
    all_passed: Sequence[int]
    some_failed: Sequence[int]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Analyser:
    """A tool that reads code without running it. `points`: rule prefix → what one finding costs."""

    name: str
    argv: Sequence[str]
    report: AnalysisReport
    environment: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, float] = field(default_factory=dict)

    def points_of(self, rule: str) -> float:
        """What a finding of `rule` costs: the longest listed prefix decides; 1 where none fits."""
        fitting = [prefix for prefix in self.points if rule.startswith(prefix)]
        return self.points[max(fitting, key=len)] if fitting else 1.0


@dataclass(frozen=True, slots=True)
class Language:
    """Everything that grading knows about a language."""

    name: str
    title: str
    suffixes: Sequence[str]
    run_argv: Sequence[str]
    run_environment: Mapping[str, str]
    test: TestRunner
    analysers: Sequence[Analyser]

    def owns(self, path: str) -> bool:
        """Whether a file of that name is written in this language."""
        return path.endswith(tuple(self.suffixes))


@functools.cache
def supported() -> Mapping[str, Language]:
    """Every language that has a toolchain, by name."""
    return {path.stem: _load(path) for path in sorted(_FOLDER.glob("*.toml"))}


def language_of(names: Iterable[str]) -> Language:
    """The first of `names` that has a toolchain; a task's tests are written in its first language.

    Raises:
        Rejected: none has.
    """
    names = list(names)
    for name in names:
        if name in supported():
            return supported()[name]
    raise Rejected(
        f"No toolchain for {', '.join(names) or 'a task without languages'}; there is: {', '.join(supported())}."
    )


def fill(argv: Sequence[str], values: Mapping[str, str], files: Sequence[str] = ()) -> list[str]:
    """An argument list with its placeholders filled; `{files}` alone becomes one argument per file."""
    filled: list[str] = []
    for word in argv:
        if word == "{files}":
            filled.extend(files)
            continue
        for name, value in values.items():
            word = word.replace("{" + name + "}", value)
        filled.append(word)
    return filled


def command(
    argv: Sequence[str],
    environment: Mapping[str, str],
    values: Mapping[str, str],
    *,
    files: Sequence[str] = (),
    stdin: str = "",
    toolchain: bool = False,
) -> Command:
    """A `Command` from a declared argument list and environment."""
    filled = {name: fill([value], values)[0] for name, value in environment.items()}
    return Command(fill(argv, values, files), stdin=stdin, environment=filled, toolchain=toolchain)


def _load(path: Path) -> Language:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if data.get("schema_version") != 1 or data.get("name") != path.stem:
        raise ValueError(f"{path}: expected schema_version = 1 and name = {path.stem!r}")
    return Language(
        name=data["name"],
        title=data["title"],
        suffixes=tuple(data["suffixes"]),
        run_argv=tuple(data["run"]["argv"]),
        run_environment=data["run"].get("environment", {}),
        test=_test_runner(data["test"], path.with_suffix("")),
        analysers=tuple(Analyser(**{**entry, "argv": tuple(entry["argv"])}) for entry in data.get("analyse", ())),
    )


def _test_runner(entry: dict[str, Any], rig_folder: Path) -> TestRunner:
    rig = {name: (rig_folder / name).read_text(encoding="utf-8") for name in entry["rig"]}
    return TestRunner(**{**entry, "argv": tuple(entry["argv"]), "rig": rig})
