"""Looking customers up: by their identifiers, their address, and whether they may be written to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_

from app.customers.models import Customer, Identifier, Suppression
from app.kernel.db import db, find_row, get_row
from app.kernel.errors import NotFound


def get_customer(customer_id: UUID) -> Customer:
    """The customer with this id. Raises NotFound."""
    return get_row(Customer, customer_id)


def find_customer(customer_id: UUID | None) -> Customer | None:
    """The customer with this id, or None."""
    return find_row(Customer, customer_id)


def lock_customer(customer_id: UUID) -> Customer:
    """The customer, held until the transaction ends: what is decided about one person is decided one by one.

    Raises NotFound, also for the row of those who were forgotten: nobody decides anything about them.
    """
    found = get_row(Customer, customer_id, lock=True)
    if found.is_forgotten:
        raise NotFound()
    return found


def lock_customers(customer_ids: Collection[UUID]) -> dict[UUID, Customer]:
    """As `lock_customer` for many, by their ids; they are locked in one order, whoever asks."""
    if not customer_ids:
        return {}
    query = select(Customer).where(Customer.id.in_(customer_ids)).order_by(Customer.id).with_for_update()
    return {row.id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}


def find_by_identifiers(keys: Sequence[tuple[str, str]]) -> list[Identifier]:
    """The known identifiers among `keys` (type, normalised value), in the order of `keys`."""
    query = select(Identifier).where(tuple_(Identifier.type, Identifier.value_key).in_(keys))
    found = {(row.type, row.value_key): row for row in db.session.scalars(query)}
    return [found[key] for key in keys if key in found]


def list_identifiers(customer_id: UUID) -> list[Identifier]:
    """The identifiers of one customer, oldest first."""
    query = select(Identifier).where(Identifier.customer_id == customer_id)
    return list(db.session.scalars(query.order_by(Identifier.created_at, Identifier.id)))


def find_email(customer_id: UUID) -> str | None:
    """The address to write to, or None: the one added last, because people correct an address by giving another."""
    query = select(Identifier.value).where(Identifier.customer_id == customer_id, Identifier.type == "email")
    return db.session.scalar(query.order_by(Identifier.created_at.desc(), Identifier.id).limit(1))


def find_suppression(customer_id: UUID) -> Suppression | None:
    """The customer's running wish not to be written to (at any of their addresses), or None."""
    query = select(Suppression).where(Suppression.customer_id == customer_id, Suppression.lifted_at.is_(None))
    return db.session.scalar(query)


def is_suppressed(customer_id: UUID) -> bool:
    """Whether the customer asked not to be written to."""
    return find_suppression(customer_id) is not None


def reachable_by_email(customer_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these customers who have an email address."""
    query = select(Identifier.customer_id).where(Identifier.customer_id.in_(customer_ids), Identifier.type == "email")
    return set(db.session.scalars(query))


def suppressed_among(customer_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these customers who asked not to be written to."""
    query = select(Suppression.customer_id).where(
        Suppression.customer_id.in_(customer_ids), Suppression.lifted_at.is_(None)
    )
    return set(db.session.scalars(query))
