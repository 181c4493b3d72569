"""Responses and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WALLS = {
    "responses": "own",
    "answers": "staff",
}


def upgrade() -> None:
    op.create_table(
        "responses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("client_key", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("survey_kind", sa.Text(), nullable=False),
        sa.Column("survey_version_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_historic", sa.Boolean(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_reason", sa.Text(), nullable=True),
        sa.Column("nps", sa.Integer(), nullable=True),
        sa.Column("csat", sa.Integer(), nullable=True),
        sa.Column("comment_redacted", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_responses_completed")),
        sa.CheckConstraint(
            "source IN ('invitation', 'open_link', 'widget', 'api', 'import')",
            name=op.f("ck_responses_source"),
        ),
        sa.CheckConstraint("status IN ('started', 'completed')", name=op.f("ck_responses_status")),
        sa.CheckConstraint(
            "survey_kind IN ('transactional', 'relationship', 'follow_up', 'internal')",
            name=op.f("ck_responses_survey_kind"),
        ),
        sa.CheckConstraint("csat BETWEEN 1 AND 5", name=op.f("ck_responses_csat")),
        sa.CheckConstraint("nps BETWEEN 0 AND 10", name=op.f("ck_responses_nps")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_responses_revision")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_responses_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "department_id"],
            ["departments.tenant_id", "departments.id"],
            name=op.f("fk_responses_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id"],
            ["interactions.tenant_id", "interactions.id"],
            name=op.f("fk_responses_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            name=op.f("fk_responses_invitation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partners.tenant_id", "partners.id"],
            name=op.f("fk_responses_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_id"],
            ["surveys.tenant_id", "surveys.id"],
            name=op.f("fk_responses_survey_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_version_id"],
            ["survey_versions.tenant_id", "survey_versions.id"],
            name=op.f("fk_responses_survey_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "touchpoint_id"],
            ["touchpoints.tenant_id", "touchpoints.id"],
            name=op.f("fk_responses_touchpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_responses_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_responses")),
        sa.UniqueConstraint("tenant_id", "external_id", name=op.f("uq_responses_external_id")),
        sa.UniqueConstraint("tenant_id", "invitation_id", name=op.f("uq_responses_invitation_id")),
    )
    op.create_index("ix_responses_answered_at", "responses", ["tenant_id", "answered_at", "id"], unique=False)
    op.create_index("ix_responses_customer_id", "responses", ["tenant_id", "customer_id", "answered_at"], unique=False)
    op.create_index("ix_responses_interaction_id", "responses", ["tenant_id", "interaction_id"], unique=False)
    op.create_index(
        "uq_responses_client_key",
        "responses",
        ["tenant_id", "survey_id", "client_key"],
        unique=True,
        postgresql_where=sa.text("client_key IS NOT NULL"),
    )
    op.create_table(
        "answers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(number IS NULL) <> (text IS NULL)", name=op.f("ck_answers_one_value")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "response_id"],
            ["responses.tenant_id", "responses.id"],
            name=op.f("fk_answers_response_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_answers_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_answers")),
        sa.UniqueConstraint("tenant_id", "response_id", "question_key", name=op.f("uq_answers_question_key")),
    )
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(("responses", "answers")):
        op.drop_table(table)
