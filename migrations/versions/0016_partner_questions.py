"""What the partner of a case is asked, and what it says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

WALLS = {"partner_questions": "own", "partner_statements": "own_append"}
_OPEN = sa.text("answered_at IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "partner_questions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answered_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_partner_questions_one_end")),
        *_of_a_case("partner_questions"),
    )
    op.create_index("ix_partner_questions_case_id", "partner_questions", ["tenant_id", "case_id", "asked_at"])
    op.create_index(
        "ix_partner_questions_due_at",
        "partner_questions",
        ["tenant_id", "partner_id", "due_at"],
        postgresql_where=_OPEN,
    )
    op.create_index(
        "uq_partner_questions_open",
        "partner_questions",
        ["tenant_id", "case_id"],
        unique=True,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "partner_statements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_partner_statements_author_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "question_id"],
            ["partner_questions.tenant_id", "partner_questions.id"],
            name=op.f("fk_partner_statements_question_id"),
        ),
        sa.UniqueConstraint("tenant_id", "question_id", name=op.f("uq_partner_statements_question_id")),
        *_of_a_case("partner_statements"),
    )
    op.create_index("ix_partner_statements_case_id", "partner_statements", ["tenant_id", "case_id", "at"])
    op.create_index("ix_cases_partner_id", "cases", ["tenant_id", "partner_id", "resolution_due_at"])
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)


def _of_a_case(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f(f"fk_{table}_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"], ["partners.tenant_id", "partners.id"], name=op.f(f"fk_{table}_partner_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_partner_id", "cases")
    for table in reversed(WALLS):
        op.drop_table(table)
