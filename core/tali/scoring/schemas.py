"""What goes in and out about scores, mixes and ratings."""

from __future__ import annotations

import marshmallow as ma

from tali.assessments.schemas import CandidateBriefSchema, weights_field
from tali.kernel.fields import Figure
from tali.kernel.http import InputSchema, Moment, bounded
from tali.scoring.models import SCORING_STATES


class MixInput(InputSchema):
    """Weights, or a preset."""

    preset = bounded(1, 60, load_default=None, allow_none=True)
    weights = weights_field(load_default=None, allow_none=True)


class ContributionSchema(ma.Schema):
    """What a component gives to a score."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    help = ma.fields.String(required=True)
    value = Figure(required=True, allow_none=True)
    weight = ma.fields.Float(required=True)
    contribution = Figure(required=True, allow_none=True)
    reason = ma.fields.String(required=True, allow_none=True)


class MixedScoreSchema(ma.Schema):
    """A score that these weights would give."""

    value = Figure(required=True, allow_none=True)
    coverage = Figure(required=True)
    preset = ma.fields.String(required=True, allow_none=True)
    weights_hash = ma.fields.String(required=True)
    components = ma.fields.List(ma.fields.Nested(ContributionSchema), required=True)


class ScoringEvaluatorSchema(ma.Schema):
    """An evaluator and its versions."""

    name = ma.fields.String(required=True)
    version = ma.fields.String(required=True)
    versions = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class ScoreSchema(MixedScoreSchema):
    """A score on record, with its lineage."""

    id = ma.fields.UUID(required=True)
    created_at = Moment(required=True)
    cause = ma.fields.String(required=True, validate=ma.validate.OneOf(["run", "weights"]))
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)
    evaluators = ma.fields.List(ma.fields.Nested(ScoringEvaluatorSchema), required=True)
    inputs_hash = ma.fields.String(required=True)
    supersedes = ma.fields.UUID(required=True, allow_none=True)


class RescoreSchema(ma.Schema):
    """How far scoring is, and the score where other weights made one at once."""

    state = ma.fields.String(required=True, validate=ma.validate.OneOf(SCORING_STATES))
    score = ma.fields.Nested(ScoreSchema, required=True, allow_none=True)


class RatingInput(InputSchema):
    """A person's judgement of one judged signal."""

    dimension = bounded(1, 100, required=True)
    value = ma.fields.Float(required=True, validate=ma.validate.Range(0, 10))
    blind = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Whether the rater knew neither the candidate nor what the evaluators said."},
    )


class RatingSchema(ma.Schema):
    """A rating."""

    id = ma.fields.UUID(required=True)
    rater = ma.fields.String(required=True)
    dimension = ma.fields.String(required=True)
    value = Figure(required=True)
    blind = ma.fields.Boolean(required=True)
    rated_at = Moment(required=True)


class RegionSchema(ma.Schema):
    """Lines that match, here and there."""

    path = ma.fields.String(required=True)
    first_line = ma.fields.Integer(required=True)
    last_line = ma.fields.Integer(required=True)
    other_path = ma.fields.String(required=True)
    other_first_line = ma.fields.Integer(required=True)
    other_last_line = ma.fields.Integer(required=True)


class NearAttemptSchema(ma.Schema):
    """Another attempt, and what it shares with this one."""

    assessment_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"description": "Null while the review is blind."}
    )
    candidate = ma.fields.Nested(CandidateBriefSchema, required=True)
    same_candidate = ma.fields.Boolean(required=True, allow_none=True)
    submitted_at = Moment(required=True, allow_none=True)
    share = Figure(required=True, metadata={"description": "0–1, of this candidate's own code."})
    share_of_other = Figure(required=True, metadata={"description": "0–1, of the other's own code."})
    passages = ma.fields.Integer(required=True)
    regions = ma.fields.List(ma.fields.Nested(RegionSchema), required=True)


class ExposureSchema(ma.Schema):
    """Who has seen the task, in this organisation."""

    attempts = ma.fields.Integer(required=True)
    candidates = ma.fields.Integer(required=True)
    first_seen = Moment(required=True, allow_none=True)


class LikenessSchema(ma.Schema):
    """How alike the code is to that of others, and the task's exposure: facts, never a verdict."""

    compared_with = ma.fields.Integer(
        required=True, metadata={"description": "Other attempts of the same task: the newest 2,000 at most."}
    )
    own_passages = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null before there is a fingerprint."}
    )
    nearest = ma.fields.List(ma.fields.Nested(NearAttemptSchema), required=True)
    told = ma.fields.List(ma.fields.String(), required=True)
    exposure = ma.fields.Nested(ExposureSchema, required=True)
