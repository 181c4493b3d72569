"""A tenant takes out everything that it has: exports, and their files in parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import rows_sql, wall_sql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_STATES = "state IN ('waiting', 'building', 'ready', 'cancelled', 'failed', 'expired')"


def upgrade() -> None:
    op.create_table(
        "exports",
        *_keys("exports"),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("doing", sa.Text(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.CheckConstraint(_STATES, name=op.f("ck_exports_state")),
        sa.CheckConstraint("(claim IS NULL) = (claimed_until IS NULL)", name=op.f("ck_exports_claim")),
    )
    op.create_index(
        "uq_exports_under_way",
        "exports",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'building')"),
    )
    op.create_table(
        "export_parts",
        *_keys("export_parts"),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "export_id"], ["exports.tenant_id", "exports.id"], name=op.f("fk_export_parts_export_id")
        ),
        sa.UniqueConstraint("tenant_id", "export_id", "number", name=op.f("uq_export_parts_number")),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 1000000", name=op.f("ck_export_parts_content")),
    )
    # What is packed already is not packed again.
    op.execute("ALTER TABLE export_parts ALTER COLUMN content SET STORAGE EXTERNAL")
    for table in ("exports", "export_parts"):
        for statement in (*wall_sql(table, "staff"), *rows_sql(table, "whole")):
            op.execute(statement)


def _keys(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    op.drop_table("export_parts")
    op.drop_table("exports")
