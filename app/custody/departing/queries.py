"""Look-ups of departures, and the tables that hold something of a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Table, func, select

from app.custody.departing.models import Departure
from app.custody.departing.rules import KEPT, PROOF
from app.custody.keeping.models import Retention
from app.kernel import clock, tokens
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.tenants import queries as tenants


def find_departure(departure_id: UUID, *, lock: bool = False) -> Departure | None:
    """The departure with this id (any scope: the table is global)."""
    query = select(Departure).where(Departure.id == departure_id).execution_options(populate_existing=True)
    return db.session.scalar(query.with_for_update() if lock else query)


def get_departure(departure_id: UUID) -> Departure:
    """As find_departure, raising NotFound."""
    found = find_departure(departure_id)
    if found is None:
        raise NotFound(f"There is no deletion {departure_id}.")
    return found


def find_running(tenant_id: UUID, *, lock: bool = False) -> Departure | None:
    """The departure of this tenant that nobody has taken back."""
    query = select(Departure).where(Departure.tenant_id == tenant_id, Departure.taken_back_at.is_(None))
    return db.session.scalar(query.with_for_update() if lock else query)


def find_closed(slug: str) -> UUID | None:
    """The tenant with this short name if its removal has begun, also if it is over (*directory*)."""
    tenant = tenants.find_tenant_ever(slug)
    return tenant.id if tenant is not None and tenant.closed_at is not None else None


def is_held() -> bool:
    """Whether a legal hold keeps everything that the tenant of the scope has."""
    return bool(db.session.scalar(select(Retention.is_held)))


def get_proof(link: str) -> Departure:
    """The departure whose proof this link opens. Raises NotFound."""
    read = tokens.read_link(PROOF, link)
    found = find_departure(read.object_id) if read and read.holds(clock.now(), "") else None
    if found is None or found.proof is None:
        raise NotFound()
    return found


def tables_in_order() -> list[Table]:
    """Every table with rows of a tenant, each before those that it points to."""
    return [table for table in reversed(db.metadata.sorted_tables) if "tenant_id" in table.c and table.name not in KEPT]


def count_left(tenant_id: UUID) -> Mapping[str, int]:
    """How many rows of the tenant of the scope each table holds."""
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table).where(table.c.tenant_id == tenant_id))
        or 0
        for table in sorted(tables_in_order(), key=lambda table: table.name)
    }
