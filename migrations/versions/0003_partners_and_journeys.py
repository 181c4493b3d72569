"""Partners, departments, journeys, stages and touchpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WALLS = {
    "partners": "own",
    "departments": "shared",
    "journeys": "shared",
    "stages": "shared",
    "touchpoints": "shared",
}


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("partner_id = id", name=op.f("ck_partners_partner_id_is_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_partners_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_partners")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_partners_key")),
    )
    op.create_table(
        "departments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("layer IN ('frontline', 'support')", name=op.f("ck_departments_layer")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_departments_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_departments")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_departments_key")),
    )
    op.create_table(
        "journeys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_journeys_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_journeys")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_journeys_key")),
    )
    op.create_table(
        "stages",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "journey_id"],
            ["journeys.tenant_id", "journeys.id"],
            name=op.f("fk_stages_journey_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stages_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stages")),
        sa.UniqueConstraint("tenant_id", "journey_id", "key", name=op.f("uq_stages_key")),
    )
    op.create_table(
        "touchpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("desired_emotion", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("department_id IS NULL OR partner_id IS NULL", name=op.f("ck_touchpoints_one_responsible")),
        sa.CheckConstraint("desired_emotion BETWEEN 1 AND 20", name=op.f("ck_touchpoints_desired_emotion")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "department_id"],
            ["departments.tenant_id", "departments.id"],
            name=op.f("fk_touchpoints_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partners.tenant_id", "partners.id"],
            name=op.f("fk_touchpoints_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "stage_id"], ["stages.tenant_id", "stages.id"], name=op.f("fk_touchpoints_stage_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_touchpoints_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_touchpoints")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_touchpoints_key")),
    )
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(("partners", "departments", "journeys", "stages", "touchpoints")):
        op.drop_table(table)
