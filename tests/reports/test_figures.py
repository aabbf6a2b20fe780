"""Numbers leave the API without the noise of their arithmetic, and stay exact where they are kept."""

from __future__ import annotations

from sqlalchemy import select

from tali.kernel.fields import Figure
from tali.scoring.models import Score

WEIGHTS = {"tests": 0.123456, "independence": 0.876544}


def numbers(value, at=""):
    """Every measured number in an answer, with its place. Weights are somebody's choice, and details a plugin's."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in {"weight", "weights", "detail"}:
                yield from numbers(inner, f"{at}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, f"{at}[]")
    elif isinstance(value, float):
        yield at, value


def test_measured_numbers_go_out_with_four_digits_and_are_kept_whole(tenant, run_jobs) -> None:
    made = []
    for email in ("a@example.com", "b@example.com"):
        candidate = tenant.candidate(tenant.invite(email))
        candidate.type("# one\n")
        candidate.ask("Why?")
        run_jobs(tenant)
        candidate.type("x = 1\n")
        candidate.submit()
        run_jobs(tenant)
        made.append(f"/assessments/{candidate.assessment['id']}")
    previewed = tenant.call("POST", f"{made[0]}/score-preview", json={"weights": WEIGHTS})
    mixed = tenant.call("POST", f"{made[0]}/rescore", json={"weights": WEIGHTS})
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        kept = session.execute(select(Score).order_by(Score.id.desc()).limit(1)).scalar_one()
        exact = [kept.coverage, kept.value, *(entry["contribution"] for entry in kept.components)]
    assert any(value is not None and value != round(value, 4) for value in exact)
    compared = "/compare?ids=" + ",".join(path.rpartition("/")[2] for path in made)
    answers = [previewed, mixed]
    answers += [
        tenant.call("GET", path)
        for path in (*made, f"{made[0]}/scores", f"{made[0]}/likeness", "/assessments", compared)
    ]
    seen = [pair for answer in answers for pair in numbers(answer.json)]
    assert len(seen) > 50
    assert [(at, value) for at, value in seen if value != round(value, 4)] == []


def test_a_figure_has_no_sign_where_it_is_nothing() -> None:
    assert str(Figure()._serialize(-0.00001, None, None)) == "0.0"
    assert Figure()._serialize(None, None, None) is None
