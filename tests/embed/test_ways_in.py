"""Both ways into a session: a one-time token for a host's page, a long-lived link, and the key to come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tali.assessments.models import Assessment
from tali.embed.models import CandidateSession, EmbedToken
from tali.kernel.clock import now
from tali.organizations.models import AuditEntry
from tests.candidate import Candidate


@pytest.fixture
def invited(tenant):
    return tenant.invite()


@pytest.fixture
def window(tenant, invited):
    """A new browser window."""
    return lambda: Candidate(tenant.client, invited)


def mint(tenant, invited) -> str:
    answer = tenant.call("POST", "/embed-sessions", json={"assessment_id": invited["id"]})
    assert answer.status == 201
    return answer.json["token"]


def age(tenant, model, **values) -> None:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(model).values(**values))


def test_an_embed_token_opens_once(tenant, invited, window) -> None:
    token = mint(tenant, invited)
    assert window().open(embed_token=token).status == 200
    again = window().open(embed_token=token)
    assert (again.status, again.json["code"]) == (401, "token_used")


def test_people_get_no_token_for_an_assessment_whose_candidate_is_hidden(tenant, window) -> None:
    hidden = tenant.invite("blind@example.com", blind_review=True, send_invitation=False)
    refused = tenant.call("POST", "/embed-sessions", json={"assessment_id": hidden["id"]})
    assert (refused.status, refused.json["code"]) == (403, "review_blind")
    key = tenant.call("POST", "/api-keys", json={"name": "ATS"}).json["key"]
    made = tenant.call("POST", "/embed-sessions", json={"assessment_id": hidden["id"]}, token=key)
    assert made.status == 201, made.json
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        minted = session.execute(select(AuditEntry.actor).where(AuditEntry.action == "embed_session.minted")).scalars()
        assert [actor.partition(":")[0] for actor in minted] == ["api_key"]


def test_the_same_client_may_exchange_twice_within_a_minute(tenant, invited, window) -> None:
    token = mint(tenant, invited)
    assert window().open(nonce="strict-mode", embed_token=token).status == 200
    assert window().open(nonce="strict-mode", embed_token=token).status == 200
    age(tenant, EmbedToken, exchanged_at=now() - timedelta(seconds=61))
    assert window().open(nonce="strict-mode", embed_token=token).status == 401


def test_an_embed_token_lives_five_minutes(tenant, invited, window) -> None:
    token = mint(tenant, invited)
    age(tenant, EmbedToken, expires_at=now() - timedelta(seconds=1))
    late = window().open(embed_token=token)
    assert (late.status, late.json["code"]) == (401, "token_expired")


def test_opening_the_invitation_starts_no_clock(tenant, invited, window) -> None:
    link = invited["invitation_url"].partition("#")[2]
    for _ in range(3):
        opened = window().open(invitation=link)
        assert opened.json["session"]["attempt"]["state"] == "ready"
    assert tenant.call("GET", f"/assessments/{invited['id']}").json["state"] == "invited"


def test_the_invitation_page_changes_nothing_for_a_mail_scanner(tenant, invited, app) -> None:
    page = app.test_client().get(invited["invitation_url"].partition("/take")[1])
    assert page.status_code in {200, 503}
    assert tenant.call("GET", f"/assessments/{invited['id']}").json["state"] == "invited"


def test_the_resume_key_rotates_and_the_one_before_holds_for_a_minute(tenant, invited, window) -> None:
    first = window()
    first.open(invitation=invited["invitation_url"].partition("#")[2])
    old = first.resume_key
    assert window().open(resume_key=old).status == 200
    assert window().open(resume_key=old).status == 200, "the answer got lost, the page asks again"
    age(tenant, CandidateSession, rotated_at=now() - timedelta(seconds=61))
    refused = window().open(resume_key=old)
    assert (refused.status, refused.json["code"]) in {(401, "token_expired"), (401, "token_invalid")}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": "cancelled"}, "assessment_cancelled"),
        ({"state": "expired"}, "assessment_expired"),
        ({"expires_at": now() - timedelta(seconds=1)}, "assessment_expired"),
    ],
)
def test_what_has_ended_cannot_be_opened(tenant, invited, window, values, code) -> None:
    age(tenant, Assessment, **values)
    answer = window().open(invitation=invited["invitation_url"].partition("#")[2])
    assert (answer.status, answer.json["code"]) == (410, code)


def test_only_the_organisations_origins_may_frame_a_session(tenant, invited, app) -> None:
    tenant.call("PATCH", "/organization", json={"allowed_origins": ["https://jobs.example.com"]})
    page = app.test_client().get(f"/embed/s/{invited['embed']['public_id']}")
    if page.status_code == 503:
        pytest.skip("the candidate app is not built: make build")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://jobs.example.com" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in page.headers
    unknown = app.test_client().get("/embed/s/unknown")
    assert unknown.status_code == 404
    assert "frame-ancestors 'none'" in unknown.headers["Content-Security-Policy"]


def test_a_bearer_of_the_admin_opens_no_session_and_the_other_way_round(tenant, invited) -> None:
    candidate = tenant.candidate(invited)
    assert tenant.call("GET", "/session").status == 401
    assert tenant.call("GET", "/assessments", token=candidate.bearer).status == 401
