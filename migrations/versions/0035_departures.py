"""A tenant can go: departures and their proofs, doors that close, and what lets the audit of such a tenant go with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEPT = ("audit_events", "audit_seals", "audit_words", "memberships")
"""Whose rows go with their tenant and never else."""

_DUE = """
    CREATE FUNCTION due_tenants(moment timestamptz) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN QUERY SELECT DISTINCT outbox.tenant_id FROM outbox{join}
        WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= moment
          AND (claimed_until IS NULL OR claimed_until < moment){which};
    END $$
"""
_DUE_WEBHOOKS = """
    CREATE FUNCTION due_webhooks(moment timestamptz) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN QUERY SELECT DISTINCT webhook_deliveries.tenant_id FROM webhook_deliveries{join}
        WHERE state = 'waiting' AND due_at <= moment AND (claimed_until IS NULL OR claimed_until < moment){which};
    END $$
"""
_FUNCTIONS = (("due_tenants", _DUE, "outbox"), ("due_webhooks", _DUE_WEBHOOKS, "webhook_deliveries"))
# It asks as whoever deletes and sees what they see; a policy of a distributed table may call a function, not look itself.
_DEPARTS = """
    CREATE FUNCTION tenant_departs() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN EXISTS (
        SELECT FROM departures
        WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
          AND closed_at IS NOT NULL AND ended_at IS NULL AND taken_back_at IS NULL
      );
    END $$
"""


def upgrade() -> None:
    op.add_column("tenants", sa.Column("departs_at", _MOMENT, nullable=True))
    op.add_column("tenants", sa.Column("closed_at", _MOMENT, nullable=True))
    _departures()
    op.execute("GRANT SELECT, INSERT, UPDATE ON departures TO heed_app")
    op.execute("GRANT DELETE ON stripe_customers TO heed_app")
    op.execute(_DEPARTS)
    op.execute("REVOKE ALL ON FUNCTION tenant_departs() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION tenant_departs() TO heed_app")
    for table in _KEPT:
        op.execute(
            f"CREATE POLICY departed ON {table} AS RESTRICTIVE FOR DELETE TO heed_app"
            " USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND tenant_departs())"
        )
        op.execute(f"GRANT DELETE ON {table} TO heed_app")
    op.execute("GRANT SELECT (id, closed_at) ON tenants TO heed_sweeper")
    for name, function, table in _FUNCTIONS:
        join, which = f" JOIN tenants ON tenants.id = {table}.tenant_id", " AND tenants.closed_at IS NULL"
        _replace(name, function.format(join=join, which=which))


def _replace(name: str, function: str) -> None:
    """The functions that look across tenants are the sweeper's; they can be dropped, but not changed in place."""
    op.execute(f"DROP FUNCTION {name}(timestamptz)")
    op.execute(function)
    op.execute(f"REVOKE ALL ON FUNCTION {name}(timestamptz) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {name}(timestamptz) TO heed_app")
    op.execute(f"ALTER FUNCTION {name}(timestamptz) OWNER TO heed_sweeper")


def _departures() -> None:
    op.create_table(
        "departures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("is_at_once", sa.Boolean(), nullable=False),
        sa.Column("frees_slug", sa.Boolean(), nullable=False),
        sa.Column("taken_back_at", _MOMENT, nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("audit_head", postgresql.JSONB(), nullable=True),
        sa.Column("removed", postgresql.JSONB(), nullable=False),
        sa.Column("people", postgresql.JSONB(), nullable=True),
        sa.Column("stripe_subscription_id", sa.Text(), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("proof", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("is_at_once OR ends_at >= asked_at + interval '7 days'", name=op.f("ck_departures_grace")),
        sa.CheckConstraint(
            "closed_at IS NULL OR (closed_at >= ends_at AND taken_back_at IS NULL)", name=op.f("ck_departures_closed")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR (closed_at IS NOT NULL AND proof IS NOT NULL)", name=op.f("ck_departures_ended")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_departures_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
    )
    op.create_index(
        "uq_departures_tenant_id",
        "departures",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("taken_back_at IS NULL"),
    )


def downgrade() -> None:
    for name, function, _table in _FUNCTIONS:
        _replace(name, function.format(join="", which=""))
    op.execute("REVOKE SELECT (id, closed_at) ON tenants FROM heed_sweeper")
    for table in _KEPT:
        op.execute(f"REVOKE DELETE ON {table} FROM heed_app")
        op.execute(f"DROP POLICY departed ON {table}")
    op.execute("DROP FUNCTION tenant_departs()")
    op.execute("REVOKE DELETE ON stripe_customers FROM heed_app")
    op.drop_table("departures")
    op.drop_column("tenants", "closed_at")
    op.drop_column("tenants", "departs_at")
