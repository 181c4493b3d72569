"""The tenant's one figure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenant_settings", sa.Column("north_star", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_tenant_settings_north_star"), "tenant_settings", "north_star IN ('nps', 'csat', 'ces', 'emotion')"
    )


def downgrade() -> None:
    op.drop_column("tenant_settings", "north_star")
