"""Look-ups of partners and of what was agreed with them."""

from __future__ import annotations

from app.partners.queries.partners import (
    find_partner_by_key,
    get_partner_by_key,
    has_others,
    list_partners,
    page_of_partners,
    page_of_partners_by_name,
)
from app.partners.queries.targets import get_target, list_targets, targets_in_force, this_month, today

__all__ = [
    "find_partner_by_key",
    "get_partner_by_key",
    "get_target",
    "has_others",
    "list_partners",
    "list_targets",
    "page_of_partners",
    "page_of_partners_by_name",
    "targets_in_force",
    "this_month",
    "today",
]
