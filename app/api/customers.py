"""Customers: find or create the one person behind some identifiers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from app.api.base import blueprint
from app.api.schemas.outreach import Attributes
from app.api.schemas.responses import CustomerIn
from app.customers import queries, service
from app.customers.models import Customer
from app.tenants.access import api_scope

bp = blueprint("customers", "Customers")


class KnownIdentifier(BaseModel):
    """An identifier of the person."""

    type: Literal["email", "phone", "external"]
    value: str


class CustomerOut(BaseModel):
    """One person. `unsubscribed`: they asked not to be written to, at any address."""

    id: str
    identifiers: list[KnownIdentifier]
    name: str | None
    locale: str | None
    timezone: str | None
    attributes: Attributes
    unsubscribed: bool


@bp.post("/customers", responses={200: CustomerOut, 201: CustomerOut})
@api_scope("outreach")
def post_customer(body: CustomerIn) -> tuple[dict[str, Any], int]:
    """Find or create the one person; new identifiers are added, values that are given replace the stored ones."""
    customer, is_new = service.register_customer(body.given())
    return _out(customer), 201 if is_new else 200


def _out(customer: Customer) -> dict[str, Any]:
    identifiers = queries.list_identifiers(customer.id)
    return {
        "id": str(customer.id),
        "identifiers": [{"type": row.type, "value": row.value} for row in identifiers],
        "name": customer.name,
        "locale": customer.locale,
        "timezone": customer.timezone,
        "attributes": customer.attributes,
        "unsubscribed": queries.is_suppressed(customer.id),
    }
