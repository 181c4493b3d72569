"""Work that was given up can be counted across tenants; answers to machines are sealed, and found by their age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_DEAD = sa.text("dead_at IS NOT NULL")
_GIVEN_UP = (
    """
    CREATE FUNCTION given_up(since timestamptz) RETURNS TABLE (tenant uuid, jobs bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      RETURN QUERY SELECT outbox.tenant_id, count(*) FROM outbox JOIN tenants ON tenants.id = outbox.tenant_id
        WHERE dead_at >= since AND tenants.closed_at IS NULL GROUP BY outbox.tenant_id;
    END $$
    """,
    "REVOKE ALL ON FUNCTION given_up(timestamptz) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION given_up(timestamptz) TO heed_app",
    "ALTER FUNCTION given_up(timestamptz) OWNER TO heed_sweeper",
)


def upgrade() -> None:
    # The old ones are in clear and cannot be sealed here; that they were given is kept, so that nothing is done twice.
    op.add_column("idempotency_records", sa.Column("sealed_body", sa.Text(), nullable=True))
    op.drop_column("idempotency_records", "body")
    op.create_index("ix_idempotency_records_created", "idempotency_records", ["tenant_id", "created_at"])
    op.create_index("ix_outbox_dead", "outbox", ["dead_at"], postgresql_where=_DEAD)
    for statement in _GIVEN_UP:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_idempotency_records_created", "idempotency_records")
    op.add_column("idempotency_records", sa.Column("body", sa.Text(), nullable=True))
    op.drop_column("idempotency_records", "sealed_body")
    op.execute("DROP FUNCTION given_up(timestamptz)")
    op.drop_index("ix_outbox_dead", "outbox")
