"""Look-ups of this room: where the tenant stands, what it has used. Those marked *directory* need a directory scope."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app.billing import rules
from app.billing.models import StripeCustomer, Subscription, UsageCounter, UsageReport
from app.billing.rules import KINDS, Facts, Kind, Standing
from app.config import Settings
from app.kernel import clock
from app.kernel.db import db
from app.tenants.models import Tenant


def is_on() -> bool:
    """Whether tenants of this installation have plans at all."""
    settings: Settings = current_app.extensions["heed_settings"]
    return settings.stripe_api_key is not None


def find_subscription(*, fresh: bool = False) -> Subscription | None:
    """The tenant's subscription; None until something of it was counted. `fresh`: as it stands at this moment."""
    return db.session.scalar(select(Subscription).execution_options(populate_existing=fresh))


def find_customer_id() -> str | None:
    """Which customer at Stripe the tenant is; None before anything was bought."""
    found = find_subscription(fresh=True)
    return found.stripe_customer_id if found else None


def lock_subscription() -> Subscription | None:
    """The same as it stands now, held until the transaction ends."""
    query = select(Subscription).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def standing() -> Standing:
    """Where the tenant stands now, in at most one statement; a trial that has not begun has all its days before it."""
    if not is_on():
        return rules.SELF_HOSTED
    return standing_of(find_subscription())


def standing_of(subscription: Subscription | None) -> Standing:
    """Where a tenant with this subscription stands now."""
    now = clock.now()
    facts = subscription.facts if subscription else Facts(trial_ends_at=now + rules.TRIAL)
    return rules.standing(facts, now)


@dataclass(frozen=True)
class Usage:
    """What one month has seen of one kind; `over` is what the plan did not cover."""

    kind: Kind
    used: int = 0
    over: int = 0


def usage() -> list[Usage]:
    """What this month has seen so far, one entry for each kind."""
    query = select(UsageCounter).where(UsageCounter.month == rules.month_of(clock.now()))
    found = {row.kind: row for row in db.session.scalars(query)}
    return [Usage(kind, found[kind].used, found[kind].over) if kind in found else Usage(kind) for kind in KINDS]


def list_unsent_reports() -> list[UsageReport]:
    """The reports that Stripe has not taken yet, oldest first."""
    query = select(UsageReport).where(UsageReport.sent_at.is_(None)).order_by(UsageReport.id)
    return list(db.session.scalars(query))


def find_tenant_of_customer(customer_id: str) -> UUID | None:
    """The tenant that this customer of Stripe's is, unless it is closed (*directory*)."""
    query = select(StripeCustomer.tenant_id).join(Tenant, Tenant.id == StripeCustomer.tenant_id)
    return db.session.scalar(query.where(StripeCustomer.id == customer_id, Tenant.closed_at.is_(None)))


def list_paying_tenants() -> list[UUID]:
    """The tenants that are customers at Stripe (*directory*)."""
    return list(db.session.scalars(select(StripeCustomer.tenant_id).order_by(StripeCustomer.id)))
