"""Customers for tests."""

from __future__ import annotations

import itertools
from typing import Any

from app.customers import service
from app.customers.intake_rules import NewCustomer
from app.customers.models import Customer

_count = itertools.count(1)


def new_customer(email: str = "", **facts: Any) -> NewCustomer:
    """What a sender says about somebody in Sao Paulo, at an address of their own when none is given."""
    usual: dict[str, Any] = {"name": "Ana", "locale": "en", "timezone": "America/Sao_Paulo"}
    return NewCustomer([("email", email or f"ana{next(_count)}@example.com")], **(usual | facts))


def make_customer(email: str = "", **facts: Any) -> Customer:
    """A customer as `new_customer` describes one."""
    return service.register_customer(new_customer(email, **facts))[0]
