"""People are invited to a team."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ROLES = "role IN ('admin', 'lead', 'agent', 'analyst', 'viewer', 'partner')"


def upgrade() -> None:
    op.create_table(
        "team_invites",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_team_invites_role")),
        sa.CheckConstraint(
            "(role = 'partner') = (partner_id IS NOT NULL)", name=op.f("ck_team_invites_partner_has_partner")
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)", name=op.f("ck_team_invites_accepted_by_somebody")
        ),
        sa.CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_team_invites_one_end")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_team_invites_tenant_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_team_invites_invited_by")),
        sa.ForeignKeyConstraint(["accepted_by"], ["users.id"], name=op.f("fk_team_invites_accepted_by")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_team_invites")),
    )
    still_open = sa.text("accepted_at IS NULL AND withdrawn_at IS NULL")
    op.create_index(
        "uq_team_invites_email", "team_invites", ["tenant_id", "email"], unique=True, postgresql_where=still_open
    )
    for statement in wall_sql("team_invites", "staff"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("team_invites")
