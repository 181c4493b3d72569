"""Calendars, cases and what happens to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.wall import wall_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WALLS = {
    "business_calendars": "shared",
    "calendar_versions": "shared",
    "cases": "own",
    "case_events": "staff",
    "case_contacts": "staff",
    "case_root_causes": "staff",
    "case_resolutions": "staff",
    "case_closures": "staff",
    "case_pauses": "staff",
    "case_follow_ups": "staff",
    "case_alarms": "staff",
}


def upgrade() -> None:
    op.create_table(
        "business_calendars",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_business_calendars_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_business_calendars")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_business_calendars_key")),
    )
    op.create_table(
        "calendar_versions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calendar_id"],
            ["business_calendars.tenant_id", "business_calendars.id"],
            name=op.f("fk_calendar_versions_calendar_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_calendar_versions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_calendar_versions")),
        sa.UniqueConstraint("tenant_id", "calendar_id", "number", name=op.f("uq_calendar_versions_number")),
    )
    op.create_table(
        "cases",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("is_historic", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar_version_id", sa.Uuid(), nullable=False),
        sa.Column("first_contact_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closure_outcome", sa.Text(), nullable=True),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_cases_closed")),
        sa.CheckConstraint("status <> 'resolved' OR resolved_at IS NOT NULL", name=op.f("ck_cases_resolved")),
        sa.CheckConstraint(
            "status IN ('new', 'assigned', 'contacted', 'investigating', 'waiting_customer', 'waiting_partner', 'waiting_internal', 'resolved', 'closed')",
            name=op.f("ck_cases_status"),
        ),
        sa.CheckConstraint("severity BETWEEN 1 AND 4", name=op.f("ck_cases_severity")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_cases_owner_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calendar_version_id"],
            ["calendar_versions.tenant_id", "calendar_versions.id"],
            name=op.f("fk_cases_calendar_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_cases_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partners.tenant_id", "partners.id"],
            name=op.f("fk_cases_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "response_id"],
            ["responses.tenant_id", "responses.id"],
            name=op.f("fk_cases_response_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "touchpoint_id"],
            ["touchpoints.tenant_id", "touchpoints.id"],
            name=op.f("fk_cases_touchpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_cases_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cases")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_cases_number")),
        sa.UniqueConstraint("tenant_id", "response_id", name=op.f("uq_cases_response_id")),
    )
    op.create_index("ix_cases_customer_id", "cases", ["tenant_id", "customer_id"], unique=False)
    op.create_index("ix_cases_owner_id", "cases", ["tenant_id", "owner_id", "status"], unique=False)
    op.create_index(
        "ix_cases_queue", "cases", ["tenant_id", "is_historic", "status", "resolution_due_at"], unique=False
    )
    op.create_table(
        "case_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_events_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_events_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_events")),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["tenant_id", "case_id", "at"], unique=False)
    op.create_table(
        "case_contacts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("outcome IN ('reached', 'attempted')", name=op.f("ck_case_contacts_outcome")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_contacts_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_contacts_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_contacts_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_contacts")),
    )
    op.create_index("ix_case_contacts_case_id", "case_contacts", ["tenant_id", "case_id", "at"], unique=False)
    op.create_table(
        "case_root_causes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("share", sa.Numeric(precision=9, scale=8, asdecimal=False), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_case_root_causes_share")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_case_root_causes_case_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_root_causes_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_root_causes")),
        sa.UniqueConstraint("tenant_id", "case_id", "code", name=op.f("uq_case_root_causes_code")),
    )
    op.create_table(
        "case_resolutions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action_taken", sa.Text(), nullable=False),
        sa.Column("message_to_customer", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_case_resolutions_case_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_resolutions_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_resolutions_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_resolutions")),
    )
    op.create_index("ix_case_resolutions_case_id", "case_resolutions", ["tenant_id", "case_id"], unique=False)
    op.create_table(
        "case_closures",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("into_case_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'no_objection', 'unreachable', 'rejected', 'merged')",
            name=op.f("ck_case_closures_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_closures_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "into_case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_case_closures_into_case_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_closures_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_closures_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_closures")),
    )
    op.create_index(
        "uq_case_closures_open",
        "case_closures",
        ["tenant_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.create_table(
        "case_pauses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_pauses_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_pauses_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_pauses")),
    )
    op.create_index(
        "uq_case_pauses_open",
        "case_pauses",
        ["tenant_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "case_follow_ups",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("closure_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_follow_ups_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closure_id"],
            ["case_closures.tenant_id", "case_closures.id"],
            name=op.f("fk_case_follow_ups_closure_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            name=op.f("fk_case_follow_ups_invitation_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_follow_ups_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_follow_ups")),
        sa.UniqueConstraint("tenant_id", "closure_id", name=op.f("uq_case_follow_ups_closure_id")),
        sa.UniqueConstraint("tenant_id", "invitation_id", name=op.f("uq_case_follow_ups_invitation_id")),
    )
    op.create_table(
        "case_alarms",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('first_contact_breached', 'resolution_breached', 'unassigned')",
            name=op.f("ck_case_alarms_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_alarms_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_alarms_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_alarms")),
        sa.UniqueConstraint("tenant_id", "case_id", "kind", "due_at", name=op.f("uq_case_alarms_due_at")),
    )
    op.create_index(
        "ix_case_alarms_open",
        "case_alarms",
        ["tenant_id", "at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    for table, wall in WALLS.items():
        for statement in wall_sql(table, wall):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(
        (
            "business_calendars",
            "calendar_versions",
            "cases",
            "case_events",
            "case_contacts",
            "case_root_causes",
            "case_resolutions",
            "case_closures",
            "case_pauses",
            "case_follow_ups",
            "case_alarms",
        )
    ):
        op.drop_table(table)
