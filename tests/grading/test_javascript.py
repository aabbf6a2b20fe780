"""Grading JavaScript in a real sandbox: node's own test runner, and what a candidate tries in order to look better."""

from __future__ import annotations

import textwrap
import time
from dataclasses import dataclass, field, replace

import pytest

from tali.grading import service
from tali.grading.service import GradeRequest, TestRun
from tali.grading.validation import validate
from tali.sdk import Execution, Files, Limits, Output, SandboxProvider, SandboxRequest

PACKAGE = '{"name": "shop", "type": "module", "exports": "./src/cart.js"}\n'
STARTER = {"package.json": PACKAGE, "src/cart.js": "export const total = () => 0;\n"}
SOLVED = "export const total = (prices) => prices.reduce((sum, price) => sum + price, 0);\n"
HIDDEN = {
    "cart.test.js": textwrap.dedent("""
        import assert from "node:assert/strict";
        import { describe, it, test } from "node:test";
        import { total } from "shop";

        test("adds", () => assert.equal(total([1, 2]), 3));
        test("nothing costs nothing", async () => {
          await 1;
          assert.equal(total([]), 0);
        });
        describe("many", () => {
          for (const count of [1, 2]) {
            it(`${count} items`, () => assert.equal(total(Array(count).fill(5)), 5 * count));
          }
        });
    """)
}
EXPECTED = ("cart::adds", "cart::nothing costs nothing", "cart::many > 1 items", "cart::many > 2 items")


@dataclass(frozen=True)
class Exercise:
    languages: tuple[str, ...] = ("javascript",)
    starter_files: Files = field(default_factory=lambda: STARTER)
    reference_files: Files = field(default_factory=lambda: {"src/cart.js": SOLVED})
    visible_tests: Files = field(default_factory=dict)
    hidden_tests: Files = field(default_factory=lambda: HIDDEN)


@pytest.fixture(autouse=True)
def _node(sandboxes: SandboxProvider) -> None:
    if (why := service.unavailable(sandboxes, ["javascript"])) is not None:
        pytest.skip(why)


def request(code: str | None = None, files: Files | None = None) -> GradeRequest:
    solution = {} if code is None else {"src/cart.js": code}
    return GradeRequest(["javascript"], {**STARTER, **solution, **(files or {})}, HIDDEN, EXPECTED, STARTER)


def test_a_solution_passes_and_the_starter_does_not(sandboxes: SandboxProvider) -> None:
    solved = service.grade(sandboxes, request(SOLVED))
    assert (solved.tests.state, solved.tests.passed, solved.tests.total) == ("passed", 4, 4), solved.tests
    assert [result.name for result in solved.tests.results] == list(EXPECTED)
    assert solved.quality.value == 10.0
    starter = service.grade(sandboxes, request())
    assert (starter.tests.state, starter.tests.passed) == ("failed", 1)
    assert "0 !== 3" in starter.tests.results[0].message
    assert "cart.test.js:6" in starter.tests.results[0].message
    assert ".tali-" not in "".join(result.message for result in starter.tests.results)
    assert (starter.quality.value, starter.quality.reason) == (None, "no_changes")


def test_grading_ten_tests_with_analysis_is_quick(sandboxes: SandboxProvider) -> None:
    """The target is 0.45 s, as for Python; this fails at three times that, so that a busy machine does not."""
    tests = [f'test("{n}", () => assert.equal(total([{n}]), {n}));\n' for n in range(10)]
    head = 'import test from "node:test";\nimport assert from "node:assert/strict";\nimport { total } from "shop";\n'
    hidden = {"ten.test.js": head + "".join(tests)}
    many = replace(request(SOLVED), hidden_tests=hidden, expected=[f"ten::{n}" for n in range(10)])
    best = 9.0
    for _ in range(3):
        started = time.perf_counter()
        assert service.grade(sandboxes, many).tests.passed == 10
        best = min(best, time.perf_counter() - started)
    assert best < 1.35


def test_code_that_cannot_be_loaded_fails_every_test_and_says_why(sandboxes: SandboxProvider) -> None:
    grade = service.grade(sandboxes, request("let sum;\nexport const total = ) => 0;\n"))
    assert (grade.tests.state, grade.tests.passed, grade.tests.total) == ("failed", 0, 4)
    assert all("did not run" in result.message and "SyntaxError" in result.message for result in grade.tests.results)
    assert grade.quality.value == 0.0
    assert [(finding.rule, finding.path, finding.line) for finding in grade.quality.findings] == [
        ("invalid-syntax", "src/cart.js", 2)
    ]


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("for (;;);", "stopped after 5 s"),
        ("return Promise.resolve().then(() => { for (;;); });", "stopped after 5 s"),
        ("return new Promise(() => {});", "stopped after 5 s"),
        ("process.exit(0);", "the process ended during this test (exit code 0)"),
        ("process.kill(process.pid, 'SIGKILL');", "the process ended during this test (SIGKILL)"),
    ],
)
def test_what_hangs_or_dies_costs_one_test(sandboxes: SandboxProvider, trouble: str, message: str) -> None:
    code = f"export const total = (prices) => {{ if (!prices.length) {{ {trouble} }} return prices.length * 5; }};\n"
    tests = HIDDEN["cart.test.js"].replace("assert.equal(total([]), 0)", "assert.equal(await total([]), 0)")
    grade = service.grade(sandboxes, replace(request(code), hidden_tests={"cart.test.js": tests}))
    assert [result.passed for result in grade.tests.results] == [False, False, True, True]
    assert grade.tests.results[1].message == message


def test_a_run_that_is_stopped_is_an_error_in_words(sandboxes: SandboxProvider) -> None:
    grade = service.grade(sandboxes, request(f"for (;;);\n{SOLVED}"), Limits(wall_seconds=1))
    assert (grade.tests.state, grade.tests.passed) == ("error", 0)
    assert grade.tests.results[0].message == "The test run was stopped after 1 s."


FORGED = "".join(f'<testcase classname=\\"cart\\" name=\\"{name.split("::")[1]}\\"/>' for name in EXPECTED)
CHEATS: dict[str, Files] = {
    "leaving early": {"src/cart.js": "process.exit(0);\nexport const total = () => 0;\n"},
    "leaving early without hooks": {"src/cart.js": "process.reallyExit(0);\nexport const total = () => 0;\n"},
    "assertions that never fail": {
        "src/cart.js": 'import assert from "node:assert/strict";\nassert.equal = () => {};\n'
        "export const total = () => 0;\n"
    },
    "assertions that never fail, quietly": {
        "src/cart.js": 'import assert from "node:assert";\nimport { syncBuiltinESMExports } from "node:module";\n'
        "Reflect.set(assert.strict, 'equal', () => {});\nReflect.set(assert, 'strictEqual', () => {});\n"
        "syncBuiltinESMExports();\nexport const total = () => 0;\n"
    },
    "tests of the same name": {
        "cart.test.js": 'import test from "node:test";\ntest("adds", () => {});\n',
        "src/cart.js": 'import test from "node:test";\ntest("adds", () => {});\nexport const total = () => 0;\n',
    },
    "skipping what fails": {
        "src/cart.js": 'import { beforeEach } from "node:test";\nbeforeEach((t) => t.skip());\n'
        "export const total = () => 0;\n"
    },
    "results told by the code itself": {
        "src/cart.js": 'import { writeSync } from "node:fs";\n'
        'writeSync(3, JSON.stringify({ name: "adds", passed: true, skipped: false, message: "", ms: 1 }) + "\\n");\n'
        f"{SOLVED}"
    },
    "a report written over at exit": {
        "src/cart.js": 'import { readdirSync, writeFileSync } from "node:fs";\nprocess.on("exit", () => {\n'
        '  for (const folder of readdirSync(".").filter((name) => name.startsWith(".tali-"))) {\n'
        f'    writeFileSync(`${{folder}}/report`, "<s>{FORGED}</s>");\n'
        f'    writeFileSync(process.argv.at(-1), "<s>{FORGED}</s>");\n'
        "  }\n});\nexport const total = () => 0;\n"
    },
    "a file of the rig's name, and modules of node's": {
        "tali_guard.mjs": "process.exit(0);\n",
        "node_modules/node:test/index.js": "export default () => {};\n",
        "node_modules/test/index.js": "export default () => {};\n",
    },
    "another package of that name": {
        "package.json": PACKAGE.replace("./src/cart.js", "./other.js"),
        "other.js": "export const total = () => 0;\n",
    },
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_gains_nothing(sandboxes: SandboxProvider, cheat: str) -> None:
    grade = service.grade(sandboxes, request(files=CHEATS[cheat]))
    assert grade.tests.state != "passed"
    assert grade.tests.passed <= 1, grade.tests.results
    assert grade.tests.total == 4


def test_a_tangled_function_costs_quality(sandboxes: SandboxProvider) -> None:
    branches = "".join(f"  if (prices[{n}] > {n}) sum += {n};\n" for n in range(25))
    tangled = f"export function total(prices) {{\n  let sum = 0;\n{branches}  return sum;\n}}\n"
    quality = service.grade(sandboxes, request(tangled)).quality
    assert [finding.rule for finding in quality.findings] == ["complexity"]
    assert quality.value is not None
    assert quality.value < 7


def test_scripts_and_modules_both_parse(sandboxes: SandboxProvider) -> None:
    files = {"old.cjs": "#!/usr/bin/env node\nif (require.main !== module) return;\n", "new.mjs": "await 1;\n"}
    assert service.grade(sandboxes, request(SOLVED, files)).quality.value == 10.0


def test_validation_names_the_hidden_tests(sandboxes: SandboxProvider) -> None:
    found = validate(sandboxes, Exercise(), times=2)
    assert found.valid, found.problems
    assert tuple(found.tests) == EXPECTED
    unsolved = validate(sandboxes, replace(Exercise(), reference_files={}))
    assert any("The reference fails cart::adds" in problem for problem in unsolved.problems)


def test_visible_tests_stream_and_end_in_results(sandboxes: SandboxProvider) -> None:
    head = 'import test from "node:test";\nimport assert from "node:assert";\n'
    visible = {"visible.test.js": f'{head}import {{ total }} from "shop";\ntest("one", () => assert(total([1])));\n'}
    own = {"tests/mine.test.js": f'{head}test("mine", () => console.log("hello"));\n', "tests/visible.test.js": ""}
    sandbox = sandboxes.open(SandboxRequest(["javascript"]))
    try:
        *outputs, ending = service.run_tests(sandbox, ["javascript"], {**STARTER, **own}, visible)
    finally:
        sandbox.close()
    assert isinstance(ending, TestRun)
    assert {result.name: result.passed for result in ending.results} == {"mine::mine": True, "visible::one": False}
    assert (ending.execution.exit_code, ending.problem) == (1, None)
    said = "".join(piece.text for piece in outputs if isinstance(piece, Output))
    assert "hello" in said
    assert "1 passed, 1 failed" in said
    assert "tests/visible.test.js:4" in said


def run(sandboxes: SandboxProvider, code: str, limits: Limits) -> tuple[str, Execution]:
    sandbox = sandboxes.open(SandboxRequest(["javascript"]))
    try:
        sandbox.write({**STARTER, "main.js": code})
        *said, ending = sandbox.run(service.run_command(["javascript"], "main.js", "hello\n"), limits)
    finally:
        sandbox.close()
    assert isinstance(ending, Execution)
    return "".join(piece.text for piece in said if isinstance(piece, Output)), ending


def test_the_run_command_runs_the_entry(sandboxes: SandboxProvider) -> None:
    code = 'import { readFileSync } from "node:fs";\nimport { total } from "shop";\n'
    said, ending = run(sandboxes, f"{code}console.log(readFileSync(0, 'utf8').trim(), total([]));\n", Limits())
    assert (said, ending.exit_code) == ("hello 0\n", 0)


def test_garbage_is_collected_before_memory_runs_out(sandboxes: SandboxProvider) -> None:
    code = "let sum = 0;\nfor (let n = 0; n < 2e7; n += 1) sum += { n, text: [n] }.text.length;\nconsole.log(sum);\n"
    said, ending = run(sandboxes, code, Limits())
    assert (said, ending.exit_code) == ("20000000\n", 0)
