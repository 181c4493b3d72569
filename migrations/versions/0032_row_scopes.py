"""Members and invites may be narrowed to departments and touchpoints; the database keeps the rest from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.wall import rows_sql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_IDS = ("department_ids", "touchpoint_ids")
_WHOLE = "role NOT IN ('admin', 'partner') OR (cardinality(department_ids) = 0 AND cardinality(touchpoint_ids) = 0)"
_OF_CASES = (
    "case_events",
    "case_contacts",
    "case_root_causes",
    "case_resolutions",
    "case_closures",
    "case_pauses",
    "case_follow_ups",
    "case_alarms",
    "partner_questions",
    "partner_statements",
)
_ROWS = {
    "touchpoint": ("interactions", "invitations", "responses", "cases", "rollup_facts", "rollup_cells"),
    "response": ("answers",),
    "case": _OF_CASES,
    "interaction": ("outreach_decisions",),
    "invitation": ("asks",),
    "message": ("messages",),
    "customer": ("customer_identifiers", "suppressions"),
    "person": ("customers",),
    "whole": ("audit_events", "outbox", "scorecard_months", "scorecard_snapshots", "webhook_deliveries"),
}
_SOUGHT = {
    "sees_response": (("responses", "id"),),
    "sees_case": (("cases", "id"),),
    "sees_interaction": (("interactions", "id"),),
    "sees_invitation": (("invitations", "id"),),
    "sees_message": (("invitations", "id"), ("case_resolutions", "id")),
    "sees_customer": (
        ("responses", "customer_id"),
        ("interactions", "customer_id"),
        ("invitations", "customer_id"),
        ("cases", "customer_id"),
    ),
}
"""Each function -> where it looks for the id, behind the policies of whoever calls it."""


def upgrade() -> None:
    for table in ("memberships", "team_invites"):
        for column in _IDS:
            op.add_column(table, sa.Column(column, ARRAY(sa.Uuid()), nullable=False, server_default="{}"))
        op.create_check_constraint(op.f(f"ck_{table}_sees_whole"), table, _WHOLE)
    for function, places in _SOUGHT.items():
        op.execute(_function(function, places))
    for rows, tables in _ROWS.items():
        for table in tables:
            for statement in rows_sql(table, rows):
                op.execute(statement)


def _function(name: str, places: tuple[tuple[str, str], ...]) -> str:
    found = " OR ".join(
        f"EXISTS (SELECT FROM public.{table} sought WHERE sought.tenant_id = $1 AND sought.{column} = $2)"
        for table, column in places
    )
    body = f"BEGIN RETURN {found}; END"
    return f"CREATE FUNCTION {name}(uuid, uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ {body} $$"


def downgrade() -> None:
    for rows, tables in _ROWS.items():
        names = ("rows_select", "rows_update", "rows_delete") if rows == "whole" else ("rows",)
        for table in tables:
            for name in names:
                op.execute(f"DROP POLICY {name} ON {table}")
    for function in _SOUGHT:
        op.execute(f"DROP FUNCTION {function}(uuid, uuid)")
    for table in ("team_invites", "memberships"):
        op.drop_constraint(op.f(f"ck_{table}_sees_whole"), table)
        for column in _IDS:
            op.drop_column(table, column)
