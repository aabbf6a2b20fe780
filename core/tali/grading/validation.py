"""Whether an exercise holds: its reference passes every hidden test, again and again, and its starter does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tali.grading.languages import Language, language_of
from tali.grading.service import TestRun, hidden_suite, last, run_tests
from tali.sdk import Files, SandboxProvider, SandboxRequest, TestResult

TIMES = 5
"""How often the reference must pass before a task is published: a test that fails one time in three would be found
out in 87 of 100 cases, and one that fails every other time in 97."""


class Exercise(Protocol):
    """The parts of a task that can be validated."""

    @property
    def languages(self) -> Sequence[str]: ...
    @property
    def starter_files(self) -> Files: ...
    @property
    def reference_files(self) -> Files: ...
    @property
    def visible_tests(self) -> Files: ...
    @property
    def hidden_tests(self) -> Files: ...


@dataclass(frozen=True, slots=True)
class ValidationRun:
    """One run of a validation, as its author reads it. `step` is `reference`, `starter` or `visible_tests`."""

    step: str
    run: TestRun

    @property
    def failed(self) -> list[TestResult]:
        """What did not pass."""
        return [result for result in self.run.results if not result.passed]


@dataclass(frozen=True, slots=True)
class Validation:
    """Whether an exercise can be published.

    Args:
        tests: the names of its hidden tests, to be kept with the version.
        problems: sentences for its author; empty means valid.
        slowest_ms: of all runs of the reference.
    """

    tests: Sequence[str]
    problems: Sequence[str]
    slowest_ms: int

    @property
    def valid(self) -> bool:
        return not self.problems


def steps(content: Exercise, times: int) -> int:
    """How many runs a validation takes when all goes well."""
    return times + 1 + bool(content.visible_tests)


def validate(
    provider: SandboxProvider,
    content: Exercise,
    times: int = 1,
    watch: Callable[[ValidationRun], None] = lambda run: None,
) -> Validation:
    """Check an exercise: the reference passes every hidden test, `times` over, and the visible ones once; the starter
    fails at least one hidden test. `watch` is told of each run as it ends; the first that fails is the last.

    Raises:
        Rejected: no toolchain for its languages.
        SandboxUnavailable, SandboxGone, Transient: from the provider.
    """
    language = language_of(content.languages)
    names: list[str] = []
    slowest = 0
    reference = {**content.starter_files, **content.reference_files}

    def hidden(step: str, files: Files) -> TestRun:
        run = _in_fresh_sandbox(provider, language, files, content.hidden_tests)
        watch(ValidationRun(step, run))
        return run

    for _ in range(times):
        run = hidden("reference", reference)
        slowest = max(slowest, run.execution.duration_ms)
        if problems := _problems_of_reference(run, names):
            return Validation(names, list(dict.fromkeys(problems)), slowest)
        names = names or [result.name for result in run.results]
    starter = hidden("starter", content.starter_files)
    if {result.name for result in starter.results if result.passed} >= set(names):
        already = "The starter passes every hidden test already, so that there is nothing to solve."
        return Validation(names, [already], slowest)
    return Validation(names, _problems_of_visible(provider, content, reference, watch), slowest)


def _problems_of_visible(
    provider: SandboxProvider, content: Exercise, reference: Files, watch: Callable[[ValidationRun], None]
) -> list[str]:
    if not content.visible_tests:
        return []
    sandbox = provider.open(SandboxRequest([language_of(content.languages).name], {"purpose": "validation"}))
    try:
        run = last(run_tests(sandbox, content.languages, reference, content.visible_tests))
    finally:
        sandbox.close()
    watch(ValidationRun("visible_tests", run))
    if run.problem is not None:
        return [f"The visible tests could not be run with the reference: {run.problem}"]
    if not run.results:
        return ["The visible tests hold no test that the runner finds."]
    return [f"The reference fails the visible test {_told(result)}" for result in run.results if not result.passed]


def _problems_of_reference(run: TestRun, names_before: Sequence[str]) -> list[str]:
    problems = [f"The reference fails {_told(result)}" for result in run.results if not result.passed]
    if run.problem is not None:
        problems.append(f"The reference could not be tested: {run.problem}")
    elif not run.results:
        problems.append("There are no hidden tests.")
    if len({result.name for result in run.results}) < len(run.results):
        problems.append("Two hidden tests have the same name.")
    if names_before and [result.name for result in run.results] != list(names_before):
        problems.append("The hidden tests are not the same ones from run to run.")
    return problems


def _told(result: TestResult) -> str:
    return f"{result.name}: {result.message.splitlines()[-1] if result.message else 'no message'}"


def _in_fresh_sandbox(provider: SandboxProvider, language: Language, files: Files, tests: Files) -> TestRun:
    sandbox = provider.open(SandboxRequest([language.name], {"purpose": "validation"}))
    try:
        return hidden_suite(sandbox, language, files, tests)
    finally:
        sandbox.close()
