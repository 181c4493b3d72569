"""How long the oldest due delivery of any tenant has waited can be asked, as it can of the outbox."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OLDEST = (
    """
    CREATE FUNCTION oldest_webhook(moment timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN (SELECT min(due_at) FROM webhook_deliveries
        WHERE state = 'waiting' AND due_at <= moment AND (claimed_until IS NULL OR claimed_until < moment));
    END $$
    """,
    "REVOKE ALL ON FUNCTION oldest_webhook(timestamptz) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION oldest_webhook(timestamptz) TO heed_app",
    "ALTER FUNCTION oldest_webhook(timestamptz) OWNER TO heed_sweeper",
)


def upgrade() -> None:
    for statement in _OLDEST:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION oldest_webhook(timestamptz)")
