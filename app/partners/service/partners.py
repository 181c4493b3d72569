"""What can be done with partners: put one under its key, add one by its name."""

from __future__ import annotations

from typing import Any

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict, Fault
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import find_or_insert, insert_if_new, insert_named
from app.kernel.naming import checked_key, checked_name
from app.partners import queries
from app.partners.events import FirstPartnerAdded
from app.partners.models import Partner
from app.tenants import audit


def put_partner(key: str, name: str) -> tuple[Partner, bool]:
    """Make the partner `key`, or give it this name; returns (partner, whether it is new).

    Raises Invalid for a bad key or name.
    """
    key, name = checked_key(key), checked_name(name)
    with atomic():
        partner, is_new = find_or_insert(
            Partner,
            lambda: queries.find_partner_by_key(key, lock=True),
            lambda: {"key": key, "name": name, **_identity()},
        )
        if is_new:
            _record_added(partner)
        else:
            _rename(partner, name)
        return partner, is_new


def add_partner(name: str, key: str = "") -> Partner:
    """Make a new partner; without `key` it gets one made from its name.

    Raises Invalid for a bad key or name and Conflict for a key that is taken.
    """
    name = checked_name(name)
    with atomic():
        if key:
            partner = insert_if_new(Partner, key=checked_key(key), name=name, **_identity())
        else:
            partner = insert_named(Partner, name, "partner", **_identity())
        if partner is None:
            raise Conflict("Another partner has this key.", [Fault("/key", "taken")])
        _record_added(partner)
        return partner


def _identity() -> dict[str, Any]:
    partner_id = new_id()
    return {"id": partner_id, "partner_id": partner_id, "created_at": clock.now()}


def _record_added(partner: Partner) -> None:
    audit.record("partner.added", "partner", partner.id, after={"key": partner.key, "name": partner.name})
    if not queries.has_others(partner):
        publish(FirstPartnerAdded())


def _rename(partner: Partner, name: str) -> None:
    if partner.name == name:
        return
    before, partner.name = partner.name, name
    audit.record("partner.changed", "partner", partner.id, before={"name": before}, after={"name": name})
