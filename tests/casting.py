"""Casts made quickly: the first of an application comes about through its verbs, the others are copies of its rows.

Thousands of tests begin with a fresh tenant; what its verbs cost would be a third of the whole run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import DateTime, Table

from app.kernel import clock
from app.kernel.db import Base
from app.kernel.ids import new_id
from app.tenants.api_keys import new_key, read_key
from app.tenants.trail.service import COUNTER

LEFT_OUT = {"outbox", "audit_events", "audit_seals", "audit_words"}
"""Work that is done, and the audit, with the counter of its seals: these are over the very rows, so that copies of them
would be forgeries."""


@dataclass(frozen=True)
class Pattern:
    """What there is of a tenant right after it was made: rows by table, in the order of their foreign keys."""

    tenant_id: UUID
    slug: str
    api_key: str
    made_at: datetime
    rows: list[tuple[Table, list[dict[str, Any]]]]


def take_pattern(app: Flask, tenant_id: UUID, slug: str, api_key: str, made_at: datetime) -> Pattern:
    """Read the rows of a tenant."""
    rows = []
    with _open(app, tenant_id) as connection:
        users = "id IN (SELECT user_id FROM memberships WHERE tenant_id = %(tenant)s)"
        for table in Base.metadata.sorted_tables:
            own = {"tenants": "id = %(tenant)s", "users": users}.get(table.name, "tenant_id = %(tenant)s")
            if table.name in LEFT_OUT or (own.startswith("tenant_id") and "tenant_id" not in table.c):
                continue
            query = f"SELECT to_jsonb(one) FROM {table.name} AS one WHERE {own}"
            found = [row[0] for row in connection.execute(query.encode(), {"tenant": tenant_id})]
            if found := [row for row in found if row.get("name") != COUNTER]:
                rows.append((table, found))
    return Pattern(tenant_id, slug, api_key, made_at, rows)


@dataclass(frozen=True)
class Copy:
    """A tenant made of a pattern. `ids` leads from the pattern's ids to its own."""

    tenant_id: UUID
    api_key: str
    ids: dict[UUID, UUID]


def copy_of(pattern: Pattern, app: Flask, slug: str) -> Copy:
    """A tenant as the pattern was, made now, under a name and ids of its own."""
    ids = {old: new_id() for old in sorted({pattern.tenant_id, *_ids(pattern)})}
    tenant_id = ids[pattern.tenant_id]
    key, hashed = new_key(tenant_id)
    known = read_key(f"Bearer {pattern.api_key}")
    assert known is not None
    words = {str(old): str(new) for old, new in ids.items()} | {pattern.slug: slug, known.hash: hashed}
    since = clock.now() - pattern.made_at
    with _open(app, tenant_id) as connection, connection.pipeline():
        for table, rows in pattern.rows:
            text = json.dumps([_moved(table, row, since) for row in rows])
            for old, new in words.items():
                text = text.replace(old, new)
            insert = sql.SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)")
            connection.execute(insert.format(sql.Identifier(table.name)), [text])
    return Copy(tenant_id, key, ids)


def _open(app: Flask, tenant_id: UUID) -> psycopg.Connection[tuple[Any, ...]]:
    url = app.extensions["heed_settings"].database_owner_url
    return psycopg.connect(url.replace("+psycopg", ""), options=f"-c app.tenant_id={tenant_id}")


def _ids(pattern: Pattern) -> set[UUID]:
    return {UUID(row["id"]) for _table, rows in pattern.rows for row in rows if "id" in row}


def _moved(table: Table, row: dict[str, Any], since: timedelta) -> dict[str, Any]:
    moments = {name for name in row if row[name] and isinstance(table.c[name].type, DateTime)}
    return row | {name: (datetime.fromisoformat(row[name]) + since).isoformat() for name in moments}
