"""What goes in and out about tasks."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel.http import InputSchema, Moment, PageQuery, bounded
from tali.tasks.content import DIFFICULTIES, HELP_LEVELS, KINDS, TaskContentSchema
from tali.tasks.models import VALIDATION_STATES

STATES = ("draft", "published", "archived")
MAX_REVISION = 2**31 - 1


class TaskQuery(PageQuery):
    """Which tasks to list."""

    q = bounded(0, 200, load_default=None, metadata={"description": "In title, summary or slug."})
    slug = bounded(1, 80, load_default=None)
    language = bounded(1, 60, load_default=None)
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATES))


class TaskVersionSchema(ma.Schema):
    """Which frozen state of a task."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.Integer(required=True)
    published_at = Moment(required=True)


class TaskSchema(ma.Schema):
    """A task, for lists."""

    id = ma.fields.UUID(required=True)
    slug = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    summary = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    difficulty = ma.fields.String(required=True, validate=ma.validate.OneOf(DIFFICULTIES))
    languages = ma.fields.List(ma.fields.String(), required=True)
    duration_minutes = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(STATES))
    version = ma.fields.Nested(TaskVersionSchema, required=True, allow_none=True)


class FileSchema(ma.Schema):
    """One file."""

    path = ma.fields.String(required=True)
    content = ma.fields.String(required=True)
    readonly = ma.fields.Boolean(required=True)


class DraftBriefSchema(ma.Schema):
    """Where a draft stands. Send `revision` with the next change."""

    revision = ma.fields.Integer(required=True, metadata={"description": "0: the newest version, unchanged."})
    updated_at = Moment(required=True)
    problems = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "What keeps it from being published so far."}
    )
    preset = ma.fields.String(required=True, allow_none=True)
    weights = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"description": "How assessments of it would be weighed; empty when its weights do not hold."},
    )


class DraftSchema(DraftBriefSchema):
    """A draft, whole."""

    content = ma.fields.Nested(TaskContentSchema, required=True)


class DraftInput(InputSchema):
    """A change of the draft, made on `revision`."""

    revision = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(0, MAX_REVISION))
    content = ma.fields.Nested(TaskContentSchema, required=True)


class RevisionInput(InputSchema):
    """Which revision of the draft is meant."""

    revision = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(0, MAX_REVISION))


class TaskCreatedSchema(TaskSchema):
    """A task that has just begun."""

    draft = ma.fields.Nested(DraftBriefSchema, required=True)


class TaskDetailSchema(TaskSchema):
    """A task as candidates get it; hidden tests and reference are in the draft, for those who may edit."""

    brief = ma.fields.String(required=True, metadata={"description": "Markdown."})
    files = ma.fields.List(ma.fields.Nested(FileSchema), required=True)
    visible_tests = ma.fields.List(ma.fields.Nested(FileSchema), required=True)
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)
    preset = ma.fields.String(required=True, allow_none=True)
    help_level = ma.fields.String(required=True, validate=ma.validate.OneOf(HELP_LEVELS))
    calibration_prompt = ma.fields.String(required=True, allow_none=True)
    proctoring = ma.fields.Boolean(required=True)
    variants = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Names of the variants, of which each attempt gets one; empty without."},
    )
    hidden_test_count = ma.fields.Integer(required=True)
    draft = ma.fields.Nested(DraftSchema, required=True, allow_none=True, metadata={"description": "Null for viewers."})


class TaskVersionDetailSchema(TaskVersionSchema):
    """A version, whole. Without hidden tests and reference for those who may not edit."""

    content = ma.fields.Nested(TaskContentSchema, required=True)
    hidden_test_names = ma.fields.List(ma.fields.String(), required=True, allow_none=True)


class FailedTestSchema(ma.Schema):
    """A test that did not pass."""

    name = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class ValidationRunSchema(ma.Schema):
    """One run in the sandbox."""

    variant = ma.fields.String(required=True)
    step = ma.fields.String(required=True, validate=ma.validate.OneOf(["reference", "starter", "visible_tests"]))
    passed = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    duration_ms = ma.fields.Integer(required=True)
    problem = ma.fields.String(required=True, allow_none=True)
    failed = ma.fields.List(ma.fields.Nested(FailedTestSchema), required=True)
    output = ma.fields.String(required=True, metadata={"description": "The end of what the run wrote."})


class ValidationSchema(ma.Schema):
    """A validation: how far it is, and what it found. `problems` are for the author to mend."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(VALIDATION_STATES))
    publish = ma.fields.Boolean(required=True)
    revision = ma.fields.Integer(required=True)
    step = ma.fields.String(required=True, allow_none=True)
    done = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    problems = ma.fields.List(ma.fields.String(), required=True)
    runs = ma.fields.List(ma.fields.Nested(ValidationRunSchema), required=True)
    version_number = ma.fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    started_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)


class ComponentSchema(ma.Schema):
    """Something that weights apply to."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    help = ma.fields.String(required=True)


class PresetSchema(ma.Schema):
    """A named weight vector."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)


class WeightPresetsSchema(ma.Schema):
    """Presets and what their weights apply to."""

    presets = ma.fields.List(ma.fields.Nested(PresetSchema), required=True)
    components = ma.fields.List(ma.fields.Nested(ComponentSchema), required=True)
