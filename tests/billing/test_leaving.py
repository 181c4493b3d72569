"""Who pays no more takes along what is theirs and goes; whoever goes pays no more, and Stripe cannot hold them back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.billing import gateway
from app.billing import queries as billing
from app.billing.gateway import StripeAway
from app.custody.departing import aftermath, queries
from app.custody.departing.models import Departure
from app.kernel import clock
from app.kernel.scope import directory_scope
from tests.billing.conftest import make_customer, set_subscription
from tests.cast import Cast
from tests.custody.leaving import remove_at_once, run_directory_jobs
from tests.fakes.stripe_server import StripeServer


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def leave(payer: Cast) -> UUID:
    """Gone at once; what is owed to Stripe is for its job."""
    return remove_at_once(payer)


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
    for _twice in range(2):
        with directory_scope():
            aftermath.cancel_subscription(departure_id)
    assert account.subscriptions[bought]["status"] == "canceled"


def test_whatever_its_customer_has_at_stripe_ends(payer: Cast, account: StripeServer) -> None:
    """Also what was bought a moment ago and never heard of, and one of several."""
    customer = make_customer(payer, account)
    bought = [account.subscribe(customer, "team", status) for status in ("active", "past_due", "incomplete")]
    other = account.subscribe("cus_of_somebody_else", "team")
    leave(payer)
    run_directory_jobs()
    assert {account.subscriptions[one]["status"] for one in bought} == {"canceled"}
    assert account.subscriptions[other]["status"] == "active"


def test_an_open_page_of_checkout_is_shut(payer: Cast, account: StripeServer) -> None:
    pages = [open_page(payer, account) for _twice in range(2)]
    account.finish_checkout(pages[0])
    leave(payer)
    run_directory_jobs()
    assert [account.sessions[page]["status"] for page in pages] == ["complete", "expired"]
    assert {one["status"] for one in account.subscriptions.values() if one["customer"] == customer_of(payer)} == {
        "canceled"
    }


def test_stripe_is_asked_once_more_when_nothing_can_be_bought_any_more(
    payer: Cast, account: StripeServer, later: Any
) -> None:
    make_customer(payer, account)
    departure_id = leave(payer)
    run_directory_jobs()
    late = account.subscribe(customer_of(payer), "team")
    assert row(departure_id).stripe_customer_id == customer_of(payer)
    later(days=2, minutes=1)
    run_directory_jobs()
    assert account.subscriptions[late]["status"] == "canceled"
    assert row(departure_id).stripe_customer_id is None


def test_who_became_a_customer_as_the_doors_closed_is_one_no_more(
    payer: Cast, account: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = make_customer(payer, account)
    bought = account.subscribe(customer, "team")
    monkeypatch.setattr(billing, "find_customer_id", lambda: None)  # nobody was there when it was looked for
    leave(payer)
    run_directory_jobs()
    assert account.subscriptions[bought]["status"] == "canceled"


def customer_of(payer: Cast) -> str:
    return f"cus_of_{payer.tenant_id.hex}"


def open_page(payer: Cast, account: StripeServer) -> str:
    """A page on which somebody could pay."""
    if customer_of(payer) not in {one["customer"] for one in account.sessions.values()}:
        make_customer(payer, account)
    price = next(one["id"] for one in account.prices if one["lookup_key"] == "heed_team")
    url = gateway.open_checkout(customer_of(payer), price, [], None, "http://heed.test", f"try-{len(account.sessions)}")
    return url.rpartition("/")[2]


def test_stripe_holds_nobody_back(payer: Cast, account: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    bought = subscribed(payer, account)
    departure_id = leave(payer)
    customer = row(departure_id).stripe_customer_id

    def away(_id: str) -> Any:
        raise StripeAway("Stripe: APIConnectionError")

    with monkeypatch.context() as patch, directory_scope(), pytest.raises(StripeAway):
        patch.setattr(aftermath, "end_everything", away)
        aftermath.cancel_subscription(departure_id)
    assert row(departure_id).ended_at is not None
    assert row(departure_id).stripe_customer_id == customer == customer_of(payer), "and it is tried again"
    with directory_scope():
        aftermath.cancel_subscription(departure_id)
    assert account.subscriptions[bought]["status"] == "canceled"
