"""The database's own doors for people, misused: none is an oracle, nor a way into an organisation or an account."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tali.kernel.clock import now
from tali.kernel.ids import new_id

INVITATION = (
    "INSERT INTO user_invitation (id, created_at, organization_id, email, full_name, role, token_hash, expires_at)"
    " VALUES (:id, now(), :organization, :email, 'E', 'owner', :hash, :until)"
)
REGISTRATION = (
    "INSERT INTO registration"
    " (id, created_at, organization_id, email, full_name, password_hash, token_hash, expires_at)"
    " VALUES (:id, now(), :organization, :email, 'E', 'x', :hash, :until)"
)
ACCEPT = "SELECT organization_id FROM tali_accept_invitation(:hash, :user, :membership, :known, :new)"
CONFIRM = "SELECT tali_confirm_registration(:registration, :hash, :user, :membership)"


def person_of(tenant) -> dict:
    return tenant.call("GET", "/auth/me").json["user"]


def in_tenant(resources, tenant, statement: str, **values):
    with resources.database.tenant(tenant.organization_id) as session:
        return session.execute(text(statement), values)


def without_tenant(resources, statement: str, **values):
    with resources.database.nobody() as session:
        return session.execute(text(statement), values).scalars().all()


def written(resources, tenant, statement: str, email: str) -> dict:
    """A row that a tenant writes by itself, with a token of its own choice."""
    row = {"id": new_id(), "organization": tenant.organization_id, "email": email, "hash": os.urandom(16).hex()}
    in_tenant(resources, tenant, statement, **row, until=now() + timedelta(hours=1))
    return row


def accept(row: dict, **changes) -> dict:
    return {"hash": row["hash"], "user": new_id(), "membership": new_id(), "known": None, "new": None, **changes}


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("SELECT user_id FROM tali_resolve_person(:email)", ["email"]),
        ("SELECT organization_id FROM tali_memberships_of(:user, 1)", ["user"]),
    ],
)
def test_no_organisation_asks_about_people(statement: str, values: list[str], make_tenant, resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    for person in (person_of(mine), person_of(theirs)):
        known = {"email": person["email"], "user": person["id"]}
        asked = {name: known[name] for name in values}
        assert in_tenant(resources, mine, statement, **asked).all() == []
        assert without_tenant(resources, statement, **asked) != []


def test_memberships_are_told_to_who_knows_the_session_version_alone(tenant, resources) -> None:
    user = person_of(tenant)["id"]
    statement = "SELECT organization_id FROM tali_memberships_of(:user, :version)"
    assert without_tenant(resources, statement, user=user, version=1) == [tenant.organization_id]
    assert without_tenant(resources, statement, user=user, version=2) == []


def test_an_invitation_is_not_taken_up_from_inside_an_organisation(make_tenant, resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    row = written(resources, mine, INVITATION, person_of(theirs)["email"])
    assert in_tenant(resources, mine, ACCEPT, **accept(row, new="x")).all() == []


def test_a_person_with_a_password_does_not_join_without_it(make_tenant, resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    theirs.call("POST", "/auth/password", json={"password": "correct horse battery"})  # pragma: allowlist secret
    email = theirs.client.post("/api/v1/auth/refresh").get_json()["me"]["user"]["email"]
    row = written(resources, mine, INVITATION, email)
    for known in (None, "x", ""):
        assert without_tenant(resources, ACCEPT, **accept(row, known=known, new="mine")) == []
    with resources.database.owner() as session:
        stored = session.execute(
            text("SELECT password_hash FROM app_user WHERE email = :email"), {"email": email}
        ).scalar_one()
        assert stored.startswith("$argon2id$"), "and their password is theirs"


def test_an_accepted_invitation_keeps_to_its_organisation_and_role(make_tenant, resources) -> None:
    mine = make_tenant()
    email = f"new-{os.urandom(4).hex()}@example.com"
    row = written(resources, mine, INVITATION, email)
    assert without_tenant(resources, ACCEPT, **accept(row)) == [], "nobody is made without a password"
    # What a call that came to nothing has written is for its caller to roll back; here it was committed.
    row = written(resources, mine, INVITATION, f"other-{email}")
    assert without_tenant(resources, ACCEPT, **accept(row, new="x")) == [mine.organization_id]
    assert without_tenant(resources, ACCEPT, **accept(row, new="x")) == []


@pytest.mark.parametrize("change", ["expires_at = now() - interval '1 second'", "revoked_at = now()"])
def test_an_invitation_that_is_over_lets_nobody_in(change: str, make_tenant, resources) -> None:
    mine = make_tenant()
    row = written(resources, mine, INVITATION, f"new-{os.urandom(4).hex()}@example.com")
    in_tenant(resources, mine, f"UPDATE user_invitation SET {change}")
    assert without_tenant(resources, ACCEPT, **accept(row, new="x")) == []


def test_an_organisation_with_members_makes_nobody_by_registering(make_tenant, resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    for email in (person_of(theirs)["email"], f"new-{os.urandom(4).hex()}@example.com"):
        row = written(resources, mine, REGISTRATION, email)
        values = {"registration": row["id"], "hash": row["hash"], "user": new_id(), "membership": new_id()}
        assert in_tenant(resources, mine, CONFIRM, **values).scalar() is None
        known = in_tenant(resources, mine, "SELECT tali_address_is_known(:id)", id=row["id"]).scalar()
        assert known is None, "nor does it learn whether an address has an account"


def test_a_registration_is_confirmed_by_its_own_token_and_organisation(make_tenant, resources) -> None:
    mine = make_tenant()
    founded = new_id()
    row = {"id": new_id(), "organization": founded, "email": f"new-{os.urandom(4).hex()}@example.com", "hash": "h1"}
    with resources.database.tenant(founded) as session:
        session.execute(text("SELECT tali_found_organization('N', :slug)"), {"slug": os.urandom(6).hex()})
        session.execute(text(REGISTRATION), {**row, "until": now() + timedelta(hours=1)})
    values = {"registration": row["id"], "user": new_id(), "membership": new_id()}
    assert in_tenant(resources, mine, CONFIRM, **values, hash="h1").scalar() is None
    with resources.database.tenant(founded) as session:
        assert session.execute(text(CONFIRM), {**values, "hash": "h2"}).scalar() is None
        assert session.execute(text(CONFIRM), {**values, "hash": "h1"}).scalar() == values["membership"]
        assert session.execute(text(CONFIRM), {**values, "hash": "h1"}).scalar() is None


def test_an_organisation_is_not_founded_over_another(make_tenant, resources) -> None:
    mine = make_tenant()
    found = "SELECT tali_found_organization('Taken over', 'slug-x')"
    with pytest.raises(IntegrityError):
        in_tenant(resources, mine, found)
    assert without_tenant(resources, found) == [None], "and none without an id"
    assert mine.call("GET", "/organization").json["name"] == "Test organisation"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM address_request",
        "DELETE FROM address_request",
        "UPDATE address_request SET email = 'x'",
        "INSERT INTO organization (id, created_at, name, slug) VALUES (gen_random_uuid(), now(), 'x', 'x')",
        "INSERT INTO app_user (id, created_at, email, full_name, session_version)"
        " VALUES (gen_random_uuid(), now(), 'x', 'x', 1)",
        "UPDATE membership SET organization_id = gen_random_uuid()",
    ],
)
def test_what_is_asked_for_addresses_is_written_and_never_read(statement: str, tenant, resources) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        in_tenant(resources, tenant, statement)


def test_the_functions_are_for_the_application_alone(resources) -> None:
    with resources.database.owner() as session:
        rows = session.execute(
            text("""
            SELECT p.proname, p.prosecdef, p.proconfig, array(SELECT grantee::regrole::text
                FROM aclexplode(p.proacl) WHERE privilege_type = 'EXECUTE' AND grantee <> p.proowner)::text[] AS callers
            FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'tali_%'
                  AND p.prorettype <> 'trigger'::regtype
            """)
        ).all()
    assert len(rows) >= 11
    for row in rows:
        assert row.callers == ["tali_app"], row.proname
        if row.prosecdef:
            assert row.proconfig == ["search_path=public, pg_temp"], row.proname
