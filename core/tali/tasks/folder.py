"""The folder format in which tasks are written, kept in version control, and exchanged.

    task.toml        what it is (schema_version = 1)
    brief.md         what the candidate reads
    hints.toml       what the offline assistant knows: [[hint]] about = ["…"], text = "…"
    starter/         the files that the candidate begins with
    tests/visible/   tests that the candidate sees and runs
    tests/hidden/    tests that decide
    reference/       a solution, as files that replace or join the starter's
    validation.toml  which hidden tests the reference passed, and for which content (written by `tali tasks validate`)

Everything is checked on the way in: an unknown key, a bad path or a file too large is an error that names the file and
the key. Whether the reference passes is asked of a sandbox, by `tali.grading.service.validate`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from tali.sdk import Files, HelpLevel, Hint

SCHEMA_VERSION = 1
KINDS = ("debugging", "feature", "refactoring", "data", "api_design")
DIFFICULTIES = ("easy", "medium", "hard")
HELP_LEVELS = ("full", "guided", "questions_only")
MAX_FILE_BYTES = 128 * 1024
MAX_FILES = 100
MAX_TOTAL_BYTES = 1024 * 1024
_SKIPPED = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".DS_Store"})


class TaskFolderError(Exception):
    """A folder that is no task. `problems` are sentences that begin with the file and, where there is one, the key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContent:
    """A task, whole. Paths of tests are relative to the tests' folder, all others to the workspace.

    Args:
        entry: the file that "Run" runs.
        preset: a named set of weights; None with `weights`, or for the organisation's default.
        weights: component → weight.
        calibration_prompt: what candidates are asked to write before the clock starts, or None.
        readonly: starter files that the candidate cannot change.
    """

    slug: str
    title: str
    summary: str
    kind: str
    difficulty: str
    languages: Sequence[str]
    duration_minutes: int
    entry: str
    help_level: HelpLevel = "full"
    preset: str | None = None
    weights: Mapping[str, float] | None = None
    calibration_prompt: str | None = None
    proctoring: bool = False
    readonly: Sequence[str] = ()
    brief: str
    starter_files: Files
    visible_tests: Files
    hidden_tests: Files
    reference_files: Files
    hints: Sequence[Hint] = field(default_factory=tuple)

    @property
    def readonly_files(self) -> Files:
        """Those starter files that are restored over the candidate's."""
        return {path: self.starter_files[path] for path in self.readonly}

    def to_data(self) -> dict[str, Any]:
        """As JSON, for storage; `from_data` reads it back."""
        data = asdict(self)
        for name in ("languages", "readonly", "hints"):
            data[name] = list(data[name])
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> TaskContent:
        """The content that `to_data` wrote."""
        hints = tuple(Hint(tuple(hint["about"]), hint["text"]) for hint in data["hints"])
        lists = {name: tuple(data[name]) for name in ("languages", "readonly")}
        return cls(**{**data, **lists, "hints": hints})

    def content_hash(self) -> str:
        """SHA-256 over everything that a candidate or a score could notice."""
        return hashlib.sha256(json.dumps(self.to_data(), sort_keys=True).encode()).hexdigest()


def _text(most: int, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, most), **options)


_PATH = validate.And(
    validate.Length(1, 200),
    validate.Regexp(r"(?!.*(?:^|/)\.{1,2}(?:/|\Z))[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*\Z", error="Not a plain path."),
)
_SLUG = validate.Regexp(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z", error="Lower-case words joined by dashes.")
_NAME = validate.Regexp(r"[a-z][a-z0-9_]{0,59}\Z", error="A lower-case name.")


class _TaskSchema(Schema):
    """task.toml."""

    class Meta:
        unknown = RAISE

    schema_version = fields.Integer(required=True, strict=True, validate=validate.Equal(SCHEMA_VERSION))
    slug = fields.String(required=True, validate=[validate.Length(1, 80), _SLUG])
    title = _text(200, required=True)
    summary = _text(500, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    difficulty = fields.String(required=True, validate=validate.OneOf(DIFFICULTIES))
    languages = fields.List(fields.String(validate=_NAME), required=True, validate=validate.Length(1, 5))
    duration_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(5, 480))
    entry = fields.String(required=True, validate=_PATH)
    help_level = fields.String(validate=validate.OneOf(HELP_LEVELS))
    preset = fields.String(validate=_NAME)
    weights = fields.Dict(keys=fields.String(validate=_NAME), values=fields.Float(validate=validate.Range(0, 1)))
    calibration_prompt = _text(2000)
    proctoring = fields.Boolean(truthy={True}, falsy={False})
    readonly = fields.List(fields.String(validate=_PATH), validate=validate.Length(max=MAX_FILES))


class _HintSchema(Schema):
    class Meta:
        unknown = RAISE

    about = fields.List(_text(60), required=True, validate=validate.Length(1, 20))
    text = _text(4000, required=True)


class _HintSheetSchema(Schema):
    """hints.toml."""

    class Meta:
        unknown = RAISE

    hint = fields.List(fields.Nested(_HintSchema), required=True, validate=validate.Length(1, 100))


def load(path: Path) -> TaskContent:
    """Read a task folder.

    Raises:
        TaskFolderError: with every problem found.
    """
    problems: list[str] = []
    declared = _toml(path / "task.toml", _TaskSchema(), problems)
    sheet = _toml(path / "hints.toml", _HintSheetSchema(), problems) if (path / "hints.toml").exists() else {"hint": []}
    brief = _read(path / "brief.md", "brief.md", problems)
    trees = {
        name: _tree(path / name, name, problems) for name in ("starter", "tests/visible", "tests/hidden", "reference")
    }
    size = sum(len(text.encode()) for tree in trees.values() for text in tree.values())
    if size > MAX_TOTAL_BYTES:
        problems.append(f"{path.name}: its files are {size // 1024} KB together; at most {MAX_TOTAL_BYTES // 1024}.")
    if not problems:
        problems += _contradictions(declared, trees, brief)
    if problems:
        raise TaskFolderError(problems)
    declared.pop("schema_version")
    return TaskContent(
        **{**declared, "languages": tuple(declared["languages"]), "readonly": tuple(declared.get("readonly", ()))},
        brief=brief,
        starter_files=trees["starter"],
        visible_tests=trees["tests/visible"],
        hidden_tests=trees["tests/hidden"],
        reference_files=trees["reference"],
        hints=tuple(Hint(tuple(hint["about"]), hint["text"]) for hint in sheet["hint"]),
    )


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
        entries = (
            f"[[hint]]\nabout = {_toml_value(hint.about)}\ntext = {_toml_value(hint.text)}\n" for hint in content.hints
        )
        (path / "hints.toml").write_text("\n".join(entries), encoding="utf-8")
    for folder, files in (
        ("starter", content.starter_files),
        ("tests/visible", content.visible_tests),
        ("tests/hidden", content.hidden_tests),
        ("reference", content.reference_files),
    ):
        for name, text in files.items():
            target = path / folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


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
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
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
            _PATH(name)
        except ValidationError:
            problems.append(f"{label}/{name}: is not a path that a workspace can hold.")
            continue
        files[name] = _read(path, f"{label}/{name}", problems)
    if len(files) > MAX_FILES:
        problems.append(f"{label}: holds {len(files)} files; at most {MAX_FILES}.")
    return files


def _contradictions(declared: Mapping[str, Any], trees: Mapping[str, Files], brief: str) -> list[str]:
    starter = trees["starter"]
    problems = [f"{name}: holds no file." for name in ("starter", "tests/hidden", "reference") if not trees[name]]
    if not brief.strip():
        problems.append("brief.md: is empty.")
    if declared["entry"] not in starter:
        problems.append(f"task.toml: entry: there is no starter/{declared['entry']}.")
    problems += [
        f"task.toml: readonly: there is no starter/{path}."
        for path in declared.get("readonly", ())
        if path not in starter
    ]
    problems += [
        f"reference/{path}: replaces a file that candidates cannot change."
        for path in declared.get("readonly", ())
        if path in trees["reference"]
    ]
    weights = declared.get("weights")
    if weights is not None and "preset" in declared:
        problems.append("task.toml: weights: give weights or a preset, not both.")
    if weights is not None and not sum(weights.values()) > 0:
        problems.append("task.toml: weights: at least one must be more than 0.")
    return problems


def _task_toml(content: TaskContent) -> str:
    values: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        **{
            name: getattr(content, name)
            for name in (
                "slug", "title", "summary", "kind", "difficulty", "languages", "duration_minutes", "entry",
                "help_level", "preset", "calibration_prompt", "proctoring", "readonly",
            )
        },
    }  # fmt: skip
    lines = [f"{name} = {_toml_value(value)}" for name, value in values.items() if value is not None and value != ()]
    if content.weights is not None:
        lines += ["", "[weights]", *(f"{name} = {float(weight)}" for name, weight in content.weights.items())]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    # A JSON string is a TOML string, save for the one control character that JSON leaves alone.
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
