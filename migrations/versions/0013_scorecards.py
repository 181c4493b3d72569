"""Closed months: the comparison of all partners for staff, each partner's card for itself, and what counts them quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Wall
from app.kernel.wall import wall_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WALLS: dict[str, Wall] = {"scorecard_months": "staff", "scorecard_snapshots": "own"}


def upgrade() -> None:
    op.create_table(
        "scorecard_months",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("network", sa.Text(), nullable=True),
        sa.CheckConstraint("(closed_at IS NULL) = (network IS NULL)", name=op.f("ck_scorecard_months_closed")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_scorecard_months_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_scorecard_months")),
        sa.UniqueConstraint("tenant_id", "period", name=op.f("uq_scorecard_months_period")),
    )
    op.create_table(
        "scorecard_snapshots",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partners.tenant_id", "partners.id"],
            name=op.f("fk_scorecard_snapshots_partner_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_scorecard_snapshots_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_scorecard_snapshots")),
        sa.UniqueConstraint("tenant_id", "partner_id", "period", name=op.f("uq_scorecard_snapshots_period")),
    )
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)
    op.create_index("ix_responses_partner_id", "responses", ["tenant_id", "partner_id", "occurred_at"])
    op.create_index("ix_interactions_partner_id", "interactions", ["tenant_id", "partner_id", "occurred_at"])


def downgrade() -> None:
    op.drop_index("ix_interactions_partner_id", "interactions")
    op.drop_index("ix_responses_partner_id", "responses")
    for table in reversed(WALLS):
        op.drop_table(table)
