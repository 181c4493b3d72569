"""The billing pages in a browser: open to everybody at any width, by keyboard, and on to Stripe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from app.billing import gateway
from app.billing.service import hearing
from app.kernel.scope import directory_scope
from app.tenants import service
from tests.billing.conftest import make_customer, subscription
from tests.billing.test_limits import fill, use
from tests.billing.test_paying import owe
from tests.browser import assert_open_to_everybody, served, watched
from tests.cast import PASSWORD, Cast
from tests.fakes.stripe_server import StripeServer


@pytest.fixture
def page(payer: Cast, browser: Browser, account: StripeServer) -> Iterator[Page]:
    """alice, signed in, on the billing page."""
    gateway._prices.clear()
    with served(payer.app) as address:
        context = browser.new_context(base_url=address, locale="en")
        with watched(context) as opened:
            opened.goto("/sign-in")
            opened.fill("#email", payer.email("alice"))
            opened.fill("#password", PASSWORD)
            opened.press("#password", "Enter")
            opened.wait_for_url(f"**/t/{payer.slug}/")
            opened.goto(f"/t/{payer.slug}/settings/billing/")
            yield opened
        context.close()


def _at_every_width(page: Page) -> None:
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert_open_to_everybody(page)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_state_is_open_to_everybody(payer: Cast, page: Page, account: StripeServer, language: str) -> None:
    with directory_scope():
        service.set_locale(payer.users["alice"], language)
    customer = make_customer(payer, account, "team")
    account.bill(customer, "HEED-0001", status="open")
    page.reload()
    _at_every_width(page)  # the trial
    with payer.scope():
        hearing.sync_subscription()
    fill(payer, used=1_000)
    use(payer, 2)
    owe(payer, 15)
    page.reload()
    assert page.locator(".notice-danger").count() == 1
    _at_every_width(page)  # over the plan, and unpaid
    page.goto(page.url + "invoices")
    _at_every_width(page)
    account.fail |= {"invoices": "500", "prices": "500"}
    gateway._prices.clear()
    page.reload()
    _at_every_width(page)  # Stripe is away
    page.go_back()
    _at_every_width(page)


def test_a_plan_is_bought_with_the_keyboard(payer: Cast, page: Page, account: StripeServer) -> None:
    """The policy of the page lets the form lead on to Stripe, and the reader comes back to the new plan."""
    page.get_by_role("button", name="Buy the Team plan").focus()
    with page.expect_navigation(url=f"{account.url}/pay/**"):
        page.keyboard.press("Enter")
    account.finish_checkout(page.url.rpartition("/")[2])
    page.goto(f"{_home(payer)}?paid=1")
    assert page.get_by_text("Stripe tells us within a minute").is_visible()
    with payer.scope():
        hearing.sync_subscription()
    page.reload()
    assert page.get_by_text("Team plan, 0 of 1,000 answers this month, renews on").is_visible()
    assert not page.get_by_text("Stripe tells us within a minute").is_visible()
    page.get_by_role("button", name="Cancel at the end of the period").press("Enter")
    page.get_by_role("button", name="Let it go on").wait_for()
    assert subscription(payer).ends_at is not None


def _home(cast: Cast) -> str:
    return f"/t/{cast.slug}/settings/billing/"
