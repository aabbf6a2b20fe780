"""What a task is, whole: the same as a folder, as a stored document, and as JSON over the API; and its variants."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import marshmallow as ma
from marshmallow import RAISE, Schema, ValidationError, validate

from tali.grading.languages import supported
from tali.kernel import fields as kernel_fields
from tali.sdk import Files, HelpLevel, Hint

KINDS = ("debugging", "feature", "refactoring", "data", "api_design")
DIFFICULTIES = ("easy", "medium", "hard")
HELP_LEVELS = ("full", "guided", "questions_only")
DEFAULT_CALIBRATION_PROMPT = "Ask Claude to help you write a function that reverses a string"
MAX_FILE_BYTES = 128 * 1024
MAX_FILES = 100
MAX_TOTAL_BYTES = 1024 * 1024
MAX_VARIANTS = 10
TREES = {
    "starter_files": "starter",
    "visible_tests": "tests/visible",
    "hidden_tests": "tests/hidden",
    "reference_files": "reference",
}
"""Fields that hold files → their folder."""
ORIGINAL = "original"
"""What the first variant is called: the task as it is written."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The same exercise in other words: each word of `replace` stands for another, wherever it stands alone."""

    name: str
    replace: Mapping[str, str]

    def apply(self, text: str) -> str:
        """All replacements at once, so that two words can change places."""
        longest_first = sorted(self.replace, key=len, reverse=True)
        pattern = _alone("|".join(re.escape(word) for word in longest_first))
        return re.sub(pattern, lambda hit: self.replace[hit[0]], text)

    def unused(self, texts: Sequence[str]) -> list[str]:
        """Words that occur nowhere: misspelled, or gone from the task since."""
        alone = {word: re.compile(_alone(re.escape(word))) for word in self.replace}
        return [
            word for word, pattern in alone.items() if not any(word in text and pattern.search(text) for text in texts)
        ]


def _alone(pattern: str) -> str:
    """A word inside a longer name is another word: `burst` leaves `test_burst` alone."""
    return rf"(?<![A-Za-z0-9_])(?:{pattern})(?![A-Za-z0-9_])"


@dataclass(frozen=True, kw_only=True)
class TaskContent:
    """A task, whole. Paths of tests are relative to the tests' folder, all others to the workspace.

    Args:
        entry: the file that "Run" runs.
        preset: a named set of weights; None with `weights`, or for the organisation's default.
        weights: component → weight.
        calibration_prompt: what candidates are asked to write before the clock starts, or None.
        readonly: starter files that the candidate cannot change.
        variants: beside the task as it is written; an attempt's seed chooses one.
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
    calibration_prompt: str | None = DEFAULT_CALIBRATION_PROMPT
    proctoring: bool = False
    readonly: Sequence[str] = ()
    brief: str
    starter_files: Files
    visible_tests: Files
    hidden_tests: Files
    reference_files: Files
    hints: Sequence[Hint] = field(default_factory=tuple)
    variants: Sequence[Variant] = ()

    @property
    def readonly_files(self) -> Files:
        """Those starter files that are restored over the candidate's."""
        return {path: self.starter_files[path] for path in self.readonly}

    def to_data(self) -> dict[str, Any]:
        """As JSON, for storage and over the API; `from_data` reads it back."""
        data = asdict(self)
        for name in ("languages", "readonly", "hints", "variants"):
            data[name] = list(data[name])
        for hint in data["hints"]:
            hint["about"] = list(hint["about"])
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> TaskContent:
        """The content that `to_data` wrote, now or before a field was added."""
        read: dict[str, Any] = {
            **data,
            "hints": tuple(Hint(tuple(hint["about"]), hint["text"]) for hint in data.get("hints", ())),
            "variants": tuple(Variant(**variant) for variant in data.get("variants", ())),
            "languages": tuple(data["languages"]),
            "readonly": tuple(data.get("readonly", ())),
        }
        return cls(**read)

    def content_hash(self) -> str:
        """SHA-256 over everything that a candidate or a score could notice.

        What is as it is by default is left out, so that a field that is added later changes no hash of before.
        """
        told = {name: value for name, value in self.to_data().items() if value != _DEFAULTS.get(name, MISSING)}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def variant_names(self) -> tuple[str, ...]:
        """What the variants are called, the task as it is written first."""
        return (ORIGINAL, *(variant.name for variant in self.variants))

    def variant_at(self, index: int) -> TaskContent:
        """One variant, in the order of `variant_names`; rendered once."""
        if index not in self._rendered:
            plain = replace(self, variants=())
            self._rendered[index] = plain if index == 0 else _rendered(plain, self.variants[index - 1])
        return self._rendered[index]

    @cached_property
    def _rendered(self) -> dict[int, TaskContent]:
        return {}

    def each_variant(self) -> Iterator[tuple[str, TaskContent]]:
        """(name, content) of every variant."""
        return ((name, self.variant_at(index)) for index, name in enumerate(self.variant_names))

    def variant(self, seed: int) -> tuple[str, TaskContent]:
        """The variant that an attempt with this seed gets: the same one, always and everywhere."""
        index = seed % len(self.variant_names)
        return self.variant_names[index], self.variant_at(index)


_DEFAULTS: dict[str, Any] = {
    entry.name: list(entry.default) if isinstance(entry.default, tuple) else entry.default
    for entry in fields(TaskContent)
    if entry.default is not MISSING
} | {"hints": []}


def _rendered(content: TaskContent, variant: Variant) -> TaskContent:
    def each(files: Files) -> Files:
        return {path: variant.apply(text) for path, text in files.items()}

    hints = (
        Hint(tuple(variant.apply(word) for word in hint.about), variant.apply(hint.text)) for hint in content.hints
    )
    return replace(
        content,
        brief=variant.apply(content.brief),
        hints=tuple(hints),
        starter_files=each(content.starter_files),
        visible_tests=each(content.visible_tests),
        hidden_tests=each(content.hidden_tests),
        reference_files=each(content.reference_files),
    )


def problems_of(content: TaskContent) -> list[str]:
    """What contradicts itself in a task whose every field holds, as sentences that begin with the file and the key."""
    starter, readonly = content.starter_files, content.readonly
    problems = [
        f"{TREES[name]}: holds no file."
        for name in ("starter_files", "hidden_tests", "reference_files")
        if not getattr(content, name)
    ]
    if not content.brief.strip():
        problems.append("brief.md: is empty.")
    if not supported().keys() & set(content.languages):
        problems.append(
            f"task.toml: languages: there is no toolchain for {', '.join(content.languages)}; "
            f"there is: {', '.join(supported())}."
        )
    if content.entry not in starter:
        problems.append(f"task.toml: entry: there is no starter/{content.entry}.")
    problems += [f"task.toml: readonly: there is no starter/{path}." for path in readonly if path not in starter]
    problems += [
        f"reference/{path}: replaces a file that candidates cannot change."
        for path in readonly
        if path in content.reference_files
    ]
    problems += [
        f"reference/{path}: is a folder elsewhere." for path in _doubles({**starter, **content.reference_files})
    ]
    if content.weights is not None and content.preset is not None:
        problems.append("task.toml: weights: give weights or a preset, not both.")
    if content.weights is not None and not sum(content.weights.values()) > 0:
        problems.append("task.toml: weights: at least one must be more than 0.")
    return problems + _problems_of_variants(content)


def _problems_of_variants(content: TaskContent) -> list[str]:
    texts = [content.brief, *(text for name in TREES for text in getattr(content, name).values())]
    names = [variant.name for variant in content.variants]
    problems = [f"variants.toml: two are called {name}." for name in sorted({n for n in names if names.count(n) > 1})]
    problems += [f"variants.toml: {ORIGINAL}: is the task as it is written." for name in names if name == ORIGINAL]
    for variant in content.variants:
        problems += [f"variants.toml: {variant.name}: “{word}” occurs nowhere." for word in variant.unused(texts)]
    return problems


def _doubles(paths: Mapping[str, str]) -> list[str]:
    """Paths that are a file and a folder at once."""
    folders = {path[:cut] for path in paths for cut in range(len(path)) if path[cut] == "/"}
    return sorted(folders & paths.keys())


NO_NUL = validate.ContainsNoneOf("\x00", error="A NUL character cannot be stored.")


def text(most: int, least: int = 1, **options: Any) -> ma.fields.String:
    """A text of bounded length that a database can hold."""
    return ma.fields.String(validate=[validate.Length(least, most), NO_NUL], **options)


END = r"$(?!\n)"
"""The end of a text, in the words that the regular expressions of Python and of JSON Schema share."""
PATH_RULES = [
    validate.Length(1, 200),
    validate.Regexp(
        rf"^(?!.*(?:^|/)\.{{1,2}}(?:/|$))[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*{END}", error="Not a plain path."
    ),
]
PATH = validate.And(*PATH_RULES)
SLUG = [
    validate.Length(1, 80),
    validate.Regexp(rf"^[a-z0-9]+(?:-[a-z0-9]+)*{END}", error="Lower-case words joined by dashes."),
]
NAME = validate.Regexp(rf"^[a-z][a-z0-9_]{{0,59}}{END}", error="A lower-case name.")


def _name(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=[validate.Length(1, 60), NAME], **options)


def _files(description: str) -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(validate=PATH_RULES),
        values=text(MAX_FILE_BYTES, 0),
        load_default=dict,
        validate=validate.Length(0, MAX_FILES),
        metadata={"description": description},
    )


class FactsSchema(Schema):
    """What stands in task.toml."""

    class Meta:
        unknown = RAISE

    slug = ma.fields.String(required=True, validate=SLUG)
    title = kernel_fields.name(1, 200, required=True)
    summary = text(500, required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    difficulty = ma.fields.String(required=True, validate=validate.OneOf(DIFFICULTIES))
    languages = ma.fields.List(_name(), required=True, validate=validate.Length(1, 5))
    duration_minutes = ma.fields.Integer(required=True, strict=True, validate=validate.Range(5, 480))
    entry = ma.fields.String(required=True, validate=PATH_RULES)
    help_level = ma.fields.String(validate=validate.OneOf(HELP_LEVELS))
    preset = _name(allow_none=True)
    weights = ma.fields.Dict(
        keys=_name(),
        values=ma.fields.Float(validate=validate.Range(0, 1)),
        allow_none=True,
        validate=validate.Length(1, 50),
    )
    calibration_prompt = text(
        2000,
        0,
        allow_none=True,
        metadata={"description": "Asked before the clock starts. Absent: the usual one. Empty or null: none."},
    )
    proctoring = ma.fields.Boolean(truthy={True}, falsy={False})
    readonly = ma.fields.List(ma.fields.String(validate=PATH_RULES), validate=validate.Length(max=MAX_FILES))


class HintSchema(Schema):
    """One entry of the hint sheet."""

    class Meta:
        unknown = RAISE

    about = ma.fields.List(text(60), required=True, validate=validate.Length(1, 20))
    text = text(4000, required=True)


def _word() -> ma.fields.String:
    edges = validate.Regexp(rf"^\S(?:.*\S)?{END}", error="Begins and ends with something that shows, on one line.")
    return ma.fields.String(validate=[validate.Length(1, 80), NO_NUL, edges])


class VariantSchema(Schema):
    """The same exercise in other words."""

    class Meta:
        unknown = RAISE

    name = _name(required=True)
    replace = ma.fields.Dict(keys=_word(), values=text(80), required=True, validate=validate.Length(1, 100))


class TaskContentSchema(FactsSchema):
    """A task as one document, of the shape of a task folder. Files are path → text."""

    brief = text(MAX_FILE_BYTES, 0, required=True, metadata={"description": "Markdown."})
    starter_files = _files("What the candidate begins with.")
    visible_tests = _files("Tests that the candidate sees, relative to the tests' folder.")
    hidden_tests = _files("Tests that decide.")
    reference_files = _files("A solution, as files that replace or join the starter's.")
    hints = ma.fields.List(ma.fields.Nested(HintSchema), load_default=list, validate=validate.Length(0, 100))
    variants = ma.fields.List(
        ma.fields.Nested(VariantSchema), load_default=list, validate=validate.Length(0, MAX_VARIANTS - 1)
    )

    @ma.validates_schema
    def check_files(self, data: dict[str, Any], **_: Any) -> None:
        trees = {name: data[name] for name in TREES if name in data}
        if (size := total_bytes(trees.values())) > MAX_TOTAL_BYTES:
            raise ValidationError(
                f"The files are {size // 1024} KB together; at most {MAX_TOTAL_BYTES // 1024}.", "starter_files"
            )
        for name, files in trees.items():
            if doubles := _doubles(files):
                raise ValidationError(f"{', '.join(doubles)}: a file and a folder at once.", name)

    @ma.post_load
    def as_content(self, data: dict[str, Any], **_: Any) -> TaskContent:
        for name in TREES:
            data[name] = {path: plain_lines(content) for path, content in data[name].items()}
        data["brief"] = plain_lines(data["brief"])
        return TaskContent.from_data(normal(data))


def normal(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as they are stored: an empty calibration prompt is none."""
    if facts.get("calibration_prompt") == "":
        facts["calibration_prompt"] = None
    return facts


def plain_lines(content: str) -> str:
    """Line ends are LF alone, as the workspace has them."""
    return content.replace("\r\n", "\n").replace("\r", "\n")


def total_bytes(trees: Iterable[Files]) -> int:
    """What all files take."""
    return sum(len(content.encode()) for files in trees for content in files.values())
