"""The task-folder format: what it holds, what it refuses, and that nothing is lost on the way out and in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from tali.kernel.text import is_one_line, trimmed
from tali.sdk import Hint
from tali.tasks.content import MAX_FILE_BYTES, PATH, TaskContent, TaskContentSchema
from tali.tasks.folder import TaskFolderError, dump, load
from tali.workspace.edits import valid_path

CONTENT = TaskContent(
    slug="a-task",
    title='A "quoted" title \\ with a backslash',
    summary="One line.",
    kind="debugging",
    difficulty="easy",
    languages=("python",),
    duration_minutes=30,
    entry="main.py",
    help_level="guided",
    weights={"tests": 0.7, "code_quality": 0.3},
    calibration_prompt="Explain\nrecursion ünder \x7f water.",
    readonly=("data/input.txt",),
    brief="# Do it\n",
    starter_files={"main.py": "print(1)\n", "data/input.txt": "1\n"},
    visible_tests={"test_main.py": "def test_it(): pass\n"},
    hidden_tests={"test_more.py": "def test_more(): pass\n"},
    reference_files={"main.py": "print(2)\n"},
    hints=(Hint(("one", "two"), 'Think about "it".\nTwice.'),),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dump(CONTENT, tmp_path / "a-task")
    return tmp_path / "a-task"


def test_a_task_comes_back_as_it_went(folder: Path) -> None:
    assert load(folder) == CONTENT


def test_it_fits_into_json_and_back() -> None:
    again = TaskContent.from_data(json.loads(json.dumps(CONTENT.to_data())))
    assert again == CONTENT
    assert again.content_hash() == CONTENT.content_hash()


def test_the_hash_tells_any_two_contents_apart(folder: Path) -> None:
    (folder / "tests" / "hidden" / "test_more.py").write_text("def test_more(): assert 1\n")
    assert load(folder).content_hash() != CONTENT.content_hash()


def test_readonly_files_are_the_starters(folder: Path) -> None:
    assert load(folder).readonly_files == {"data/input.txt": "1\n"}


def test_proctoring_is_off_and_hints_are_optional(folder: Path) -> None:
    (folder / "hints.toml").unlink()
    content = load(folder)
    assert (content.proctoring, content.hints) == (False, ())


def test_windows_line_ends_become_plain_ones(folder: Path) -> None:
    (folder / "starter" / "main.py").write_bytes(b"a = 1\r\nb = 2\r\n")
    assert load(folder).starter_files["main.py"] == "a = 1\nb = 2\n"


def test_caches_are_left_out(folder: Path) -> None:
    cache = folder / "starter" / "__pycache__"
    cache.mkdir()
    (cache / "main.cpython-311.pyc").write_bytes(b"\x00\xff")
    assert set(load(folder).starter_files) == {"main.py", "data/input.txt"}


def set_key(line: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        name = line.split(" =")[0]
        text = (folder / "task.toml").read_text()
        kept = [old for old in text.split("\n") if not old.startswith(f"{name} =")]
        (folder / "task.toml").write_text("\n".join([line, *kept]))

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (set_key("colour = 'red'"), "task.toml: colour: Unknown field."),
        (set_key("schema_version = 2"), "task.toml: schema_version: Must be equal to 1."),
        (set_key("kind = 'puzzle'"), "task.toml: kind: Must be one of: debugging, feature, refactoring, data"),
        (set_key("duration_minutes = '30'"), "task.toml: duration_minutes: Not a valid integer."),
        (set_key("duration_minutes = 4"), "task.toml: duration_minutes: Must be greater than"),
        (set_key("slug = 'A Task'"), "task.toml: slug: Lower-case words joined by dashes."),
        (set_key("languages = []"), "task.toml: languages: Length must be between 1 and 5."),
        (set_key("entry = '../main.py'"), "task.toml: entry: Not a plain path."),
        (set_key("entry = 'other.py'"), "task.toml: entry: there is no starter/other.py."),
        (set_key("readonly = ['main.py']"), "reference/main.py: replaces a file that candidates cannot change."),
        (set_key("readonly = ['x.py']"), "task.toml: readonly: there is no starter/x.py."),
        (set_key("preset = 'balanced'"), "task.toml: weights: give weights or a preset, not both."),
        (set_key("title = = 1"), "task.toml: Invalid value"),
        (lambda folder: (folder / "brief.md").unlink(), "brief.md: is missing."),
        (lambda folder: (folder / "brief.md").write_text(" \n"), "brief.md: is empty."),
        (lambda folder: (folder / "task.toml").unlink(), "task.toml: is missing."),
        (lambda folder: (folder / "reference" / "main.py").unlink(), "reference: holds no file."),
        (lambda folder: (folder / "tests/hidden/test_more.py").unlink(), "tests/hidden: holds no file."),
        (lambda folder: (folder / "hints.toml").write_text("[[hint]]\ntext='x'"), "hints.toml: hint.0.about: Missing"),
        (
            lambda folder: (folder / "hints.toml").write_text("[[hint]]\nabout=['a']\ntext='x'\ncost=1"),
            "hints.toml: hint.0.cost: Unknown field.",
        ),
        (lambda folder: (folder / "starter/a.bin").write_bytes(b"\xff\xfe"), "starter/a.bin: is not text in UTF-8."),
        (lambda folder: (folder / "starter" / "nul").write_bytes(b"a\0"), "starter/nul: is not text."),
        (
            lambda folder: (folder / "starter" / "big.txt").write_text("x" * (MAX_FILE_BYTES + 1)),
            "starter/big.txt: is larger than 128 KB.",
        ),
        (lambda folder: (folder / "starter/link.py").symlink_to("/etc/passwd"), "starter/link.py: is a symbolic link."),
        (lambda folder: (folder / "starter" / "linked").symlink_to("/etc"), "starter/linked: is a symbolic link."),
        (lambda folder: (folder / "starter" / "a\nb").write_text(""), "is not a path that a workspace can hold."),
        (lambda folder: (folder / "starter" / "a b.py").write_text(""), "starter/a b.py: is not a path"),
        (lambda folder: (folder / "starter" / "näive.py").write_text(""), "starter/näive.py: is not a path"),
        (set_key("entry = 'src//main.py'"), "task.toml: entry: Not a plain path."),
        (set_key("entry = 'main.py/'"), "task.toml: entry: Not a plain path."),
        (
            lambda folder: [(folder / "starter" / f"f{number}").write_text("") for number in range(101)],
            "starter: holds 103 files; at most 100.",
        ),
        (
            lambda folder: [(folder / "starter" / f"f{number}").write_text("x" * 130_000) for number in range(9)],
            "KB together; at most 1024.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_file_and_key(
    folder: Path, change: Callable[[Path], object], problem: str
) -> None:
    change(folder)
    with pytest.raises(TaskFolderError) as refused:
        load(folder)
    assert any(problem in said for said in refused.value.problems), refused.value.problems


def test_a_task_holds_no_path_that_the_workspace_refuses() -> None:
    for path in ("a/b.c", ".env", "a..b", "...", "a/../b", "..", "a/.", "./a", "/a", "a/", "a//b", "a b", "ä", "a\n"):
        try:
            PATH(path)
        except ValidationError:
            assert not valid_path(path), path
        else:
            assert valid_path(path), path


def test_every_problem_is_told_at_once(folder: Path) -> None:
    set_key("colour = 'red'")(folder)
    (folder / "brief.md").unlink()
    with pytest.raises(TaskFolderError) as refused:
        load(folder)
    assert len(refused.value.problems) == 2


WRITTEN = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)


# One line, and nothing at its ends that nobody sees: this is what a title is made into.
TITLE = WRITTEN.map(lambda text: trimmed("".join(filter(is_one_line, text)))).filter(bool)


@settings(deadline=None, max_examples=60)
@given(title=TITLE, hint=WRITTEN, file=WRITTEN, word=WRITTEN, calibration=st.none() | WRITTEN)
def test_whatever_people_write_comes_back_as_it_was(
    title: str, hint: str, file: str, word: str, calibration: str | None
) -> None:
    document = {
        **CONTENT.to_data(),
        "title": title,
        "hints": [{"about": [word], "text": hint}, {"about": ["x"], "text": hint + '"'}],
        "starter_files": {**CONTENT.starter_files, "notes.txt": file},
        "calibration_prompt": calibration,
    }
    content = TaskContentSchema().load(document)
    with tempfile.TemporaryDirectory() as folder:
        dump(content, Path(folder) / "task")
        assert load(Path(folder) / "task") == content
        dump(load(Path(folder) / "task"), Path(folder) / "again")
        for path in (Path(folder) / "task").rglob("*.*"):
            assert path.read_bytes() == (Path(folder) / "again" / path.relative_to(Path(folder) / "task")).read_bytes()


def test_a_folder_in_use_is_not_written_over(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        dump(CONTENT, folder)
