"""What can be done with customers: find or create them, correct what is known of them, stop writing to them."""

from __future__ import annotations

from app.customers.service.consent import correct_customer, lift_suppression, suppress
from app.customers.service.recognition import (
    Recognised,
    find_or_create,
    find_or_create_customer,
    find_or_create_many,
    register_customer,
)

__all__ = [
    "Recognised",
    "correct_customer",
    "find_or_create",
    "find_or_create_customer",
    "find_or_create_many",
    "lift_suppression",
    "register_customer",
    "suppress",
]
