"""The one door to Stripe: what is asked of it, in our words, and what of an answer we use.

Every call has a few seconds. What Stripe refuses or does not answer is told apart: `CardRefused` is for the reader,
`StripeAway` for later, `StripeRefused` for whoever runs the installation and reads its log. Calls that change something
carry the idempotency key of whoever asks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast
from zlib import crc32

import stripe
from flask import current_app

from app.billing import rules
from app.config import Settings
from app.kernel.errors import Conflict, Unavailable

T = TypeVar("T")

STRIPE = "https://api.stripe.com"
log = logging.getLogger(__name__)
_SECONDS = 8.0
_PRICES_KEPT_SECONDS = 600.0
_CHECKOUT_HOSTS = ("checkout.stripe.com", "billing.stripe.com")
_INVOICE_HOSTS = ("invoice.stripe.com", "pay.stripe.com")
_MOST_SUBSCRIPTIONS = 20
_LATER = (409, 429)
"""Refused for this moment: the same is being done already, or too much at once."""
_prices: dict[tuple[str, str], tuple[float, object]] = {}


class StripeAway(Unavailable):
    """Stripe does not answer, or says what we cannot use; what it was asked to do may be done unless it refused."""


class StripeRefused(StripeAway):
    """Stripe answers and refuses: nothing was done, and asking again in the same way will not help."""


class CardRefused(Conflict):
    """The bank refused the card: nothing was changed."""


@dataclass(frozen=True)
class Price:
    """What a plan costs: `amount` in the currency's smallest unit per `interval` (month, year)."""

    id: str
    plan: str
    name: str
    amount: int
    currency: str
    interval: str


@dataclass(frozen=True)
class Known:
    """A subscription as Stripe says it stands; times are aware."""

    id: str
    item_id: str
    status: str
    plan: str | None
    period_ends_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Invoice:
    """One bill; `url` is where Stripe shows it, None when it cannot be shown."""

    id: str
    number: str
    made_at: datetime
    total: int
    currency: str
    status: str
    url: str | None


def create_customer(name: str, email: str, tenant_id: str) -> str:
    """Make the tenant a customer and return its id; asked for twice at once, Stripe makes one."""
    with _asking() as client:
        made = client.v1.customers.create(
            params={"name": name, "email": email, "metadata": {"tenant_id": tenant_id}},
            # Another name or address under the same key would be refused; it is the same tenant all the same.
            options={"idempotency_key": f"heed-customer-{tenant_id}-{crc32(f'{name} {email}'.encode())}"},
        )
        return made.id


def list_prices() -> list[Price]:
    """The running prices of our plans, smallest plan first; kept for ten minutes."""
    return _kept("plans", _ask_for_prices)


def list_metered_prices() -> Mapping[str, str]:
    """The ids of the prices by which what is used is billed on top, by kind, where there are any; kept as long."""
    return _kept("metered", _ask_for_metered_prices)


def _kept(what: str, ask: Callable[[], T]) -> T:
    key, now = (_settings().stripe_api_base, what), time.monotonic()
    kept_until, found = _prices.get(key, (0.0, None))
    if now >= kept_until:
        found = ask()
        _prices[key] = (now + _PRICES_KEPT_SECONDS, found)
    return cast(T, found)


def _ask_for_prices() -> list[Price]:
    with _asking() as client:
        keys = [rules.lookup_key(plan) for plan in rules.SOLD]
        found = client.v1.prices.list(params={"lookup_keys": keys, "active": True, "expand": ["data.product"]})
        prices = [price for row in found.data if (price := _price(row)) is not None]
    return sorted(prices, key=lambda price: rules.SOLD.index(price.plan))


def _price(row: Any) -> Price | None:
    plan = rules.plan_named(row.lookup_key)
    if plan is None or row.recurring is None:
        return None
    return Price(row.id, plan, row.product.name, row.unit_amount or 0, row.currency, row.recurring.interval)


def _ask_for_metered_prices() -> dict[str, str]:
    with _asking() as client:
        keys = {rules.meter(kind): kind for kind in rules.KINDS}
        found = client.v1.prices.list(params={"lookup_keys": list(keys), "active": True})
        return {keys[row.lookup_key]: row.id for row in found.data if row.lookup_key in keys}


def open_checkout(
    customer_id: str, price_id: str, metered: Sequence[str], trial_end: datetime | None, back: str, attempt: str
) -> str:
    """The address of a page of Stripe's on which the price can be bought, with what is metered on top."""
    lines: list[Any] = [{"price": price_id, "quantity": 1}, *({"price": price} for price in metered)]
    params: Any = {
        "mode": "subscription",
        "customer": customer_id,
        "line_items": lines,
        "success_url": f"{back}?paid=1",
        "cancel_url": back,
    }
    if trial_end is not None:
        params["subscription_data"] = {"trial_end": int(trial_end.timestamp())}
    with _asking() as client:
        made = client.v1.checkout.sessions.create(params=params, options={"idempotency_key": attempt})
        return _checked(made.url)


def open_portal(customer_id: str, back: str) -> str:
    """The address of Stripe's page for cards, addresses and invoices."""
    with _asking() as client:
        made = client.v1.billing_portal.sessions.create(params={"customer": customer_id, "return_url": back})
        return _checked(made.url)


def change_price(subscription_id: str, item_id: str, price_id: str, attempt: str, *, is_upgrade: bool) -> None:
    """Put another price in the place of the plan's. More is charged at once in proportion, or nothing is changed and
    CardRefused is raised; less becomes a credit."""
    params: Any = {"items": [{"id": item_id, "price": price_id}]}
    if is_upgrade:
        params |= {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    else:
        params["proration_behavior"] = "create_prorations"
    with _asking() as client:
        client.v1.subscriptions.update(subscription_id, params=params, options={"idempotency_key": attempt})


def set_cancelled(subscription_id: str, is_cancelled: bool, attempt: str) -> None:
    """Let the subscription end with its period, or go on after all."""
    with _asking() as client:
        client.v1.subscriptions.update(
            subscription_id, params={"cancel_at_period_end": is_cancelled}, options={"idempotency_key": attempt}
        )


def end_everything(customer_id: str) -> None:
    """Shut the customer's open pages of Checkout, and end their subscriptions at once, also those whose first payment
    is outstanding; what is over already, or unknown, is no failure."""
    mine: Any = {"customer": customer_id, "limit": 100}
    with _asking() as client, _may_be_over(customer_id):
        pages = client.v1.checkout.sessions.list(params=mine | {"status": "open"})
        for page in list(pages.auto_paging_iter()):
            with _may_be_over(page.id):
                client.v1.checkout.sessions.expire(page.id)
        for row in list(client.v1.subscriptions.list(params=mine).auto_paging_iter()):
            with _may_be_over(row.id):
                client.v1.subscriptions.cancel(row.id)


@contextmanager
def _may_be_over(what: str) -> Iterator[None]:
    try:
        yield
    except stripe.InvalidRequestError as error:
        log.warning("Stripe did not end %s: %s", what, error.code)


def list_subscriptions(customer_id: str) -> list[Known]:
    """All that a customer has, also what is over, newest first."""
    with _asking() as client:
        params: Any = {"customer": customer_id, "status": "all", "limit": _MOST_SUBSCRIPTIONS}
        return [_known(row) for row in client.v1.subscriptions.list(params=params).data]


def _known(row: Any) -> Known:
    items = list(row["items"].data)  # `items` alone is a method of a mapping
    item = next((one for one in items if rules.plan_named(one.price.lookup_key)), items[0])
    period_ends_at = _moment(item.current_period_end)
    ends_at = _moment(row.cancel_at) or (period_ends_at if row.cancel_at_period_end else None)
    plan = rules.plan_named(item.price.lookup_key)
    return Known(row.id, item.id, rules.status_of(row.status), plan, period_ends_at, ends_at)


def list_invoices(customer_id: str, after: str | None, limit: int) -> tuple[list[Invoice], str | None]:
    """(some bills, newest first, from after the one with this id; the id after which there are more).

    Drafts are no bills: a page that holds nothing else is passed over.
    """
    params: Any = {"customer": customer_id, "limit": limit}
    if after:
        params["starting_after"] = after
    with _asking() as client:
        found = client.v1.invoices.list(params=params)
    rows = [_invoice(row) for row in found.data if row.status != "draft"]
    next_after = found.data[-1].id if found.has_more else None
    return list_invoices(customer_id, next_after, limit) if next_after and not rows else (rows, next_after)


def _invoice(row: Any) -> Invoice:
    made_at = _moment(row.created)
    assert made_at is not None
    url = rules.safe_url(row.hosted_invoice_url, _settings().stripe_api_base, _INVOICE_HOSTS)
    return Invoice(row.id, row.number or "", made_at, row.total, row.currency, row.status or "", url)


def send_usage(event_name: str, customer_id: str, value: int, identifier: str, at: datetime) -> None:
    """Tell a meter what was used; the same identifier counts once."""
    with _asking() as client:
        payload = {"stripe_customer_id": customer_id, "value": str(value)}
        client.v1.billing.meter_events.create(
            params={
                "event_name": event_name,
                "payload": payload,
                "identifier": identifier,
                "timestamp": int(at.timestamp()),
            },
            options={"idempotency_key": f"heed-usage-{identifier}"},
        )


@contextmanager
def _asking() -> Iterator[stripe.StripeClient]:
    settings = _settings()
    try:
        yield _client(settings.stripe_api_key or "", settings.stripe_api_base)
    except stripe.CardError as error:
        raise CardRefused(error.user_message or "The bank refused the card. Nothing was changed.") from error
    except stripe.StripeError as error:
        words = (type(error).__name__, error.http_status, error.code, error.request_id)
        log.warning("Stripe: %s, status %s, code %s, request %s", *words)
        status = error.http_status or 500  # no answer at all
        kind = StripeAway if status >= 500 or status in _LATER else StripeRefused
        raise kind(f"Stripe: {type(error).__name__}") from error


def page_origins() -> tuple[str, ...]:
    """Where the pages of Stripe's stand that our forms lead to."""
    base = _settings().stripe_api_base
    own = tuple(f"https://{host}" for host in _CHECKOUT_HOSTS)
    return own if base == STRIPE else (base,)


@cache
def _client(api_key: str, base: str) -> stripe.StripeClient:
    # Retries are the business of whoever calls: a page is answered in time, a job comes again.
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base},
        http_client=stripe.RequestsClient(timeout=_SECONDS),
        max_network_retries=0,
    )


def _checked(url: str | None) -> str:
    """An address to send a reader to; nobody is sent anywhere but to Stripe."""
    safe = rules.safe_url(url, _settings().stripe_api_base, _CHECKOUT_HOSTS)
    if safe is None:
        raise StripeAway("Stripe named no page of its own.")
    return safe


def _settings() -> Settings:
    found: Settings = current_app.extensions["heed_settings"]
    return found


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
