"""Who pays no more takes along what is theirs and goes; whoever goes pays no more, and Stripe cannot hold them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.billing.gateway import StripeAway
from app.custody.departing import aftermath, queries, service
from app.custody.departing.models import Departure
from app.kernel import clock
from app.kernel.scope import directory_scope
from tests.billing.conftest import make_customer, set_subscription
from tests.cast import Cast
from tests.fakes.stripe_server import StripeServer


def leave(payer: Cast) -> UUID:
    """Gone at once; what is owed to Stripe is for its job."""
    with directory_scope():
        departure_id = service.remove_now(payer.tenant_id)
        assert service.delete_tenant(departure_id)
        return departure_id


def row(departure_id: UUID) -> Departure:
    with directory_scope():
        found = queries.find_departure(departure_id)
        assert found is not None
        return found


def subscribed(payer: Cast, account: StripeServer) -> str:
    bought = account.subscribe(make_customer(payer, account), "team")
    set_subscription(payer, status="active", stripe_subscription_id=bought)
    return bought


def test_who_does_not_pay_takes_everything_out_and_goes(payer: Cast) -> None:
    set_subscription(payer, status="past_due", past_due_since=clock.now() - timedelta(days=15))
    alice = payer.client("alice")
    assert alice.post("settings/team/invites", {}).status_code == 402
    assert alice.post("settings/data/exports").status_code == 303
    payer.run_jobs()
    assert "Download" in alice.get("settings/data/").text
    assert alice.post("settings/data/deletion", {"slug": payer.slug}).status_code == 303
    assert alice.post("settings/data/deletion/withdrawal").status_code == 303


def test_a_subscription_ends_with_its_tenant(payer: Cast, account: StripeServer) -> None:
    bought = subscribed(payer, account)
    departure_id = leave(payer)
    assert row(departure_id).stripe_subscription_id == bought
    for _twice in range(2):
        with directory_scope():
            aftermath.cancel_subscription(departure_id)
    assert account.subscriptions[bought]["status"] == "canceled"
    assert row(departure_id).stripe_subscription_id is None


def test_stripe_holds_nobody_back(payer: Cast, account: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    bought = subscribed(payer, account)
    departure_id = leave(payer)

    def away(_id: str) -> Any:
        raise StripeAway("Stripe: APIConnectionError")

    with monkeypatch.context() as patch, directory_scope(), pytest.raises(StripeAway):
        patch.setattr(aftermath, "cancel_at_once", away)
        aftermath.cancel_subscription(departure_id)
    assert row(departure_id).ended_at is not None
    assert row(departure_id).stripe_subscription_id == bought, "and it is tried again"
    del account.subscriptions[bought]
    with directory_scope():
        aftermath.cancel_subscription(departure_id)
    assert row(departure_id).stripe_subscription_id is None
