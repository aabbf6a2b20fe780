"""What goes out about tasks."""

from __future__ import annotations

import marshmallow as ma

from tali.kernel.http import Moment
from tali.tasks.folder import DIFFICULTIES, KINDS


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
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["draft", "published", "archived"]))
    version = ma.fields.Nested(TaskVersionSchema, required=True, allow_none=True)


class FileSchema(ma.Schema):
    """One file."""

    path = ma.fields.String(required=True)
    content = ma.fields.String(required=True)
    readonly = ma.fields.Boolean(required=True)


class TaskDetailSchema(TaskSchema):
    """A task as candidates get it; hidden tests and reference stay out."""

    brief = ma.fields.String(required=True, metadata={"description": "Markdown."})
    files = ma.fields.List(ma.fields.Nested(FileSchema), required=True)
    visible_tests = ma.fields.List(ma.fields.Nested(FileSchema), required=True)
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)
    preset = ma.fields.String(required=True, allow_none=True)
    help_level = ma.fields.String(required=True)
    hidden_test_count = ma.fields.Integer(required=True)


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
