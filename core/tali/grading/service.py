"""Runs, tests and grades code on any sandbox. Pure: files in, facts out; no database, no clock, no state.

What a grade can promise. The candidate's code and the tests that judge it run in one process, so that code written to
deceive its judge can: a grade is tamper-evident at best. What is done: hidden tests live in a folder whose name cannot
be guessed, beside a runner configuration of our own; the candidate's `conftest.py`, runner configuration and plugins
are not looked at; the expected tests are named beforehand, so that fewer, others or more tell; the report must agree
with the runner's exit code; quality is analysed before any of the candidate's code has run.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tali.grading.junit import MAX_BYTES, TestReport, parse_junit
from tali.grading.languages import Language, command, language_of
from tali.grading.quality import CodeQuality, analyse, changed_files
from tali.sdk import (
    Command,
    Execution,
    Files,
    Limits,
    Output,
    Sandbox,
    SandboxProvider,
    SandboxRequest,
    TestOutcome,
    TestResult,
)

TEST_LIMITS = Limits(wall_seconds=60, cpu_seconds=60)
MAX_OUTPUT = 16_000
"""Characters of a test run's output that are kept, from its end."""


@dataclass(frozen=True, slots=True)
class GradeRequest:
    """What is to be graded.

    Args:
        files: the candidate's final files.
        hidden_tests: paths relative to the tests' folder.
        expected: the names of the hidden tests, as validation found them; these and no others count.
        starter: what the candidate was given, so that only their own code is analysed.
        readonly: files restored over the candidate's.
        labels: of the sandbox, for a sweeper.
    """

    languages: Sequence[str]
    files: Files
    hidden_tests: Files
    expected: Sequence[str]
    starter: Files = field(default_factory=dict)
    readonly: Files = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grade:
    """What the hidden tests and the analysers said."""

    tests: TestOutcome
    quality: CodeQuality


@dataclass(frozen=True, slots=True)
class TestRun:
    """How a test run ended. `problem` is a sentence where there are no results to believe.

    `output` is the end of what the run wrote, where nobody was handed it piece by piece.
    """

    __test__ = False

    execution: Execution
    results: Sequence[TestResult]
    problem: str | None = None
    output: str = ""


def unavailable(provider: SandboxProvider, languages: Sequence[str]) -> str | None:
    """Why tasks in these languages cannot run on this sandbox, as a sentence; None when they can.

    Raises:
        Rejected: no toolchain for these languages.
    """
    return provider.missing([language_of(languages).name])


def run_command(languages: Sequence[str], path: str, stdin: str = "") -> Command:
    """The command that runs one file of the workspace.

    Raises:
        Rejected: no toolchain for these languages.
    """
    language = language_of(languages)
    return command(language.run_argv, language.run_environment, {"file": path}, stdin=stdin)


def run_tests(
    sandbox: Sandbox, languages: Sequence[str], files: Files, tests: Files, limits: Limits = TEST_LIMITS
) -> Iterator[Output | TestRun]:
    """Run the tests that the candidate sees: output as it comes, then one `TestRun`, last.

    `tests` (paths relative to the tests' folder) are laid over the candidate's files, so that edited ones are restored;
    tests that the candidate added run too.

    Raises:
        Rejected: no toolchain for these languages.
    """
    runner = language_of(languages).test
    # A file that is called like the tests' folder makes room for it.
    files = {path: text for path, text in files.items() if path != runner.folder}
    laid = {f"{runner.folder}/{path}": text for path, text in tests.items()}
    yield from _run_suite(sandbox, language_of(languages), {**files, **laid}, runner.folder, _hidden_name(), limits)


def grade(provider: SandboxProvider, request: GradeRequest, limits: Limits = TEST_LIMITS) -> Grade:
    """Grade a submission in a fresh sandbox.

    Raises:
        Rejected: no toolchain for its languages.
        SandboxUnavailable, SandboxGone, Transient: from the provider; grade again later.
    """
    language = language_of(request.languages)
    final = {**request.files, **request.readonly}
    sandbox = provider.open(SandboxRequest([language.name], {**request.labels, "purpose": "grading"}))
    try:
        sandbox.write(final)
        given = {**request.starter, **request.readonly}
        quality = analyse(sandbox, language, final, changed_files(language, final, given))
        run = hidden_suite(sandbox, language, final, request.hidden_tests, limits)
    finally:
        sandbox.close()
    return Grade(_outcome(run, request.expected), quality)


def hidden_suite(
    sandbox: Sandbox, language: Language, files: Files, tests: Files, limits: Limits = TEST_LIMITS
) -> TestRun:
    """Run tests that the code beside them cannot find by name."""
    rig = _hidden_name()
    folder = f"{rig}/tests"
    laid = {f"{folder}/{path}": text for path, text in tests.items()}
    return last(_run_suite(sandbox, language, {**files, **laid}, folder, rig, limits), f"{rig}/")


def last(pieces: Iterator[Output | TestRun], private: str = "") -> TestRun:
    """Wait for the end of a test run; `private` is left out of what it wrote."""
    told: deque[str] = deque()
    size = 0
    for piece in pieces:
        if isinstance(piece, TestRun):
            output = "".join(told)[-MAX_OUTPUT:]
            return replace(piece, output=output.replace(private, "") if private else output)
        told.append(piece.text)
        size += len(piece.text)
        while size - len(told[0]) > MAX_OUTPUT:
            size -= len(told.popleft())
    raise AssertionError("a suite ends in a TestRun")


def _run_suite(
    sandbox: Sandbox, language: Language, files: Files, folder: str, rig: str, limits: Limits
) -> Iterator[Output | TestRun]:
    runner = language.test
    report_path = f"{rig}/report-{secrets.token_hex(8)}"
    sandbox.write({**files, **{f"{rig}/{name}": text for name, text in runner.rig.items()}})
    values = {"tests": folder, "rig": rig, "report": report_path}
    for piece in sandbox.run(command(runner.argv, runner.environment, values, toolchain=True), limits):
        if isinstance(piece, Output):
            yield piece
            continue
        text = sandbox.read([report_path], MAX_BYTES).get(report_path)
        report = None if text is None else parse_junit(text)
        results = () if report is None else _plain_paths(_with_unloaded(report), f"{rig}/tests/")
        yield TestRun(piece, results, _disbelief(language, piece, report))


def _plain_paths(results: Sequence[TestResult], rig: str) -> list[TestResult]:
    """Where hidden tests were laid is nobody's business, and only clutters a message."""
    return [replace(result, message=result.message.replace(rig, "")) for result in results]


def _with_unloaded(report: TestReport) -> list[TestResult]:
    unloaded = [TestResult(f"{module}::", False, message) for module, message in report.unloaded.items()]
    return [*report.results, *unloaded]


def _disbelief(language: Language, execution: Execution, report: TestReport | None) -> str | None:
    """Why there is nothing to believe, as a sentence; None when the report stands."""
    if execution.stopped is not None:
        return f"The test run was {execution.limit_note}."
    if report is None:
        return "The test run ended before it could report."
    all_passed = not report.unloaded and all(result.passed for result in report.results)
    agreeing = language.test.all_passed if all_passed else language.test.some_failed
    if report.results and execution.exit_code not in agreeing:
        return f"The report and the test run's exit code ({execution.exit_code}) contradict each other."
    return None


def _outcome(run: TestRun, expected: Sequence[str]) -> TestOutcome:
    """The expected tests' results. A test that did not run has failed; one that reports twice has failed."""
    told: dict[str, TestResult] = {}
    for result in run.results:
        if result.name in told:
            result = replace(result, passed=False, message="reported more than once")
        told[result.name] = result
    results: list[TestResult] = []
    for name in expected:
        if run.problem is not None:
            results.append(TestResult(name, False, run.problem))
        elif name in told:
            results.append(told[name])
        else:
            unloaded = told.get(f"{name.split('::', 1)[0].split('.', 1)[0]}::")
            why = "" if unloaded is None else f"\n{unloaded.message}"
            results.append(TestResult(name, False, f"This test did not run.{why}"))
    passed = sum(result.passed for result in results)
    if run.problem is not None or not results:
        return TestOutcome("error", 0, len(results), results)
    return TestOutcome("passed" if passed == len(results) else "failed", passed, len(results), results)


def _hidden_name() -> str:
    return f".tali-{secrets.token_hex(12)}"
