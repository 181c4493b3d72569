"""A survey may be sent to oneself."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_PURPOSES = ("ask", "follow_up")


def upgrade() -> None:
    _allow(*_PURPOSES, "test")


def downgrade() -> None:
    # Tests that were sent meanwhile stay what they are.
    _allow(*_PURPOSES, postgresql_not_valid=True)


def _allow(*purposes: str, **options: bool) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.drop_constraint(op.f("ck_invitations_purpose"), "invitations")
    op.create_check_constraint(op.f("ck_invitations_purpose"), "invitations", f"purpose IN ({listed})", **options)
