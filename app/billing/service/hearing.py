"""What Stripe tells us: an event is heard once, and then Stripe is asked how things stand.

The order in which events arrive says nothing, and neither does what is in them; so none is believed but for whom it is
about. Whoever asks applies the answer only if nobody has applied one since the question was put: what is kept never
goes back to an older state.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from app.billing import gateway, queries, rules
from app.billing.events import DayWentBy, StripeHeard, SubscriptionChanged
from app.billing.gateway import Known
from app.billing.models import StripeEvent, Subscription
from app.billing.service.counting import begin_to_bill, ensure_subscription
from app.billing.signatures import Heard
from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.kernel.scope import directory_scope, tenant_scope
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.events import TenantLetterWanted

_MOST_TRIES = 5
_ASK_EVERY = timedelta(days=1)
_EVENTS_KEPT = timedelta(days=90)
_KEPT = ("stripe_subscription_id", "stripe_item_id", "status", "plan", "period_ends_at", "ends_at", "past_due_since")
_TOLD = ("status", "plan", "ends_at")

log = logging.getLogger(__name__)


def hear(event: Heard) -> bool:
    """Take a verified event, outside any scope; False when it is about nobody here or was heard before."""
    if event.customer_id is None:
        return False
    with directory_scope():
        tenant_id = queries.find_tenant_of_customer(event.customer_id)
    if tenant_id is None:
        log.info("Stripe event %s (%s) is about nobody here", event.id, event.type)
        return False
    with tenant_scope(tenant_id), atomic():
        made = insert_if_new(StripeEvent, event_id=event.id, type=event.type, received_at=clock.now())
        if made is not None:
            publish(StripeHeard(event.id))
        return made is not None


def sync_subscription() -> None:
    """Ask Stripe how the tenant's subscription stands and keep that; doing it again changes nothing.

    Raises StripeAway when Stripe does not answer, Conflict when others keep changing it meanwhile.
    """
    for _try in range(_MOST_TRIES):
        with atomic():
            asked_for = ensure_subscription()
            revision, customer_id = asked_for.revision, asked_for.stripe_customer_id
        if customer_id is None:
            return
        if _apply(revision, _current(gateway.list_subscriptions(customer_id))):
            return
    raise Conflict("The subscription keeps changing.")


def plan_next_day() -> None:
    """Have Stripe asked again in a day, whatever becomes of today's question."""
    with atomic():
        row = queries.lock_subscription()
        if row is not None:
            _ask_again(row)


def forget_events() -> None:
    """Forget what was heard long ago; Stripe repeats an event for three days."""
    with atomic() as session:
        session.execute(delete(StripeEvent).where(StripeEvent.received_at < clock.now() - _EVENTS_KEPT))


def _current(known: list[Known]) -> Known | None:
    """The subscription that counts: of several a paid one, of these the largest plan's, of equal ones the oldest."""
    live = [one for one in reversed(known) if rules.is_live(one.status)]
    if len(live) > 1:
        log.warning("a customer at Stripe has %s running subscriptions: %s", len(live), [one.id for one in live])
    ranks = {plan: rank for rank, plan in enumerate(rules.SOLD)}
    return max(live, key=lambda one: (not rules.is_owing(one.status), ranks.get(one.plan or "", -1)), default=None)


def _apply(revision: int, known: Known | None) -> bool:
    """Keep what Stripe says, unless somebody has kept a newer answer since the question was put."""
    with atomic():
        row = queries.lock_subscription()
        if row is None or row.revision != revision:
            return False
        before = {name: getattr(row, name) for name in _KEPT}
        for name, value in _columns(row, known).items():
            setattr(row, name, value)
        after = {name: getattr(row, name) for name in _KEPT}
        row.revision += 1
        _ask_again(row)
        if after != before:
            publish(SubscriptionChanged())
        if rules.is_live(row.status) and not rules.is_live(before["status"]):
            begin_to_bill()
        if row.past_due_since is not None and before["past_due_since"] is None:
            _ask_for_payment(row.past_due_since)
        if any(after[name] != before[name] for name in _TOLD):
            audit.record("subscription.changed", "subscription", row.id, before=_plain(before), after=_plain(after))
        return True


def _ask_again(row: Subscription) -> None:
    """Let a running subscription be asked about in a day; what comes in between brings no second job."""
    now = clock.now()
    if rules.is_live(row.status) and (row.ask_at is None or row.ask_at <= now):
        row.ask_at = now + _ASK_EVERY
        publish(DayWentBy(), due_at=row.ask_at)


def _ask_for_payment(since: datetime) -> None:
    """Write to the admins, now and when the grace is over; a letter is not written when the bill is paid by then."""
    for _membership, user in tenants.list_members(roles=("admin",)):
        publish(TenantLetterWanted("unpaid", user.id))
        publish(TenantLetterWanted("unpaid", user.id), due_at=since + rules.GRACE)


def _columns(row: Subscription, known: Known | None) -> dict[str, Any]:
    if known is None:
        return {**dict.fromkeys(_KEPT), "status": "none"}
    return {
        "stripe_subscription_id": known.id,
        "stripe_item_id": known.item_id,
        "status": known.status,
        "plan": known.plan,
        "period_ends_at": known.period_ends_at,
        "ends_at": known.ends_at,
        "past_due_since": rules.past_due_since(row.past_due_since, known.status, clock.now()),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    ends_at = values["ends_at"]
    return {**{name: values[name] for name in _TOLD}, "ends_at": ends_at.isoformat() if ends_at else None}
