"""Interactions, outreach rules, invitations, decisions and the ask ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.wall import wall_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WALLS = {
    "interactions": "own",
    "outreach_rules": "staff",
    "outreach_rule_touchpoints": "staff",
    "invitations": "staff",
    "outreach_decisions": "staff",
    "asks": "staff",
}


def upgrade() -> None:
    op.create_table(
        "interactions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_key", sa.Text(), nullable=True),
        sa.Column("employee_name", sa.Text(), nullable=True),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_historic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_interactions_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partners.tenant_id", "partners.id"],
            name=op.f("fk_interactions_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "touchpoint_id"],
            ["touchpoints.tenant_id", "touchpoints.id"],
            name=op.f("fk_interactions_touchpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_interactions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_interactions")),
        sa.UniqueConstraint("tenant_id", "external_id", name=op.f("uq_interactions_external_id")),
    )
    op.create_index(
        "ix_interactions_customer_id",
        "interactions",
        ["tenant_id", "customer_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        "ix_interactions_touchpoint_id",
        "interactions",
        ["tenant_id", "touchpoint_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "outreach_rules",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("delay_minutes", sa.Integer(), nullable=False),
        sa.Column("sample_percent", sa.Integer(), nullable=False),
        sa.Column("expires_after_days", sa.Integer(), nullable=False),
        sa.Column("quiet_hours", sa.Boolean(), nullable=False),
        sa.Column("min_gap_days", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'link')", name=op.f("ck_outreach_rules_channel")),
        sa.CheckConstraint("delay_minutes BETWEEN 0 AND 525600", name=op.f("ck_outreach_rules_delay_minutes")),
        sa.CheckConstraint("expires_after_days BETWEEN 1 AND 365", name=op.f("ck_outreach_rules_expires_after_days")),
        sa.CheckConstraint("min_gap_days BETWEEN 0 AND 365", name=op.f("ck_outreach_rules_min_gap_days")),
        sa.CheckConstraint("sample_percent BETWEEN 0 AND 100", name=op.f("ck_outreach_rules_sample_percent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_id"],
            ["surveys.tenant_id", "surveys.id"],
            name=op.f("fk_outreach_rules_survey_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_outreach_rules_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outreach_rules")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_outreach_rules_key")),
    )
    op.create_table(
        "outreach_rule_touchpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rule_id"],
            ["outreach_rules.tenant_id", "outreach_rules.id"],
            name=op.f("fk_outreach_rule_touchpoints_rule_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "touchpoint_id"],
            ["touchpoints.tenant_id", "touchpoints.id"],
            name=op.f("fk_outreach_rule_touchpoints_touchpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_outreach_rule_touchpoints_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outreach_rule_touchpoints")),
        sa.UniqueConstraint(
            "tenant_id", "rule_id", "touchpoint_id", name=op.f("uq_outreach_rule_touchpoints_touchpoint_id")
        ),
    )
    op.create_table(
        "invitations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("survey_version_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_after_days", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'link')", name=op.f("ck_invitations_channel")),
        sa.CheckConstraint("purpose IN ('ask', 'follow_up')", name=op.f("ck_invitations_purpose")),
        sa.CheckConstraint(
            "status IN ('scheduled', 'sent', 'uncertain', 'delivered', 'bounced', 'started', 'completed', 'expired', 'cancelled')",
            name=op.f("ck_invitations_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_invitations_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id"],
            ["interactions.tenant_id", "interactions.id"],
            name=op.f("fk_invitations_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partners.tenant_id", "partners.id"],
            name=op.f("fk_invitations_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rule_id"],
            ["outreach_rules.tenant_id", "outreach_rules.id"],
            name=op.f("fk_invitations_rule_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_version_id"],
            ["survey_versions.tenant_id", "survey_versions.id"],
            name=op.f("fk_invitations_survey_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "touchpoint_id"],
            ["touchpoints.tenant_id", "touchpoints.id"],
            name=op.f("fk_invitations_touchpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_invitations_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_customer_id", "invitations", ["tenant_id", "customer_id"], unique=False)
    op.create_index(
        "uq_invitations_interaction_rule",
        "invitations",
        ["tenant_id", "interaction_id", "rule_id"],
        unique=True,
        postgresql_where=sa.text("rule_id IS NOT NULL"),
    )
    op.create_table(
        "outreach_decisions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sample_percent", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(decision = 'skipped') = (reason IS NOT NULL)",
            name=op.f("ck_outreach_decisions_skipped_has_reason"),
        ),
        sa.CheckConstraint(
            "(decision = 'skipped') OR (invitation_id IS NOT NULL)",
            name=op.f("ck_outreach_decisions_asked_has_invitation"),
        ),
        sa.CheckConstraint("decision IN ('scheduled', 'sent', 'skipped')", name=op.f("ck_outreach_decisions_decision")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id"],
            ["interactions.tenant_id", "interactions.id"],
            name=op.f("fk_outreach_decisions_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            name=op.f("fk_outreach_decisions_invitation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rule_id"],
            ["outreach_rules.tenant_id", "outreach_rules.id"],
            name=op.f("fk_outreach_decisions_rule_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_outreach_decisions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outreach_decisions")),
        sa.UniqueConstraint("tenant_id", "interaction_id", "rule_id", name=op.f("uq_outreach_decisions_rule_id")),
    )
    op.create_index(
        "ix_outreach_decisions_rule_id",
        "outreach_decisions",
        ["tenant_id", "rule_id", "decided_at"],
        unique=False,
    )
    op.create_table(
        "asks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_follow_up", sa.Boolean(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_asks_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            name=op.f("fk_asks_invitation_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_asks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_asks")),
        sa.UniqueConstraint("tenant_id", "invitation_id", name=op.f("uq_asks_invitation_id")),
    )
    op.create_index("ix_asks_customer_id", "asks", ["tenant_id", "customer_id", "at"], unique=False)
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(
        (
            "interactions",
            "outreach_rules",
            "outreach_rule_touchpoints",
            "invitations",
            "outreach_decisions",
            "asks",
        )
    ):
        op.drop_table(table)
