"""A tenant chooses how long what is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.wall import wall_sql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_LEAST = {"invitation": 13, "response": 3, "case": 3}


def upgrade() -> None:
    op.create_table(
        "retentions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(f"{kind}_months", sa.Integer(), nullable=True) for kind in _LEAST),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", postgresql.JSONB(), nullable=False),
        *(
            sa.CheckConstraint(f"{kind}_months BETWEEN {least} AND 120", name=op.f(f"ck_retentions_{kind}_months"))
            for kind, least in _LEAST.items()
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_retentions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_retentions")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_retentions_tenant_id")),
    )
    for statement in wall_sql("retentions", "staff"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("retentions")
