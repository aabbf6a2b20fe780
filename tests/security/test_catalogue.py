"""The walls between organisations, read from the database's own catalogue, so that no new table can forget them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tali.jobs.resources import Resources
from tali.kernel.ids import new_id
from tali.kernel.models import Base, Privacy, personal_data_registry

GLOBAL_TABLES = {"address_request", "alembic_version", "app_user", "organization"}


def tenant_tables() -> list[str]:
    return sorted(table.name for table in Base.metadata.sorted_tables if "organization_id" in table.columns)


def test_every_table_is_tenant_owned_or_known_to_be_global(resources: Resources) -> None:
    with resources.database.owner() as session:
        tables = set(session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    assert tables == set(tenant_tables()) | GLOBAL_TABLES


def test_every_tenant_table_has_a_policy_for_reading_and_writing(resources: Resources) -> None:
    with resources.database.owner() as session:
        rows = session.execute(
            text("SELECT tablename, qual, with_check, cmd, roles::text[] FROM pg_policies WHERE schemaname = 'public'")
        ).all()
        enabled = set(
            session.execute(
                text("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
            ).scalars()
        )
    policies = {row.tablename: row for row in rows}
    for table in [*tenant_tables(), "organization", "app_user"]:
        assert table in enabled, f"{table} has no row-level security"
        policy = policies[table]
        assert policy.cmd == "ALL"
        assert policy.roles == ["tali_app"]
        for expression in (policy.qual, policy.with_check):
            assert "tali.organization_id" in (expression or ""), f"{table}'s policy does not look at the organisation"


def test_the_application_role_owns_nothing_and_bypasses_nothing(resources: Resources) -> None:
    with resources.database.owner() as session:
        role = session.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'tali_app'")
        ).one()
        owned = session.execute(
            text("SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'tali_app'")
        ).all()
        member_of = session.execute(
            text("SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'tali_app'")
        ).all()
    assert tuple(role) == (False, False, False, False)
    assert not owned
    assert not member_of, "tali_app could switch to another role"


def test_every_reference_between_tenant_tables_is_composite(resources: Resources) -> None:
    with resources.database.owner() as session:
        rows = session.execute(
            text("""
            SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent, c.conname,
                   array(SELECT attname FROM pg_attribute a JOIN unnest(c.conkey) k ON a.attnum = k
                         WHERE a.attrelid = c.conrelid)::text[] AS columns
            FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
            """)
        ).all()
    tenants = set(tenant_tables())
    between = [row for row in rows if row.child in tenants and row.parent in tenants]
    assert len(between) > 20
    for row in between:
        assert "organization_id" in row.columns, f"{row.conname} checks without the organisation"


def test_every_foreign_key_has_an_index_that_begins_with_its_columns(resources: Resources) -> None:
    with resources.database.owner() as session:
        missing = session.execute(
            text("""
            SELECT c.conrelid::regclass::text || '.' || c.conname
            FROM pg_constraint c
            WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
                SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
                AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
            )
            """)
        ).scalars()
        assert list(missing) == []


def test_every_text_and_json_column_says_what_it_holds_of_a_person() -> None:
    unclassified = [
        f"{table}.{column}"
        for table, columns in personal_data_registry().items()
        for column, privacy in columns.items()
        if not isinstance(privacy, Privacy)
    ]
    assert unclassified == []


def test_a_row_that_points_at_another_organisations_row_is_refused(make_tenant, resources: Resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    their_assessment = theirs.invite()
    with (
        pytest.raises(IntegrityError, match="fk_embed_token"),
        resources.database.tenant(mine.organization_id) as session,
    ):
        session.execute(
            text(
                "INSERT INTO embed_token (id, created_at, organization_id, assessment_id, token_hash, expires_at)"
                " VALUES (:id, now(), :organization, :assessment, 'x', now())"
            ),
            {"id": new_id(), "organization": mine.organization_id, "assessment": their_assessment["id"]},
        )


def test_a_row_of_another_organisation_cannot_be_written(make_tenant, resources: Resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        resources.database.tenant(mine.organization_id) as session,
    ):
        session.execute(
            text(
                "INSERT INTO candidate (id, created_at, organization_id, full_name, email)"
                " VALUES (:id, now(), :organization, 'Eve', 'eve@example.com')"
            ),
            {"id": new_id(), "organization": theirs.organization_id},
        )


@pytest.mark.parametrize("table", tenant_tables())
def test_without_the_services_filter_the_database_shows_nothing_of_others(
    table: str, make_tenant, resources: Resources
) -> None:
    mine, theirs = make_tenant(), make_tenant()
    theirs.candidate()
    with resources.database.tenant(mine.organization_id) as session:
        seen = session.execute(
            text(f'SELECT count(*) FROM "{table}" WHERE organization_id = :theirs'),
            {"theirs": theirs.organization_id},
        ).scalar_one()
        total = session.execute(
            text(f'SELECT count(*) FROM "{table}" WHERE organization_id <> :mine'), {"mine": mine.organization_id}
        ).scalar_one()
    assert (seen, total) == (0, 0)


def as_tenant(resources: Resources, tenant, statement: str, **values: object) -> object:
    """One statement as the application's role, in this organisation."""
    with resources.database.tenant(tenant.organization_id) as session:
        return session.execute(text(statement), values).scalar()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO membership (id, created_at, organization_id, user_id, role, active)"
        " VALUES (gen_random_uuid(), now(), :mine, :user, 'viewer', true)",
        "UPDATE membership SET user_id = :user",
        "SELECT password_hash FROM app_user",
        "SELECT * FROM app_user",
        "UPDATE app_user SET password_hash = 'x'",
        "UPDATE app_user SET session_version = 1",
        "UPDATE app_user SET email = 'x'",
    ],
)
def test_no_statement_of_a_tenant_reaches_a_persons_credentials(statement: str, make_tenant, resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    user_id = theirs.call("GET", "/auth/me").json["user"]["id"]
    values = {"mine": mine.organization_id, "user": user_id}
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_tenant(resources, mine, statement, **{name: values[name] for name in values if f":{name}" in statement})


def test_the_functions_for_passwords_stay_in_ones_own_organisation(make_tenant, resources) -> None:
    mine, theirs = make_tenant(), make_tenant()
    my, their = (of.call("GET", "/auth/me").json["user"] for of in (mine, theirs))
    change = "SELECT tali_set_password(:membership, :user, 1, 'x')"
    for membership, user in (
        (theirs.membership_id, their["id"]),
        (mine.membership_id, their["id"]),
        (theirs.membership_id, my["id"]),
    ):
        assert as_tenant(resources, mine, change, membership=membership, user=user) is None
    found = "SELECT user_id FROM tali_resolve_login(:email)"
    assert as_tenant(resources, mine, found, email=my["email"]) is None, "hashes are for a login, before any tenant"
    assert as_tenant(resources, mine, change, membership=mine.membership_id, user=my["id"]) == 2


def test_before_a_tenant_is_known_no_row_is_visible(tenant, resources: Resources) -> None:
    tenant.invite()
    with resources.database.nobody() as session:
        for table in [*tenant_tables(), "organization", "app_user"]:
            assert session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() == 0, table


@pytest.mark.parametrize("change", ["UPDATE task_version SET content = '{}'", "DELETE FROM task_version"])
def test_a_frozen_version_cannot_be_altered(change: str, tenant, resources: Resources) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_tenant(resources, tenant, change)


def test_a_score_cannot_be_altered(tenant, resources: Resources) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        resources.database.tenant(tenant.organization_id) as session,
    ):
        session.execute(text("UPDATE score SET value = 100"))
