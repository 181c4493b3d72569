"""Work that comes with imported history lets everything that happens now go first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = sa.text("done_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("is_history", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("outbox", "is_history", server_default=None)
    op.drop_index("ix_outbox_due", "outbox")
    op.create_index("ix_outbox_due", "outbox", ["tenant_id", "is_history", "due_at"], postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_outbox_due", "outbox")
    op.create_index("ix_outbox_due", "outbox", ["tenant_id", "due_at"], postgresql_where=_OPEN)
    op.drop_column("outbox", "is_history")
