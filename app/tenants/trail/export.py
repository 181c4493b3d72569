"""The audit as a file: CSV for a spreadsheet, JSON Lines from which anybody can compute the hashes again.

Rows come page by page, each in a transaction of its own: no file of any length is held in memory, and nobody takes on
reading who may not any more.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from flask import Flask

from app.kernel.errors import Forbidden
from app.kernel.scope import tenant_scope
from app.tenants import queries as people
from app.tenants import rules as rights
from app.tenants.trail import queries, rules
from app.tenants.trail.models import AuditSeal
from app.tenants.trail.queries import Wanted

_PAGE = 500
_COLUMNS = ("at", "actor_kind", "actor_id", "actor_label", "address", "browser", "action", "subject_type", "subject_id",
            "before", "after", "id", "seq", "row_hash", "chain_hash", "sealed_at")  # fmt: skip


class Taker(NamedTuple):
    """Who takes the rows out, of which tenant."""

    tenant_id: UUID
    user_id: UUID


Row = dict[str, Any]


def rows(app: Flask, who: Taker, wanted: Wanted, cursor: str | None) -> Iterator[Row]:
    """The wanted rows behind the cursor, newest first, each with its `seal` or None.

    Raises Forbidden, which breaks the file off, as soon as the taker may read the audit no more.
    """
    while cursor:
        with app.app_context(), tenant_scope(who.tenant_id):
            role = people.find_role(who.user_id)
            if role is None or not rights.allows(role, "audit.read"):
                raise Forbidden()
            page = queries.page_of_trail(wanted, cursor, _PAGE)
            seals = queries.seals_of([event.id for event in page.rows])
            found = [{**queries.plain(event), "seal": seals.get(event.id)} for event in page.rows]
        yield from found
        cursor = page.next_cursor


def json_lines(found: Iterable[Row]) -> Iterator[str]:
    """One object a line: without `seal` it is the row, of whose `rules.canonical` text the seal holds the SHA-256."""
    for row in found:
        seal = row.pop("seal")
        yield f"{json.dumps({**json.loads(rules.canonical(row)), 'seal': _seal(seal)}, ensure_ascii=False)}\n"


def csv_lines(found: Iterable[Row]) -> Iterator[str]:
    """A head and one line a row; nothing in it is run as a formula."""
    yield _line(_COLUMNS)
    for row in found:
        seal = row.pop("seal")
        told = {**row, **(_seal(seal) or {})}
        yield _line([rules.cell(_text(told.get(name))) for name in _COLUMNS])


def _seal(seal: AuditSeal | None) -> Row | None:
    if seal is None:
        return None
    plain = {"seq": seal.seq, "row_hash": seal.row_hash, "chain_hash": seal.chain_hash, "sealed_at": seal.sealed_at}
    told: Row = json.loads(rules.canonical(plain))
    return told


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


class Form(NamedTuple):
    """A kind of file."""

    mimetype: str
    lines: Callable[[Iterable[Row]], Iterator[str]]


FORMS = {"csv": Form("text/csv", csv_lines), "jsonl": Form("application/jsonl", json_lines)}
