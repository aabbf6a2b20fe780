"""What people say stays on record beside what was measured: notes, overrides, decisions; and blind review hides who."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update

from tali.assessments import blind, review
from tali.jobs.models import Job
from tali.organizations.models import AuditEntry, Membership

NAME, ADDRESS = "Ada Byron", "ada@example.com"


@pytest.fixture
def completed(tenant, run_jobs):
    """A completed, scored assessment."""

    def make(prompts=(), **options):
        candidate = tenant.candidate(tenant.invite(send_invitation=False, **options))
        candidate.type(f"# {NAME} wrote this, mail {ADDRESS.upper()}\n")
        for message in prompts:
            candidate.ask(message)
            run_jobs(tenant)
        candidate.run()
        tenant.call("POST", f"{path(candidate)}/accommodation", json={"percent": 25, "reason": f"A letter for {NAME}"})
        candidate.submit()
        run_jobs(tenant)
        return candidate

    return make


def path(candidate) -> str:
    return f"/assessments/{candidate.assessment['id']}"


def role(tenant, name: str) -> None:
    with tenant.resources.database.owner() as session:
        session.execute(
            update(Membership).where(Membership.organization_id == tenant.organization_id).values(role=name)
        )


def test_a_note_stands_in_the_timeline_where_it_belongs(tenant, completed) -> None:
    candidate = completed()
    at = path(candidate)
    pinned = tenant.call("POST", f"{at}/notes", json={"text": "Here it turned.", "event_seq": 2})
    loose = tenant.call("POST", f"{at}/notes", key="n", json={"text": "All in all: good."})
    assert (pinned.status, loose.status) == (201, 201)
    assert tenant.call("POST", f"{at}/notes", key="n", json={"text": "All in all: good."}).json == loose.json
    rows = tenant.call("GET", f"{at}/timeline").json["data"]
    assert [row["kind"] for row in rows][:4] == ["start", "edits", "note", "execution"]
    assert rows[2]["data"]["text"] == "Here it turned."
    assert rows[2]["data"]["author"] == "Olive Owner"
    assert (rows[-1]["kind"], rows[-1]["data"]["text"]) == ("note", "All in all: good.")
    # Page by page there are the same rows, each once.
    paged, cursor = [], None
    while True:
        page = tenant.call("GET", f"{at}/timeline?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        paged += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [(row["kind"], row["seq"]) for row in paged] == [(row["kind"], row["seq"]) for row in rows]


def test_a_note_is_its_authors_to_change_and_delete(tenant, completed) -> None:
    at = path(completed())
    note = tenant.call("POST", f"{at}/notes", json={"text": "First."}).json
    key = tenant.call("POST", "/api-keys", json={"name": "CI"}).json["key"]
    for method, body in (("PATCH", {"text": "Theirs."}), ("DELETE", None)):
        refused = tenant.call(method, f"{at}/notes/{note['id']}", token=key, json=body)
        assert (refused.status, refused.json["code"]) == (403, "note_not_yours")
    edited = tenant.call("PATCH", f"{at}/notes/{note['id']}", json={"text": "Second."}).json
    assert (edited["text"], edited["own"], bool(edited["edited_at"])) == ("Second.", True, True)
    assert tenant.call("DELETE", f"{at}/notes/{note['id']}").status == 204
    assert tenant.call("GET", f"{at}/notes").json["data"] == []


def test_an_overridden_score_counts_and_the_measured_one_stays(tenant, completed) -> None:
    at = path(completed())
    measured = tenant.call("GET", at).json["score"]
    assert tenant.call("POST", f"{at}/override", json={"value": 101, "reason": "x"}).status == 422
    assert tenant.call("POST", f"{at}/override", json={"value": 90, "reason": ""}).status == 422
    for value in (80, 91.25):
        made = tenant.call("POST", f"{at}/override", json={"value": value, "reason": "The tests missed the point."})
        assert made.status == 201, made.json
    [listed] = tenant.call("GET", "/assessments").json["data"]
    assert (listed["score"], listed["measured_score"], listed["overridden"]) == (91.2, measured, True)
    detail = tenant.call("GET", at).json
    assert [entry["value"] for entry in detail["overrides"]] == [91.25, 80]
    assert [entry["withdrawn_at"] is None for entry in detail["overrides"]] == [True, False]
    assert round(detail["result"]["score"], 1) == measured
    # A new mix is on record too, and does not undo what a person said.
    assert tenant.call("POST", f"{at}/rescore", json={"weights": {"tests": 1}}).status == 200
    [listed] = tenant.call("GET", "/assessments").json["data"]
    assert (listed["score"], listed["overridden"]) == (91.2, True)
    assert tenant.call("DELETE", f"{at}/override").status == 204
    [listed] = tenant.call("GET", "/assessments").json["data"]
    assert (listed["score"], listed["overridden"]) == (listed["measured_score"], False)
    gone = tenant.call("DELETE", f"{at}/override")
    assert (gone.status, gone.json["code"]) == (404, "override_not_found")


def test_nothing_is_decided_or_overridden_before_there_is_something_to_judge(tenant) -> None:
    at = f"/assessments/{tenant.invite()['id']}"
    for what, body in (("decision", {"verdict": "reject", "reason": "x"}), ("override", {"value": 1, "reason": "x"})):
        early = tenant.call("POST", f"{at}/{what}", json=body)
        assert (early.status, early.json["state"]) == (409, "invited")


def test_every_decision_stays_and_the_newest_counts(tenant, completed) -> None:
    at = path(completed())
    for verdict in ("hold", "advance"):
        assert tenant.call("POST", f"{at}/decision", json={"verdict": verdict, "reason": "Why not."}).status == 201
    detail = tenant.call("GET", at).json
    assert detail["decision"] == "advance"
    assert [entry["verdict"] for entry in detail["decisions"]] == ["advance", "hold"]


def texts(value):
    """Every text in an answer, keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def assert_nobody_named(answer, candidate_id: str) -> None:
    assert answer.status == 200, answer.json
    for told in texts(answer.json):
        folded = " ".join(told.lower().split())
        for needle in (NAME.lower(), ADDRESS, candidate_id, "inv_"):
            assert needle not in folded, told


def test_blind_answers_name_nobody_until_a_decision(tenant, completed, run_jobs) -> None:
    tenant.call("PATCH", "/assessment-defaults", json={"blind_review": True})
    other = completed()
    candidate = completed([f"I am {NAME.upper()}, write to {ADDRESS}. Why does it fail?"])
    at = path(candidate)
    tenant.call("POST", f"{at}/notes", json={"text": f"{NAME} did well"})
    tenant.call("POST", f"{at}/override", json={"value": 70, "reason": f"{NAME} is better than that"})
    candidate_id = tenant.call("GET", "/candidates").json["data"][0]["id"]
    prompts = tenant.call("GET", f"{at}/prompts")
    readings = [
        at,
        "/assessments",
        f"{at}/prompts",
        f"{at}/code",
        f"{at}/code-snapshots/{prompts.json['data'][0]['code_before']}",
        f"{at}/timeline",
        f"{at}/notes",
        f"{at}/scores",
        f"{at}/ratings",
        f"{at}/time",
        f"{at}/likeness",
        f"/compare?ids={candidate.assessment['id']},{other.assessment['id']}",
    ]
    for reading in readings:
        assert_nobody_named(tenant.call("GET", reading), candidate_id)
    detail = tenant.call("GET", at).json
    assert detail["blind"] is True
    assert detail["candidate"]["alias"].startswith("Candidate ")
    assert "[candidate]" in tenant.call("GET", f"{at}/code").body.decode()
    # Holding decides nothing.
    tenant.call("POST", f"{at}/decision", json={"verdict": "hold", "reason": "Later."})
    assert_nobody_named(tenant.call("GET", at), candidate_id)
    tenant.call("POST", f"{at}/decision", json={"verdict": "advance", "reason": "Good."})
    shown = tenant.call("GET", at).json
    assert (shown["blind"], shown["candidate"]["full_name"], shown["candidate"]["email"]) == (False, NAME, ADDRESS)
    assert NAME in tenant.call("GET", f"{at}/code").body.decode()


def test_only_an_owner_lifts_a_blind_and_it_is_written_down(tenant, completed) -> None:
    at = path(completed(blind_review=True))
    role(tenant, "recruiter")
    refused = tenant.call("POST", f"{at}/unblind")
    assert (refused.status, refused.json["code"]) == (403, "role_insufficient")
    ended = tenant.call("PATCH", at, json={"blind_review": False})
    assert (ended.status, ended.json["code"]) == (403, "unblinding_reserved")
    role(tenant, "owner")
    key = tenant.call("POST", "/api-keys", json={"name": "CI"}).json["key"]
    assert tenant.call("POST", f"{at}/unblind", token=key).status == 403
    told = tenant.call("POST", f"{at}/unblind")
    assert told.json["candidate"]["full_name"] == NAME
    assert tenant.call("GET", at).json["candidate"]["full_name"] is None, "in that answer alone"
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        lifted = session.execute(select(AuditEntry.action).where(AuditEntry.action == "assessment.unblinded")).all()
    assert len(lifted) == 1


@pytest.mark.parametrize("name", ["Al Final", "Hidden Path", "Ada Calibration"])
def test_a_name_that_is_one_of_our_words_hides_the_person_and_nothing_else(tenant, run_jobs, name) -> None:
    person = {"full_name": name, "email": "final@example.com"}
    made = tenant.invite(candidate=person, send_invitation=False, blind_review=True)
    candidate = tenant.candidate(made)
    first, last = name.split()
    candidate.write(f"{last.lower()}.py", f"# {last}, that's me, {first}{last}\nfinality = 'calibrational'\n")
    candidate.ask(f"I'm {last}. What is the algorithm?")
    run_jobs(tenant)
    candidate.submit()
    run_jobs(tenant)
    at = f"/assessments/{made['id']}"
    shown = {name: tenant.call("GET", f"{at}{name}").json for name in ("", "/code", "/prompts", "/timeline")}
    written = next(file for file in shown["/code"]["files"] if file["path"] == "[candidate].py")
    assert written["final"] == "# [candidate], that's me, [candidate]\nfinality = 'calibrational'\n"
    assert shown["/prompts"]["data"][0]["message"] == "I'm [candidate]. What is the algorithm?"
    before = shown["/prompts"]["data"][0]["code_before"]
    files = tenant.call("GET", f"{at}/code-snapshots/{before}").json["files"]
    assert "[candidate].py" in files
    assert len(files) == len(shown["/code"]["files"])
    told = [event["data"]["files"] for event in shown["/timeline"]["data"] if event["kind"] == "edits"]
    assert told == [["[candidate].py"]]
    assert shown[""]["calibration"] in (True, False)
    assert "calibration_score" in shown[""]["unmeasured"]
    assert not any("[candidate]" in key for answer in shown.values() for key in keys(answer))


def test_decisions_and_overrides_have_an_end_and_none_is_left_out(tenant, completed, monkeypatch) -> None:
    monkeypatch.setattr(review, "MOST_SAID", 2)
    at = path(completed())
    for _ in range(2):
        tenant.call("POST", f"{at}/decision", json={"verdict": "hold", "reason": "Not yet."})
        tenant.call("POST", f"{at}/override", json={"value": 50, "reason": "So it is."})
    decided = tenant.call("POST", f"{at}/decision", json={"verdict": "advance", "reason": "Now."})
    overridden = tenant.call("POST", f"{at}/override", json={"value": 60, "reason": "More."})
    assert (decided.status, decided.json["code"]) == (409, "decision_limit")
    assert (overridden.status, overridden.json["code"]) == (409, "override_limit")
    shown = tenant.call("GET", at).json
    assert (len(shown["decisions"]), len(shown["overrides"])) == (2, 2)
    assert (shown["decision"], shown["score"]) == ("hold", 50), "what is refused changes nothing"


def keys(value):
    """Every name of a field in an answer."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_the_times_of_a_blind_assessment_do_not_lead_to_the_candidate(tenant) -> None:
    """Candidate and assessment are made in one moment: its date is all that is told of it, in whatever disguise."""
    blind_later = tenant.invite("late@example.com", send_invitation=False)
    tenant.call("PATCH", f"/assessments/{blind_later['id']}", json={"blind_review": True})
    tenant.invite(send_invitation=False, blind_review=True)
    candidates = tenant.call("GET", "/candidates").json["data"]
    for row in tenant.call("GET", "/assessments").json["data"]:
        assert row["created_at"].endswith("T00:00:00.000Z")
        assert row["expires_at"].endswith("T00:00:00.000Z")
        for candidate in candidates:
            assert row["id"][:8] != candidate["id"][:8], "the first digits of a UUIDv7 are its moment"


def test_a_field_that_nobody_thought_about_is_hidden_while_blind() -> None:
    import marshmallow as ma

    class Grown(blind.Blindable):
        shown_blind = frozenset({"known"})
        known = ma.fields.String()
        added_later = ma.fields.String()

    data = {"known": "k", "added_later": NAME}
    assert Grown().dump({**data, "blind": True}) == {"known": "k", "added_later": None}
    assert Grown().dump(data) == data


def test_the_names_of_a_list_do_not_lead_to_blind_assessments(tenant, run_jobs) -> None:
    people = [{"full_name": NAME, "email": ADDRESS}]
    body = {"task_id": str(tenant.task_id), "people": people, "blind_review": True}
    bulk = tenant.call("POST", "/assessments/bulk", json=body).json
    run_jobs(tenant)
    [row] = tenant.call("GET", f"/assessments/bulk/{bulk['id']}").json["data"]
    assert (row["state"], row["assessment_id"]) == ("created", None)


def test_other_weights_make_a_new_score_and_call_no_evaluator(tenant, completed, resources, monkeypatch) -> None:
    at = path(completed())
    first = tenant.call("GET", at).json["result"]

    def untouched(*_):
        raise AssertionError("an evaluator was asked")

    monkeypatch.setattr(resources.plugins, "evaluator", untouched)
    with resources.database.tenant(tenant.organization_id) as session:
        jobs_before = session.execute(select(Job.id)).scalars().all()
    weights = {"tests": 0.5, "code_quality": 0.25, "independence": 0.25}
    previewed = tenant.call("POST", f"{at}/score-preview", json={"weights": weights}).json
    mixed = tenant.call("POST", f"{at}/rescore", key="mix", json={"weights": weights})
    assert mixed.status == 200, mixed.json
    with resources.database.tenant(tenant.organization_id) as session:
        assert session.execute(select(Job.id)).scalars().all() == jobs_before
    tests = next(entry["value"] for entry in first["components"] if entry["name"] == "tests")
    quality = next(entry["value"] for entry in first["components"] if entry["name"] == "code_quality")
    expected = (5 * tests + 2.5 * quality) / 0.75 if quality is not None else 10 * tests
    assert mixed.json["score"]["value"] == pytest.approx(expected) == pytest.approx(previewed["value"])
    scores = tenant.call("GET", f"{at}/scores").json["data"]
    assert [score["cause"] for score in scores] == ["weights", "run"]
    assert scores[0]["supersedes"] == scores[1]["id"]
    assert scores[0]["inputs_hash"] == scores[1]["inputs_hash"]
    assert tenant.call("GET", at).json["result"]["score"] == pytest.approx(expected)
    # The same mix again is the score that is there.
    again = tenant.call("POST", f"{at}/rescore", json={"weights": weights}).json["score"]
    assert again["id"] == scores[0]["id"]
    assert tenant.call("POST", f"{at}/rescore", json={"preset": "balanced"}).json["score"]["preset"] == "balanced"
    bad = tenant.call("POST", f"{at}/rescore", json={"weights": {"tests": 0.4}})
    assert (bad.status, bad.json["code"]) == (422, "weights_invalid")


def test_only_like_is_compared_with_like(tenant, completed) -> None:
    first, second = completed(email="a@example.com"), completed(email="b@example.com")
    query = f"/compare?ids={first.assessment['id']},{second.assessment['id']}"
    alike = tenant.call("GET", query).json
    assert (alike["comparable"], alike["differences"]) == (True, [])
    assert [entry["rank"] for entry in alike["assessments"]] == [1, 1]
    tenant.call("POST", f"{path(second)}/rescore", json={"preset": "solution_focused"})
    unlike = tenant.call("GET", query).json
    assert unlike["comparable"] is False
    assert any("different weights" in sentence for sentence in unlike["differences"])
    assert [entry["rank"] for entry in unlike["assessments"]] == [None, None]
    for ids in ("", first.assessment["id"], ",".join([first.assessment["id"]] * 2)):
        refused = tenant.call("GET", f"/compare?ids={ids}")
        assert refused.status == 422, ids


def test_a_named_field_without_a_value_says_why(tenant, completed) -> None:
    at = path(completed())
    detail = tenant.call("GET", at).json
    named = [name for name in detail if name.endswith("_score") and name not in ("measured_score",)]
    assert len(named) == 11
    for name in [*named, "browser_focus_ratio", "time_to_first_prompt_seconds"]:
        assert (detail[name] is None) == (name in detail["unmeasured"]), name
    assert all(sentence.endswith(".") for sentence in detail["unmeasured"].values())
    fresh = tenant.call("GET", f"/assessments/{tenant.invite('n@example.com')['id']}").json
    assert fresh["unmeasured"]["independence_score"] == "There is no score yet."


def test_ratings_are_data_and_move_no_score(tenant, completed) -> None:
    at = path(completed(blind_review=True))
    before = tenant.call("GET", at).json["result"]
    for value in (3, 7.5):
        rated = tenant.call("POST", f"{at}/ratings", json={"dimension": "independence", "value": value, "blind": True})
        assert rated.status == 201, rated.json
    tenant.call("POST", f"{at}/decision", json={"verdict": "reject", "reason": "No."})
    tenant.call("POST", f"{at}/ratings", json={"dimension": "design_thinking", "value": 1, "blind": True})
    found = tenant.call("GET", f"{at}/ratings").json["data"]
    assert [(entry["dimension"], entry["value"], entry["blind"]) for entry in found] == [
        ("independence", 7.5, True),
        # Once the candidate is shown, nobody rates blind.
        ("design_thinking", 1, False),
    ]
    assert tenant.call("GET", at).json["result"] == before
    unknown = tenant.call("POST", f"{at}/ratings", json={"dimension": "tests", "value": 5})
    assert (unknown.status, unknown.json["code"]) == (422, "dimension_unknown")
    assert tenant.call("POST", f"{at}/ratings", json={"dimension": "independence", "value": 10.1}).status == 422


def test_whoever_creates_a_blind_assessment_gets_its_link_only_to_deliver_it_themselves(tenant) -> None:
    sent = tenant.invite("a@example.com", blind_review=True)
    assert (sent["invitation_url"], sent["candidate"]["full_name"]) == (None, None)
    delivered = tenant.invite("b@example.com", blind_review=True, send_invitation=False)
    assert delivered["invitation_url"]
    assert tenant.call("GET", f"/assessments/{delivered['id']}").json["invitation_url"] is None


def test_lists_of_what_people_said_take_the_same_few_queries_however_long_they_are(
    tenant, completed, statements
) -> None:
    at = path(completed())
    dimensions = iter(["independence", "design_thinking", "prompt_clarity", "error_recovery", "learning_velocity"])

    def say(times: int) -> None:
        for number in range(times):
            tenant.call("POST", f"{at}/notes", json={"text": f"Note {number}", "event_seq": 1})
            tenant.call("POST", f"{at}/ratings", json={"dimension": next(dimensions), "value": number})
            tenant.call("POST", f"{at}/override", json={"value": number, "reason": "x"})
            tenant.call("POST", f"{at}/decision", json={"verdict": "hold", "reason": "x"})

    lists = [at, f"{at}/notes", f"{at}/ratings", f"{at}/scores", f"{at}/timeline", f"{at}/time"]

    def queries(reading: str) -> int:
        with statements() as seen:
            assert tenant.call("GET", reading).status == 200
        return len(seen)

    say(1)
    few = [queries(reading) for reading in lists]
    say(4)
    assert [queries(reading) for reading in lists] == few


def test_a_reason_that_nobody_can_read_is_none(tenant, completed) -> None:
    at = path(completed())
    for blank in (" ", "\u200b", "\n\t"):
        for act, body in (("notes", {"text": blank}), ("decision", {"verdict": "hold", "reason": blank}),
                          ("override", {"value": 50, "reason": blank})):  # fmt: skip
            assert tenant.call("POST", f"{at}/{act}", json=body).status == 422, (act, blank)


def test_a_note_stands_at_a_moment_that_there_is(tenant, completed) -> None:
    at = path(completed())
    refused = tenant.call("POST", f"{at}/notes", json={"text": "x", "event_seq": 2_147_483_647})
    assert (refused.status, refused.json["code"]) == (422, "event_not_found")


def test_weights_that_nothing_has_a_value_for_leave_the_score_as_it_is(tenant, completed) -> None:
    at = path(completed())
    before = tenant.call("GET", at).json["score"]
    refused = tenant.call("POST", f"{at}/rescore", json={"weights": {"independence": 1}})
    assert (refused.status, refused.json["code"]) == (422, "weights_without_values")
    assert tenant.call("GET", at).json["score"] == before is not None


def test_a_name_is_not_changed_from_under_the_veil(tenant, completed) -> None:
    at = path(completed(blind_review=True))
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        candidate_id = session.execute(text("SELECT candidate_id FROM assessment")).scalar_one()
    rename = {"json": {"full_name": "Somebody Else"}}
    refused = tenant.call("PATCH", f"/candidates/{candidate_id}", **rename)
    assert (refused.status, refused.json["code"]) == (409, "review_blind")
    tenant.call("POST", f"{at}/decision", json={"verdict": "advance", "reason": "Good work."})
    assert tenant.call("PATCH", f"/candidates/{candidate_id}", **rename).status == 200


def test_an_override_counts_as_it_is_shown(tenant, completed) -> None:
    at = path(completed())
    for given, shown in ((99.99999999, 100.0), (-0.0, 0.0), (66.66, 66.7)):
        answer = tenant.call("POST", f"{at}/override", json={"value": given, "reason": "x"})
        assert answer.status in {200, 201}, answer.json
        assert str(tenant.call("GET", at).json["score"]) == str(shown)


def test_whoever_said_something_is_called_by_name_while_they_are_there(tenant, completed) -> None:
    at = path(completed())
    key = tenant.call("POST", "/api-keys", json={"name": "Our ATS"}).json["key"]
    tenant.call("POST", f"{at}/notes", json={"text": "one"})
    tenant.call("POST", f"{at}/notes", json={"text": "two"}, token=key)
    tenant.call("POST", f"{at}/decision", json={"verdict": "hold", "reason": "Wait."})
    tenant.call("POST", f"{at}/ratings", json={"dimension": "independence", "value": 5})

    def names():
        notes = [note["author"] for note in tenant.call("GET", f"{at}/notes", token=key).json["data"]]
        decided = [one["author"] for one in tenant.call("GET", at, token=key).json["decisions"]]
        return notes, decided, [one["rater"] for one in tenant.call("GET", f"{at}/ratings", token=key).json["data"]]

    assert names() == (["Olive Owner", "Our ATS"], ["Olive Owner"], ["Olive Owner"])
    with tenant.resources.database.owner() as session:
        session.execute(text("DELETE FROM membership WHERE id = :id"), {"id": tenant.membership_id})
    gone = "Somebody who has left"
    assert names() == ([gone, "Our ATS"], [gone], [gone])
