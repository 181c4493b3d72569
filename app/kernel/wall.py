"""The SQL of the wall: what a migration runs for each table, by the class of the table.

`staff` staff only · `shared` everybody in the tenant reads, staff writes · `own` a partner sees rows with its id ·
`own_append` a partner sees and adds rows with its id, and changes none · `append` everybody inserts, staff reads.
Staff is the nil UUID in `app.partner` (kernel/scope.py).

A member of the staff may see some touchpoints alone. What that is of a table, `rows_sql` puts into a policy:
`all` everything, because nothing that customers or cases say stands in it · `touchpoint` the rows whose touchpoint is
one of them · `response`, `case`, `interaction`, `invitation`, `customer` the rows whose parent they see · `message`
those that an invitation or a resolution they see has sent · `person` (customers themselves) those of whom they see an
interaction, an invitation, a response or a case · `whole` no row, because it tells of several touchpoints at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.kernel.db import Rows, Wall
from app.kernel.scope import EVERYTHING

TENANT = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
# The partner wall binds the application's role only: the sweeper's functions look across tenants and have no partner.
_PARTNER = "nullif(current_setting('app.partner', true), '')::uuid"
_NIL = "'00000000-0000-0000-0000-000000000000'::uuid"
_STAFF = f"{_PARTNER} = {_NIL}"
_OWN = f"{_PARTNER} IN (partner_id, {_NIL})"


def wall_sql(table: str, wall: Wall) -> Iterator[str]:
    """The statements that put one tenant table behind the wall, in order."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY tenant ON {table} USING ({TENANT}) WITH CHECK ({TENANT})"
    yield from _partner_sql(table, wall)
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO heed_app"


def _partner_sql(table: str, wall: Wall) -> Iterator[str]:
    if wall == "own":
        yield f"CREATE POLICY partner ON {table} AS RESTRICTIVE TO heed_app USING ({_OWN}) WITH CHECK ({_STAFF})"
        yield refuse_sql(table, "DELETE", "USING")  # which asks for no check, so that to see would be to delete
    elif wall == "own_append":
        yield f"CREATE POLICY partner ON {table} AS RESTRICTIVE TO heed_app USING ({_OWN}) WITH CHECK ({_OWN})"
        yield refuse_sql(table, "UPDATE", "USING")
        yield refuse_sql(table, "DELETE", "USING")
    elif wall == "staff":
        yield f"CREATE POLICY partner ON {table} AS RESTRICTIVE TO heed_app USING ({_STAFF}) WITH CHECK ({_STAFF})"
    elif wall == "shared":
        yield refuse_sql(table, "UPDATE", "USING")
        yield refuse_sql(table, "DELETE", "USING")
        yield refuse_sql(table, "INSERT", "WITH CHECK")
    else:
        for command in ("SELECT", "UPDATE", "DELETE"):
            yield refuse_sql(table, command, "USING")


def refuse_sql(table: str, command: str, clause: str) -> str:
    """The policy by which a partner may not run this command on the table; staff may."""
    name = f"partner_{command.lower()}"
    return f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO heed_app {clause} ({_STAFF})"


_SEES_ALL = f"current_setting('app.touchpoints', true) = '{EVERYTHING}'"
# The list is looked through as a text: read as an array it would be read anew for every row.
_IS_LISTED = "position(touchpoint_id::text IN current_setting('app.touchpoints', true)) > 0"
_PARENTS = {
    "response": ("sees_response", "response_id"),
    "case": ("sees_case", "case_id"),
    "interaction": ("sees_interaction", "interaction_id"),
    "invitation": ("sees_invitation", "invitation_id"),
    "message": ("sees_message", "reference_id"),
    "customer": ("sees_customer", "customer_id"),
    "person": ("sees_customer", "id"),
}
"""Rows -> the function that looks for their parent behind its own policy, and the column that names it."""


def rows_sql(table: str, rows: Rows) -> Iterator[str]:
    """The statements that keep from a member what lies outside their touchpoints.

    Whoever sees everything pays one comparison of texts a row: it stands first, and functions are called for the others
    alone. A function it is, and no sub-SELECT, because that would be planned into every statement.
    """
    if rows == "whole":
        for command in ("SELECT", "UPDATE", "DELETE"):
            name = f"rows_{command.lower()}"
            yield f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO heed_app USING ({_SEES_ALL})"
    elif rows != "all":
        sees = f"{_SEES_ALL} OR {_sees_row(rows)}"
        yield f"CREATE POLICY rows ON {table} AS RESTRICTIVE TO heed_app USING ({sees}) WITH CHECK ({sees})"


def _sees_row(rows: Rows) -> str:
    if rows == "touchpoint":
        return _IS_LISTED
    function, column = _PARENTS[rows]
    return f"{function}(tenant_id, {column})"
