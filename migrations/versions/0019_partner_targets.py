"""What was agreed with a partner: its targets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLE = "partner_targets"
_CHECKS = {
    "weight": "weight > 0 AND weight <= 1000",
    "floor": "floor <> target",
    "min_n": "min_n > 0",
    "last_month": "last_month >= first_month",
    "baseline": "num_nulls(baseline_first_month, baseline_last_month, baseline_n, baseline_value) IN (0, 4)",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("floor", sa.Double(), nullable=False),
        sa.Column("min_n", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Text(), nullable=False),
        sa.Column("last_month", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("baseline_first_month", sa.Text(), nullable=True),
        sa.Column("baseline_last_month", sa.Text(), nullable=True),
        sa.Column("baseline_n", sa.Integer(), nullable=True),
        sa.Column("baseline_value", sa.Double(), nullable=True),
        *(sa.CheckConstraint(text, name=op.f(f"ck_{TABLE}_{name}")) for name, text in _CHECKS.items()),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{TABLE}_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"], ["partners.tenant_id", "partners.id"], name=op.f(f"fk_{TABLE}_partner_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("tenant_id", "partner_id", "measure", "first_month", name=op.f(f"uq_{TABLE}_first_month")),
    )
    for statement in wall_sql(TABLE, "own"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
