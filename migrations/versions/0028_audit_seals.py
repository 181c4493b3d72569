"""The audit is sealed: a chain of hashes over its rows, the words they are found by, and the browser they came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.wall import wall_sql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("audit_seals", "audit_words")


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("browser", sa.Text(), nullable=True))
    op.create_index("ix_audit_events_actor", "audit_events", ["tenant_id", "actor_id", "at"])
    op.create_index("ix_audit_events_subject", "audit_events", ["tenant_id", "subject_type", "subject_id", "at"])
    op.create_table(
        "audit_seals",
        *_keys("audit_seals"),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.Column("chain_hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("tenant_id", "seq", name=op.f("uq_audit_seals_seq")),
        sa.UniqueConstraint("tenant_id", "event_id", name=op.f("uq_audit_seals_event_id")),
    )
    op.create_table(
        "audit_words",
        *_keys("audit_words"),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
    )
    op.create_index("ix_audit_words_word", "audit_words", ["tenant_id", "word", "event_id"])
    for table in TABLES:
        for statement in wall_sql(table, "staff"):
            op.execute(statement)
        # As the audit itself: what is written stays.
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM heed_app")
    _ask_for_seals()


def _ask_for_seals() -> None:
    """Have a worker seal what each tenant's audit holds already."""
    connection = op.get_bind()
    now = clock.now()
    for (tenant_id,) in connection.execute(sa.text("SELECT id FROM tenants")).all():
        # Row security holds for the owner as well: each tenant's rows are seen in its own name.
        connection.exec_driver_sql(f"SET LOCAL app.tenant_id = '{tenant_id}'")
        connection.execute(
            sa.text(
                "INSERT INTO outbox (tenant_id, id, event_id, event, job, payload, is_history, created_at, due_at,"
                " attempts) SELECT tenant_id, :id, :event_id, 'AuditRecorded', 'seal_audit',"
                " jsonb_build_object('since', to_json(at)), true, :now, :now, 0"
                " FROM audit_events WHERE tenant_id = :tenant_id ORDER BY at LIMIT 1"
            ),
            {"id": new_id(), "event_id": new_id(), "now": now, "tenant_id": tenant_id},
        )


def _keys(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_audit_events_subject", "audit_events")
    op.drop_index("ix_audit_events_actor", "audit_events")
    op.drop_column("audit_events", "browser")
