"""Outbound webhooks: whom to tell, what is told, and which tenants have something to be told. API keys end, change
their text, and tell when they were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

# As due_tenants of the outbox: it looks across tenants and returns their ids, nothing else.
_DUE = (
    "GRANT SELECT (tenant_id, due_at, claimed_until, state) ON webhook_deliveries TO heed_sweeper",
    "CREATE POLICY sweeper ON webhook_deliveries FOR SELECT TO heed_sweeper USING (true)",
    """
    CREATE FUNCTION due_webhooks(moment timestamptz) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN QUERY SELECT DISTINCT webhook_deliveries.tenant_id FROM webhook_deliveries
        WHERE state = 'waiting' AND due_at <= moment AND (claimed_until IS NULL OR claimed_until < moment);
    END $$
    """,
    "REVOKE ALL ON FUNCTION due_webhooks(timestamptz) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION due_webhooks(timestamptz) TO heed_app",
    "ALTER FUNCTION due_webhooks(timestamptz) OWNER TO heed_sweeper",
)


def upgrade() -> None:
    _keys()
    _endpoints()
    _deliveries()
    for table in ("webhook_endpoints", "webhook_deliveries"):
        for statement in wall_sql(table, "staff"):
            op.execute(statement)
    for statement in _DUE:
        op.execute(statement)


def _keys() -> None:
    for column in ("expires_at", "last_used_at", "old_until"):
        op.add_column("api_keys", sa.Column(column, _MOMENT, nullable=True))
    op.add_column("api_keys", sa.Column("old_hash", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_api_keys_old_hash"), "api_keys", ["tenant_id", "old_hash"])
    op.create_check_constraint(op.f("ck_api_keys_old_text"), "api_keys", "(old_hash IS NULL) = (old_until IS NULL)")


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", _MOMENT, nullable=True),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint("disabled_reason IN ('failing', 'gone')", name=op.f("ck_webhook_endpoints_disabled_reason")),
        sa.CheckConstraint("disabled_reason IS NULL OR NOT is_active", name=op.f("ck_webhook_endpoints_disabled")),
        sa.CheckConstraint(
            "(sealed_old_secret IS NULL) = (old_secret_until IS NULL)", name=op.f("ck_webhook_endpoints_old_secret")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_webhook_endpoints_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_endpoints")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_webhook_endpoints_key")),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", _MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_webhook_deliveries_state")),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_webhook_deliveries_ended")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"],
            ["webhook_endpoints.tenant_id", "webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_webhook_deliveries_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "tenant_id", "endpoint_id", "kind", "reference", name=op.f("uq_webhook_deliveries_reference")
        ),
    )
    waiting = sa.text("state = 'waiting'")
    columns = ["tenant_id", "endpoint_id", "due_at"]
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", columns, postgresql_where=waiting)
    columns = ["tenant_id", "endpoint_id", "created_at", "id"]
    op.create_index("ix_webhook_deliveries_list", "webhook_deliveries", columns)
    op.create_index("ix_webhook_deliveries_ended", "webhook_deliveries", ["tenant_id", "ended_at"])


def downgrade() -> None:
    op.execute("DROP FUNCTION due_webhooks(timestamptz)")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_endpoints")
    op.drop_constraint(op.f("ck_api_keys_old_text"), "api_keys")
    op.drop_constraint(op.f("uq_api_keys_old_hash"), "api_keys")
    for column in ("old_hash", "old_until", "last_used_at", "expires_at"):
        op.drop_column("api_keys", column)
