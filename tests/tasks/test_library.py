"""The tasks that come with TALI: solvable, not solved, with hints that help and give nothing away."""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tali.grading import service
from tali.sdk import (
    Conversation,
    Execution,
    Limits,
    Message,
    PluginContext,
    SandboxProvider,
    SandboxRequest,
    SandboxUnavailable,
    Text,
)
from tali.tasks.folder import TaskContent, dump, library, load, recorded_tests
from tali_bubblewrap import tali_sandboxes
from tali_offline.assistant import OfflineAssistant

SHARED_TOOLS = Path(
    os.environ.get("TALI_TEST_SANDBOX_DIR", Path(__file__).parents[2] / ".tali" / "tests" / "bubblewrap")
)


@pytest.fixture(params=sorted(library()))
def task(request: pytest.FixtureRequest) -> TaskContent:
    return load(library()[request.param])


@pytest.fixture
def sandboxes(plugin_context: PluginContext) -> SandboxProvider:
    provider = tali_sandboxes().create({"python": "", "places": 64}, replace(plugin_context, data_dir=SHARED_TOOLS))
    try:
        provider.prepare(lambda sentence: None)
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    return provider


def test_there_are_two() -> None:
    assert len(library()) >= 2


def test_the_reference_passes_what_the_starter_fails(task: TaskContent, sandboxes: SandboxProvider) -> None:
    validation = service.validate(sandboxes, task, times=5)
    assert validation.valid, validation.problems
    assert recorded_tests(library()[task.slug], task) == list(validation.tests), "the record it carries is not earned"
    assert 8 <= len(validation.tests) <= 12
    assert validation.slowest_ms < 5000


def test_no_hidden_test_is_passed_by_the_starter(task: TaskContent, sandboxes: SandboxProvider) -> None:
    names = service.validate(sandboxes, task).tests
    untouched = service.GradeRequest(task.languages, task.starter_files, task.hidden_tests, names, task.starter_files)
    assert service.grade(sandboxes, untouched).tests.passed == 0


def test_the_reference_is_clean_code(task: TaskContent, sandboxes: SandboxProvider) -> None:
    final = {**task.starter_files, **task.reference_files}
    solved = service.GradeRequest(task.languages, final, task.hidden_tests, ["none"], task.starter_files)
    quality = service.grade(sandboxes, solved).quality
    assert quality.value is not None
    assert quality.value >= 9.5, quality.findings


def test_the_starter_runs_and_its_visible_tests_pass(task: TaskContent, sandboxes: SandboxProvider) -> None:
    assert 3 <= sum(text.count("\ndef test_") for text in task.visible_tests.values()) <= 4
    sandbox = sandboxes.open(SandboxRequest(task.languages))
    try:
        *_, tested = service.run_tests(sandbox, task.languages, task.starter_files, task.visible_tests)
        *_, ran = sandbox.run(service.run_command(task.languages, task.entry), Limits())
    finally:
        sandbox.close()
    assert isinstance(tested, service.TestRun)
    assert all(result.passed for result in tested.results)
    assert isinstance(ran, Execution)
    assert ran.exit_code == 0


def test_nothing_but_the_standard_library_is_imported(task: TaskContent) -> None:
    own = {path.split("/")[0].removesuffix(".py") for path in task.starter_files}
    allowed = own | set(sys.stdlib_module_names) | {"pytest"}
    for files in (task.starter_files, task.reference_files, task.visible_tests, task.hidden_tests):
        for path, text in files.items():
            for node in ast.walk(ast.parse(text)) if path.endswith(".py") else ():
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert all(name.split(".")[0] in allowed for name in names), (path, names)


def test_the_hints_are_enough_and_give_no_code_away(task: TaskContent) -> None:
    assert len(task.hints) >= 8
    solution = {
        line.strip()
        for path, text in task.reference_files.items()
        for line in text.splitlines()
        if len(line.strip()) > 25 and line not in task.starter_files.get(path, "")
    }
    for hint in task.hints:
        assert not [line for line in solution if line in hint.text]


def test_every_hint_can_be_asked_for(task: TaskContent) -> None:
    assistant = OfflineAssistant(pause=lambda seconds: None)
    for hint in task.hints:
        asked = Conversation(
            task.brief,
            task.languages,
            (Message("candidate", " ".join(hint.about)),),
            {},
            None,
            None,
            "full",
            task.hints,
        )
        said = "".join(chunk.text for chunk in assistant.reply(asked) if isinstance(chunk, Text))
        assert said == hint.text


def test_it_survives_export(task: TaskContent, tmp_path: Path) -> None:
    dump(task, tmp_path / task.slug)
    assert load(tmp_path / task.slug) == task
