"""Effort and emotion among the scores, answers with a fraction, and from which of them a case opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_CHECKS = (
    ("responses", "ces", "ces BETWEEN 1 AND 7"),
    ("responses", "emotion", "emotion BETWEEN 1 AND 1048575"),
    ("responses", "valence", "valence BETWEEN -1 AND 1"),
    ("responses", "emotion_has_valence", "(emotion IS NULL) = (valence IS NULL)"),
    ("tenant_settings", "ces_detractor_max", "ces_detractor_max BETWEEN 0 AND 6"),
    ("tenant_settings", "emotion_detractor_max", "emotion_detractor_max BETWEEN 0 AND 10"),
)
_DEFAULTS = (("ces_detractor_max", "2"), ("emotion_detractor_max", "4"))


def upgrade() -> None:
    op.add_column("responses", sa.Column("ces", sa.Integer(), nullable=True))
    op.add_column("responses", sa.Column("emotion", sa.Integer(), nullable=True))
    op.add_column("responses", sa.Column("valence", sa.Double(), nullable=True))
    for column, default in _DEFAULTS:
        op.add_column("tenant_settings", sa.Column(column, sa.Integer(), nullable=False, server_default=default))
        op.alter_column("tenant_settings", column, server_default=None)
    for table, name, rule in _CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.alter_column("answers", "number", type_=sa.Double())


def downgrade() -> None:
    op.alter_column("answers", "number", type_=sa.Integer())
    for column, _default in _DEFAULTS:
        op.drop_column("tenant_settings", column)
    for column in ("valence", "emotion", "ces"):
        op.drop_column("responses", column)
