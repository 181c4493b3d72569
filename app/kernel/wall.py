"""The SQL of the wall: what a migration runs for each table, by the class of the table.

`staff` staff only · `shared` everybody in the tenant reads, staff writes · `own` a partner sees rows with its id ·
`own_append` a partner sees and adds rows with its id, and changes none · `append` everybody inserts, staff reads.
Staff is the nil UUID in `app.partner` (kernel/scope.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.kernel.db import Wall

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
