"""What a person here, or the customer, decides about a customer: corrections that stick, and not to be written to."""

from __future__ import annotations

from uuid import UUID

from app.customers import queries
from app.customers.events import CustomerSuppressed
from app.customers.intake_rules import read_correction
from app.customers.models import Customer, Suppression
from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.tenants import audit


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
