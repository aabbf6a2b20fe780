"""The folder format in which tasks are written, kept in version control, and exchanged.

    task.toml        what it is (schema_version = 1)
    brief.md         what the candidate reads
    hints.toml       what the offline assistant knows: [[hint]] about = ["…"], text = "…"
    starter/         the files that the candidate begins with
    tests/visible/   tests that the candidate sees and runs
    tests/hidden/    tests that decide
    reference/       a solution, as files that replace or join the starter's
    variants.toml    the same task in other words: [[variant]] name = "…", replace = { word = "other word" }
    validation.toml  which hidden tests the reference passed, and for which content (written by `tali tasks validate`)

Everything is checked on the way in: an unknown key, a bad path or a file too large is an error that names the file and
the key. Whether the reference passes is asked of a sandbox, by `tali.tasks.validation.validate`. `dump` writes one
form only, and the bundled tasks are kept in it: what was pushed is pulled byte for byte.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from tali.sdk import Hint
from tali.tasks.content import (
    DEFAULT_CALIBRATION_PROMPT,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    MAX_VARIANTS,
    PATH,
    TREES,
    FactsSchema,
    HintSchema,
    TaskContent,
    Variant,
    VariantSchema,
    normal,
    plain_lines,
    problems_of,
    total_bytes,
)

SCHEMA_VERSION = 1
_SKIPPED = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".DS_Store"})


class TaskFolderError(Exception):
    """A folder that is no task. `problems` are sentences that begin with the file and, where there is one, the key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class _TaskSchema(FactsSchema):
    """task.toml."""

    schema_version = fields.Integer(required=True, strict=True, validate=validate.Equal(SCHEMA_VERSION))


class _HintSheetSchema(Schema):
    """hints.toml."""

    class Meta:
        unknown = RAISE

    hint = fields.List(fields.Nested(HintSchema), required=True, validate=validate.Length(1, 100))


class _VariantsSchema(Schema):
    """variants.toml."""

    class Meta:
        unknown = RAISE

    variant = fields.List(fields.Nested(VariantSchema), required=True, validate=validate.Length(1, MAX_VARIANTS - 1))


def load(path: Path) -> TaskContent:
    """Read a task folder.

    Raises:
        TaskFolderError: with every problem found.
    """
    problems: list[str] = []
    declared = _toml(path / "task.toml", _TaskSchema(), problems)
    sheet = _toml(path / "hints.toml", _HintSheetSchema(), problems) if (path / "hints.toml").exists() else {"hint": []}
    others = path / "variants.toml"
    variants = _toml(others, _VariantsSchema(), problems) if others.exists() else {"variant": []}
    brief = _read(path / "brief.md", "brief.md", problems)
    trees: dict[str, Any] = {name: _tree(path / folder, folder, problems) for name, folder in TREES.items()}
    if (size := total_bytes(trees.values())) > MAX_TOTAL_BYTES:
        problems.append(f"{path.name}: its files are {size // 1024} KB together; at most {MAX_TOTAL_BYTES // 1024}.")
    if problems:
        raise TaskFolderError(problems)
    declared.pop("schema_version")
    content = TaskContent(
        **normal({**declared, **{name: tuple(declared.get(name, ())) for name in ("languages", "readonly")}}),
        brief=brief,
        hints=tuple(Hint(tuple(hint["about"]), hint["text"]) for hint in sheet["hint"]),
        variants=tuple(Variant(**variant) for variant in variants["variant"]),
        **trees,
    )
    if problems := problems_of(content):
        raise TaskFolderError(problems)
    return content


def dump(content: TaskContent, path: Path) -> None:
    """Write a task folder that `load` reads as an equal content. `path` must be absent or empty.

    Raises:
        FileExistsError: there is something at `path`.
    """
    if path.exists() and any(path.iterdir()):
        raise FileExistsError(f"{path} is not empty")
    path.mkdir(parents=True, exist_ok=True)
    (path / "task.toml").write_text(_task_toml(content), encoding="utf-8")
    (path / "brief.md").write_text(content.brief, encoding="utf-8")
    if content.hints:
        (path / "hints.toml").write_text(_hints_toml(content), encoding="utf-8")
    if content.variants:
        (path / "variants.toml").write_text(_variants_toml(content), encoding="utf-8")
    for name, folder in TREES.items():
        for file, text in getattr(content, name).items():
            target = path / folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")


def recorded_tests(path: Path, content: TaskContent) -> list[str] | None:
    """The hidden tests that the reference of exactly this content passed, where the folder carries such a record.

    It lets a host that cannot run code publish the library. A test earns every bundled record anew.
    """
    record = path / "validation.toml"
    if not record.exists():
        return None
    data = tomllib.loads(record.read_text(encoding="utf-8"))
    return list(data["tests"]) if data.get("content_hash") == content.content_hash() else None


def record_tests(path: Path, content: TaskContent, tests: Sequence[str]) -> None:
    """Write the record that `recorded_tests` reads."""
    lines = "".join(f"    {_toml_value(name)},\n" for name in tests)
    (path / "validation.toml").write_text(
        f"# Written by `tali tasks validate --record`: the reference passed these, the starter did not.\n"
        f"content_hash = {_toml_value(content.content_hash())}\ntests = [\n{lines}]\n",
        encoding="utf-8",
    )


def library() -> Mapping[str, Path]:
    """The tasks that come with TALI: slug → folder."""
    folder = Path(__file__).with_name("library")
    return {path.parent.name: path.parent for path in sorted(folder.glob("*/task.toml"))}


def _toml(path: Path, schema: Schema, problems: list[str]) -> dict[str, Any]:
    text = _read(path, path.name, problems)
    if not text:
        return {}
    try:
        loaded: dict[str, Any] = schema.load(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path.name}: {error}")
    except ValidationError as error:
        problems += [f"{path.name}: {key}: {message}" for key, message in _flat(error.messages_dict)]
    else:
        return loaded
    return {}


def _flat(messages: Mapping[Any, Any], prefix: str = "") -> list[tuple[str, str]]:
    """(dotted key, message) pairs of marshmallow's nested messages."""
    found: list[tuple[str, str]] = []
    for key, value in messages.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found += _flat(value, f"{name}.")
        else:
            found += [(name, str(message)) for message in value]
    return found


def _read(path: Path, name: str, problems: list[str]) -> str:
    try:
        if path.is_symlink():
            raise ValueError("is a symbolic link")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"is larger than {MAX_FILE_BYTES // 1024} KB")
        text = plain_lines(path.read_text(encoding="utf-8"))
        if "\0" in text:
            raise ValueError("is not text")
    except FileNotFoundError:
        problems.append(f"{name}: is missing.")
    except UnicodeDecodeError:
        problems.append(f"{name}: is not text in UTF-8.")
    except (OSError, ValueError) as error:
        problems.append(f"{name}: {error}.")
    else:
        return text
    return ""


def _tree(root: Path, label: str, problems: list[str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        relative = path.relative_to(root)
        if _SKIPPED.intersection(relative.parts) or path.suffix == ".pyc" or (path.is_dir() and not path.is_symlink()):
            continue
        name = relative.as_posix()
        try:
            PATH(name)
        except ValidationError:
            problems.append(f"{label}/{name}: is not a path that a workspace can hold.")
            continue
        files[name] = _read(path, f"{label}/{name}", problems)
    if len(files) > MAX_FILES:
        problems.append(f"{label}: holds {len(files)} files; at most {MAX_FILES}.")
    return files


def _task_toml(content: TaskContent) -> str:
    calibration = content.calibration_prompt
    values: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        **{
            name: getattr(content, name)
            for name in (
                "slug", "title", "summary", "kind", "difficulty", "languages", "duration_minutes", "entry",
                "help_level", "preset",
            )
        },
        "calibration_prompt": None if calibration == DEFAULT_CALIBRATION_PROMPT else calibration or "",
        "proctoring": content.proctoring or None,
        "readonly": content.readonly or None,
    }  # fmt: skip
    lines = [f"{name} = {_toml_value(value)}" for name, value in values.items() if value is not None]
    if content.weights is not None:
        lines += ["", "[weights]", *(f"{name} = {float(weight)}" for name, weight in sorted(content.weights.items()))]
    return "\n".join(lines) + "\n"


def _hints_toml(content: TaskContent) -> str:
    return "\n".join(
        f"[[hint]]\nabout = {_toml_value(hint.about)}\ntext = {_toml_prose(hint.text)}\n" for hint in content.hints
    )


def _variants_toml(content: TaskContent) -> str:
    entries = []
    for variant in content.variants:
        words = "".join(f"{_toml_value(old)} = {_toml_value(new)}\n" for old, new in sorted(variant.replace.items()))
        entries.append(f"[[variant]]\nname = {_toml_value(variant.name)}\n\n[variant.replace]\n{words}")
    return "\n".join(entries)


def _toml_value(value: object) -> str:
    # A JSON string is a TOML string, save for the one control character that JSON leaves alone.
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _toml_prose(text: str) -> str:
    """A text that people read and edit in the file: as it is, where TOML can hold it so."""
    plain = all(character.isprintable() or character == "\n" for character in text)
    if not plain or "\\" in text or '"""' in text or text.startswith("\n") or text.endswith('"'):
        return _toml_value(text)
    return f'"""{text}"""'
