"""The audit is let go of, too, when a tenant wants it so; a closed tenant's webhooks lag behind nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_CHECK = "audit_months BETWEEN 13 AND 120"
# The moment stands with the tenant, in a table that every node of a distributed database has.
_LETS_GO = """
    CREATE FUNCTION audit_lets_go(moment timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN EXISTS (
        SELECT FROM tenants
        WHERE id = nullif(current_setting('app.tenant_id', true), '')::uuid AND audit_kept_since > moment
      );
    END $$
"""
_MINE = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
_LATER = {"audit_events": "audit_lets_go(at)", "audit_words": "audit_lets_go('-infinity')"}
"""Words prove nothing, so that theirs is only whether anything may go."""
_OLDEST = """
    CREATE FUNCTION oldest_webhook(moment timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN (SELECT min(due_at) FROM webhook_deliveries{join}
        WHERE state = 'waiting' AND due_at <= moment AND (claimed_until IS NULL OR claimed_until < moment){which});
    END $$
"""


def upgrade() -> None:
    op.add_column("retentions", sa.Column("audit_months", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_retentions_audit_months"), "retentions", _CHECK)
    op.add_column("tenants", sa.Column("audit_kept_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(_LETS_GO)
    op.execute("REVOKE ALL ON FUNCTION audit_lets_go(timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION audit_lets_go(timestamptz) TO heed_app")
    for table, is_later in _LATER.items():
        op.execute(f"ALTER POLICY departed ON {table} USING ({_MINE} AND (tenant_departs() OR {is_later}))")
    _replace(
        _OLDEST.format(
            join=" JOIN tenants ON tenants.id = webhook_deliveries.tenant_id", which=" AND tenants.closed_at IS NULL"
        )
    )


def _replace(function: str) -> None:
    op.execute("DROP FUNCTION oldest_webhook(timestamptz)")
    op.execute(function)
    op.execute("REVOKE ALL ON FUNCTION oldest_webhook(timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION oldest_webhook(timestamptz) TO heed_app")
    op.execute("ALTER FUNCTION oldest_webhook(timestamptz) OWNER TO heed_sweeper")


def downgrade() -> None:
    _replace(_OLDEST.format(join="", which=""))
    for table in _LATER:
        op.execute(f"ALTER POLICY departed ON {table} USING ({_MINE} AND tenant_departs())")
    op.execute("DROP FUNCTION audit_lets_go(timestamptz)")
    op.drop_column("tenants", "audit_kept_since")
    op.drop_constraint(op.f("ck_retentions_audit_months"), "retentions", type_="check")
    op.drop_column("retentions", "audit_months")
