"""Finding or creating the one person behind some identifiers, for one sender's word or for many at once.

Recognition is deliberately simple: one known identifier is enough, and the first known one in the sender's order
decides. When one call names identifiers of two persons, the later ones stay with whom they belong to: two persons are
never merged by the way, because a wrong merge shows one person's history to another and is hard to take back.

Locks are taken in one order, customers by id and then identifiers by value, so that two transactions that are about
the same people never wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.customers import queries
from app.customers.intake_rules import GivenCustomer, GivenIdentifier, NewCustomer, read_customer
from app.customers.models import Customer, Identifier
from app.customers.rules import check_attributes
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Fault, Invalid, Unavailable
from app.kernel.ids import new_id
from app.tenants import audit

_ATTEMPTS = 5


@dataclass
class Recognised:
    """Whom a sender's words are about, whether they are new, and what the words changed about them."""

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
    found = _recognise_one(given, source)
    return found.customer, found.is_new


def register_customer(new: NewCustomer) -> tuple[Customer, bool]:
    """As `find_or_create_customer`, for a person or key that tells us of a customer outright: leaves an audit row."""
    given = read_customer(new)
    with atomic():
        found = _recognise_one(given, "api")
        if found.is_new or found.changed:
            # The audit names what changed, not the values: personal data stands in one place, where it can be erased.
            action = "customer.created" if found.is_new else "customer.changed"
            audit.record(action, "customer", found.customer.id, after={"changed": list(found.changed)})
    return found.customer, found.is_new


def find_or_create_many(given: Sequence[GivenCustomer], source: str) -> list[Recognised | Invalid]:
    """As `find_or_create` for each in turn, in a few statements for all of them; every row stays locked.

    Returns for each the person, or why these words cannot be taken. Raises Unavailable when others keep making the
    same people at the same moment.
    """
    with atomic() as session:
        for _attempt in range(_ATTEMPTS):
            savepoint = session.begin_nested()
            people = _People(given, source)
            found = [people.hear(one) for one in given]
            if people.write():
                savepoint.commit()
                return found
            savepoint.rollback()
    raise Unavailable("Too many requests are changing these customers at once; try again.")


def _recognise_one(given: GivenCustomer, source: str) -> Recognised:
    [found] = find_or_create_many([given], source)
    if isinstance(found, Invalid):
        raise found
    return found


@dataclass
class _People:
    """The people that some words are about: the known ones locked, the new ones not yet written."""

    given: Sequence[GivenCustomer]
    source: str
    by_key: dict[tuple[str, str], Customer] = field(default_factory=dict)
    made: list[Customer] = field(default_factory=list)
    added: list[tuple[Customer, GivenIdentifier]] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = queries.find_by_identifiers([one.key for given in self.given for one in given.identifiers])
        customers = queries.lock_customers({identifier.customer_id for identifier in known})
        for identifier in known:
            # Whoever was erased while we waited for the lock is unknown now.
            if identifier.customer_id in customers:
                self.by_key[identifier.type, identifier.value_key] = customers[identifier.customer_id]

    def hear(self, given: GivenCustomer) -> Recognised | Invalid:
        """Take one sender's words about a person; what they say is written by `write`."""
        customer = next((self.by_key[one.key] for one in given.identifiers if one.key in self.by_key), None)
        is_new = customer is None
        customer = customer or self._make()
        try:
            changed = _apply(customer, given)
        except Invalid as refusal:
            return refusal
        missing = [one for one in given.identifiers if one.key not in self.by_key]
        for one in missing:
            self.by_key[one.key] = customer
            self.added.append((customer, one))
        return Recognised(customer, is_new, (*changed, *(["identifiers"] if missing else [])))

    def _make(self) -> Customer:
        made = Customer(id=new_id(), attributes={}, corrections={}, created_at=clock.now())
        self.made.append(made)
        return made

    def write(self) -> bool:
        """Write what was heard; False when somebody else has just taken one of the new identifiers."""
        db.session.add_all(self.made)
        db.session.flush()
        if not self.added:
            return True
        rows = [self._row(customer, one) for customer, one in self.added]
        rows.sort(key=lambda row: (row["type"], row["value_key"]))
        inserted = db.session.scalars(insert(Identifier).on_conflict_do_nothing().returning(Identifier.id), rows)
        return len(inserted.all()) == len(rows)

    def _row(self, customer: Customer, identifier: GivenIdentifier) -> dict[str, Any]:
        return {
            "tenant_id": scope.tenant_id(),
            "id": new_id(),
            "customer_id": customer.id,
            "type": identifier.type,
            "value": identifier.value,
            "value_key": identifier.value_key,
            "source": self.source,
            "created_at": clock.now(),
        }


def _apply(customer: Customer, given: GivenCustomer) -> list[str]:
    """Let the words stand where they say something, but not over what a person here has corrected."""
    merged = {**customer.attributes, **given.attributes}
    try:
        check_attributes(merged)
    except ValueError as error:
        raise Invalid("The customer has too many attributes.", [Fault("/attributes", str(error))]) from error
    wanted = {"name": given.name, "locale": given.locale, "timezone": given.timezone, "attributes": merged}
    changes = {
        name: value
        for name, value in wanted.items()
        if value is not None and name not in customer.corrections and value != getattr(customer, name)
    }
    for name, value in changes.items():
        setattr(customer, name, value)
    return list(changes)
