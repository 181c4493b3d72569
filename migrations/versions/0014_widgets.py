"""Widgets: surveys that stand in other people's pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "widgets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sites", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("paths", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("scroll_percent", sa.Integer(), nullable=False),
        sa.Column("sample_percent", sa.Integer(), nullable=False),
        sa.Column("again_after_days", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("again_after_days >= 0", name=op.f("ck_widgets_again_after_days")),
        sa.CheckConstraint("delay_seconds >= 0", name=op.f("ck_widgets_delay_seconds")),
        sa.CheckConstraint("kind IN ('popover', 'inline', 'button')", name=op.f("ck_widgets_kind")),
        sa.CheckConstraint("sample_percent BETWEEN 0 AND 100", name=op.f("ck_widgets_sample_percent")),
        sa.CheckConstraint("scroll_percent BETWEEN 0 AND 100", name=op.f("ck_widgets_scroll_percent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_id"], ["surveys.tenant_id", "surveys.id"], name=op.f("fk_widgets_survey_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "touchpoint_id"],
            ["touchpoints.tenant_id", "touchpoints.id"],
            name=op.f("fk_widgets_touchpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_widgets_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_widgets")),
    )
    op.create_index("ix_widgets_survey_id", "widgets", ["tenant_id", "survey_id"])
    for statement in wall_sql("widgets", "staff"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("widgets")
