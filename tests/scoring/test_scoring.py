"""From submission to score: what is counted, what is null and why, and what a broken evaluator costs."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from tali.plugins import Provider
from tali.scoring import service
from tali.scoring.combine import ComponentValue, combine
from tali.scoring.models import Score, SignalValue
from tali.sdk import Component, Evidence, Flag, ProviderSpec, Signal, SignalResult
from tali.tasks.folder import library, load
from tali.tasks.weights import components, presets
from tests.conftest import LIBRARY_TASK

CONTENT = load(library()[LIBRARY_TASK])


@pytest.fixture
def scored(tenant, run_jobs):
    """Submit as a candidate who wrote these files, and score."""

    def submit(files=(), prompts=()):
        candidate = tenant.candidate()
        for path, text in dict(files).items():
            assert candidate.write(path, text).status == 200
        for message in prompts:
            assert candidate.ask(message).status == 202
            run_jobs(tenant)
        assert candidate.submit().status == 200
        run_jobs(tenant)
        return tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json

    return submit


def test_the_reference_passes_every_hidden_test(scored) -> None:
    detail = scored(CONTENT.reference_files)
    result = detail["result"]
    assert (result["tests"]["state"], result["tests"]["passed"]) == ("passed", result["tests"]["total"])
    assert detail["scoring_state"] == "scored"
    parts = {entry["name"]: entry for entry in result["components"]}
    assert parts["tests"]["value"] == 10
    assert parts["prompt_quality"]["value"] is None
    assert parts["prompt_quality"]["reason"] == "not_judged"
    covered = parts["tests"]["weight"] + (
        parts["code_quality"]["weight"] if parts["code_quality"]["value"] is not None else 0
    )
    assert result["coverage"] == pytest.approx(covered)
    assert result["score"] == pytest.approx(sum(entry["contribution"] or 0 for entry in result["components"]))


def test_tidy_code_that_does_nothing_earns_nothing(scored) -> None:
    path = next(name for name in CONTENT.reference_files if name in CONTENT.starter_files)
    result = scored({path: '"""Nothing."""\n'})["result"]
    parts = {entry["name"]: entry for entry in result["components"]}
    assert result["tests"]["total"] > 0
    assert (result["tests"]["passed"], result["score"]) == (0, 0)
    assert (parts["code_quality"]["value"], parts["code_quality"]["reason"]) == (None, "nothing_works")
    assert "No hidden test passes" in parts["code_quality"]["reason_text"]
    assert result["coverage"] == parts["tests"]["weight"]
    assert result["code_quality"]["value"] == 10, "what was found stays in sight"


def test_an_untouched_starter_is_scored_honestly(scored) -> None:
    result = scored()["result"]
    assert 0 <= result["tests"]["passed"] < result["tests"]["total"]
    quality = next(entry for entry in result["components"] if entry["name"] == "code_quality")
    assert (quality["value"], quality["reason"]) == (None, "no_changes")
    assert quality["reason_text"].endswith(".")


def test_code_that_does_not_even_load_fails_its_tests_and_nothing_else(scored) -> None:
    path = next(iter(CONTENT.reference_files))
    detail = scored({path: "this is not python ("})
    assert detail["scoring_state"] == "scored"
    assert detail["result"]["tests"]["passed"] == 0
    assert all(not test["passed"] and test["message"] for test in detail["result"]["tests"]["results"])


def test_every_signal_has_a_value_or_a_reason_and_reads_in_words(scored) -> None:
    signals = scored(prompts=["How does the ledger work?", "Why does the second test fail with a duplicate?"])[
        "result"
    ]["signals"]
    assert len(signals) >= 13
    for signal in signals:
        assert (signal["value"] is None) == bool(signal["reason"]), signal["name"]
        assert signal["display"]
        assert signal["help"]


def test_a_broken_evaluator_costs_its_own_values_only(tenant, run_jobs, resources, monkeypatch) -> None:
    class Broken:
        signals = (Signal("broken_signal", "Broken", "measured", "Raises."),)
        components = ()

        def evaluate(self, record):
            raise ZeroDivisionError

    spec = ProviderSpec("broken", "Broken", lambda settings, context: Broken())
    key = ("signal_evaluators", "broken")
    monkeypatch.setitem(resources.plugins._providers, key, Provider("signal_evaluators", "broken_plugin", spec))
    candidate = tenant.candidate()
    candidate.submit()
    run_jobs(tenant)
    detail = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    assert detail["scoring_state"] == "partial"
    assert "broken_plugin" in detail["scoring"]["reason_text"]
    assert len(detail["result"]["signals"]) >= 13
    assert detail["result"]["score"] is not None


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (SignalResult("other", 1), "differ"),
        (SignalResult("odd", 11), "outside"),
        (SignalResult("odd", float("nan")), "finite"),
        (SignalResult("odd", None), "neither a value nor a reason"),
        (SignalResult("odd", 1, detail={"x": "y" * 70_000}), "larger than"),
        ("not a result", "SignalResult"),
    ],
)
def test_answers_outside_the_contract_are_refused_with_the_reason(
    tenant, run_jobs, resources, monkeypatch, result, complaint
) -> None:
    class Odd:
        signals = (Signal("odd", "Odd", "measured", "Odd.", range=(0, 10)),)
        components = ()

        def evaluate(self, record):
            return [result]

    spec = ProviderSpec("odd", "Odd", lambda settings, context: Odd())
    monkeypatch.setitem(
        resources.plugins._providers, ("signal_evaluators", "odd"), Provider("signal_evaluators", "odd_plugin", spec)
    )
    candidate = tenant.candidate()
    candidate.submit()
    run_jobs(tenant)
    detail = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    assert detail["scoring_state"] == "partial"
    assert complaint in detail["scoring"]["reason_text"]


def test_quotes_that_are_not_in_the_session_lose_the_value(tenant, run_jobs, resources, monkeypatch) -> None:
    class Judge:
        signals = (
            Signal("honest", "Honest", "judged", "Quotes.", range=(0, 10), component="prompt_quality"),
            Signal("invented", "Invented", "judged", "Invents.", range=(0, 10), component="independence"),
        )
        components = ()

        def evaluate(self, record):
            return [
                SignalResult("honest", 8, evidence=[Evidence("prompt", 1, quote="why  does\nit fail")]),
                SignalResult(
                    "invented",
                    9,
                    flag=Flag("cheated", "Somebody says so."),
                    evidence=[Evidence("prompt", 1, quote="I am the best")],
                    detail={"findings": [{"quote": "I am the best"}]},
                ),
            ]

    spec = ProviderSpec("judge", "Judge", lambda settings, context: Judge())
    monkeypatch.setitem(
        resources.plugins._providers, ("signal_evaluators", "judge"), Provider("signal_evaluators", "judge", spec)
    )
    candidate = tenant.candidate()
    candidate.ask("Tell me: why does it fail?")
    run_jobs(tenant)
    candidate.submit()
    run_jobs(tenant)
    detail = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    values = {signal["name"]: signal for signal in detail["result"]["signals"]}
    assert values["honest"]["value"] == 8
    assert (values["invented"]["value"], values["invented"]["reason"]) == (None, "no_evidence")
    assert (values["invented"]["flag"], values["invented"]["detail"]) == (None, {}), "an accusation without its ground"
    assert detail["prompt_quality_score"] == 8
    assert detail["independence_score"] is None


def test_scoring_again_keeps_the_first_score_and_says_what_superseded_it(tenant, run_jobs, scored) -> None:
    detail = scored()
    first = detail["result"]["lineage"]
    assert tenant.call("POST", f"/assessments/{detail['id']}/rescore").status == 202
    run_jobs(tenant)
    second = tenant.call("GET", f"/assessments/{detail['id']}").json["result"]["lineage"]
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        scores = session.execute(select(Score).order_by(Score.id)).scalars().all()
    assert len(scores) == 2
    assert str(scores[1].supersedes_id) == str(scores[0].id) == second["supersedes"]
    assert first["inputs_hash"] == second["inputs_hash"], "the same inputs"


def test_scores_stay_readable_when_the_plugin_is_gone(tenant, scored, resources, monkeypatch) -> None:
    detail = scored()
    monkeypatch.setattr(resources.plugins, "_providers", {})
    again = tenant.call("GET", f"/assessments/{detail['id']}").json
    assert again["result"] == detail["result"]


def test_an_override_that_comes_while_the_score_is_made_is_not_lost(tenant, run_jobs, app, monkeypatch) -> None:
    candidate = tenant.candidate()
    candidate.submit()
    path = f"/api/v1/assessments/{candidate.assessment['id']}/override"
    answers: list[int] = []

    def override() -> None:
        headers = {"Authorization": f"Bearer {tenant.token}"}
        body = {"value": 99, "reason": "I know better."}
        answers.append(app.test_client().post(path, json=body, headers=headers).status_code)

    sent: list[threading.Thread] = []

    def combining(*arguments):
        sent.append(threading.Thread(target=override))
        sent[0].start()
        # Where nothing holds it up it commits here; where the score holds the assessment it waits for the score.
        sent[0].join(1)
        return combine(*arguments)

    monkeypatch.setattr(service, "combine", combining)
    run_jobs(tenant)
    sent[0].join(10)
    assert answers == [201]
    shown = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    assert (shown["score"], shown["overridden"]) == (99, True)
    assert shown["measured_score"] == round(shown["result"]["score"], 1) != 99


def test_one_submission_one_score(tenant, run_jobs, scored) -> None:
    scored()
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        assert len(session.execute(select(Score.id)).all()) == 1
        names = session.execute(select(SignalValue.name)).scalars().all()
    assert len(names) == len(set(names))


def test_every_preset_is_a_whole_vector_over_known_components() -> None:
    known = {component.name for component in components()}
    for preset in presets():
        assert sum(preset.weights.values()) == pytest.approx(1)
        assert set(preset.weights) <= known


VALUES = st.one_of(st.none(), st.floats(0, 10))


@given(st.lists(st.tuples(VALUES, st.floats(0, 1)), min_size=1, max_size=12))
def test_a_score_is_a_weighted_mean_and_its_parts_add_up(pairs) -> None:
    found = [
        ComponentValue(Component(f"c{i}", "", ""), value, None if value is not None else "gone")
        for i, (value, _) in enumerate(pairs)
    ]
    weights = {f"c{i}": weight for i, (_, weight) in enumerate(pairs)}
    combined = combine(found, weights)
    if combined.value is None:
        assert combined.coverage == 0
        return
    assert 0 <= combined.value <= 100
    assert 0 < combined.coverage <= 1
    assert sum(c.points for c in combined.contributions if c.points is not None) == pytest.approx(combined.value)
    present = [value for value, weight in pairs if value is not None and weight > 0]
    if present:
        assert 10 * min(present) - 1e-6 <= combined.value <= 10 * max(present) + 1e-6


def test_the_deployments_weights_apply_where_nobody_chose(tenant, resources) -> None:
    from tali.tasks.weights import effective_weights

    own = {"tests": 0.6, "code_quality": 0.4}
    assert effective_weights(None, None, None, own) == (None, own)
    assert effective_weights("prompt_focused", None, {"tests": 1.0}, own)[0] == "prompt_focused"
    assert effective_weights(None, None, {"tests": 1.0}, own) == (None, {"tests": 1.0})


def test_a_deadline_submits_what_was_saved_and_scores_it(tenant, run_jobs, resources) -> None:
    from datetime import timedelta

    from tali.assessments.models import Attempt
    from tali.jobs.models import Job
    from tali.kernel.clock import now
    from tali.workspace.closing import find_overdue

    candidate = tenant.candidate()
    candidate.type("# saved\n")
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Attempt).values(deadline=now() - timedelta(seconds=1)))
    with resources.database.owner() as session:
        find_overdue(session, now())
    run_jobs(tenant)
    detail = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    assert (detail["state"], detail["integrity"]["submitted_by"], detail["scoring_state"]) == (
        "completed",
        "deadline",
        "pending",
    )
    with resources.database.tenant(tenant.organization_id) as session:
        waiting = session.execute(select(Job).where(Job.kind == "scoring.grade")).scalar_one()
        assert waiting.run_at > now() + timedelta(seconds=50), "edits may still be on their way"
        session.execute(update(Job).where(Job.state == "queued").values(run_at=now()))
    run_jobs(tenant)
    assert tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json["scoring_state"] == "scored"


def test_an_assessment_deleted_before_it_was_scored_leaves_no_trouble(tenant, run_jobs, resources) -> None:
    from tali.jobs.models import Job

    candidate = tenant.candidate()
    candidate.submit()
    assert tenant.call("DELETE", f"/assessments/{candidate.assessment['id']}").status == 204
    run_jobs(tenant)
    with resources.database.tenant(tenant.organization_id) as session:
        assert set(session.execute(select(Job.state)).scalars()) == {"done"}
    assert tenant.call("GET", f"/assessments/{candidate.assessment['id']}").status == 404
    for method, path in (("GET", ""), ("POST", "/takeover")):
        gone = candidate.call(method, path)
        assert (gone.status, gone.json["code"]) == (410, "assessment_deleted")
    assert candidate.ask("still there?").status == 410
    assert candidate.submit().status == 410


def test_forged_times_do_not_cost_the_signals(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    path = candidate.editable
    result = {**candidate.files, path: "x" + candidate.files[path]}
    edit = {"op": "edit", "file": path, "from": 0, "to": 0, "insert": "x", "at": "2000-01-01T00:00:00Z"}
    forged = candidate.batch(edit, result=result, sent_at="2099-12-31T00:00:00Z")
    assert candidate.save(forged, result).status == 200
    candidate.submit()
    run_jobs(tenant)
    detail = tenant.call("GET", f"/assessments/{candidate.assessment['id']}").json
    assert detail["scoring_state"] == "scored"
    assert len(detail["result"]["signals"]) >= 13


def test_scoring_that_nobody_does_any_more_is_closed_and_can_be_asked_for_again(tenant, run_jobs, resources) -> None:
    from datetime import timedelta

    from tali.assessments.models import Assessment
    from tali.jobs.models import Job
    from tali.kernel.clock import now
    from tali.scoring.jobs import find_abandoned

    candidate = tenant.candidate()
    candidate.submit()
    with resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Job).values(state="dead"))
        session.execute(update(Assessment).values(submitted_at=now() - timedelta(minutes=10)))
    with resources.database.owner() as session:
        find_abandoned(session, now())
    run_jobs(tenant)
    path = f"/assessments/{candidate.assessment['id']}"
    assert tenant.call("GET", path).json["scoring_state"] == "failed"
    assert tenant.call("POST", f"{path}/rescore").status == 202
    run_jobs(tenant)
    assert tenant.call("GET", path).json["scoring_state"] == "scored"


def test_a_viewer_gets_no_link_that_lets_them_sit_the_assessment(tenant, resources) -> None:
    from tali.organizations.models import Membership

    invited = tenant.invite()
    with resources.database.owner() as session:
        session.execute(
            update(Membership).where(Membership.organization_id == tenant.organization_id).values(role="viewer")
        )
    detail = tenant.call("GET", f"/assessments/{invited['id']}")
    assert (detail.status, detail.json["invitation_url"]) == (200, None)
