"""Every object of one organisation is a 404 to another, through every endpoint that the OpenAPI document knows."""

from __future__ import annotations

import re
from typing import Any

import pytest

PLACEHOLDER = re.compile(r"\{(\w+)\}")
PROVIDER = {"kind": "assistants", "name": "offline"}
"""Names of what is installed, which all organisations share; settings of providers have tests of their own."""


@pytest.fixture
def theirs(make_tenant, run_jobs) -> Any:
    """Another organisation with one of everything."""
    other = make_tenant()
    assessment = other.invite()
    candidate = other.candidate(assessment)
    turn = candidate.ask("Where do the duplicates come from?").json["turn"]
    execution = candidate.run().json["execution"]
    run_jobs(other)
    candidate.submit()
    run_jobs(other)
    key = other.call("POST", "/api-keys", json={"name": "CI"}).json
    invited = other.call(
        "POST", "/users/invite", json={"email": "new@example.com", "full_name": "N", "role": "viewer"}
    ).json
    path = f"/assessments/{assessment['id']}"
    note = other.call("POST", f"{path}/notes", json={"text": "x"}).json
    people = [{"full_name": "A", "email": "a@example.com"}]
    bulk = other.call("POST", "/assessments/bulk", json={"task_id": str(other.task_id), "people": people}).json
    snapshot = other.call("GET", path).json["code_snapshots"][0]
    other.ids = {
        "user_id": other.call("GET", "/auth/me").json["user"]["id"],
        "invitation_id": invited["id"],
        "assessment_id": assessment["id"],
        "task_id": str(other.task_id),
        "key_id": key["id"],
        "turn_id": turn["id"],
        "execution_id": execution["id"],
        "candidate_id": assessment["candidate"]["id"],
        "number": "1",
        "note_id": note["id"],
        "bulk_id": bulk["id"],
        "snapshot_id": snapshot["id"],
    }
    other.candidate_id = assessment["candidate"]["id"]
    return other


def operations(app) -> list[tuple[str, str]]:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    return [
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def test_no_endpoint_shows_or_changes_another_organisations_objects(app, tenant, theirs) -> None:
    mine = tenant.candidate()
    with_ids = [(method, path) for method, path in operations(app) if set(PLACEHOLDER.findall(path)) - PROVIDER.keys()]
    assert len(with_ids) >= 12
    for method, path in with_ids:
        filled = PLACEHOLDER.sub(lambda found: theirs.ids[found[1]], path)
        if path.startswith("/session/"):
            answer = mine.call(method, filled.removeprefix("/session"))
        else:
            body = VALID_BODIES.get(path, {} if method in {"PATCH", "PUT"} else None)
            answer = tenant.call(method, filled, json=None if method in {"GET", "DELETE"} else body)
        assert answer.status == 404, f"{method} {path} answered {answer.status}: {answer.json}"
        assert answer.json["code"].endswith("_not_found")
    assert theirs.call("GET", f"/assessments/{theirs.ids['assessment_id']}").status == 200


def test_objects_named_in_a_body_are_looked_for_in_ones_own_organisation(tenant, theirs) -> None:
    person = {"full_name": "Eve", "email": "eve@example.com"}
    tries = [
        ("/assessments", {"task_id": theirs.ids["task_id"], "candidate": person}),
        ("/assessments", {"task_id": str(tenant.task_id), "candidate_id": theirs.candidate_id}),
        ("/embed-sessions", {"assessment_id": theirs.ids["assessment_id"]}),
    ]
    for path, body in tries:
        answer = tenant.call("POST", path, json=body)
        assert answer.status == 404, f"{path} with {body} answered {answer.status}"


def test_lists_hold_only_ones_own(app, tenant, theirs) -> None:
    needles = [value for name, value in theirs.ids.items() if name != "number"]
    for method, path in operations(app):
        # Comparing takes ids, and finds only ones own.
        if path == "/compare":
            assert tenant.call("GET", f"{path}?ids={theirs.ids['assessment_id']},{ID}").status == 404
        elif method == "GET" and not PLACEHOLDER.search(path) and not path.startswith("/session"):
            answer = tenant.call("GET", path)
            assert answer.status == 200, path
            assert not [needle for needle in needles if needle in answer.body.decode()], path


def test_every_endpoint_asks_who_is_there(app) -> None:
    client = app.test_client()
    ids = PROVIDER | {"number": "1"}
    # Ways to become somebody: they take credentials in the body.
    open_doors = {
        "/auth/links/redeem",
        "/auth/login",
        "/auth/refresh",
        "/auth/logout",
        "/auth/options",
        "/auth/register",
        "/auth/register/confirm",
        "/auth/password-reset",
        "/auth/password-reset/redeem",
        "/auth/invitation",
        "/auth/invitation/accept",
        "/session/open",
    }
    for method, path in operations(app):
        if path in open_doors:
            continue
        answer = client.open(
            "/api/v1" + PLACEHOLDER.sub(lambda found: ids.get(found[1], ID), path), method=method, json={}
        )
        assert answer.status_code in {401, 422}, f"{method} {path} answered {answer.status_code} to nobody"
        if answer.status_code == 422:
            answer = client.open(
                "/api/v1" + PLACEHOLDER.sub(lambda found: ids.get(found[1], ID), path),
                method=method,
                json=VALID_BODIES[path],
            )
            assert answer.status_code == 401, f"{method} {path} answered {answer.status_code} to nobody"


ID = "00000000-0000-7000-8000-000000000000"
MOMENT = "2026-01-01T00:00:00Z"
A_TASK = {
    "slug": "a-task",
    "title": "A task",
    "summary": "One line.",
    "kind": "feature",
    "difficulty": "easy",
    "languages": ["python"],
    "duration_minutes": 30,
    "entry": "main.py",
    "brief": "Do it.",
}
VALID_BODIES: dict[str, dict[str, Any]] = {
    "/auth/password": {"password": "correct horse battery"},  # pragma: allowlist secret
    "/auth/switch": {"organization_id": ID},
    "/api-keys": {"name": "x"},
    "/users/invite": {"email": "a@example.com", "full_name": "A", "role": "viewer"},
    "/users/{user_id}": {"role": "viewer"},
    "/candidates": {"full_name": "A", "email": "a@example.com"},
    "/tasks": A_TASK,
    "/tasks/{task_id}/draft": {"revision": 1, "content": A_TASK},
    "/tasks/{task_id}/publish": {"revision": 0},
    "/tasks/{task_id}/validate": {"revision": 0},
    "/assessments": {"task_id": ID, "candidate_id": ID},
    "/assessments/bulk": {"task_id": ID, "people": [{"full_name": "A", "email": "a@example.com"}]},
    "/assessments/{assessment_id}": {"proctored": True},
    "/assessments/{assessment_id}/resend": {},
    "/assessments/{assessment_id}/notes": {"text": "x"},
    "/assessments/{assessment_id}/notes/{note_id}": {"text": "x"},
    "/assessments/{assessment_id}/decision": {"verdict": "hold", "reason": "x"},
    "/assessments/{assessment_id}/override": {"value": 1, "reason": "x"},
    "/assessments/{assessment_id}/accommodation": {"percent": 25, "reason": "x"},
    "/assessments/{assessment_id}/pause": {"reason": "x"},
    "/assessments/{assessment_id}/score-preview": {"preset": "balanced"},
    "/assessments/{assessment_id}/ratings": {"dimension": "independence", "value": 5},
    "/assessment-defaults": {"blind_review": True},
    "/embed-sessions": {"assessment_id": ID},
    "/session/start": {"consent_version": "1"},
    "/session/workspace": {
        "batches": [
            {
                "writer_epoch": 1,
                "client_seq": 1,
                "base_hash": "00000000",
                "result_hash": "00000000",
                "sent_at": MOMENT,
                "edits": [{"op": "delete", "file": "a", "at": MOMENT}],
            }
        ]
    },
    "/session/workspace/snapshot": {"writer_epoch": 1, "client_seq": 1, "result_hash": "00000000", "files": {}},
    "/session/chat": {
        "message": "x",
        "code_context": [],
        "paste_detected": False,
        "browser_focused": True,
        "writer_epoch": 1,
    },
    "/session/execute": {"kind": "test"},
    "/session/events": {"events": [{"kind": "tab_switch", "at": MOMENT}]},
    "/session/submit": {"client_seq": 0, "writer_epoch": 1},
}
