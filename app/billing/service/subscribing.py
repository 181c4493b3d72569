"""Towards Stripe: buying a plan, changing it, ending it, and the pages of Stripe's on which that is done.

No transaction is open while Stripe is asked. A call that changes something carries a key made from the tenant and the
`attempt` of the form, so that a form that is sent twice acts once; afterwards Stripe is asked how things stand.
"""

from __future__ import annotations

from datetime import timedelta

from app.billing import gateway, queries, rules
from app.billing.gateway import Price
from app.billing.models import StripeCustomer
from app.billing.service.counting import ensure_subscription
from app.billing.service.hearing import sync_subscription
from app.kernel import clock, scope
from app.kernel.db import atomic
from app.kernel.errors import Conflict, NotFound

_SHORTEST_TRIAL = timedelta(hours=49)
"""Stripe takes no trial that ends within 48 hours; what is left of ours is then not worth asking for."""


def start_checkout(plan: str, tenant_name: str, email: str, back: str, attempt: str) -> str:
    """The address of a page of Stripe's on which the plan can be bought; what is left of the trial stays free.

    Raises NotFound for a plan that is not sold, Conflict when there is a subscription already, StripeAway.
    """
    price = _price_of(plan)
    with atomic():
        row = ensure_subscription()
        if rules.is_live(row.status):
            raise Conflict("There is a subscription already.")
        trial_ends_at = row.trial_ends_at
    customer_id = _ensure_customer(tenant_name, email)
    metered = list(gateway.list_metered_prices().values())
    left = trial_ends_at if trial_ends_at - clock.now() > _SHORTEST_TRIAL else None
    return gateway.open_checkout(customer_id, price.id, metered, left, back, _key(f"checkout-{plan}", attempt))


def open_portal(back: str) -> str:
    """The address of Stripe's page for cards, addresses and bills. Raises NotFound before anything was bought."""
    return gateway.open_portal(get_customer(), back)


def change_plan(plan: str, attempt: str) -> None:
    """Change to another plan; more is charged at once in proportion, less becomes a credit.

    Raises NotFound for a plan that is not sold, Conflict without a subscription, CardRefused, StripeAway.
    """
    price = _price_of(plan)
    subscription_id, item_id, before = _get_live()
    is_upgrade = before is None or rules.SOLD.index(plan) > rules.SOLD.index(before)
    gateway.change_price(subscription_id, item_id, price.id, _key(f"plan-{plan}", attempt), is_upgrade=is_upgrade)
    sync_subscription()


def cancel(attempt: str) -> None:
    """Let the subscription end with the time that is paid. Raises Conflict without a subscription, StripeAway."""
    gateway.set_cancelled(_get_live()[0], True, _key("cancel", attempt))
    sync_subscription()


def resume(attempt: str) -> None:
    """Let a subscription that was cancelled go on. Raises Conflict without a subscription, StripeAway."""
    gateway.set_cancelled(_get_live()[0], False, _key("resume", attempt))
    sync_subscription()


def get_customer() -> str:
    """The customer at Stripe that the tenant is. Raises NotFound before anything was bought."""
    with atomic():
        found = queries.find_subscription()
    if found is None or found.stripe_customer_id is None:
        raise NotFound()
    return found.stripe_customer_id


def _price_of(plan: str) -> Price:
    for price in gateway.list_prices():
        if price.plan == plan:
            return price
    raise NotFound()


def _get_live() -> tuple[str, str, str | None]:
    with atomic():
        row = queries.find_subscription()
    if row is None or row.stripe_subscription_id is None or row.stripe_item_id is None:
        raise Conflict("There is no subscription.")
    return row.stripe_subscription_id, row.stripe_item_id, row.plan


def _ensure_customer(tenant_name: str, email: str) -> str:
    """The tenant as a customer at Stripe. Asked for twice at once, Stripe makes one, and it is written down once."""
    with atomic():
        known = ensure_subscription().stripe_customer_id
    if known is not None:
        return known
    customer_id = gateway.create_customer(tenant_name, email, str(scope.tenant_id()))
    with atomic() as session:
        row = queries.lock_subscription()
        assert row is not None
        if row.stripe_customer_id is None:
            session.add(StripeCustomer(id=customer_id, tenant_id=scope.tenant_id()))
            row.stripe_customer_id = customer_id
        return row.stripe_customer_id


def _key(what: str, attempt: str) -> str:
    return f"heed-{what}-{scope.tenant_id()}-{attempt}"
