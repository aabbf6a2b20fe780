"""Foundation: every table of the first release, as the models say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column(
            "has_password", sa.Boolean(), sa.Computed("password_hash IS NOT NULL", persisted=True), nullable=False
        ),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
    )
    op.create_index("uq_app_user_email", "app_user", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "address_request",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('password_reset', 'lockout')", name=op.f("ck_address_request_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_request")),
    )
    op.create_table(
        "organization",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("allowed_origins", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("slug", name=op.f("uq_organization_slug")),
    )
    op.create_table(
        "api_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_api_key_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_api_key_organization_id_id")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_audit_entry_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_audit_entry_organization_id_id")),
    )
    op.create_index(
        "ix_audit_entry_actor",
        "audit_entry",
        ["organization_id", "actor", sa.literal_column("created_at DESC")],
    )
    op.create_index(
        "ix_audit_entry_newest",
        "audit_entry",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index(
        "ix_audit_entry_subject",
        "audit_entry",
        ["organization_id", "subject_id", sa.literal_column("created_at DESC")],
    )
    op.create_table(
        "candidate",
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "search_words",
            sa.Text(),
            sa.Computed("' '::text || full_name || ' '::text || email", persisted=True),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_candidate_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_candidate_organization_id_id")),
    )
    op.create_index(
        "ix_candidate_newest",
        "candidate",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_include=["search_words"],
    )
    op.create_index(
        "uq_candidate_email", "candidate", ["organization_id", sa.literal_column("lower(email)")], unique=True
    )
    op.create_table(
        "candidate_external_id",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "candidate_id"],
            ["candidate.organization_id", "candidate.id"],
            name=op.f("fk_candidate_external_id_organization_id_candidate_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_candidate_external_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_external_id")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_candidate_external_id_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id",
            "system",
            "external_id",
            name=op.f("uq_candidate_external_id_organization_id_system_external_id"),
        ),
    )
    op.create_index(
        op.f("ix_candidate_external_id_organization_id_candidate_id"),
        "candidate_external_id",
        ["organization_id", "candidate_id"],
        unique=False,
    )
    op.create_table(
        "domain_event",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_domain_event_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_event")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_domain_event_organization_id_id")),
    )
    op.create_index(op.f("ix_domain_event_subject_id"), "domain_event", ["subject_id"], unique=False)
    op.create_table(
        "idempotency_record",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("mentions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_idempotency_record_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_record")),
        sa.UniqueConstraint(
            "organization_id", "actor", "key", name=op.f("uq_idempotency_record_organization_id_actor_key")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_idempotency_record_organization_id_id")),
    )
    op.create_index(op.f("ix_idempotency_record_expires_at"), "idempotency_record", ["expires_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("max_attempts", sa.SmallInteger(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'ambiguous', 'dead')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_job_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_job_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id", "kind", "dedupe_key", name=op.f("uq_job_organization_id_kind_dedupe_key")
        ),
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["organization_id", "queue", "run_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_job_in_flight",
        "job",
        ["organization_id", "queue"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "ix_job_leased", "job", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index(
        "ix_job_published",
        "job",
        ["organization_id", "queue"],
        unique=False,
        postgresql_where=sa.text("state = 'running' OR (state = 'queued' AND published_at IS NOT NULL)"),
    )
    op.create_index(
        "ix_job_trouble",
        "job",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ambiguous', 'dead')"),
    )
    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'recruiter', 'viewer')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_membership_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_membership_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_membership_organization_id_id")),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_membership_organization_id_user_id")),
    )
    op.create_index(op.f("ix_membership_user_id"), "membership", ["user_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_kind", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("notifier", sa.Text(), nullable=True),
        sa.Column("receipt_id", sa.Text(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed', 'kept')", name=op.f("ck_notification_state")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_notification_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_notification_organization_id_id")),
    )
    op.create_index("ix_notification_recipient", "notification", ["organization_id", "recipient_id"], unique=False)
    op.create_index(
        "ix_notification_subject",
        "notification",
        ["organization_id", "subject_id", sa.literal_column("created_at DESC")],
    )
    op.create_table(
        "plugin_entry",
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_plugin_entry_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_entry")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_plugin_entry_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id", "plugin", "key", name=op.f("uq_plugin_entry_organization_id_plugin_key")
        ),
    )
    op.create_index(op.f("ix_plugin_entry_expires_at"), "plugin_entry", ["expires_at"], unique=False)
    op.create_table(
        "task",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("difficulty", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("duration_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'archived')", name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_task_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_task_organization_id_id")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_task_organization_id_slug")),
    )
    op.create_table(
        "provider_choice",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("check_number", sa.Integer(), nullable=False),
        sa.Column("check_state", sa.Text(), nullable=True),
        sa.Column("check_message", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("check_state IN ('running', 'ok', 'failed')", name=op.f("ck_provider_choice_check_state")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_provider_choice_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_choice")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_provider_choice_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id", "kind", "name", name=op.f("uq_provider_choice_organization_id_kind_name")
        ),
    )
    op.create_index(
        "uq_provider_choice_one_of_a_kind",
        "provider_choice",
        ["organization_id", "kind"],
        unique=True,
        postgresql_where=sa.text("chosen"),
    )
    op.create_table(
        "spending_caps",
        sa.Column("assessment", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_spending_caps_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_caps")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_spending_caps_organization_id_id")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_spending_caps_organization_id")),
    )
    op.create_table(
        "monthly_spending",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_monthly_spending_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_spending")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_monthly_spending_organization_id_id")),
        sa.UniqueConstraint("organization_id", "month", name=op.f("uq_monthly_spending_organization_id_month")),
    )
    op.create_table(
        "task_draft",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["task.organization_id", "task.id"],
            name=op.f("fk_task_draft_organization_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_task_draft_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_draft")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_task_draft_organization_id_id")),
        sa.UniqueConstraint("organization_id", "task_id", name=op.f("uq_task_draft_organization_id_task_id")),
    )
    op.create_table(
        "task_validation",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.SmallInteger(), nullable=False),
        sa.Column("runs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hidden_tests", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version_number", sa.SmallInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'passed', 'failed', 'stopped')", name=op.f("ck_task_validation_state")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["task.organization_id", "task.id"],
            name=op.f("fk_task_validation_organization_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_task_validation_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_validation")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_task_validation_organization_id_id")),
    )
    op.create_index(
        "ix_task_validation_newest",
        "task_validation",
        ["organization_id", "task_id", sa.literal_column("created_at DESC")],
    )
    op.create_index(
        "uq_task_validation_one_at_a_time",
        "task_validation",
        ["organization_id", "task_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "refresh_token",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("child", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "membership_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_refresh_token_organization_id_membership_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_refresh_token_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_refresh_token_organization_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    op.create_index(op.f("ix_refresh_token_expires_at"), "refresh_token", ["expires_at"], unique=False)
    op.create_index(op.f("ix_refresh_token_family_id"), "refresh_token", ["family_id"], unique=False)
    op.create_index(
        op.f("ix_refresh_token_organization_id_membership_id"),
        "refresh_token",
        ["organization_id", "membership_id"],
        unique=False,
    )
    op.create_table(
        "registration",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_registration_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_registration_organization_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registration_token_hash")),
    )
    op.create_index(op.f("ix_registration_expires_at"), "registration", ["expires_at"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('sign_in_link', 'password_reset')", name=op.f("ck_sign_in_link_purpose")),
        sa.ForeignKeyConstraint(
            ["organization_id", "membership_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_sign_in_link_organization_id_membership_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_sign_in_link_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_sign_in_link_organization_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    op.create_index(
        op.f("ix_sign_in_link_organization_id_membership_id"),
        "sign_in_link",
        ["organization_id", "membership_id"],
        unique=False,
    )
    op.create_table(
        "user_invitation",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'recruiter', 'viewer')", name=op.f("ck_user_invitation_role")),
        sa.ForeignKeyConstraint(
            ["organization_id", "invited_by_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_user_invitation_organization_id_invited_by_id"),
            ondelete="SET NULL (invited_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_user_invitation_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_invitation")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_user_invitation_organization_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_invitation_token_hash")),
    )
    op.create_index(
        "ix_user_invitation_newest",
        "user_invitation",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index(
        op.f("ix_user_invitation_organization_id_invited_by_id"),
        "user_invitation",
        ["organization_id", "invited_by_id"],
        unique=False,
    )
    op.create_index(
        "uq_user_invitation_open",
        "user_invitation",
        ["organization_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "task_version",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("hidden_tests", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["task.organization_id", "task.id"],
            name=op.f("fk_task_version_organization_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_task_version_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_version")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_task_version_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id", "task_id", "number", name=op.f("uq_task_version_organization_id_task_id_number")
        ),
    )
    op.create_table(
        "assessment",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("task_version_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("duration_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("preset", sa.Text(), nullable=True),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proctored", sa.Boolean(), nullable=False),
        sa.Column("help_level", sa.Text(), nullable=False),
        sa.Column("calibration", sa.Boolean(), nullable=False),
        sa.Column("blind_review", sa.Boolean(), nullable=False),
        sa.Column("invitation_hash", sa.Text(), nullable=False),
        sa.Column("invitation_sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scoring_state", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("measured_score", sa.Double(), nullable=True),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("weights_hash", sa.Text(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("flag_count", sa.SmallInteger(), nullable=False),
        sa.Column("search_words", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('invited', 'in_progress', 'completed', 'expired', 'cancelled')", name=op.f("ck_assessment_state")
        ),
        sa.CheckConstraint("decision IN ('advance', 'reject', 'hold')", name=op.f("ck_assessment_decision")),
        sa.ForeignKeyConstraint(
            ["organization_id", "candidate_id"],
            ["candidate.organization_id", "candidate.id"],
            name=op.f("fk_assessment_organization_id_candidate_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "created_by_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_assessment_organization_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["task.organization_id", "task.id"],
            name=op.f("fk_assessment_organization_id_task_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_version_id"],
            ["task_version.organization_id", "task_version.id"],
            name=op.f("fk_assessment_organization_id_task_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_assessment_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("invitation_hash", name=op.f("uq_assessment_invitation_hash")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_assessment_organization_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_public_id")),
    )
    op.create_index(
        "ix_assessment_newest",
        "assessment",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_organization_id_candidate_id"),
        "assessment",
        ["organization_id", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_organization_id_created_by_id"),
        "assessment",
        ["organization_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        "ix_assessment_task_newest",
        "assessment",
        ["organization_id", "task_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index(
        "ix_assessment_highest",
        "assessment",
        ["organization_id", sa.literal_column("score DESC"), sa.literal_column("id DESC")],
        postgresql_where=sa.text("score IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_assessment_organization_id_task_version_id"),
        "assessment",
        ["organization_id", "task_version_id"],
        unique=False,
    )
    op.create_index(
        "ix_assessment_state_newest",
        "assessment",
        ["organization_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_assessment_being_scored",
        "assessment",
        ["submitted_at"],
        unique=False,
        postgresql_where=sa.text("scoring_state IN ('pending', 'running')"),
    )
    op.create_index(
        "ix_assessment_to_expire",
        "assessment",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'invited'"),
    )
    op.create_table(
        "attempt",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("task_version_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("variant_seed", sa.Integer(), nullable=False),
        sa.Column("allowed_time", sa.Interval(), nullable=False),
        sa.Column("extra_percent", sa.SmallInteger(), nullable=False),
        sa.Column("extra_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_time", sa.Interval(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("writer_epoch", sa.SmallInteger(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("recorded_bytes", sa.BigInteger(), nullable=False),
        sa.Column("turn_count", sa.SmallInteger(), nullable=False),
        sa.Column("tab_switch_count", sa.Integer(), nullable=False),
        sa.Column("client_tab_switch_count", sa.Integer(), nullable=True),
        sa.Column("assistant", sa.Text(), nullable=False),
        sa.Column("sandbox", sa.Text(), nullable=False),
        sa.Column("help_level", sa.Text(), nullable=False),
        sa.Column("recorder_version", sa.Text(), nullable=False),
        sa.Column("held_under", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('ready', 'in_progress', 'submitted')", name=op.f("ck_attempt_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_attempt_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_version_id"],
            ["task_version.organization_id", "task_version.id"],
            name=op.f("fk_attempt_organization_id_task_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_attempt_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "organization_id", "assessment_id", "number", name=op.f("uq_attempt_organization_id_assessment_id_number")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_attempt_organization_id_id")),
    )
    op.create_index(
        "ix_attempt_deadline", "attempt", ["deadline"], unique=False, postgresql_where=sa.text("state = 'in_progress'")
    )
    op.create_index(
        "ix_attempt_paused", "attempt", ["paused_at"], unique=False, postgresql_where=sa.text("paused_at IS NOT NULL")
    )
    op.create_index(
        op.f("ix_attempt_organization_id_task_version_id"),
        "attempt",
        ["organization_id", "task_version_id"],
        unique=False,
    )
    op.create_table(
        "assessment_defaults",
        sa.Column("blind_review", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_assessment_defaults_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_defaults")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_assessment_defaults_organization_id_id")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_assessment_defaults_organization_id")),
    )
    op.create_table(
        "bulk_invitation",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("conditions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "author_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_bulk_invitation_organization_id_author_id"),
            ondelete="SET NULL (author_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["task.organization_id", "task.id"],
            name=op.f("fk_bulk_invitation_organization_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_bulk_invitation_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_invitation")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_bulk_invitation_organization_id_id")),
    )
    op.create_index(
        op.f("ix_bulk_invitation_organization_id_author_id"),
        "bulk_invitation",
        ["organization_id", "author_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bulk_invitation_organization_id_task_id"),
        "bulk_invitation",
        ["organization_id", "task_id"],
        unique=False,
    )
    op.create_table(
        "bulk_row",
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'created', 'failed', 'skipped')", name=op.f("ck_bulk_row_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_bulk_row_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "bulk_id"],
            ["bulk_invitation.organization_id", "bulk_invitation.id"],
            name=op.f("fk_bulk_row_organization_id_bulk_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_bulk_row_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_row")),
        sa.UniqueConstraint(
            "organization_id", "bulk_id", "number", name=op.f("uq_bulk_row_organization_id_bulk_id_number")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_bulk_row_organization_id_id")),
    )
    op.create_index(
        op.f("ix_bulk_row_organization_id_assessment_id"),
        "bulk_row",
        ["organization_id", "assessment_id"],
        unique=False,
    )
    op.create_table(
        "decision",
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict IN ('advance', 'reject', 'hold')", name=op.f("ck_decision_verdict")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_decision_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "author_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_decision_organization_id_author_id"),
            ondelete="SET NULL (author_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_decision_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_decision_organization_id_id")),
    )
    op.create_index(
        op.f("ix_decision_organization_id_assessment_id"),
        "decision",
        ["organization_id", "assessment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_decision_organization_id_author_id"), "decision", ["organization_id", "author_id"], unique=False
    )
    op.create_table(
        "note",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_note_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "author_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_note_organization_id_author_id"),
            ondelete="SET NULL (author_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_note_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_note_organization_id_id")),
    )
    op.create_index(
        op.f("ix_note_organization_id_assessment_id"), "note", ["organization_id", "assessment_id"], unique=False
    )
    op.create_index(op.f("ix_note_organization_id_author_id"), "note", ["organization_id", "author_id"], unique=False)
    op.create_table(
        "score_override",
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_score_override_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "author_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_score_override_organization_id_author_id"),
            ondelete="SET NULL (author_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_score_override_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_override")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_score_override_organization_id_id")),
    )
    op.create_index(
        op.f("ix_score_override_organization_id_assessment_id"),
        "score_override",
        ["organization_id", "assessment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_score_override_organization_id_author_id"),
        "score_override",
        ["organization_id", "author_id"],
        unique=False,
    )
    op.create_index(
        "uq_score_override_one_at_a_time",
        "score_override",
        ["organization_id", "assessment_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "accommodation",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_accommodation_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_accommodation_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_accommodation_organization_id_id")),
    )
    op.create_index(
        op.f("ix_accommodation_organization_id_attempt_id"),
        "accommodation",
        ["organization_id", "attempt_id"],
        unique=False,
    )
    op.create_table(
        "fingerprint",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("token_count", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_fingerprint_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["task.organization_id", "task.id"],
            name=op.f("fk_fingerprint_organization_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_fingerprint_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprint")),
        sa.UniqueConstraint("organization_id", "attempt_id", name=op.f("uq_fingerprint_organization_id_attempt_id")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_fingerprint_organization_id_id")),
    )
    op.create_index(
        "ix_fingerprint_newest",
        "fingerprint",
        ["organization_id", "task_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "pause",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_pause_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pause_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_pause_organization_id_id")),
    )
    op.create_index(
        op.f("ix_pause_organization_id_attempt_id"), "pause", ["organization_id", "attempt_id"], unique=False
    )
    op.create_index(
        "uq_pause_one_at_a_time",
        "pause",
        ["organization_id", "attempt_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rating",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=True),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value BETWEEN 0 AND 10", name=op.f("ck_rating_value")),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_rating_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rater_id"],
            ["membership.organization_id", "membership.id"],
            name=op.f("fk_rating_organization_id_rater_id"),
            ondelete="SET NULL (rater_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rating_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint(
            "organization_id",
            "attempt_id",
            "rater",
            "dimension",
            name=op.f("uq_rating_organization_id_attempt_id_rater_dimension"),
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_rating_organization_id_id")),
    )
    op.create_index(op.f("ix_rating_organization_id_rater_id"), "rating", ["organization_id", "rater_id"], unique=False)
    op.create_table(
        "embed_token",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exchanged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_embed_token_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_embed_token_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embed_token")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_embed_token_organization_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_embed_token_token_hash")),
    )
    op.create_index(op.f("ix_embed_token_expires_at"), "embed_token", ["expires_at"], unique=False)
    op.create_index(
        op.f("ix_embed_token_organization_id_assessment_id"),
        "embed_token",
        ["organization_id", "assessment_id"],
        unique=False,
    )
    op.create_table(
        "candidate_session",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("resume_hash", sa.Text(), nullable=False),
        sa.Column("previous_resume_hash", sa.Text(), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_candidate_session_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_candidate_session_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_candidate_session_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_session")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_candidate_session_organization_id_id")),
        sa.UniqueConstraint("previous_resume_hash", name=op.f("uq_candidate_session_previous_resume_hash")),
        sa.UniqueConstraint("resume_hash", name=op.f("uq_candidate_session_resume_hash")),
    )
    op.create_index(op.f("ix_candidate_session_expires_at"), "candidate_session", ["expires_at"], unique=False)
    op.create_index(
        op.f("ix_candidate_session_organization_id_assessment_id"),
        "candidate_session",
        ["organization_id", "assessment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_candidate_session_organization_id_attempt_id"),
        "candidate_session",
        ["organization_id", "attempt_id"],
        unique=False,
    )
    op.create_table(
        "checkpoint",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_checkpoint_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_checkpoint_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "seq", name=op.f("uq_checkpoint_organization_id_attempt_id_seq")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_checkpoint_organization_id_id")),
    )
    op.create_table(
        "code_snapshot",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_code_snapshot_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_code_snapshot_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_snapshot")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "digest", name=op.f("uq_code_snapshot_organization_id_attempt_id_digest")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_code_snapshot_organization_id_id")),
    )
    op.create_table(
        "edit_batch",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("writer_epoch", sa.SmallInteger(), nullable=False),
        sa.Column("client_seq", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("edits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("base_hash", sa.Text(), nullable=False),
        sa.Column("result_hash", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_edit_batch_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_edit_batch_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit_batch")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "seq", name=op.f("uq_edit_batch_organization_id_attempt_id_seq")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "attempt_id",
            "writer_epoch",
            "client_seq",
            name=op.f("uq_edit_batch_organization_id_attempt_id_writer_epoch_client_seq"),
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_edit_batch_organization_id_id")),
    )
    op.create_table(
        "execution",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("stdin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("stopped", sa.Text(), nullable=True),
        sa.Column("limit_note", sa.Text(), nullable=True),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("peak_memory_bytes", sa.Integer(), nullable=True),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tests", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("sandbox", sa.Text(), nullable=False),
        sa.Column("producer", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'interrupted', 'failed', 'cancelled')",
            name=op.f("ck_execution_state"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_execution_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_execution_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_execution")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_execution_organization_id_id")),
    )
    op.create_index(
        op.f("ix_execution_organization_id_attempt_id"), "execution", ["organization_id", "attempt_id"], unique=False
    )
    op.create_index(
        "uq_execution_one_at_a_time",
        "execution",
        ["organization_id", "attempt_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "score_run",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contradictions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('running', 'scored', 'partial', 'failed')", name=op.f("ck_score_run_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_score_run_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_score_run_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_score_run_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_run")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "number", name=op.f("uq_score_run_organization_id_attempt_id_number")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_score_run_organization_id_id")),
    )
    op.create_index(
        op.f("ix_score_run_organization_id_assessment_id"),
        "score_run",
        ["organization_id", "assessment_id"],
        unique=False,
    )
    op.create_index(
        "uq_score_run_one_at_a_time",
        "score_run",
        ["organization_id", "attempt_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "timeline_event",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_timeline_event_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_timeline_event_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_event")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "seq", name=op.f("uq_timeline_event_organization_id_attempt_id_seq")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_timeline_event_organization_id_id")),
    )
    op.create_table(
        "workspace_file",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("readonly", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_workspace_file_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_workspace_file_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace_file")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "path", name=op.f("uq_workspace_file_organization_id_attempt_id_path")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_workspace_file_organization_id_id")),
    )
    op.create_table(
        "judge_request",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("score_run_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("redacted_for", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("versions_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state IN ('answered', 'unusable')) = (answer IS NOT NULL)", name=op.f("ck_judge_request_answer")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'answered', 'unusable', 'lost', 'refused')", name=op.f("ck_judge_request_state")
        ),
        sa.CheckConstraint("subject IN ('session', 'calibration')", name=op.f("ck_judge_request_subject")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_judge_request_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_judge_request_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "score_run_id"],
            ["score_run.organization_id", "score_run.id"],
            name=op.f("fk_judge_request_organization_id_score_run_id"),
            ondelete="SET NULL (score_run_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_judge_request_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge_request")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_judge_request_organization_id_id")),
    )
    for column in ("assessment_id", "attempt_id", "score_run_id"):
        op.create_index(
            op.f(f"ix_judge_request_organization_id_{column}"),
            "judge_request",
            ["organization_id", column],
            unique=False,
        )
    op.create_index(
        "uq_judge_request_one_answer",
        "judge_request",
        ["organization_id", "attempt_id", "evaluator", "subject", "versions_hash"],
        unique=True,
        postgresql_where=sa.text("state = 'answered'"),
    )
    op.create_table(
        "evaluation",
        sa.Column("score_run_id", sa.Uuid(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judge_request_id", sa.Uuid(), nullable=True),
        sa.Column("prompts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dropped", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("left_out", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name=op.f("ck_evaluation_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "score_run_id"],
            ["score_run.organization_id", "score_run.id"],
            name=op.f("fk_evaluation_organization_id_score_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "judge_request_id"],
            ["judge_request.organization_id", "judge_request.id"],
            name=op.f("fk_evaluation_organization_id_judge_request_id"),
            ondelete="SET NULL (judge_request_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_evaluation_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_evaluation_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id",
            "score_run_id",
            "evaluator",
            name=op.f("uq_evaluation_organization_id_score_run_id_evaluator"),
        ),
    )
    op.create_index(
        op.f("ix_evaluation_organization_id_judge_request_id"),
        "evaluation",
        ["organization_id", "judge_request_id"],
        unique=False,
    )
    op.create_table(
        "grade",
        sa.Column("score_run_id", sa.Uuid(), nullable=False),
        sa.Column("sandbox", sa.Text(), nullable=False),
        sa.Column("tests", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("quality", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "score_run_id"],
            ["score_run.organization_id", "score_run.id"],
            name=op.f("fk_grade_organization_id_score_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_grade_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_grade_organization_id_id")),
        sa.UniqueConstraint("organization_id", "score_run_id", name=op.f("uq_grade_organization_id_score_run_id")),
    )
    op.create_table(
        "score",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("score_run_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("preset", sa.Text(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("components", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weights_hash", sa.Text(), nullable=False),
        sa.Column("evaluators", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessment.organization_id", "assessment.id"],
            name=op.f("fk_score_organization_id_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "score_run_id"],
            ["score_run.organization_id", "score_run.id"],
            name=op.f("fk_score_organization_id_score_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "supersedes_id"],
            ["score.organization_id", "score.id"],
            name=op.f("fk_score_organization_id_supersedes_id"),
            ondelete="SET NULL (supersedes_id)",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_score_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_score_organization_id_id")),
    )
    op.create_index(
        op.f("ix_score_organization_id_assessment_id"), "score", ["organization_id", "assessment_id"], unique=False
    )
    op.create_index(
        op.f("ix_score_organization_id_score_run_id"), "score", ["organization_id", "score_run_id"], unique=False
    )
    op.create_index(
        op.f("ix_score_organization_id_supersedes_id"), "score", ["organization_id", "supersedes_id"], unique=False
    )
    op.create_table(
        "signal_value",
        sa.Column("score_run_id", sa.Uuid(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("declared", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("flag", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "score_run_id"],
            ["score_run.organization_id", "score_run.id"],
            name=op.f("fk_signal_value_organization_id_score_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_signal_value_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_value")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_signal_value_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id", "score_run_id", "name", name=op.f("uq_signal_value_organization_id_score_run_id_name")
        ),
    )
    op.create_table(
        "calibration",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_detail", sa.Text(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_calibration_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_calibration_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_calibration_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
        sa.UniqueConstraint("organization_id", "attempt_id", name=op.f("uq_calibration_organization_id_attempt_id")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_calibration_organization_id_id")),
    )
    op.create_index(
        "ix_calibration_judged",
        "calibration",
        ["organization_id"],
        unique=False,
        postgresql_where=sa.text("score IS NOT NULL"),
    )
    op.create_table(
        "calibration_turn",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("index", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("response_latency_ms", sa.Integer(), nullable=True),
        sa.Column("assistant", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("producer", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'interrupted', 'failed', 'cancelled')",
            name=op.f("ck_calibration_turn_state"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_calibration_turn_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_calibration_turn_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_turn")),
        sa.UniqueConstraint(
            "organization_id",
            "attempt_id",
            "index",
            name=op.f("uq_calibration_turn_organization_id_attempt_id_index"),
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_calibration_turn_organization_id_id")),
    )
    op.create_index(
        "uq_calibration_turn_one_at_a_time",
        "calibration_turn",
        ["organization_id", "attempt_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "turn",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("index", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("response_latency_ms", sa.Integer(), nullable=True),
        sa.Column("code_before_id", sa.Uuid(), nullable=False),
        sa.Column("code_after_id", sa.Uuid(), nullable=True),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("char_count", sa.Integer(), nullable=False),
        sa.Column("time_since_last_prompt_ms", sa.Integer(), nullable=True),
        sa.Column("server_gap_ms", sa.Integer(), nullable=True),
        sa.Column("paste_detected", sa.Boolean(), nullable=False),
        sa.Column("browser_focused", sa.Boolean(), nullable=False),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assistant", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("producer", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'interrupted', 'failed', 'cancelled')", name=op.f("ck_turn_state")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["attempt.organization_id", "attempt.id"],
            name=op.f("fk_turn_organization_id_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "code_after_id"],
            ["code_snapshot.organization_id", "code_snapshot.id"],
            name=op.f("fk_turn_organization_id_code_after_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "code_before_id"],
            ["code_snapshot.organization_id", "code_snapshot.id"],
            name=op.f("fk_turn_organization_id_code_before_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_turn_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint(
            "organization_id", "attempt_id", "index", name=op.f("uq_turn_organization_id_attempt_id_index")
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_turn_organization_id_id")),
    )
    op.create_index(
        op.f("ix_turn_organization_id_code_after_id"), "turn", ["organization_id", "code_after_id"], unique=False
    )
    op.create_index(
        op.f("ix_turn_organization_id_code_before_id"), "turn", ["organization_id", "code_before_id"], unique=False
    )
    op.create_index(
        "uq_turn_one_at_a_time",
        "turn",
        ["organization_id", "attempt_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_turn_one_at_a_time", table_name="turn", postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.drop_index(op.f("ix_turn_organization_id_code_before_id"), table_name="turn")
    op.drop_index(op.f("ix_turn_organization_id_code_after_id"), table_name="turn")
    op.drop_table("turn")
    op.drop_index(
        "uq_calibration_turn_one_at_a_time",
        table_name="calibration_turn",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.drop_table("calibration_turn")
    op.drop_index("ix_calibration_judged", table_name="calibration", postgresql_where=sa.text("score IS NOT NULL"))
    op.drop_table("calibration")
    op.drop_table("signal_value")
    op.drop_index(op.f("ix_score_organization_id_supersedes_id"), table_name="score")
    op.drop_index(op.f("ix_score_organization_id_score_run_id"), table_name="score")
    op.drop_index(op.f("ix_score_organization_id_assessment_id"), table_name="score")
    op.drop_table("score")
    op.drop_table("grade")
    op.drop_index(op.f("ix_evaluation_organization_id_judge_request_id"), table_name="evaluation")
    op.drop_table("evaluation")
    op.drop_index(
        "uq_judge_request_one_answer", table_name="judge_request", postgresql_where=sa.text("state = 'answered'")
    )
    for column in ("assessment_id", "attempt_id", "score_run_id"):
        op.drop_index(op.f(f"ix_judge_request_organization_id_{column}"), table_name="judge_request")
    op.drop_table("judge_request")
    op.drop_table("workspace_file")
    op.drop_table("timeline_event")
    op.drop_index(
        "uq_score_run_one_at_a_time",
        table_name="score_run",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_index(op.f("ix_score_run_organization_id_assessment_id"), table_name="score_run")
    op.drop_table("score_run")
    op.drop_index(
        "uq_execution_one_at_a_time", table_name="execution", postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.drop_index(op.f("ix_execution_organization_id_attempt_id"), table_name="execution")
    op.drop_table("execution")
    op.drop_table("edit_batch")
    op.drop_table("code_snapshot")
    op.drop_table("checkpoint")
    op.drop_index(op.f("ix_candidate_session_organization_id_attempt_id"), table_name="candidate_session")
    op.drop_index(op.f("ix_candidate_session_organization_id_assessment_id"), table_name="candidate_session")
    op.drop_index(op.f("ix_candidate_session_expires_at"), table_name="candidate_session")
    op.drop_table("candidate_session")
    op.drop_index(op.f("ix_embed_token_organization_id_assessment_id"), table_name="embed_token")
    op.drop_index(op.f("ix_embed_token_expires_at"), table_name="embed_token")
    op.drop_table("embed_token")
    op.drop_index(op.f("ix_rating_organization_id_rater_id"), table_name="rating")
    op.drop_table("rating")
    op.drop_index("uq_pause_one_at_a_time", table_name="pause", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_pause_organization_id_attempt_id"), table_name="pause")
    op.drop_table("pause")
    op.drop_index("ix_fingerprint_newest", table_name="fingerprint")
    op.drop_table("fingerprint")
    op.drop_index(op.f("ix_accommodation_organization_id_attempt_id"), table_name="accommodation")
    op.drop_table("accommodation")
    op.drop_index(
        "uq_score_override_one_at_a_time", table_name="score_override", postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.drop_index(op.f("ix_score_override_organization_id_author_id"), table_name="score_override")
    op.drop_index(op.f("ix_score_override_organization_id_assessment_id"), table_name="score_override")
    op.drop_table("score_override")
    op.drop_index(op.f("ix_note_organization_id_author_id"), table_name="note")
    op.drop_index(op.f("ix_note_organization_id_assessment_id"), table_name="note")
    op.drop_table("note")
    op.drop_index(op.f("ix_decision_organization_id_author_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_organization_id_assessment_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_bulk_row_organization_id_assessment_id"), table_name="bulk_row")
    op.drop_table("bulk_row")
    op.drop_index(op.f("ix_bulk_invitation_organization_id_task_id"), table_name="bulk_invitation")
    op.drop_index(op.f("ix_bulk_invitation_organization_id_author_id"), table_name="bulk_invitation")
    op.drop_table("bulk_invitation")
    op.drop_table("assessment_defaults")
    op.drop_index(op.f("ix_attempt_organization_id_task_version_id"), table_name="attempt")
    op.drop_index("ix_attempt_paused", table_name="attempt", postgresql_where=sa.text("paused_at IS NOT NULL"))
    op.drop_index("ix_attempt_deadline", table_name="attempt", postgresql_where=sa.text("state = 'in_progress'"))
    op.drop_table("attempt")
    op.drop_index(
        "ix_assessment_being_scored",
        table_name="assessment",
        postgresql_where=sa.text("scoring_state IN ('pending', 'running')"),
    )
    op.drop_index("ix_assessment_to_expire", table_name="assessment", postgresql_where=sa.text("state = 'invited'"))
    op.drop_index("ix_assessment_state_newest", table_name="assessment")
    op.drop_index(op.f("ix_assessment_organization_id_task_version_id"), table_name="assessment")
    op.drop_index("ix_assessment_highest", table_name="assessment", postgresql_where=sa.text("score IS NOT NULL"))
    op.drop_index("ix_assessment_task_newest", table_name="assessment")
    op.drop_index(op.f("ix_assessment_organization_id_created_by_id"), table_name="assessment")
    op.drop_index(op.f("ix_assessment_organization_id_candidate_id"), table_name="assessment")
    op.drop_index("ix_assessment_newest", table_name="assessment")
    op.drop_table("assessment")
    op.drop_table("task_version")
    op.drop_index(
        "uq_user_invitation_open",
        table_name="user_invitation",
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.drop_index(op.f("ix_user_invitation_organization_id_invited_by_id"), table_name="user_invitation")
    op.drop_index("ix_user_invitation_newest", table_name="user_invitation")
    op.drop_table("user_invitation")
    op.drop_index(op.f("ix_sign_in_link_organization_id_membership_id"), table_name="sign_in_link")
    op.drop_table("sign_in_link")
    op.drop_index(op.f("ix_registration_expires_at"), table_name="registration")
    op.drop_table("registration")
    op.drop_index(op.f("ix_refresh_token_organization_id_membership_id"), table_name="refresh_token")
    op.drop_index(op.f("ix_refresh_token_family_id"), table_name="refresh_token")
    op.drop_index(op.f("ix_refresh_token_expires_at"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_index(
        "uq_task_validation_one_at_a_time",
        table_name="task_validation",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.drop_index("ix_task_validation_newest", table_name="task_validation")
    op.drop_table("task_validation")
    op.drop_table("task_draft")
    op.drop_table("task")
    op.drop_index(op.f("ix_plugin_entry_expires_at"), table_name="plugin_entry")
    op.drop_table("plugin_entry")
    op.drop_table("monthly_spending")
    op.drop_table("spending_caps")
    op.drop_table("provider_choice")
    op.drop_index("ix_notification_subject", table_name="notification")
    op.drop_index("ix_notification_recipient", table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_membership_user_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index("ix_job_trouble", table_name="job", postgresql_where=sa.text("state IN ('ambiguous', 'dead')"))
    op.drop_index(
        "ix_job_published",
        table_name="job",
        postgresql_where=sa.text("state = 'running' OR (state = 'queued' AND published_at IS NOT NULL)"),
    )
    op.drop_index("ix_job_leased", table_name="job", postgresql_where=sa.text("state = 'running'"))
    op.drop_index("ix_job_in_flight", table_name="job", postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.drop_index("ix_job_due", table_name="job", postgresql_where=sa.text("state = 'queued'"))
    op.drop_table("job")
    op.drop_index(op.f("ix_idempotency_record_expires_at"), table_name="idempotency_record")
    op.drop_table("idempotency_record")
    op.drop_index(op.f("ix_domain_event_subject_id"), table_name="domain_event")
    op.drop_table("domain_event")
    op.drop_index(op.f("ix_candidate_external_id_organization_id_candidate_id"), table_name="candidate_external_id")
    op.drop_table("candidate_external_id")
    op.drop_index("uq_candidate_email", table_name="candidate")
    op.drop_index("ix_candidate_newest", table_name="candidate")
    op.drop_table("candidate")
    op.drop_table("audit_entry")
    op.drop_table("api_key")
    op.drop_table("organization")
    op.drop_table("address_request")
    op.drop_index("uq_app_user_email", table_name="app_user")
    op.drop_table("app_user")
