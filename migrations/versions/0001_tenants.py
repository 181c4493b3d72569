"""Tenants, users, memberships, settings, keys, audit and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.wall import TENANT, wall_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WALLS = {
    "tenant_settings": "shared",
    "tenant_counters": "staff",
    "api_keys": "staff",
    "audit_events": "append",
    "idempotency_records": "staff",
    "outbox": "append",
}

_USER = "nullif(current_setting('app.user_id', true), '')::uuid"
_PARTNER = "nullif(current_setting('app.partner', true), '')::uuid"
_NIL = "'00000000-0000-0000-0000-000000000000'::uuid"

# The tables without a wall, the special wall of memberships (a person sees their own everywhere, a tenant sees its own),
# and the two functions that look across tenants: they return ids and a time, never content.
DIRECTORY = (
    "GRANT SELECT, INSERT, UPDATE ON tenants, users TO heed_app",
    "ALTER TABLE memberships ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE memberships FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant ON memberships USING ({TENANT} OR user_id = {_USER}) WITH CHECK ({TENANT})",
    "CREATE POLICY partner ON memberships AS RESTRICTIVE TO heed_app"
    f" USING ({_PARTNER} IS NULL OR {_PARTNER} IN (partner_id, {_NIL}))"
    f" WITH CHECK ({_PARTNER} = {_NIL})",
    "GRANT SELECT, INSERT, UPDATE ON memberships TO heed_app",
    "GRANT SELECT ON alembic_version TO heed_app",
    "REVOKE UPDATE, DELETE ON audit_events FROM heed_app",
    "GRANT SELECT (tenant_id, due_at, claimed_until, done_at, dead_at) ON outbox TO heed_sweeper",
    "CREATE POLICY sweeper ON outbox FOR SELECT TO heed_sweeper USING (true)",
    """
    CREATE FUNCTION due_tenants(moment timestamptz) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN QUERY SELECT DISTINCT outbox.tenant_id FROM outbox
        WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= moment
          AND (claimed_until IS NULL OR claimed_until < moment);
    END $$
    """,
    """
    CREATE FUNCTION oldest_due(moment timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN (SELECT min(due_at) FROM outbox
        WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= moment
          AND (claimed_until IS NULL OR claimed_until < moment));
    END $$
    """,
    "REVOKE ALL ON FUNCTION due_tenants(timestamptz), oldest_due(timestamptz) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION due_tenants(timestamptz), oldest_due(timestamptz) TO heed_app",
    "ALTER FUNCTION due_tenants(timestamptz) OWNER TO heed_sweeper",
    "ALTER FUNCTION oldest_due(timestamptz) OWNER TO heed_sweeper",
)


def upgrade() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("default_locale", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_key", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'partner') = (partner_id IS NOT NULL)", name=op.f("ck_memberships_partner_has_partner")
        ),
        sa.CheckConstraint(
            "role IN ('admin', 'lead', 'agent', 'analyst', 'viewer', 'partner')",
            name=op.f("ck_memberships_role"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_memberships_user_id")),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"], unique=False)
    op.create_table(
        "tenant_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("min_gap_days", sa.Integer(), nullable=False),
        sa.Column("annual_cap", sa.Integer(), nullable=False),
        sa.Column("quiet_ends_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_starts_hour", sa.Integer(), nullable=False),
        sa.Column("settle_minutes", sa.Integer(), nullable=False),
        sa.Column("nps_detractor_max", sa.Integer(), nullable=False),
        sa.Column("csat_detractor_max", sa.Integer(), nullable=False),
        sa.Column("first_contact_minutes", sa.Integer(), nullable=False),
        sa.Column("resolution_days", sa.Integer(), nullable=False),
        sa.Column("follow_up_days", sa.Integer(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.CheckConstraint("annual_cap BETWEEN 1 AND 366", name=op.f("ck_tenant_settings_annual_cap")),
        sa.CheckConstraint("csat_detractor_max BETWEEN 1 AND 4", name=op.f("ck_tenant_settings_csat_detractor_max")),
        sa.CheckConstraint(
            "first_contact_minutes BETWEEN 15 AND 20160",
            name=op.f("ck_tenant_settings_first_contact_minutes"),
        ),
        sa.CheckConstraint("follow_up_days BETWEEN 0 AND 30", name=op.f("ck_tenant_settings_follow_up_days")),
        sa.CheckConstraint("min_gap_days BETWEEN 0 AND 365", name=op.f("ck_tenant_settings_min_gap_days")),
        sa.CheckConstraint("nps_detractor_max BETWEEN 0 AND 8", name=op.f("ck_tenant_settings_nps_detractor_max")),
        sa.CheckConstraint(
            "quiet_ends_hour >= 0 AND quiet_ends_hour < quiet_starts_hour",
            name=op.f("ck_tenant_settings_quiet_hours"),
        ),
        sa.CheckConstraint("quiet_starts_hour <= 24", name=op.f("ck_tenant_settings_quiet_starts_hour")),
        sa.CheckConstraint("resolution_days BETWEEN 1 AND 60", name=op.f("ck_tenant_settings_resolution_days")),
        sa.CheckConstraint("settle_minutes BETWEEN 0 AND 1440", name=op.f("ck_tenant_settings_settle_minutes")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_settings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_settings")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_tenant_settings_tenant_id")),
    )
    op.create_table(
        "tenant_counters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_counters_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_counters")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_tenant_counters_name")),
    )
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_api_keys_created_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_keys_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_table(
        "audit_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_events_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["tenant_id", "at"], unique=False)
    op.create_table(
        "idempotency_records",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_idempotency_records_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_idempotency_records")),
        sa.UniqueConstraint("tenant_id", "api_key_id", "key", name=op.f("uq_idempotency_records_key")),
    )
    op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("done_at IS NULL OR dead_at IS NULL", name=op.f("ck_outbox_one_end")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_outbox_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("tenant_id", "event_id", "job", name=op.f("uq_outbox_job")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["tenant_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)
    for statement in DIRECTORY:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION due_tenants(timestamptz)")
    op.execute("DROP FUNCTION oldest_due(timestamptz)")
    for table in reversed(
        (
            "tenants",
            "users",
            "memberships",
            "tenant_settings",
            "tenant_counters",
            "api_keys",
            "audit_events",
            "idempotency_records",
            "outbox",
        )
    ):
        op.drop_table(table)
