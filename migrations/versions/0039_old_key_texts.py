"""A key's text before its newest has a maker of its own, with whose keys it ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("old_created_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_api_keys_old_created_by"), "api_keys", "users", ["old_created_by"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_api_keys_old_created_by"), "api_keys", type_="foreignkey")
    op.drop_column("api_keys", "old_created_by")
