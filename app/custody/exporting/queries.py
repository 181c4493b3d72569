"""Look-ups of exports, and whether somebody may have one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.custody.exporting.models import Export, ExportPart
from app.custody.exporting.rules import PERMISSION
from app.kernel.db import db, get_row
from app.kernel.errors import Forbidden, Gone
from app.kernel.scope import tenant_scope
from app.tenants import queries as people
from app.tenants import rules as rights

_LISTED = 5


def newest_exports() -> Sequence[Export]:
    """The last few that were asked for, newest first."""
    return db.session.scalars(select(Export).order_by(Export.asked_at.desc(), Export.id.desc()).limit(_LISTED)).all()


def may_have(user_id: UUID) -> bool:
    """Whether this person may take the tenant's data out, right now."""
    role = people.find_role(user_id)
    return role is not None and rights.allows(role, PERMISSION)


def read_file(app: Flask, tenant_id: UUID, user_id: UUID, export_id: UUID) -> Iterator[bytes]:
    """The file of an export, part by part, each in a transaction of its own.

    Raises Forbidden, which breaks the file off, as soon as its reader may have it no more, and Gone with the file.
    """
    number = 0
    while True:
        with app.app_context(), tenant_scope(tenant_id):
            if not may_have(user_id):
                raise Forbidden()
            if get_row(Export, export_id).state != "ready":
                raise Gone()
            query = select(ExportPart.content).where(ExportPart.export_id == export_id, ExportPart.number == number)
            content = db.session.scalar(query)
        if content is None:
            return
        yield content
        number += 1
