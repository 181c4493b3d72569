"""Work that is owed to a person who may be in no tenant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_OPEN = sa.text("done_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "directory_outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("is_history", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("done_at IS NULL OR dead_at IS NULL", name=op.f("ck_directory_outbox_one_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_outbox")),
        sa.UniqueConstraint("event_id", "job", name=op.f("uq_directory_outbox_job")),
    )
    op.create_index("ix_directory_outbox_due", "directory_outbox", ["is_history", "due_at"], postgresql_where=_OPEN)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON directory_outbox TO heed_app")


def downgrade() -> None:
    op.drop_table("directory_outbox")
