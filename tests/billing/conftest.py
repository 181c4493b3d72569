"""An application that bills over the stand-in for Stripe, and its tenants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from app import create_app
from app.billing import gateway, queries
from app.billing.models import StripeCustomer, Subscription
from app.billing.service.counting import ensure_subscription
from app.config import Settings
from app.kernel import clock
from app.kernel.db import atomic
from tests.cast import Cast, make_cast
from tests.fakes.stripe_server import API_KEY, OLD_SECRET, SECRET, StripeServer, open_stripe
from tests.smtp import Server, serve


@pytest.fixture(scope="module")
def stripe_server() -> Iterator[StripeServer]:
    """The stand-in."""
    with open_stripe() as server:
        yield server


@pytest.fixture
def account(stripe_server: StripeServer) -> Iterator[StripeServer]:
    """The stand-in without faults and with nothing noted."""
    stripe_server.fail.clear()
    stripe_server.calls.clear()
    stripe_server.before_answer = None
    yield stripe_server
    stripe_server.fail.clear()
    stripe_server.before_answer = None


@pytest.fixture(scope="module")
def billing_application(application: OpenAPI, settings: Settings, stripe_server: StripeServer) -> OpenAPI:
    """The application with STRIPE_API_KEY; made after the plain one, which makes hashing cheap."""
    stripe = {
        "stripe_api_key": API_KEY,
        "stripe_webhook_secret": f"{SECRET}, {OLD_SECRET}",
        "stripe_api_base": stripe_server.url,
    }
    return create_app(settings.model_copy(update=stripe))


@pytest.fixture
def letters(billing_application: OpenAPI) -> Iterator[Server]:
    """Where mails and letters go."""
    with serve(billing_application) as server:
        yield server


@pytest.fixture
def billing_app(billing_application: OpenAPI, letters: Server) -> Iterator[OpenAPI]:
    """The same inside an application context."""
    with billing_application.app_context():
        yield billing_application


@pytest.fixture
def payer(billing_app: OpenAPI) -> Cast:
    """A fresh tenant that may pay; its trial has begun."""
    return make_cast(billing_app)


@pytest.fixture
def metered(account: StripeServer) -> Iterator[StripeServer]:
    """The stand-in with prices for what is used."""
    before = list(account.prices)
    account.add_metered_prices()
    yield account
    account.prices[:] = before


@pytest.fixture
def fresh_prices() -> Iterator[None]:
    """Nothing is remembered of what Stripe said of prices."""
    gateway._prices.clear()
    yield
    gateway._prices.clear()


@pytest.fixture
def later() -> Iterator[Any]:
    """Let time pass: `later(days=3)`."""

    def move(**parts: float) -> datetime:
        clock.shift(round((clock._offset + timedelta(**parts)).total_seconds()))
        return clock.now()

    yield move
    clock.shift(0)


def set_subscription(cast: Cast, **columns: Any) -> None:
    """Put the tenant's subscription into a state, as if Stripe had said so."""
    with cast.scope(), atomic():
        row = ensure_subscription()
        if columns.get("status", "none") != "none":
            columns = {"stripe_subscription_id": "sub_0", "stripe_item_id": "si_0", "plan": "team", **columns}
        for name, value in columns.items():
            setattr(row, name, value)


def make_free(cast: Cast) -> None:
    """End the trial."""
    set_subscription(cast, trial_ends_at=clock.now() - timedelta(seconds=1))


def make_customer(cast: Cast, account: StripeServer, plan: str | None = None, status: str = "active") -> str:
    """Make the tenant a customer at Stripe, with a subscription to `plan` that nobody has heard of yet."""
    customer = f"cus_of_{cast.tenant_id.hex}"
    with cast.scope(), atomic() as session:
        session.add(StripeCustomer(id=customer, tenant_id=cast.tenant_id))
        ensure_subscription().stripe_customer_id = customer
    if plan:
        account.subscribe(customer, plan, status)
    return customer


def subscription(cast: Cast) -> Subscription:
    """The tenant's subscription, read anew."""
    with cast.scope():
        found = queries.find_subscription()
        assert found is not None
        return found
