"""A departure keeps which customer at Stripe its tenant was: all that this customer has ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("departures", sa.Column("stripe_customer_id", sa.Text(), nullable=True))
    op.drop_column("departures", "stripe_subscription_id")


def downgrade() -> None:
    op.add_column("departures", sa.Column("stripe_subscription_id", sa.Text(), nullable=True))
    op.drop_column("departures", "stripe_customer_id")
