"""Figures are read from rollups: facts, cells, and which responses are not in them yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.wall import wall_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WALLS = {"rollups": "shared", "rollup_facts": "own", "rollup_cells": "own"}


def _tenant_table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
    )


def _slice() -> list[sa.Column[object]]:
    return [
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
    ]


def upgrade() -> None:
    _tenant_table(
        "rollups",
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_rollups_tenant_id")),
    )
    _tenant_table(
        "rollup_facts",
        sa.Column("survey_kind", sa.Text(), nullable=False),
        *_slice(),
        sa.Column("response_day", sa.Date(), nullable=False),
        sa.Column("interaction_day", sa.Date(), nullable=False),
        sa.Column("is_nameless", sa.Boolean(), nullable=False),
        *(sa.Column(metric, sa.Integer(), nullable=True) for metric in ("nps", "csat", "ces", "emotion")),
    )
    _tenant_table(
        "rollup_cells",
        sa.Column("survey_kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *_slice(),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("nameless", sa.Integer(), nullable=False),
        sa.CheckConstraint("basis IN ('response', 'interaction')", name=op.f("ck_rollup_cells_basis")),
        sa.CheckConstraint("grain IN ('day', 'month')", name=op.f("ck_rollup_cells_grain")),
        sa.CheckConstraint("metric IN ('nps', 'csat', 'ces', 'emotion')", name=op.f("ck_rollup_cells_metric")),
    )
    key = ["tenant_id", "survey_kind", "basis", "metric", "grain", "day"]
    op.create_index("ix_rollup_cells_day", "rollup_cells", key)
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)
    # What is there already is counted by the first roll-up of its tenant, which makes all its rollups anew.
    op.add_column("responses", sa.Column("is_uncounted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("responses", "is_uncounted", server_default=None)
    op.create_index("ix_responses_uncounted", "responses", ["tenant_id"], postgresql_where=sa.text("is_uncounted"))
    _ask_for_rollups()


def _ask_for_rollups() -> None:
    """Have a worker make the rollups of each tenant that has responses: one row of work, naming any of them."""
    connection = op.get_bind()
    now = clock.now()
    for (tenant_id,) in connection.execute(sa.text("SELECT id FROM tenants")).all():
        # Row security holds for the owner as well: each tenant's rows are seen in its own name.
        connection.exec_driver_sql(f"SET LOCAL app.tenant_id = '{tenant_id}'")
        connection.execute(
            sa.text(
                "INSERT INTO outbox (tenant_id, id, event_id, event, job, payload, is_history, created_at, due_at,"
                " attempts) SELECT tenant_id, :id, :event_id, 'ResponseSubmitted', 'roll_up_response',"
                " jsonb_build_object('response_id', id), true, :now, :now, 0"
                " FROM responses WHERE tenant_id = :tenant_id LIMIT 1"
            ),
            {"id": new_id(), "event_id": new_id(), "now": now, "tenant_id": tenant_id},
        )


def downgrade() -> None:
    op.execute("DROP INDEX ix_responses_uncounted")
    op.drop_column("responses", "is_uncounted")
    for table in WALLS:
        op.drop_table(table)
