"""What stands in an export, table by table, read from the models' metadata: a new table is in it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Select, Table, select

from app.custody.exporting.rules import FILES, LEFT_OUT, SECRETS, plain, shown
from app.kernel import scope
from app.kernel.db import db

_AT_ONCE = 500
_PEOPLE = ("name", "email", "locale")
Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One file of lines: its name, and the rows it is made of."""

    name: str
    query: Select[Any]


def tenant_tables() -> list[Table]:
    """Every table that holds something of a tenant's, by name."""
    return [table for _name, table in sorted(db.metadata.tables.items()) if "tenant_id" in table.c]


def kinds() -> list[Kind]:
    """All files of lines of the scope's tenant, in the order in which they are written."""
    return kinds_of(scope.tenant_id())


def kinds_of(tenant_id: UUID) -> list[Kind]:
    """As `kinds`, of this tenant."""
    tables = [table for table in tenant_tables() if table.name not in LEFT_OUT and table.name != "memberships"]
    lines = [Kind(table.name, _mine(table, tenant_id)) for table in tables]
    return [_organisation(tenant_id), _people(tenant_id), *lines]


def told_columns(table: Table) -> list[Column[Any]]:
    """The columns of a table that go out as lines. That a row is this tenant's goes without saying."""
    names = (f"{table.name}.{column.name}" for column in table.c)
    return [
        column
        for column, name in zip(table.c, names, strict=True)
        if column.name != "tenant_id" and name not in SECRETS and name not in FILES
    ]


def _mine(table: Table, tenant_id: UUID) -> Select[Any]:
    # A seal is about a row with its tenant in it, which whoever proves it needs to know.
    columns = list(table.c) if table.name.startswith("audit_") else told_columns(table)
    return select(*columns).where(table.c.tenant_id == tenant_id).order_by(table.c.id)


def _organisation(tenant_id: UUID) -> Kind:
    table = db.metadata.tables["tenants"]
    return Kind("organisation", select(table).where(table.c.id == tenant_id))


def _people(tenant_id: UUID) -> Kind:
    """Who works or has worked here, and as what."""
    members, users = db.metadata.tables["memberships"], db.metadata.tables["users"]
    query = select(*told_columns(members), *(users.c[name] for name in _PEOPLE))
    joined = query.join_from(members, users, users.c.id == members.c.user_id)
    return Kind("people", joined.where(members.c.tenant_id == tenant_id).order_by(members.c.id))


def rows_of(connection: Connection, kind: Kind) -> Iterator[Row]:
    """The rows of one kind, as they are written; a few hundred at a time are held in memory."""
    found = connection.execution_options(yield_per=_AT_ONCE).execute(kind.query)
    for row in found.mappings():
        yield {name: plain(shown(kind.name, name, value)) for name, value in row.items()}


def files(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file that was uploaded."""
    for place, name in FILES.items():
        table = db.metadata.tables[place.partition(".")[0]]
        column = table.c[place.partition(".")[2]]
        found = connection.execute(select(column).where(table.c.tenant_id == scope.tenant_id())).scalar()
        if found is not None:
            yield name, bytes(found)
