"""A tenant may have an example of its own: a tenant beside it that is filled with invented customers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("tenants", sa.Column("is_sample", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("tenants", "is_sample", server_default=None)
    op.add_column("tenants", sa.Column("sample_of", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_tenants_sample_of"), "tenants", ["sample_of"])
    op.create_check_constraint(op.f("ck_tenants_sample"), "tenants", "is_sample OR sample_of IS NULL")
    op.create_table(
        "examples",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_examples_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_examples")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_examples_tenant_id")),
    )
    for statement in wall_sql("examples", "staff"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("examples")
    op.drop_constraint(op.f("ck_tenants_sample"), "tenants")
    op.drop_constraint(op.f("uq_tenants_sample_of"), "tenants")
    for column in ("sample_of", "is_sample"):
        op.drop_column("tenants", column)
