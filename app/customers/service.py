"""What can be done with customers: find or create the one person behind some identifiers, and stop writing to them.

Recognition is deliberately simple: one known identifier is enough, and the first known one in the sender's order
decides. When one call names identifiers of two persons, the later ones stay with whom they belong to: two persons are
never merged by the way, because a wrong merge shows one person's history to another and is hard to take back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.customers import queries
from app.customers.events import CustomerSuppressed
from app.customers.intake_rules import GivenCustomer, GivenIdentifier, NewCustomer, read_correction, read_customer
from app.customers.models import Customer, Identifier, Suppression
from app.customers.rules import check_attributes
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Fault, Invalid, Unavailable
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.tenants import audit

_ATTEMPTS = 5


@dataclass(frozen=True)
class _Applied:
    """What became of a sender's words: the customer, whether they are new, and what changed about them."""

    customer: Customer
    is_new: bool
    changed: tuple[str, ...] = ()


def find_or_create_customer(
    identifiers: Sequence[tuple[str, str]],
    *,
    name: str | None = None,
    locale: str | None = None,
    timezone: str | None = None,
    attributes: Mapping[str, object] | None = None,
    source: str = "api",
) -> tuple[Customer, bool]:
    """The one person behind any of these (type, value) identifiers, and whether they are new; see the module.

    New identifiers are added to the person; a value that is given replaces the stored one (but not what a person has
    corrected), attributes one by one.
    Inside `atomic()` the customer's row stays locked until it ends. Raises Invalid with a pointer for each bad value.
    """
    return find_or_create(read_customer(NewCustomer(identifiers, name, locale, timezone, attributes)), source)


def find_or_create(given: GivenCustomer, source: str) -> tuple[Customer, bool]:
    """As `find_or_create_customer`, for a customer that has been read already."""
    with atomic():
        applied = _apply(given, source)
    return applied.customer, applied.is_new


def register_customer(new: NewCustomer) -> tuple[Customer, bool]:
    """As `find_or_create_customer`, for a person or key that tells us of a customer outright: leaves an audit row."""
    given = read_customer(new)
    with atomic():
        applied = _apply(given, "api")
        if applied.is_new or applied.changed:
            # The audit names what changed, not the values: personal data stands in one place, where it can be erased.
            action = "customer.created" if applied.is_new else "customer.changed"
            audit.record(action, "customer", applied.customer.id, after={"changed": list(applied.changed)})
    return applied.customer, applied.is_new


def correct_customer(customer_id: UUID, *, name: str | None, locale: str | None, timezone: str | None) -> Customer:
    """Put right who a customer is (None empties a value); what was changed here, no sender overwrites any more.

    Raises NotFound, and Invalid with a pointer for each bad value.
    """
    wanted = read_correction(name, locale, timezone)
    with atomic():
        customer = queries.lock_customer(customer_id)
        changes = {name: value for name, value in wanted.items() if value != getattr(customer, name)}
        if not changes:
            return customer
        for name, value in changes.items():
            setattr(customer, name, value)
        customer.corrections = {**customer.corrections, **dict.fromkeys(changes, clock.now().isoformat())}
        audit.record("customer.corrected", "customer", customer.id, after={"changed": list(changes)})
        return customer


def suppress(customer_id: UUID, source: str) -> bool:
    """Never write to this person again, at any address; False when that was so already.

    `source` says how we know, e.g. `unsubscribe_link`. Raises NotFound.
    """
    with atomic():
        customer = queries.lock_customer(customer_id)
        if insert_if_new(Suppression, customer_id=customer.id, at=clock.now(), source=source) is None:
            return False
        publish(CustomerSuppressed(customer.id))
        audit.record("customer.suppressed", "customer", customer.id, after={"source": source})
        return True


def lift_suppression(customer_id: UUID) -> bool:
    """Allow writing to this person again, because they asked for it; False when nothing stood against it.

    Raises NotFound.
    """
    with atomic():
        customer = queries.lock_customer(customer_id)
        found = queries.find_suppression(customer.id)
        if found is None:
            return False
        found.lifted_at = clock.now()
        audit.record("customer.suppression_lifted", "customer", customer.id, before={"source": found.source})
        return True


def _apply(given: GivenCustomer, source: str) -> _Applied:
    """Find the person or make them; whoever makes the same person at the same time, only one of them is made."""
    for _attempt in range(_ATTEMPTS):
        known = queries.find_by_identifiers([identifier.key for identifier in given.identifiers])
        if known:
            return _update(queries.lock_customer(known[0].customer_id), given, known, source)
        made = _create(given, source)
        if made is not None:
            return _Applied(made, is_new=True, changed=("identifiers",))
    raise Unavailable("Too many requests are changing this customer at once; try again.")


def _create(given: GivenCustomer, source: str) -> Customer | None:
    """A new person with all identifiers, or None when somebody else took one of them just now."""
    session = db.session()
    savepoint = session.begin_nested()
    customer = Customer(
        id=new_id(),
        name=given.name,
        locale=given.locale,
        timezone=given.timezone,
        attributes=dict(given.attributes),
        created_at=clock.now(),
    )
    session.add(customer)
    session.flush()
    if _add_identifiers(customer.id, given.identifiers, source) < len(given.identifiers):
        savepoint.rollback()
        return None
    savepoint.commit()
    return customer


def _update(customer: Customer, given: GivenCustomer, known: Sequence[Identifier], source: str) -> _Applied:
    taken = {(identifier.type, identifier.value_key) for identifier in known}
    missing = [identifier for identifier in given.identifiers if identifier.key not in taken]
    changes = _changes(customer, given)
    for name, value in changes.items():
        setattr(customer, name, value)
    if missing and _add_identifiers(customer.id, missing, source):
        changes["identifiers"] = True
    return _Applied(customer, is_new=False, changed=tuple(changes))


def _changes(customer: Customer, given: GivenCustomer) -> dict[str, Any]:
    merged = {**customer.attributes, **given.attributes}
    try:
        check_attributes(merged)
    except ValueError as error:
        raise Invalid("The customer has too many attributes.", [Fault("/attributes", str(error))]) from error
    wanted = {"name": given.name, "locale": given.locale, "timezone": given.timezone, "attributes": merged}
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and name not in customer.corrections and value != getattr(customer, name)
    }


def _add_identifiers(customer_id: UUID, identifiers: Iterable[GivenIdentifier], source: str) -> int:
    """Add those that nobody has; returns how many. Sorted, so that two transactions never wait for each other."""
    now = clock.now()
    rows = [
        {
            "tenant_id": scope.tenant_id(),
            "id": new_id(),
            "customer_id": customer_id,
            "type": identifier.type,
            "value": identifier.value,
            "value_key": identifier.value_key,
            "source": source,
            "created_at": now,
        }
        for identifier in identifiers
    ]
    rows.sort(key=lambda row: (row["type"], row["value_key"]))
    added = insert(Identifier).values(rows).on_conflict_do_nothing().returning(Identifier.id)
    return len(db.session.execute(added).all())
