"""What a report says, field by field."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from webargs.fields import DelimitedList

from tali.assessments.review_schemas import DecisionSchema, OverrideSchema
from tali.assessments.schemas import AssessmentCardSchema, AssessmentSchema
from tali.kernel.fields import Figure
from tali.kernel.http import InputSchema, Moment
from tali.kernel.money import Spent
from tali.scoring.models import SCORING_STATES
from tali.scoring.schemas import ContributionSchema
from tali.workspace.models import CALIBRATION_STATES, WORK_STATES


def _maybe(field: type[ma.fields.Field[Any]]) -> ma.fields.Field[Any]:
    return field(required=True, allow_none=True)


class EvidenceSchema(ma.Schema):
    """A pointer to the moment a value comes from."""

    kind = ma.fields.String(required=True)
    prompt_index = ma.fields.Integer()
    turn_id = ma.fields.String()
    event_seq = ma.fields.Integer()
    path = ma.fields.String()
    line = ma.fields.Integer()
    quote = ma.fields.String()
    note = ma.fields.String()
    at = Moment(metadata={"description": "When the event happened."})


class FlagSchema(ma.Schema):
    """Asks for a human look; changes no score."""

    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class AnchorSchema(ma.Schema):
    """What one value of a judged signal means."""

    value = ma.fields.Integer(required=True)
    text = ma.fields.String(required=True)


class ContradictionSchema(ma.Schema):
    """A measured value that speaks against a judged one, which is kept. Asks for a human look."""

    measured = ma.fields.String(required=True)
    measured_value = ma.fields.Float(required=True)
    bound = ma.fields.Float(
        required=True, metadata={"description": "The furthest that the judged value could have gone."}
    )
    message = ma.fields.String(required=True)


class SignalSchema(ma.Schema):
    """One measured or judged fact."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["measured", "judged"]))
    value = _maybe(Figure)
    display = ma.fields.String(required=True)
    flag = ma.fields.Nested(FlagSchema, required=True, allow_none=True)
    direction = ma.fields.String(required=True, validate=ma.validate.OneOf(["higher", "lower", "neutral"]))
    range = ma.fields.List(ma.fields.Float(), required=True, allow_none=True)
    help = ma.fields.String(required=True)
    component = _maybe(ma.fields.String)
    reason = _maybe(ma.fields.String)
    reason_text = _maybe(ma.fields.String)
    evaluator = ma.fields.String(required=True)
    evidence = ma.fields.List(ma.fields.Nested(EvidenceSchema), required=True)
    detail = ma.fields.Dict(required=True)
    anchors = ma.fields.List(ma.fields.Nested(AnchorSchema), required=True)
    contradicted = ma.fields.Nested(ContradictionSchema, required=True, allow_none=True)


class ComponentValueSchema(ma.Schema):
    """What a component gives to the score."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    help = ma.fields.String(required=True)
    value = _maybe(Figure)
    weight = ma.fields.Float(required=True)
    contribution = _maybe(Figure)
    reason = _maybe(ma.fields.String)
    reason_text = _maybe(ma.fields.String)


class TestResultSchema(ma.Schema):
    """One hidden test."""

    name = ma.fields.String(required=True)
    passed = ma.fields.Boolean(required=True)
    message = ma.fields.String(required=True)
    duration_ms = _maybe(ma.fields.Integer)


class TestsSchema(ma.Schema):
    """The hidden tests."""

    state = ma.fields.String(required=True)
    passed = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    duration_ms = _maybe(ma.fields.Integer)
    results = ma.fields.List(ma.fields.Nested(TestResultSchema), required=True)
    reason_text = _maybe(ma.fields.String)


class FindingSchema(ma.Schema):
    """One thing an analyser says about a line."""

    path = ma.fields.String(required=True)
    line = ma.fields.Integer(required=True)
    rule = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    points = Figure(required=True)


class QualitySchema(ma.Schema):
    """Static analysis of the final code."""

    value = _maybe(Figure)
    reason = _maybe(ma.fields.String)
    reason_text = _maybe(ma.fields.String)
    findings = ma.fields.List(ma.fields.Nested(FindingSchema), required=True)


class EvaluatorSchema(ma.Schema):
    """An evaluator and its version."""

    name = ma.fields.String(required=True)
    version = ma.fields.String(required=True)
    versions = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class LineageSchema(ma.Schema):
    """What a score was made with."""

    evaluators = ma.fields.List(ma.fields.Nested(EvaluatorSchema), required=True)
    weight_version = ma.fields.String(required=True)
    inputs_hash = ma.fields.String(required=True)
    supersedes = _maybe(ma.fields.UUID)


class ResultSchema(ma.Schema):
    """A score with all that it is made of."""

    score = _maybe(Figure)
    coverage = Figure(required=True)
    coverage_note = ma.fields.String(required=True)
    scored_at = Moment(required=True)
    weights_hash = ma.fields.String(required=True)
    components = ma.fields.List(ma.fields.Nested(ComponentValueSchema), required=True)
    signals = ma.fields.List(ma.fields.Nested(SignalSchema), required=True)
    tests = ma.fields.Nested(TestsSchema, required=True)
    code_quality = ma.fields.Nested(QualitySchema, required=True)
    lineage = ma.fields.Nested(LineageSchema, required=True)


class EvaluationSchema(ma.Schema):
    """An evaluator's part in the newest run."""

    name = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    reason = _maybe(ma.fields.String)
    dropped = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "What of its answer did not hold, by kind: `quote_not_found`, `out_of_scale`, …"},
    )
    left_out = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "What of a long session a judge was not shown."}
    )


class ScoringSchema(ma.Schema):
    """How far the newest run is.

    `tests`: its hidden tests, from when they are done until the run is; after that `result` has them.
    """

    state = ma.fields.String(required=True, allow_none=True, validate=ma.validate.OneOf(SCORING_STATES))
    reason_text = _maybe(ma.fields.String)
    started_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)
    evaluators = ma.fields.List(ma.fields.Nested(EvaluationSchema), required=True)
    tests = ma.fields.Nested(TestsSchema, required=True, allow_none=True)


class IntegritySchema(ma.Schema):
    """Facts from the browser. They can be forged, and prove nothing by themselves."""

    tab_switch_count = _maybe(ma.fields.Integer)
    browser_focus_ratio = _maybe(Figure)
    pastes = ma.fields.Integer(required=True)
    focus_events = _maybe(ma.fields.Integer)
    takeovers = ma.fields.Integer(required=True)
    submitted_by = _maybe(ma.fields.String)


class PromptAnalyticsSchema(ma.Schema):
    """The conversation in numbers."""

    prompt_count = ma.fields.Integer(required=True)
    input_tokens = _maybe(ma.fields.Integer)
    output_tokens = _maybe(ma.fields.Integer)
    average_words = _maybe(Figure)
    average_latency_ms = _maybe(ma.fields.Integer)
    first_prompt_text = ma.fields.String(required=True)


class CodeSnapshotSchema(ma.Schema):
    """A state of the code that prompts refer to."""

    id = ma.fields.UUID(required=True)
    digest = ma.fields.String(required=True)


class CodeSnapshotFilesSchema(CodeSnapshotSchema):
    """All files of such a state."""

    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class AssistantCostSchema(ma.Schema):
    """Replies of the assistant, the warm-up's included."""

    replies = ma.fields.Integer(required=True)
    input_tokens = _maybe(ma.fields.Integer)
    output_tokens = _maybe(ma.fields.Integer)
    spent = Spent(required=True, allow_none=True)
    replies_without_cost = ma.fields.Integer(
        required=True,
        metadata={"description": "Replies whose cost nobody knows: with any, `spent` is a lower bound."},
    )


class RequestsCostSchema(ma.Schema):
    """Requests to judges over all score runs; those that brought no answer too."""

    requests = ma.fields.Integer(required=True)
    input_tokens = _maybe(ma.fields.Integer)
    output_tokens = _maybe(ma.fields.Integer)
    spent = Spent(required=True, allow_none=True)
    requests_without_cost = ma.fields.Integer(
        required=True,
        metadata={"description": "Requests whose cost nobody knows: with any, `spent` is a lower bound."},
    )


class JudgeCostSchema(RequestsCostSchema):
    """Requests to judges in all, and by what they were about."""

    session = ma.fields.Nested(RequestsCostSchema, required=True)
    warm_up = ma.fields.Nested(RequestsCostSchema, required=True)


class CostSchema(ma.Schema):
    """What an assessment has cost."""

    assistant = ma.fields.Nested(AssistantCostSchema, required=True)
    judge = ma.fields.Nested(JudgeCostSchema, required=True)


class AssessmentDetailSchema(AssessmentCardSchema):
    """One assessment, whole."""

    # Of what is said and measured here, the service takes name and address out of every text.
    shown_blind = AssessmentCardSchema.shown_blind | {
        "result",
        "scoring",
        "integrity",
        "cost",
        "decisions",
        "overrides",
        "prompt_quality_score",
        "prompt_efficiency_score",
        "independence_score",
        "context_utilization_score",
        "design_thinking_score",
        "debugging_strategy_score",
        "written_communication_score",
        "learning_velocity_score",
        "error_recovery_score",
        "requirement_comprehension_score",
        "calibration_score",
        "prompt_fraud_flags",
        "prompt_analytics",
        "browser_focus_ratio",
        "tab_switch_count",
        "time_to_first_prompt_seconds",
        "code_snapshots",
        "unmeasured",
    }

    result = ma.fields.Nested(ResultSchema, required=True, allow_none=True)
    scoring = ma.fields.Nested(ScoringSchema, required=True)
    variant = _maybe(ma.fields.String)
    integrity = ma.fields.Nested(IntegritySchema, required=True)
    cost = ma.fields.Nested(CostSchema, required=True)
    decisions = ma.fields.List(ma.fields.Nested(DecisionSchema), required=True)
    overrides = ma.fields.List(ma.fields.Nested(OverrideSchema), required=True)
    prompt_quality_score = _maybe(Figure)
    prompt_efficiency_score = _maybe(Figure)
    independence_score = _maybe(Figure)
    context_utilization_score = _maybe(Figure)
    design_thinking_score = _maybe(Figure)
    debugging_strategy_score = _maybe(Figure)
    written_communication_score = _maybe(Figure)
    learning_velocity_score = _maybe(Figure)
    error_recovery_score = _maybe(Figure)
    requirement_comprehension_score = _maybe(Figure)
    calibration_score = _maybe(Figure)
    prompt_fraud_flags = ma.fields.List(ma.fields.Dict(), required=True)
    prompt_analytics = ma.fields.Nested(PromptAnalyticsSchema, required=True)
    browser_focus_ratio = _maybe(Figure)
    tab_switch_count = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null where the assessment is not proctored."}
    )
    time_to_first_prompt_seconds = _maybe(Figure)
    code_snapshots = ma.fields.List(ma.fields.Nested(CodeSnapshotSchema), required=True)
    unmeasured = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"description": "Why a field of this answer is null: its name, and a sentence."},
    )


class ComparedSchema(AssessmentSchema):
    """One of several."""

    shown_blind = AssessmentSchema.shown_blind | {"task_version", "rank", "components"}

    task_version = ma.fields.Integer(required=True)
    rank = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "1 is the highest; null where scores do not compare."}
    )
    components = ma.fields.List(ma.fields.Nested(ContributionSchema), required=True)


class ComparisonSchema(ma.Schema):
    """Several, and whether their scores compare."""

    comparable = ma.fields.Boolean(required=True)
    differences = ma.fields.List(ma.fields.String(), required=True)
    assessments = ma.fields.List(ma.fields.Nested(ComparedSchema), required=True)


class CompareQuery(InputSchema):
    """Which ones."""

    class Meta:
        unknown = ma.EXCLUDE

    ids = DelimitedList(
        ma.fields.UUID(),
        load_default=list,
        validate=ma.validate.Length(0, 20),
        metadata={"description": "Two to four ids, separated by commas."},
    )


class CodeDiffSchema(ma.Schema):
    """What changed in one file, as a unified diff."""

    path = ma.fields.String(required=True)
    diff = ma.fields.String(required=True)


class JudgedPromptSchema(ma.Schema):
    """What a judge says of one message. It feeds no score."""

    values = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(), required=True)
    note = ma.fields.String(required=True)


class PromptSchema(ma.Schema):
    """One message and its reply, with the captured facts."""

    index = ma.fields.Integer(required=True)
    turn_id = ma.fields.UUID(required=True)
    message = ma.fields.String(required=True)
    response = ma.fields.String(required=True)
    parts = ma.fields.List(ma.fields.Dict(), required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(WORK_STATES))
    timestamp = Moment(required=True)
    input_tokens = _maybe(ma.fields.Integer)
    output_tokens = _maybe(ma.fields.Integer)
    response_latency_ms = _maybe(ma.fields.Integer)
    time_since_last_prompt_ms = _maybe(ma.fields.Integer)
    server_gap_ms = _maybe(ma.fields.Integer)
    word_count = ma.fields.Integer(required=True)
    char_count = ma.fields.Integer(required=True)
    paste_detected = ma.fields.Boolean(required=True)
    browser_focused = ma.fields.Boolean(required=True)
    code_before = ma.fields.UUID(required=True, metadata={"description": "Read it at `code-snapshots/{id}`."})
    code_after = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Null until the next prompt, or the end, tells it."},
    )
    code_diff = ma.fields.List(
        ma.fields.Nested(CodeDiffSchema),
        required=True,
        allow_none=True,
        metadata={"description": "What changed from one to the other; null while that is not known."},
    )
    judged = ma.fields.Nested(JudgedPromptSchema, required=True, allow_none=True)


class CalibrationTurnSchema(ma.Schema):
    """One message of the warm-up, and its reply."""

    index = ma.fields.Integer(required=True)
    message = ma.fields.String(required=True)
    response = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(WORK_STATES))
    timestamp = Moment(required=True)
    input_tokens = _maybe(ma.fields.Integer)
    output_tokens = _maybe(ma.fields.Integer)
    response_latency_ms = _maybe(ma.fields.Integer)


class CalibrationTakenSchema(ma.Schema):
    """The warm-up of one assessment. Nothing else of the assessment knows of it."""

    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["off", "not_taken", *CALIBRATION_STATES]))
    prompt = _maybe(ma.fields.String)
    score = _maybe(ma.fields.Float)
    reason_text = _maybe(ma.fields.String)
    judged_because = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The judge's reason for the value."}
    )
    evidence = ma.fields.List(ma.fields.Nested(EvidenceSchema), required=True)
    turns = ma.fields.List(ma.fields.Nested(CalibrationTurnSchema), required=True)


class CalibrationStepSchema(ma.Schema):
    """Candidates from one value up to another."""

    low = ma.fields.Integer(required=True)
    high = ma.fields.Integer(required=True)
    candidates = ma.fields.Integer(required=True)


class CalibrationAverageSchema(ma.Schema):
    """Warm-ups over an organisation's candidates, each of whom counts once, with the mean of their own."""

    average = _maybe(ma.fields.Float)
    candidates = ma.fields.Integer(required=True)
    distribution = ma.fields.List(ma.fields.Nested(CalibrationStepSchema), required=True)


class ReportFileSchema(ma.Schema):
    """One file, as given and as handed in."""

    path = ma.fields.String(required=True)
    starter = _maybe(ma.fields.String)
    final = _maybe(ma.fields.String)
    readonly = ma.fields.Boolean(required=True)
    diff = ma.fields.String(required=True)


class CodeSchema(ma.Schema):
    """All files."""

    files = ma.fields.List(ma.fields.Nested(ReportFileSchema), required=True)
    submitted_at = Moment(required=True, allow_none=True)


class TimelineEventSchema(ma.Schema):
    """One fact of the session."""

    seq = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    at = Moment(required=True)
    data = ma.fields.Dict(required=True)
