"""What is done after a tenant has gone: its subscription is cancelled, and log-ins that open nothing are forgotten."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from app.billing.service.paying import end_everything
from app.custody.departing import queries, rules
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.scope import directory_scope
from app.tenants.accounts.passwords import hashed
from app.tenants.accounts.state import new_state_key
from app.tenants.models import Membership, User


def cancel_subscription(departure_id: UUID) -> None:
    """Have Stripe end what the tenant had bought, whatever of it was known here; it is asked for again when nothing can
    be bought any more, and then no more. Raises StripeAway, and is then tried again."""
    with atomic():
        departure = queries.find_departure(departure_id)
        customer_id = departure.stripe_customer_id if departure else None
    if customer_id is None:
        return
    end_everything(customer_id)
    with atomic():
        departure = queries.find_departure(departure_id, lock=True)
        assert departure is not None and departure.closed_at is not None
        if clock.now() >= departure.closed_at + rules.PAGES_LAST:
            departure.stripe_customer_id = None


def forget_people(departure_id: UUID) -> None:
    """Forget the log-ins of those who have worked for this tenant and for no other, as far as anybody can know."""
    with atomic():
        departure = queries.find_departure(departure_id)
        people = list(departure.people or ()) if departure else []
    for user_id in map(UUID, people):
        with directory_scope(user_id):
            _forget_unless_needed(user_id)
    with atomic():
        departure = queries.find_departure(departure_id, lock=True)
        if departure is not None:
            departure.people = None


def _forget_unless_needed(user_id: UUID) -> None:
    with atomic() as session:
        # Whoever adds them to another tenant holds this row: who is being added is seen below.
        user = session.get(User, user_id, with_for_update=True)
        if user is None or not user.is_active:
            return
        # In another tenant they may stand in what was done, even if they work there no more.
        if session.scalar(select(Membership.id).where(Membership.user_id == user_id).limit(1)) is not None:
            return
        user.email, user.name, user.new_email, user.locale = f"{user_id}@gone.invalid", "", None, None
        user.password_hash, user.state_key, user.is_active = hashed(new_state_key()), new_state_key(), False
        for table in db.metadata.tables.values():
            if "user_id" in table.c and "tenant_id" not in table.c:
                session.execute(delete(table).where(table.c.user_id == user_id))
