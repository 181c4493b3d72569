"""What Stripe sends: verified, heard once, right in any order, and never believed about another tenant."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from app.billing.models import StripeEvent
from app.billing.service import hearing
from app.kernel import clock
from app.kernel.db import db
from app.kernel.outbox_model import OutboxRow
from app.tenants.models import AuditEvent
from tests.billing.conftest import make_customer, subscription
from tests.cast import Cast, make_cast
from tests.fakes.stripe_server import OLD_SECRET, SECRET, StripeServer, signed
from tests.house.source import ROOT

SAMPLES = Path(os.environ.get("HEED_SAMPLE_DATA", ROOT.parent / "shared" / "data")) / "event_payloads" / "stripe"


def post(cast: Cast, body: bytes, headers: dict[str, str]) -> TestResponse:
    """What Stripe does."""
    with cast.app.app_context():
        return cast.app.test_client().post("/webhooks/stripe", data=body, headers=headers)


def send(cast: Cast, event: dict[str, Any], **how: Any) -> TestResponse:
    return post(cast, *signed(event, **how))


def heard(cast: Cast) -> int:
    """How many events the tenant has heard; each of them has caused one job."""
    with cast.scope():
        events = db.session.query(StripeEvent).count()
        assert db.session.query(OutboxRow).filter_by(event="StripeHeard").count() == events
        return events


def about(account: StripeServer, customer: str) -> dict[str, Any]:
    return next(one for one in account.subscriptions.values() if one["customer"] == customer)


def test_an_event_brings_what_stripe_says(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "team")
    event = account.event("customer.subscription.created", about(account, customer))
    assert send(payer, event).get_json() == {"heard": True}
    payer.run_jobs()
    row = subscription(payer)
    assert (row.status, row.plan, row.revision) == ("active", "team", 1)
    assert row.period_ends_at is not None and row.period_ends_at > clock.now()
    with payer.scope():
        audited = db.session.query(AuditEvent).filter_by(action="subscription.changed").one()
        assert (audited.actor_kind, audited.after["plan"]) == ("system", "team")


@pytest.mark.parametrize(
    "kind", ["invoice.paid", "invoice.payment_failed", "checkout.session.completed", "customer.subscription.updated"]
)
def test_every_kind_about_a_customer_is_heard(payer: Cast, account: StripeServer, kind: str) -> None:
    customer = make_customer(payer, account, "business", "past_due")
    assert send(payer, account.event(kind, {"object": kind.split(".")[-2], "customer": customer})).status_code == 200
    payer.run_jobs()
    row = subscription(payer)
    assert (row.status, row.plan) == ("past_due", "business")
    assert row.past_due_since is not None


def test_the_order_of_events_says_nothing(payer: Cast, account: StripeServer) -> None:
    """The newest is sent first, the oldest last, and what is in them is out of date: what Stripe says now stays."""
    customer = make_customer(payer, account, "team")
    events = []
    for status in ("incomplete", "active", "past_due", "active", "canceled"):
        about(account, customer)["status"] = status
        events.append(account.event("customer.subscription.updated", dict(about(account, customer))))
    about(account, customer)["status"] = "past_due"
    for event in reversed(events):
        send(payer, event)
        payer.run_jobs()
        assert subscription(payer).status == "past_due"


def test_an_answer_that_was_overtaken_is_asked_for_again(payer: Cast, account: StripeServer) -> None:
    """Two ask at once; the one who is answered first and comes last must not put back an older state."""
    customer = make_customer(payer, account, "team")
    overtaken: list[str] = []

    def overtake(path: str) -> None:
        if path == "subscriptions" and not overtaken:
            overtaken.append(path)
            about(account, customer)["status"] = "canceled"
            with payer.app.app_context(), payer.scope():
                hearing.sync_subscription()

    account.before_answer = overtake
    with payer.scope():
        hearing.sync_subscription()
    assert overtaken and subscription(payer).status == "none"


def test_32_copies_at_once_have_one_effect(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "team")
    event = account.event("customer.subscription.updated", about(account, customer))
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _n: send(payer, event), range(32)))
    assert Counter(answer.status_code for answer in answers) == {200: 32}
    assert sum(answer.get_json()["heard"] for answer in answers) == 1
    assert heard(payer) == 1
    payer.run_jobs()
    assert subscription(payer).revision == 1
    assert send(payer, event, at=time.time() + 5).get_json() == {"heard": False}, "replayed days later, signed anew"
    payer.run_jobs()
    assert subscription(payer).revision == 1


def test_both_secrets_are_good_while_one_replaces_the_other(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account)
    for secret in (SECRET, OLD_SECRET):
        event = account.event("invoice.paid", {"object": "invoice", "customer": customer})
        assert send(payer, event, secret=secret).get_json() == {"heard": True}


FORGED: dict[str, Any] = {
    "unsigned": lambda body, headers: (body, {}),
    "empty": lambda body, headers: (body, {"Stripe-Signature": ""}),
    "nonsense": lambda body, headers: (body, {"Stripe-Signature": "t=x,v1=\x7f"}),
    "another body": lambda body, headers: (body.replace(b"invoice", b"invoicf"), headers),
    "another scheme": lambda body, headers: (
        body,
        {"Stripe-Signature": headers["Stripe-Signature"].replace("v1", "v0")},
    ),
    "not text": lambda body, headers: (b"\xff" + body, headers),
}


@pytest.mark.parametrize("way", FORGED)
def test_a_forged_event_is_refused(payer: Cast, account: StripeServer, way: str) -> None:
    customer = make_customer(payer, account)
    event = account.event("invoice.paid", {"object": "invoice", "customer": customer})
    assert post(payer, *FORGED[way](*signed(event))).status_code == 400
    assert heard(payer) == 0


@pytest.mark.parametrize("how", [{"secret": "whsec_somebody_else"}, {"at": time.time() - 305}])
def test_a_wrong_secret_and_an_old_signature_are_refused(payer: Cast, account: StripeServer, how: Any) -> None:
    customer = make_customer(payer, account)
    event = account.event("invoice.paid", {"object": "invoice", "customer": customer})
    assert send(payer, event, **how).status_code == 400
    assert heard(payer) == 0


NO_EVENTS = [
    *([], {}, "text", 7, None, {"id": "evt_1"}),
    *({"id": "evt_1", "type": "a", "data": data} for data in ({}, {"object": "x"}, {"object": None})),
    {"id": "\0", "type": "a", "data": {"object": {}}},
]


@pytest.mark.parametrize("event", NO_EVENTS)
def test_a_signed_body_that_is_no_event_is_refused(payer: Cast, account: StripeServer, event: Any) -> None:
    assert send(payer, event).status_code == 400


def test_a_body_that_is_too_large_is_refused_before_it_is_read(payer: Cast, account: StripeServer) -> None:
    event = account.event("invoice.paid", {"object": "invoice", "customer": "cus_1", "memo": "x" * 600_000})
    assert send(payer, event).status_code == 413


@pytest.mark.parametrize("customer", ["cus_of_nobody", None, 7, {"id": "cus_x", "object": "customer"}, "x'; --", "\0"])
def test_an_event_about_nobody_here_changes_nothing(payer: Cast, account: StripeServer, customer: Any) -> None:
    answer = send(payer, account.event("invoice.paid", {"object": "invoice", "customer": customer}))
    assert (answer.status_code, answer.get_json()) == (200, {"heard": False})
    assert heard(payer) == 0


def test_an_event_touches_no_other_tenant(billing_app: OpenAPI, payer: Cast, account: StripeServer) -> None:
    """The look-up says whose it is; what the event claims of a tenant, in metadata, is not read."""
    others = make_cast(billing_app, admin="charlie")
    mine, theirs = make_customer(payer, account, "team"), make_customer(others, account, "business")
    claim = {"object": "invoice", "customer": mine, "metadata": {"tenant_id": str(others.tenant_id)}}
    send(payer, account.event("invoice.paid", claim))
    payer.run_jobs()
    others.run_jobs()
    assert (heard(payer), heard(others)) == (1, 0)
    assert (subscription(payer).plan, subscription(others).plan) == ("team", None)
    assert theirs


def test_a_failure_of_ours_lets_stripe_come_again(
    payer: Cast, account: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = make_customer(payer, account, "team")
    event = account.event("invoice.paid", {"object": "invoice", "customer": customer})

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    with monkeypatch.context() as broken:
        broken.setattr(hearing, "publish", fails)
        payer.app.config["PROPAGATE_EXCEPTIONS"] = False
        assert send(payer, event).status_code == 500
        payer.app.config["PROPAGATE_EXCEPTIONS"] = None
    assert heard(payer) == 0
    assert send(payer, event).get_json() == {"heard": True}


def test_a_job_outlives_that_stripe_is_away(payer: Cast, account: StripeServer, later: Any) -> None:
    customer = make_customer(payer, account, "team")
    account.fail["subscriptions"] = "500"
    send(payer, account.event("invoice.paid", {"object": "invoice", "customer": customer}))
    with pytest.raises(AssertionError, match="StripeAway"):
        payer.run_jobs()
    assert subscription(payer).status == "none"
    account.fail.clear()
    later(minutes=1)
    payer.run_jobs()
    assert subscription(payer).status == "active"


def test_what_stripe_never_told_is_found_out_within_a_day(payer: Cast, account: StripeServer, later: Any) -> None:
    """However often Stripe is heard, one question a day waits; the day after a subscription has ended is the last."""
    customer = make_customer(payer, account, "team")
    for _turn in range(3):
        send(payer, account.event("invoice.paid", {"object": "invoice", "customer": customer}))
        payer.run_jobs()
    for status in ("past_due", "canceled"):
        about(account, customer)["status"] = status
        later(hours=23)
        assert questions(payer) == 1 and subscription(payer).status != status
        later(hours=1, seconds=1)
        payer.run_jobs()
        assert subscription(payer).status == ("none" if status == "canceled" else status)
    later(days=1, seconds=1)
    assert questions(payer) == 0


def questions(cast: Cast) -> int:
    """How many jobs wait for their day, after what is due has run."""
    cast.run_jobs()
    with cast.scope():
        return db.session.query(OutboxRow).filter_by(event="DayWentBy", done_at=None).count()


def test_of_two_subscriptions_the_larger_counts(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "business")
    account.subscribe(customer, "team")
    with payer.scope():
        hearing.sync_subscription()
    assert subscription(payer).plan == "business"
    about(account, customer)["status"] = "past_due"
    with payer.scope():
        hearing.sync_subscription()
    row = subscription(payer)
    assert (row.plan, row.status) == ("team", "active"), "who pays for one is not locked out for another"


def test_a_price_of_no_plan_is_paid_for_and_limits_nothing(payer: Cast, account: StripeServer) -> None:
    from app.billing.queries import standing

    customer = make_customer(payer, account, "team")
    about(account, customer)["items"]["data"][0]["price"] = {"id": "price_x", "lookup_key": None}
    with payer.scope():
        hearing.sync_subscription()
        assert (standing().state, standing().plan.responses) == ("paid", None)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="HEED_SAMPLE_DATA names no real payloads")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_real_payloads_of_another_age_are_read(payer: Cast, account: StripeServer, path: Path) -> None:
    """They were made for an API of long ago and are about nobody here."""
    answer = send(payer, json.loads(path.read_text("utf-8")))
    assert (answer.status_code, answer.get_json()) == (200, {"heard": False})


def test_without_a_key_there_is_no_such_address(cast: Cast) -> None:
    assert post(cast, *signed({"id": "evt_1"})).status_code == 404
