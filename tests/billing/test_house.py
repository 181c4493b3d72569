"""The rules of the house for the routes that are there only with a key, and the settings that bring them."""

from __future__ import annotations

import pytest
from flask_openapi3 import OpenAPI

from app.config import ConfigError, load_settings
from app.tenants.access import access_of
from tests.billing.conftest import make_customer
from tests.cast import Cast
from tests.fakes.stripe_server import StripeServer
from tests.house.probes import routes
from tests.house.test_get_is_safe import no_statement_writes
from tests.house.test_routes import misplaced, undeclared

PAGES = ("settings/billing/", "settings/billing/invoices")
NEEDED = {"database_url": "postgresql://x/y", "redis_url": "redis://x", "secret_key": "x" * 32}


def test_every_route_declares_its_access_and_stands_where_its_kind_does(billing_app: OpenAPI) -> None:
    assert (undeclared(billing_app), misplaced(billing_app)) == ([], [])


def test_billing_is_the_admins(billing_app: OpenAPI) -> None:
    names = {rule.endpoint for rule, _method in routes(billing_app) if "billing" in rule.rule}
    found = [access_of(billing_app.view_functions[name]) for name in names]
    assert len(found) == 6
    assert {(access.kind, access.name) for access in found if access} == {("member", "billing.edit")}


def test_looking_writes_nothing(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    client = payer.client("alice")
    with no_statement_writes():
        for page in ("", *PAGES):
            assert client.get(page).status_code == 200
    assert [method for method, _path in account.calls if method != "GET"] == []


@pytest.mark.parametrize("path", ["plan", "portal", "cancellation", "continuation"])
def test_without_the_token_nothing_is_done(payer: Cast, account: StripeServer, path: str) -> None:
    make_customer(payer, account, "team")
    client = payer.client("alice")
    assert client.post(f"settings/billing/{path}", {"plan": "team"}, headers={"X-CSRFToken": ""}).status_code == 400
    assert account.calls == []


def test_forms_of_these_pages_alone_lead_to_stripe(payer: Cast, account: StripeServer) -> None:
    client = payer.client("alice")
    policies = [client.get(page).headers["Content-Security-Policy"] for page in ("settings/billing/", "")]
    assert [f"form-action 'self' {account.url};" in policy for policy in policies] == [True, False]


def test_the_pages_are_found_by_searching(payer: Cast, cast: Cast) -> None:
    with payer.app.app_context():
        assert "settings/billing/" in payer.client("alice").get("search?q=billing").text
    with cast.app.app_context():
        assert "settings/billing/" not in cast.client("alice").get("search?q=billing").text


def test_a_key_without_a_secret_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="STRIPE_WEBHOOK_SECRET is not set"):
        load_settings(**NEEDED, stripe_api_key="sk_1", stripe_webhook_secret=" , ")


def test_several_secrets_are_read() -> None:
    made = load_settings(**NEEDED, stripe_api_key="sk_1", stripe_webhook_secret="whsec_1, whsec_2,")
    assert made.stripe_webhook_secrets == ("whsec_1", "whsec_2")


@pytest.mark.parametrize("base", ["api.stripe.com", "ftp://x", "https://x?y"])
def test_a_base_that_is_no_address_is_named(base: str) -> None:
    with pytest.raises(ConfigError, match="STRIPE_API_BASE"):
        load_settings(**NEEDED, stripe_api_base=base)
