"""The tenant's logo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant_logos",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 100000", name=op.f("ck_tenant_logos_content")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_tenant_logos_size")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_logos_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_logos")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_tenant_logos_tenant_id")),
    )
    for statement in wall_sql("tenant_logos", "shared"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("tenant_logos")
