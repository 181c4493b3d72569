"""A partner reads its own rows and deletes none: a deletion is not checked as a change is."""

from __future__ import annotations

from alembic import op

from app.kernel.wall import refuse_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWN = ("partners", "interactions", "responses", "cases")


def upgrade() -> None:
    for table in OWN:
        # Databases that were made after this was found have the policy from the beginning.
        op.execute(f"DROP POLICY IF EXISTS partner_delete ON {table}")
        op.execute(refuse_sql(table, "DELETE", "USING"))


def downgrade() -> None:
    for table in OWN:
        op.execute(f"DROP POLICY IF EXISTS partner_delete ON {table}")
