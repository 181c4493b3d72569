"""Plans, subscriptions and usage; answers that are over the plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = ("subscriptions", "usage_counters", "usage_reports", "stripe_events")
_OVER = sa.text("over_plan_month IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "stripe_customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stripe_customers_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_customers")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_stripe_customers_tenant_id")),
    )
    op.execute("GRANT SELECT, INSERT ON stripe_customers TO heed_app")
    op.create_table(
        "subscriptions",
        *_keys("subscriptions"),
        sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stripe_customer_id", sa.Text(), nullable=True),
        sa.Column("stripe_subscription_id", sa.Text(), nullable=True),
        sa.Column("stripe_item_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("period_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("past_due_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('none', 'active', 'trialing', 'past_due', 'unpaid', 'paused')",
            name=op.f("ck_subscriptions_status"),
        ),
        sa.CheckConstraint("plan IN ('team', 'business')", name=op.f("ck_subscriptions_plan")),
        sa.CheckConstraint(
            "(status = 'none') = (stripe_subscription_id IS NULL)", name=op.f("ck_subscriptions_stripe_subscription")
        ),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_subscriptions_tenant_id")),
    )
    op.create_table(
        "usage_counters",
        *_keys("usage_counters"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=False),
        sa.Column("report_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('responses', 'messages')", name=op.f("ck_usage_counters_kind")),
        sa.CheckConstraint(
            "used >= 0 AND over >= 0 AND reported BETWEEN 0 AND used", name=op.f("ck_usage_counters_counts")
        ),
        sa.UniqueConstraint("tenant_id", "kind", "month", name=op.f("uq_usage_counters_month")),
    )
    op.create_table(
        "usage_reports",
        *_keys("usage_reports"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("stripe_customer_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('responses', 'messages')", name=op.f("ck_usage_reports_kind")),
        sa.CheckConstraint("value > 0", name=op.f("ck_usage_reports_value")),
    )
    op.create_table(
        "stripe_events",
        *_keys("stripe_events"),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("tenant_id", "event_id", name=op.f("uq_stripe_events_event_id")),
    )
    for table in TABLES:
        for statement in wall_sql(table, "staff"):
            op.execute(statement)
    op.add_column("responses", sa.Column("over_plan_month", sa.Date(), nullable=True))
    op.create_index(
        "ix_responses_over_plan", "responses", ["tenant_id", "over_plan_month", "id"], postgresql_where=_OVER
    )
    op.add_column("invitations", sa.Column("counted_month", sa.Date(), nullable=True))


def _keys(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    op.drop_column("invitations", "counted_month")
    op.drop_index("ix_responses_over_plan", "responses")
    op.drop_column("responses", "over_plan_month")
    for table in (*TABLES, "stripe_customers"):
        op.drop_table(table)
