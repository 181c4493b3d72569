"""Tenants let people in through identity providers of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.wall import wall_sql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_OWN_WAYS = "'password', 'two_steps', 'passkey'"
_OWN_RULES = "'any', 'two_steps', 'passkey'"
_ROLES = "newcomer_role IN ('lead', 'agent', 'analyst', 'viewer')"


def upgrade() -> None:
    for table in ("user_sessions", "sign_ins"):
        _reword(f"ck_{table}_way", table, f"way IN ('provider', {_OWN_WAYS})")
    _reword("ck_tenants_sign_in_rule", "tenants", f"sign_in_rule IN ({_OWN_RULES}, 'provider')")
    op.add_column("user_sessions", sa.Column("vouched_tenant_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_user_sessions_vouched_tenant_id"), "user_sessions", "tenants", ["vouched_tenant_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_user_sessions_vouched"), "user_sessions", "way <> 'provider' OR vouched_tenant_id IS NOT NULL"
    )
    _providers()
    _identities()
    for table in ("identity_providers", "identities"):
        for statement in wall_sql(table, "staff"):
            op.execute(statement)


def _reword(name: str, table: str, words: str) -> None:
    op.drop_constraint(op.f(name), table)
    op.create_check_constraint(op.f(name), table, words)


def _providers() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("domains", sa.Text(), nullable=False),
        sa.Column("newcomer_role", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint(_ROLES, name=op.f("ck_identity_providers_newcomer_role")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_identity_providers_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_identity_providers")),
        sa.UniqueConstraint("tenant_id", "issuer", name=op.f("uq_identity_providers_issuer")),
    )


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "provider_id"],
            ["identity_providers.tenant_id", "identity_providers.id"],
            name=op.f("fk_identities_provider_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_identities_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identities_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_identities")),
        sa.UniqueConstraint("tenant_id", "provider_id", "subject", name=op.f("uq_identities_subject")),
        sa.UniqueConstraint("tenant_id", "provider_id", "user_id", name=op.f("uq_identities_user_id")),
    )


def downgrade() -> None:
    op.drop_table("identities")
    op.drop_table("identity_providers")
    op.execute("DELETE FROM user_sessions WHERE way = 'provider'")
    op.execute("DELETE FROM sign_ins WHERE way = 'provider'")
    op.execute("UPDATE tenants SET sign_in_rule = 'any' WHERE sign_in_rule = 'provider'")
    op.drop_constraint(op.f("ck_user_sessions_vouched"), "user_sessions")
    op.drop_constraint(op.f("fk_user_sessions_vouched_tenant_id"), "user_sessions")
    op.drop_column("user_sessions", "vouched_tenant_id")
    for table in ("user_sessions", "sign_ins"):
        _reword(f"ck_{table}_way", table, f"way IN ({_OWN_WAYS})")
    _reword("ck_tenants_sign_in_rule", "tenants", f"sign_in_rule IN ({_OWN_RULES})")
