"""Grading in a real sandbox: what counts, what does not, and what a candidate tries in order to look better."""

from __future__ import annotations

import textwrap
import time
from dataclasses import dataclass, field, replace

import pytest

from tali.grading import service
from tali.grading.service import MAX_OUTPUT, GradeRequest, TestRun
from tali.grading.validation import ValidationRun, validate
from tali.sdk import Execution, Files, Limits, Output, Rejected, SandboxProvider, SandboxRequest

STARTER = {"shop/__init__.py": "", "shop/cart.py": "def total(prices):\n    return 0\n"}
REFERENCE = {"shop/cart.py": "def total(prices):\n    return sum(prices)\n"}
HIDDEN = {
    "test_cart.py": textwrap.dedent("""
        import pytest
        from shop.cart import total

        def test_adds(): assert total([1, 2]) == 3
        def test_nothing_costs_nothing(): assert total([]) == 0
        @pytest.mark.parametrize("count", [1, 2])
        def test_many(count): assert total([5] * count) == 5 * count
    """)
}
EXPECTED = (
    "test_cart::test_adds",
    "test_cart::test_nothing_costs_nothing",
    "test_cart::test_many[1]",
    "test_cart::test_many[2]",
)


@dataclass(frozen=True)
class Exercise:
    languages: tuple[str, ...] = ("python",)
    starter_files: Files = None  # type: ignore[assignment]
    reference_files: Files = None  # type: ignore[assignment]
    visible_tests: Files = field(default_factory=dict)
    hidden_tests: Files = None  # type: ignore[assignment]


EXERCISE = Exercise(("python",), STARTER, REFERENCE, {}, HIDDEN)


def request(code: str | None = None, files: Files | None = None) -> GradeRequest:
    solution = {} if code is None else {"shop/cart.py": code}
    return GradeRequest(["python"], {**STARTER, **solution, **(files or {})}, HIDDEN, EXPECTED, STARTER)


SOLVED = "def total(prices):\n    return sum(prices)\n"


def test_a_solution_passes_and_the_starter_does_not(sandboxes: SandboxProvider) -> None:
    solved = service.grade(sandboxes, request(SOLVED))
    assert (solved.tests.state, solved.tests.passed, solved.tests.total) == ("passed", 4, 4)
    assert [result.name for result in solved.tests.results] == list(EXPECTED)
    assert solved.quality.value == 10.0
    starter = service.grade(sandboxes, request())
    assert (starter.tests.state, starter.tests.passed) == ("failed", 1)
    assert "assert 0 == 3" in starter.tests.results[0].message
    assert (starter.quality.value, starter.quality.reason) == (None, "no_changes")


def test_grading_ten_tests_with_analysis_is_quick(sandboxes: SandboxProvider) -> None:
    """The target is 0.45 s; this fails at three times that, so that a busy machine does not."""
    tests = [f"def test_{n}(): assert total([{n}]) == {n}\n" for n in range(10)]
    hidden = {"test_ten.py": "from shop.cart import total\n" + "".join(tests)}
    many = replace(request(SOLVED), hidden_tests=hidden, expected=[f"test_ten::test_{n}" for n in range(10)])
    best = 9.0
    for _ in range(3):
        started = time.perf_counter()
        assert service.grade(sandboxes, many).tests.passed == 10
        best = min(best, time.perf_counter() - started)
    assert best < 1.35


def test_code_that_cannot_be_loaded_fails_every_test_and_says_why(sandboxes: SandboxProvider) -> None:
    grade = service.grade(sandboxes, request("def total(:\n"))
    assert (grade.tests.state, grade.tests.passed, grade.tests.total) == ("failed", 0, 4)
    assert all("did not run" in result.message and "SyntaxError" in result.message for result in grade.tests.results)
    assert grade.quality.value == 0.0
    assert grade.quality.findings[0].rule == "invalid-syntax"


def test_one_endless_loop_costs_one_test(sandboxes: SandboxProvider) -> None:
    endless = "def total(prices):\n    while not prices: pass\n    return sum(prices)\n"
    grade = service.grade(sandboxes, request(endless))
    assert (grade.tests.passed, grade.tests.total) == (3, 4)
    assert "stopped after 5 s" in grade.tests.results[1].message


def test_a_run_that_is_stopped_is_an_error_in_words(sandboxes: SandboxProvider) -> None:
    grade = service.grade(sandboxes, request("import time\ntime.sleep(30)\n"), Limits(wall_seconds=1))
    assert (grade.tests.state, grade.tests.passed) == ("error", 0)
    assert grade.tests.results[0].message == "The test run was stopped after 1 s."


CHEATS = {
    "a conftest that passes everything": {
        "conftest.py": "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n    outcome.get_result().outcome = 'passed'\n"
    },
    "a pytest of its own": {"pytest.py": "import sys\nsys.exit(0)\n"},
    "a package called _pytest": {"_pytest/__init__.py": "raise SystemExit(0)\n"},
    "a sitecustomize": {"sitecustomize.py": "import os\nos._exit(0)\n"},
    "tests of the same name": {
        "test_cart.py": "def test_adds(): pass\n",
        "tests/test_cart.py": "def test_adds(): pass\n",
    },
    "leaving early": {"shop/__init__.py": "import os\nos._exit(0)\n"},
    "leaving early without an error": {"shop/__init__.py": "import pytest\npytest.exit('done', returncode=0)\n"},
    "skipping what fails": {"shop/__init__.py": "import pytest\npytest.skip('later', allow_module_level=True)\n"},
    "a report written over at exit": {
        "shop/__init__.py": "import atexit, glob\ndef forge():\n    for path in glob.glob('.tali-*/report-*'):\n"
        "        cases = ''.join(f'<testcase classname=\"test_cart\" name=\"{name}\"/>' for name in\n"
        "            ('test_adds', 'test_nothing_costs_nothing', 'test_many[1]', 'test_many[2]'))\n"
        "        open(path, 'w').write('<testsuites><testsuite>' + cases + '</testsuite></testsuites>')\n"
        "atexit.register(forge)\n"
    },
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_gains_nothing(sandboxes: SandboxProvider, cheat: str) -> None:
    grade = service.grade(sandboxes, request(files=CHEATS[cheat]))
    assert grade.tests.state != "passed"
    assert grade.tests.passed <= 1
    assert grade.tests.total == 4


def test_what_a_run_does_to_the_files_does_not_reach_the_analysis(sandboxes: SandboxProvider) -> None:
    rewrites = "import os\nopen(__file__, 'w').write('')\n\n\ndef total(prices):\n    return sum(prices)\n"
    assert any(finding.rule == "F401" for finding in service.grade(sandboxes, request(rewrites)).quality.findings)


def test_readonly_files_are_restored_and_unexpected_tests_do_not_count(sandboxes: SandboxProvider) -> None:
    changed = replace(request(SOLVED, {"shop/rates.py": "RATE = 0\n"}), readonly={"shop/rates.py": "RATE = 7\n"})
    hidden = {
        "test_rates.py": "from shop.rates import RATE\ndef test_rate(): assert RATE == 7\ndef test_extra(): pass\n"
    }
    grade = service.grade(sandboxes, replace(changed, hidden_tests=hidden, expected=["test_rates::test_rate"]))
    assert (grade.tests.passed, grade.tests.total) == (1, 1)


def test_a_language_without_toolchain_is_refused_by_name(sandboxes: SandboxProvider) -> None:
    with pytest.raises(Rejected, match="No toolchain for cobol; there is: javascript, python"):
        service.grade(sandboxes, replace(request(), languages=["cobol"]))


def test_without_expected_tests_nothing_has_passed(sandboxes: SandboxProvider) -> None:
    tests = service.grade(sandboxes, replace(request(SOLVED), expected=[])).tests
    assert (tests.state, tests.passed, tests.total) == ("error", 0, 0)


def test_validation_names_the_hidden_tests(sandboxes: SandboxProvider) -> None:
    found = validate(sandboxes, EXERCISE, times=2)
    assert found.valid, found.problems
    assert tuple(found.tests) == EXPECTED
    assert found.slowest_ms > 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"starter_files": {**STARTER, **REFERENCE}}, "The starter passes every hidden test"),
        ({"reference_files": {}}, "The reference fails test_cart::test_adds"),
        ({"hidden_tests": {"test_none.py": ""}}, "There are no hidden tests"),
        ({"visible_tests": {"test_no.py": "def test_no(): assert 0"}}, "fails the visible test test_no::test_no"),
        ({"visible_tests": {"readme.txt": "Look."}}, "The visible tests hold no test that the runner finds."),
        ({"hidden_tests": {"test_bad.py": "import nothing_there\n"}}, "No module named 'nothing_there'"),
    ],
)
def test_validation_tells_the_author_what_is_wrong(
    sandboxes: SandboxProvider, change: dict[str, Files], problem: str
) -> None:
    found = validate(sandboxes, replace(EXERCISE, **change))
    assert not found.valid
    assert any(problem in said for said in found.problems), found.problems


def test_a_validation_tells_of_each_run_with_what_it_wrote(sandboxes: SandboxProvider) -> None:
    loud = {
        "test_loud.py": "from shop.cart import total\n"
        "def test_loud():\n"
        "    print('x' * 99_999, 'end')\n"
        "    assert total([1])\n"
    }
    runs: list[ValidationRun] = []
    found = validate(sandboxes, replace(EXERCISE, hidden_tests=loud, visible_tests=loud), 2, runs.append)
    assert found.valid, found.problems
    assert [run.step for run in runs] == ["reference", "reference", "starter", "visible_tests"]
    starter = runs[2]
    assert [result.name for result in starter.failed] == ["test_loud::test_loud"]
    assert "test_loud.py" in starter.run.output
    assert ".tali-" not in starter.run.output
    assert len(starter.run.output) <= MAX_OUTPUT


def test_a_test_that_comes_and_goes_makes_the_task_invalid(sandboxes: SandboxProvider) -> None:
    flaky = "import random\nfrom shop.cart import total\n"
    flaky += "for _ in range(3): globals()[f'test_{random.random()}'] = lambda: None\n"
    flaky += "def test_adds(): assert total([1]) == 1\n"
    found = validate(sandboxes, replace(EXERCISE, hidden_tests={"test_flaky.py": flaky}), times=2)
    assert "The hidden tests are not the same ones from run to run." in found.problems


def test_visible_tests_stream_and_end_in_results(sandboxes: SandboxProvider) -> None:
    visible = {"test_visible.py": "from shop.cart import total\ndef test_one(): assert total([1]) == 1\n"}
    own = {"tests/test_mine.py": "def test_mine(): assert True\n", "tests/test_visible.py": "def test_one(): pass\n"}
    sandbox = sandboxes.open(SandboxRequest(["python"]))
    try:
        *outputs, ending = service.run_tests(sandbox, ["python"], {**STARTER, **own}, visible)
    finally:
        sandbox.close()
    assert isinstance(ending, TestRun)
    assert {result.name: result.passed for result in ending.results} == {
        "test_visible::test_one": False,
        "test_mine::test_mine": True,
    }
    assert (ending.execution.exit_code, ending.problem) == (1, None)
    said = "".join(piece.text for piece in outputs if isinstance(piece, Output))
    assert "1 failed, 1 passed" in said
    assert "tests/test_visible.py:2" in said


def test_the_run_command_runs_the_entry(sandboxes: SandboxProvider) -> None:
    sandbox = sandboxes.open(SandboxRequest(["python"]))
    try:
        sandbox.write({"main.py": "import shop.cart\nprint(input(), shop.cart.total([]))\n", **STARTER})
        *said, ending = sandbox.run(service.run_command(["python"], "main.py", "hello\n"), Limits())
    finally:
        sandbox.close()
    assert isinstance(ending, Execution)
    assert "".join(piece.text for piece in said if isinstance(piece, Output)) == "hello 0\n"
