"""Walls: row-level security on every tenant table, and the few functions that read across before a tenant is known."""

from __future__ import annotations

from alembic import op
from tali.migrations.tenancy import CURRENT, definer, wall

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "accommodation",
    "audit_entry",
    "checkpoint",
    "code_snapshot",
    "decision",
    "domain_event",
    "edit_batch",
    "fingerprint",
    "grade",
    "score",
    "signal_value",
    "task_version",
)
"""Rows that the application may add and never alter. They go with what they belong to (ON DELETE CASCADE)."""

READ_WRITE = (
    "api_key",
    "assessment",
    "assessment_defaults",
    "attempt",
    "bulk_invitation",
    "bulk_row",
    "calibration",
    "calibration_turn",
    "candidate",
    "candidate_external_id",
    "candidate_session",
    "embed_token",
    "evaluation",
    "execution",
    "idempotency_record",
    "job",
    "judge_request",
    "monthly_spending",
    "note",
    "notification",
    "pause",
    "plugin_entry",
    "provider_choice",
    "rating",
    "refresh_token",
    "registration",
    "score_override",
    "score_run",
    "sign_in_link",
    "spending_caps",
    "task",
    "task_draft",
    "task_validation",
    "turn",
    "user_invitation",
    "workspace_file",
)

FUNCTIONS = (
    "tali_claim_job(uuid, text, double precision)",
    "tali_resolve_credential(text, text)",
    "tali_resolve_login(text)",
    "tali_resolve_person(text)",
    "tali_memberships_of(uuid, integer)",
    "tali_found_organization(text, text)",
    "tali_address_is_known(uuid)",
    "tali_confirm_registration(uuid, text, uuid, uuid)",
    "tali_accept_invitation(text, uuid, uuid, text, text)",
    "tali_set_password(uuid, uuid, integer, text)",
    "tali_embed_policy(text)",
)


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO tali_app")
    for table in READ_WRITE:
        wall(table)
    for table in APPEND_ONLY:
        wall(table, grants="SELECT, INSERT")
    wall("timeline_event", grants="SELECT, INSERT")
    wall("organization", column="id", grants="SELECT, UPDATE (name, allowed_origins)")
    # A membership opens a person's row, so no tenant may write one that names a person: neither a new row nor a
    # change of whom a row is about.
    wall("membership", grants="SELECT, DELETE, UPDATE (role, active, session_version, last_used_at)")
    # Anybody may ask something for an address; only the owner looks whether it leads anywhere.
    op.execute("ALTER TABLE address_request ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY asking ON address_request FOR INSERT TO tali_app WITH CHECK (true)")
    op.execute("GRANT INSERT ON address_request TO tali_app")

    # A person is visible to the organisations they are a member of, without the password's hash; nobody is created
    # or changed from inside a tenant.
    op.execute("ALTER TABLE app_user ENABLE ROW LEVEL SECURITY")
    member = f"EXISTS (SELECT 1 FROM membership m WHERE m.user_id = app_user.id AND m.organization_id = {CURRENT})"
    op.execute(f"CREATE POLICY member ON app_user FOR ALL TO tali_app USING ({member}) WITH CHECK ({member})")
    op.execute("GRANT SELECT (id, created_at, email, full_name, has_password, session_version) ON app_user TO tali_app")

    definer(
        "tali_claim_job(p_job uuid, p_worker text, p_lease double precision)",
        "TABLE (organization_id uuid, kind text, payload jsonb, attempt smallint, max_attempts smallint)",
        """
        UPDATE job SET state = 'running', attempt = job.attempt + 1, worker = p_worker,
            lease_until = clock_timestamp() + make_interval(secs => p_lease)
        WHERE id = p_job AND state = 'queued' AND run_at <= clock_timestamp()
        RETURNING job.organization_id, job.kind, job.payload, job.attempt, job.max_attempts
        """,
    )
    # One way in for every random credential: its hash leads to the organisation and the row, and to nothing else.
    definer(
        "tali_resolve_credential(p_kind text, p_hash text)",
        "TABLE (organization_id uuid, id uuid)",
        """
        SELECT organization_id, id FROM api_key WHERE p_kind = 'api_key' AND key_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM sign_in_link WHERE p_kind = purpose AND token_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM registration WHERE p_kind = 'registration' AND token_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM user_invitation WHERE p_kind = 'user_invitation' AND token_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM refresh_token WHERE p_kind = 'refresh_token' AND token_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM embed_token WHERE p_kind = 'embed_token' AND token_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM assessment WHERE p_kind = 'invitation' AND invitation_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM candidate_session WHERE p_kind = 'resume_key' AND resume_hash = p_hash
        UNION ALL
        SELECT organization_id, id FROM candidate_session WHERE p_kind = 'resume_key' AND previous_resume_hash = p_hash
        """,
    )
    # The only ways to a password's hash: by address, in a transaction that has no tenant. A person of several
    # organisations is led to the one that they used last.
    definer(
        "tali_resolve_login(p_email text)",
        "TABLE (organization_id uuid, membership_id uuid, user_id uuid, session_version integer, password_hash text)",
        f"""
        SELECT m.organization_id, m.id, u.id, u.session_version, u.password_hash
        FROM membership m JOIN app_user u ON u.id = m.user_id
        WHERE lower(u.email) = lower(p_email) AND m.active AND {CURRENT} IS NULL
        ORDER BY m.last_used_at DESC NULLS LAST, m.created_at LIMIT 1
        """,
    )
    definer(
        "tali_resolve_person(p_email text)",
        "TABLE (user_id uuid, session_version integer, password_hash text)",
        f"""
        SELECT id, session_version, password_hash FROM app_user
        WHERE lower(email) = lower(p_email) AND {CURRENT} IS NULL
        """,
    )
    # Where a person may go. Their session version says that they were let in; no organisation asks about its members.
    definer(
        "tali_memberships_of(p_user uuid, p_session_version integer)",
        "TABLE (organization_id uuid, membership_id uuid, name text, role text)",
        f"""
        SELECT o.id, m.id, o.name, m.role
        FROM app_user u JOIN membership m ON m.user_id = u.id JOIN organization o ON o.id = m.organization_id
        WHERE u.id = p_user AND u.session_version = p_session_version AND m.active AND {CURRENT} IS NULL
        ORDER BY lower(o.name), o.id
        """,
    )
    # A new organisation under the id that the transaction has declared; one that exists is left alone. It has no member.
    definer(
        "tali_found_organization(p_name text, p_slug text)",
        "uuid",
        f"""
        INSERT INTO organization (id, created_at, name, slug, allowed_origins)
        SELECT {CURRENT}, clock_timestamp(), p_name, p_slug, '{{}}' WHERE {CURRENT} IS NOT NULL RETURNING id
        """,
    )
    # Whether the address of a registration has an account. Only in an organisation that has no member: one with members
    # could write a registration for any address, and ask.
    nobody_yet = f"NOT EXISTS (SELECT 1 FROM membership m WHERE m.organization_id = {CURRENT})"
    definer(
        "tali_address_is_known(p_registration uuid)",
        "boolean",
        f"""
        SELECT EXISTS (SELECT 1 FROM app_user u WHERE lower(u.email) = lower(r.email)) FROM registration r
        WHERE r.id = p_registration AND r.organization_id = {CURRENT} AND {nobody_yet}
        """,
    )
    # Makes the first owner of an organisation without members. An address that has an account gets none by this door.
    definer(
        "tali_confirm_registration(p_registration uuid, p_token_hash text, p_user uuid, p_membership uuid)",
        "uuid",
        f"""
        WITH confirmed AS (
            DELETE FROM registration r
            WHERE r.id = p_registration AND r.token_hash = p_token_hash AND r.organization_id = {CURRENT}
                AND r.expires_at > clock_timestamp() AND {nobody_yet}
            RETURNING r.organization_id, r.email, r.full_name, r.password_hash
        ), person AS (
            INSERT INTO app_user (id, created_at, email, full_name, password_hash, session_version)
            SELECT p_user, clock_timestamp(), lower(email), full_name, password_hash, 1 FROM confirmed
            ON CONFLICT DO NOTHING RETURNING id
        )
        INSERT INTO membership (id, created_at, organization_id, user_id, role, active, session_version)
        SELECT p_membership, clock_timestamp(), confirmed.organization_id, person.id, 'owner', true, 1
        FROM confirmed CROSS JOIN person RETURNING id
        """,
    )
    # The one way into an organisation that exists: by the token of an invitation, in a transaction that has no tenant.
    # A person with an account must be known by the password's hash that the caller has just compared with; one without
    # a password gets the new one. No row at all means: not open, or the password was changed meanwhile, or a member.
    definer(
        "tali_accept_invitation(p_token_hash text, p_user uuid, p_membership uuid, p_known_hash text, p_new_hash text)",
        "TABLE (organization_id uuid, membership_id uuid)",
        f"""
        WITH accepted AS (
            UPDATE user_invitation i SET accepted_at = clock_timestamp()
            WHERE i.token_hash = p_token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL
                AND i.expires_at > clock_timestamp() AND {CURRENT} IS NULL
            RETURNING i.organization_id, i.email, i.full_name, i.role
        ), present AS (
            UPDATE app_user u SET password_hash = coalesce(u.password_hash, p_new_hash) FROM accepted
            WHERE lower(u.email) = lower(accepted.email) AND u.password_hash IS NOT DISTINCT FROM p_known_hash
                AND coalesce(u.password_hash, p_new_hash) IS NOT NULL
            RETURNING u.id
        ), made AS (
            INSERT INTO app_user (id, created_at, email, full_name, password_hash, session_version)
            SELECT p_user, clock_timestamp(), lower(email), full_name, p_new_hash, 1 FROM accepted
            WHERE p_new_hash IS NOT NULL AND p_known_hash IS NULL
                AND NOT EXISTS (SELECT 1 FROM app_user u WHERE lower(u.email) = lower(accepted.email))
            ON CONFLICT DO NOTHING RETURNING id
        ), person AS (SELECT id FROM present UNION ALL SELECT id FROM made)
        INSERT INTO membership (id, created_at, organization_id, user_id, role, active, session_version)
        SELECT p_membership, clock_timestamp(), accepted.organization_id, person.id, accepted.role, true, 1
        FROM accepted CROSS JOIN person
        ON CONFLICT (organization_id, user_id) DO NOTHING RETURNING organization_id, id
        """,
    )
    # A new password for the person behind a membership of the transaction's own organisation. The session version that
    # the caller was let in with must still hold, and goes up: every token that carries the old one has ended.
    definer(
        "tali_set_password(p_membership uuid, p_user uuid, p_session_version integer, p_hash text)",
        "integer",
        f"""
        UPDATE app_user u SET password_hash = p_hash, session_version = u.session_version + 1
        FROM membership m
        WHERE m.id = p_membership AND m.organization_id = {CURRENT} AND m.user_id = p_user AND m.active
            AND u.id = m.user_id AND u.session_version = p_session_version
        RETURNING u.session_version
        """,
    )
    definer(
        "tali_embed_policy(p_public_id text)",
        "TABLE (organization_id uuid, allowed_origins text[])",
        """
        SELECT o.id, o.allowed_origins FROM assessment a JOIN organization o ON o.id = a.organization_id
        WHERE a.public_id = p_public_id
        """,
    )


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("REVOKE ALL ON address_request FROM tali_app")
    op.execute("DROP POLICY asking ON address_request")
    op.execute("ALTER TABLE address_request DISABLE ROW LEVEL SECURITY")
    op.execute("REVOKE ALL ON app_user FROM tali_app")
    op.execute("DROP POLICY member ON app_user")
    op.execute("ALTER TABLE app_user DISABLE ROW LEVEL SECURITY")
    for table in (*READ_WRITE, *APPEND_ONLY, "membership", "timeline_event", "organization"):
        op.execute(f'REVOKE ALL ON "{table}" FROM tali_app')
        op.execute(f'DROP POLICY tenant ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    op.execute("REVOKE USAGE ON SCHEMA public FROM tali_app")
