"""What is to be let go of is found by its time, without what has gone already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_KNOWN = "customer_id <> tenant_id"
_INDEXES = (
    ("ix_customers_created_at", "customers", "created_at", None),
    ("ix_interactions_known", "interactions", "occurred_at", _KNOWN),
    ("ix_invitations_known", "invitations", "created_at", _KNOWN),
    ("ix_messages_created_at", "messages", "created_at", None),
    ("ix_cases_closed_at", "cases", "closed_at", "customer_id IS DISTINCT FROM tenant_id"),
)


def upgrade() -> None:
    for name, table, moment, which in _INDEXES:
        op.create_index(name, table, ["tenant_id", moment], postgresql_where=sa.text(which) if which else None)


def downgrade() -> None:
    for name, table, _moment, _which in _INDEXES:
        op.drop_index(name, table)
