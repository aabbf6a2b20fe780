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
)
"""Rows that the application may add and never alter. They go with what they belong to (ON DELETE CASCADE)."""

READ_WRITE = (
    "api_key",
    "assessment",
    "assessment_defaults",
    "attempt",
    "bulk_invitation",
    "bulk_row",
    "candidate",
    "candidate_session",
    "embed_token",
    "evaluation",
    "execution",
    "idempotency_record",
    "job",
    "note",
    "pause",
    "plugin_entry",
    "rating",
    "refresh_token",
    "score_override",
    "score_run",
    "sign_in_link",
    "task",
    "task_version",
    "turn",
    "workspace_file",
)

FUNCTIONS = (
    "tali_claim_job(uuid, text, double precision)",
    "tali_resolve_credential(text, text)",
    "tali_resolve_login(text)",
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
    wall("membership", grants="SELECT, DELETE, UPDATE (role, active)")

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
        SELECT organization_id, id FROM sign_in_link WHERE p_kind = 'sign_in_link' AND token_hash = p_hash
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
    # The only way to a password's hash: by address, in a transaction that has no tenant.
    definer(
        "tali_resolve_login(p_email text)",
        "TABLE (organization_id uuid, membership_id uuid, user_id uuid, session_version integer, password_hash text)",
        f"""
        SELECT m.organization_id, m.id, u.id, u.session_version, u.password_hash
        FROM membership m JOIN app_user u ON u.id = m.user_id
        WHERE lower(u.email) = lower(p_email) AND m.active AND {CURRENT} IS NULL ORDER BY m.created_at LIMIT 1
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
    op.execute("REVOKE ALL ON app_user FROM tali_app")
    op.execute("DROP POLICY member ON app_user")
    op.execute("ALTER TABLE app_user DISABLE ROW LEVEL SECURITY")
    for table in (*READ_WRITE, *APPEND_ONLY, "membership", "timeline_event", "organization"):
        op.execute(f'REVOKE ALL ON "{table}" FROM tali_app')
        op.execute(f'DROP POLICY tenant ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    op.execute("REVOKE USAGE ON SCHEMA public FROM tali_app")
