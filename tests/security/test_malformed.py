"""Malformed input is the sender's mistake and is answered as such, whatever it is and wherever it arrives."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from flask import g

from tali.assessments.schemas import AssessmentQuery
from tali.candidates.schemas import CandidateQuery
from tali.kernel.http import PageQuery
from tali.tasks.schemas import TaskQuery
from tests.security.test_tenancy import VALID_BODIES, operations

SURROGATE = "\ud800"
PERSON = {"full_name": SURROGATE, "email": "a@example.com"}


def send(tenant, path: str, body: str | bytes, token: str | None = None):
    return tenant.call("POST", path, data=body, content_type="application/json", token=token)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "null",
        "[]",
        "[" * 200_000 + "]" * 200_000,
        "[" * 1_000 + "]" * 1_000,
        '{"message":' * 200_000,
        "1" * 5_000,
        '{"client_seq":' + "1" * 5_000 + "}",
        '{"client_seq": NaN}',
        '{"client_seq": -Infinity}',
        '{"client_seq": 1e400}',
        '{"client_seq": 1e300}',
        b'{"message": "\xff"}',
        '{"\\ud800": 1}',
        '{"\\u0000": 1}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_every_door_refuses_what_is_no_json(body: str | bytes, app, tenant) -> None:
    candidate = tenant.candidate()
    for method, path in operations(app):
        if method not in {"POST", "PATCH", "PUT"} or "{" in path or path not in {*VALID_BODIES, *DOORS}:
            continue
        token = candidate.bearer if path.startswith("/session") else None
        answer = tenant.call(method, path, data=body, content_type="application/json", token=token)
        assert answer.status in {400, 422}, f"{method} {path} answered {answer.status} to {body[:20]!r}"
        assert answer.json["code"] in {"bad_request", "validation_failed"}, path


DOORS = {"/auth/login", "/auth/links/redeem", "/session/open", "/organization"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/login", {"email": "a@example.com", "password": SURROGATE}),
        ("/auth/login", {"email": f"{SURROGATE}@example.com", "password": "x"}),
        ("/auth/links/redeem", {"token": SURROGATE * 30}),
        ("/session/open", {"invitation": f"inv_{SURROGATE * 43}"}),
        ("/session/chat", {**VALID_BODIES["/session/chat"], "message": SURROGATE}),
        ("/api-keys", {"name": SURROGATE}),
        ("/candidates", PERSON),
    ],
)
def test_half_a_character_is_no_text(path: str, body: dict[str, object], tenant) -> None:
    token = tenant.candidate().bearer if path.startswith("/session") else None
    answer = send(tenant, path, json.dumps(body), token)
    assert (answer.status, answer.json["code"]) == (400, "bad_request")


def cursor(*position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


ID = "00000000-0000-7000-8000-000000000000"
MOMENT = "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "position",
    [
        "!",
        "é",
        cursor(),
        cursor(1),
        cursor("x"),
        cursor(None),
        cursor(True),
        cursor(-1),
        cursor(2**15),
        cursor(2**40),
        cursor(10**300),
        cursor(1.5),
        cursor([]),
        cursor(1, 2),
        cursor(MOMENT, "x"),
        cursor("x", ID),
        cursor("2026-01-01T00:00:00", {}),
        cursor({}, ID),
        cursor("\x00", ID),
        cursor(SURROGATE, ID),
        cursor(MOMENT, ID, 1),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused_by_every_list(position: str, tenant, app) -> None:
    """Whatever it holds, and although it says that it is of this list: what it is bound to is no secret."""
    assessment = f"/assessments/{tenant.invite()['id']}"
    lists = {"/assessments": AssessmentQuery, "/candidates": CandidateQuery, "/tasks": TaskQuery}
    lists |= {f"{assessment}/{part}": PageQuery for part in ("prompts", "timeline", "notes", "scores", "ratings")}
    for path, query in lists.items():
        with app.test_request_context(f"/api/v1{path}"):
            query().load({})
            forged = f"{position}.{g.list_scope}"
        answer = tenant.call("GET", path, query_string={"cursor": forged})
        if answer.status == 200:
            # Right for this list, wrong for others.
            assert (position, path.rpartition("/")[2]) in {
                (cursor(1), "prompts"),
                (cursor(1), "timeline"),
                (cursor(2**15), "timeline"),
                (cursor("x", ID), "tasks"),
            }
            continue
        assert (answer.status, answer.json["code"]) == (422, "cursor_invalid"), path
        assert "not one of ours" in answer.json["message"]
        assert tenant.call("GET", path, query_string={"cursor": position}).json["code"] == "cursor_invalid"


def test_a_cursor_is_good_for_its_own_list_alone(tenant) -> None:
    made = [tenant.invite(f"person-{number}@example.com") for number in range(2)]
    for one in made:
        for text in ("one", "two"):
            tenant.call("POST", f"/assessments/{one['id']}/notes", json={"text": text})
    first, second = (f"/assessments/{one['id']}/notes" for one in made)
    lists = [
        "/assessments",
        "/assessments?state=invited",
        "/assessments?q=exam",
        f"/assessments?task_id={tenant.task_id}",
    ]
    lists += ["/candidates", "/candidates?q=exam", first, second, "/audit-log", "/audit-log?action=note."]
    pages = {}
    for path in lists:
        answer = tenant.call("GET", path.partition("?")[0], query_string={**args(path), "limit": 1})
        assert answer.json["next_cursor"], path
        pages[path] = answer.json["next_cursor"]
    for path in lists:
        for of, position in pages.items():
            answer = tenant.call(
                "GET", path.partition("?")[0], query_string={**args(path), "limit": 100, "cursor": position}
            )
            if of == path:
                assert answer.status == 200, "however many rows are asked for"
            else:
                assert (answer.status, answer.json["code"]) == (422, "cursor_invalid"), (path, of)
                assert "another list" in answer.json["message"]


def args(path: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(path).query))


def test_a_cursor_of_ours_goes_on_where_it_was(tenant) -> None:
    for number in range(3):
        tenant.invite(f"person-{number}@example.com")
    for path in ("/assessments", "/candidates"):
        first = tenant.call("GET", path, query_string={"limit": 2}).json
        second = tenant.call("GET", path, query_string={"limit": 2, "cursor": first["next_cursor"]}).json
        assert [len(first["data"]), len(second["data"]), second["next_cursor"]] == [2, 1, None]
        assert len({row["id"] for row in [*first["data"], *second["data"]]}) == 3


@pytest.mark.parametrize("query", ["q=%00", "q=%ED%A0%80", "limit=1e9", "limit=" + "9" * 5000, "cursor=%00", "q=%FF"])
def test_queries_too(query: str, tenant) -> None:
    for path in ("/assessments", "/candidates", "/tasks"):
        answer = tenant.call("GET", f"{path}?{query}")
        assert answer.status in {200, 400, 422}, path


@pytest.mark.parametrize("path", ["/assessments?state=nothing", "/candidates?nmae=x", "/plugins/a/b?limit=1"])
def test_a_filter_that_is_misspelled_is_refused(path: str, tenant) -> None:
    answer = tenant.call("GET", path)
    assert answer.status in {404, 422}, "left out, it would show everything"


def test_a_time_at_the_end_of_the_calendar_is_refused(tenant) -> None:
    for moment in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        answer = tenant.call("POST", "/api-keys", json={"name": "x", "expires_at": moment})
        assert (answer.status, answer.json["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (psycopg.errors.QueryCanceled, "took_too_long"),
        (psycopg.errors.DeadlockDetected, "busy"),
        (psycopg.errors.LockNotAvailable, "busy"),
        (psycopg.OperationalError, "database_unavailable"),
    ],
)
def test_what_the_database_did_not_do_is_told_apart(app, cause: type[psycopg.Error], code: str) -> None:
    from sqlalchemy.exc import OperationalError

    with app.test_request_context():
        answer, *_ = (app.make_response(app.handle_user_exception(OperationalError("SELECT", {}, cause("no")))),)
    assert (answer.status_code, answer.get_json()["code"]) == (503, code)


def test_a_stranger_is_asked_who_they_are_before_their_body_is_read(app) -> None:
    client = app.test_client()
    for method, path in operations(app):
        if path.startswith("/auth") or path == "/session/open" or method == "GET":
            continue
        answer = client.open("/api/v1" + path, method=method, data=b"{", content_type="application/json")
        assert (answer.status_code, answer.get_json()["code"]) in {(401, "token_missing"), (404, "not_found")}, path
