"""Applying edits: exactly as browsers count, and never past a limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tali.sdk.text import splice_utf16, utf16_length
from tali.workspace.edits import MAX_FILE_BYTES, EditError, apply_edit, checksum, valid_path, workspace_hash


def edit(file: str, start: int, end: int, insert: str) -> dict[str, object]:
    return {"op": "edit", "file": file, "from": start, "to": end, "insert": insert}


def test_offsets_count_utf16_units() -> None:
    files = {"a.py": "x = '🦉é'\n"}
    apply_edit(files, edit("a.py", 7, 8, "e"))
    assert files["a.py"] == "x = '🦉e'\n"


def test_half_a_character_is_refused() -> None:
    files = {"a.py": "🦉"}
    with pytest.raises(EditError, match="cuts a character in half"):
        apply_edit(files, edit("a.py", 1, 2, ""))
    assert files == {"a.py": "🦉"}


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (0, 99), (99, 99)])
def test_a_range_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(EditError, match="outside"):
        apply_edit({"a.py": "abc"}, edit("a.py", start, end, ""))


@given(st.text(), st.data())
def test_splicing_agrees_with_utf16(text: str, data: st.DataObject) -> None:
    cuts = sorted(
        [
            utf16_length(text[: data.draw(st.integers(0, len(text)))]),
            utf16_length(text[: data.draw(st.integers(0, len(text)))]),
        ]
    )
    insert = data.draw(st.text())
    units = text.encode("utf-16-le")
    expected = (units[: 2 * cuts[0]] + insert.encode("utf-16-le") + units[2 * cuts[1] :]).decode("utf-16-le")
    assert splice_utf16(text, cuts[0], cuts[1], insert) == expected


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/etc/passwd", "a//b", "a/../b", ".", "", "a/", "ä.py", "a b.py", "a\n.py", "x" * 201]
)
def test_paths_that_could_leave_the_workspace_are_refused(path: str) -> None:
    assert not valid_path(path)
    with pytest.raises(EditError):
        apply_edit({}, {"op": "create", "file": path})


@pytest.mark.parametrize("path", ["main.py", "pkg/mod_1.py", ".gitignore", "a-b/c.d/e"])
def test_ordinary_paths_pass(path: str) -> None:
    assert valid_path(path)


def test_a_readonly_file_stays_as_it_is() -> None:
    files = {"tests/test_a.py": "assert True"}
    for change in (edit("tests/test_a.py", 0, 0, "x"), {"op": "delete", "file": "tests/test_a.py"}):
        with pytest.raises(EditError, match="read-only"):
            apply_edit(files, change, frozenset(files))


def test_a_file_cannot_grow_past_its_limit() -> None:
    files = {"a": ""}
    with pytest.raises(EditError, match="larger than"):
        apply_edit(files, edit("a", 0, 0, "é" * (MAX_FILE_BYTES // 2 + 1)))


def test_a_path_cannot_be_file_and_folder() -> None:
    with pytest.raises(EditError, match="file and a folder"):
        apply_edit({"a": ""}, {"op": "create", "file": "a/b"})


def test_the_hash_is_the_one_that_browsers_compute() -> None:
    # Fixed values: the candidate app's own test holds the same ones.
    assert checksum("print('hé')\n") == "f7603a18"
    assert workspace_hash({"b.py": checksum(""), "a.py": checksum("x")}) == workspace_hash(
        {"a.py": checksum("x"), "b.py": checksum("")}
    )
