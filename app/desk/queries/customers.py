"""The list of customers, and who one customer is.

A search looks for the beginning of an identifier by a range on its stored form, which the unique index answers behind
the wall, and for the text anywhere in a name. The latter reads the tenant's names one after the other (nothing about a
name is indexed, and ILIKE is not leakproof, so that no index would be used behind row-level security anyway): newest
customers first, and only until a page is full.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import selectinload

from app.customers.models import Customer, Identifier
from app.desk.rules import Search, after_prefix
from app.kernel import scope
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.pagination import Page, paginate

IDENTIFIER_TYPES = ("email", "external", "phone")


def page_of_customers(wanted: Search, cursor: str | None) -> Page[Customer]:
    """Some customers with their identifiers, the newest first; those whom `wanted` may mean. Raises Invalid."""
    # Ids are made in the order of time, so that the primary key itself is the order of the list.
    return paginate(_matching(wanted), [Customer.id], cursor)


def few_customers(wanted: Search, most: int) -> list[Customer]:
    """The newest customers whom `wanted` may mean, at most so many."""
    return list(db.session.scalars(_matching(wanted).order_by(Customer.id.desc()).limit(most)))


def get_whole_customer(customer_id: UUID) -> Customer:
    """The customer with identifiers and suppressions. Raises NotFound."""
    found = db.session.scalar(_with_identity().where(Customer.id == customer_id))
    if found is None:
        raise NotFound()
    return found


def _with_identity() -> Select[Customer]:
    """The customers that somebody knows: who was forgotten stands in no list and has no page."""
    query = select(Customer).where(Customer.id != scope.tenant_id())
    return query.options(selectinload(Customer.identifiers), selectinload(Customer.suppressions))


def _matching(wanted: Search) -> Select[Customer]:
    query = _with_identity()
    if not wanted.text:
        return query
    owners = select(Identifier.customer_id).where(Identifier.type.in_(IDENTIFIER_TYPES), _begins_like(wanted))
    return query.where(or_(Customer.name.icontains(wanted.text, autoescape=True), Customer.id.in_(owners)))


def _begins_like(wanted: Search) -> ColumnElement[bool]:
    ranges = [
        and_(Identifier.value_key >= key, Identifier.value_key < after_prefix(key)) for key in wanted.identifier_keys
    ]
    return or_(*ranges)
