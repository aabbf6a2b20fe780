"""The tasks that come with TALI: solvable, not solved, with hints that help and give nothing away."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tali.grading import service
from tali.grading.languages import language_of
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
from tali.tasks.content import KINDS, TaskContent
from tali.tasks.folder import dump, library, load, recorded_tests
from tali.tasks.validation import validate
from tali.workspace.edits import MAX_FILES, valid_path
from tali.workspace.service import starter_files
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


def test_there_are_eight_of_every_kind_and_in_two_languages() -> None:
    tasks = [load(folder) for folder in library().values()]
    assert len(tasks) >= 8
    assert {task.kind for task in tasks} == set(KINDS)
    languages = Counter(task.languages[0] for task in tasks)
    assert languages["python"] >= 4
    assert languages["javascript"] >= 2


def test_it_is_work_of_an_hour_at_most_in_several_files(task: TaskContent) -> None:
    assert 20 <= task.duration_minutes <= 60
    assert len([path for path in task.starter_files if language_of(task.languages).owns(path)]) >= 4
    assert 1000 < len(task.brief) < 5000


def test_it_fits_into_a_workspace(task: TaskContent) -> None:
    given, _ = starter_files(task)
    assert len({**given, **task.reference_files}) <= MAX_FILES
    assert all(valid_path(path) for path in {**given, **task.reference_files})


@pytest.fixture(autouse=True)
def _toolchain(request: pytest.FixtureRequest) -> None:
    """Skips what needs a sandbox where the task's language is not available."""
    if {"sandboxes", "task"} <= set(request.fixturenames):
        task, provider = request.getfixturevalue("task"), request.getfixturevalue("sandboxes")
        if (why := service.unavailable(provider, task.languages)) is not None:
            pytest.skip(why)


def test_the_reference_passes_what_the_starter_fails(task: TaskContent, sandboxes: SandboxProvider) -> None:
    validation = validate(sandboxes, task)
    assert validation.valid, validation.problems
    assert recorded_tests(library()[task.slug], task) == list(validation.tests), "the record it carries is not earned"
    assert 8 <= len(validation.tests) <= 12
    assert validation.slowest_ms < 5000


def test_no_hidden_test_is_passed_by_the_starter(task: TaskContent, sandboxes: SandboxProvider) -> None:
    names = validate(sandboxes, task, times=1).tests
    untouched = service.GradeRequest(task.languages, task.starter_files, task.hidden_tests, names, task.starter_files)
    assert service.grade(sandboxes, untouched).tests.passed == 0


def test_the_reference_is_clean_code(task: TaskContent, sandboxes: SandboxProvider) -> None:
    final = {**task.starter_files, **task.reference_files}
    solved = service.GradeRequest(task.languages, final, task.hidden_tests, ["none"], task.starter_files)
    quality = service.grade(sandboxes, solved).quality
    assert quality.value is not None
    assert quality.value >= 9.5, quality.findings


def test_the_starter_runs_and_its_visible_tests_pass(task: TaskContent, sandboxes: SandboxProvider) -> None:
    sandbox = sandboxes.open(SandboxRequest(task.languages))
    try:
        *_, tested = service.run_tests(sandbox, task.languages, task.starter_files, task.visible_tests)
        *_, ran = sandbox.run(service.run_command(task.languages, task.entry), Limits())
    finally:
        sandbox.close()
    assert isinstance(tested, service.TestRun)
    assert all(result.passed for result in tested.results), tested.results
    assert 3 <= len(tested.results) <= 4
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


def test_javascript_imports_nothing_but_itself_and_node(task: TaskContent) -> None:
    package = re.search(r'"name": "([^"]+)"', task.starter_files.get("package.json", ""))
    for files in (task.starter_files, task.reference_files, task.visible_tests, task.hidden_tests):
        for path, text in files.items():
            for name in re.findall(r'\b(?:from|import)\s*\(?"([^"]+)"', text) if path.endswith(".js") else ():
                own = name.startswith(".") or (package is not None and name == package[1])
                assert own or name.startswith("node:"), (path, name)


def test_the_hints_are_enough_and_give_no_code_away(task: TaskContent) -> None:
    assert 8 <= len(task.hints) <= 12
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
