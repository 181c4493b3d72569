"""An agent asks the partner, the partner's user answers by keyboard, the agent sees it, and the case closes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.loop.cases import service
from app.loop.causes.rules import RootCause
from tests import smtp
from tests.browser import assert_open_to_everybody, watched
from tests.cast import PASSWORD, Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.loop import make_case

pytestmark = pytest.mark.timeout(240)

SLOWLY = 20_000  # milliseconds: the machine may be busy
PHONE = {"width": 360, "height": 740}
ANSWER = "The van broke down in Campinas.\nالشاحنة تعطلت"

expect.set_options(timeout=SLOWLY)


@pytest.fixture(autouse=True)
def mail_server(app: Flask) -> Iterator[smtp.Server]:
    """Where the mails to the partner go."""
    with smtp.serve(app) as server:
        yield server


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    """The agent's desk."""
    yield from _page(browser, address, {"width": 1280, "height": 800})


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """The partner's phone, with a keyboard."""
    yield from _page(browser, address, PHONE)


def _page(browser: Browser, address: str, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport=size, locale="en-GB")
    context.set_default_timeout(SLOWLY)
    with watched(context) as page:
        yield page
    context.close()


def sign_in(cast: Cast, page: Page, name: str) -> None:
    """Sign in without a mouse."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").press_sequentially(cast.email(name))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/t/{cast.slug}/**")


def test_the_partner_answers_and_the_case_closes(cast: Cast, desk: Page, phone: Page, mail_server: smtp.Server) -> None:
    with cast.scope():
        make_touchpoint("delivery", name="Home delivery", partner="pats")
        number = make_case(1, "It came a week late.", email="ana@example.com", customer={"name": "Ana Souza"}).number
        service.assign_case(number, cast.users["bob"])
        service.record_first_contact(number, "phone", "reached", "She waits for an explanation.")
        service.set_root_causes(number, [RootCause("partner", verified=True)])

    sign_in(cast, desk, "bob")
    desk.goto(f"/t/{cast.slug}/cases/{number}")
    desk.keyboard.press("p")
    expect(desk.locator("#ask-question")).to_be_focused()
    desk.keyboard.type("What happened between Friday and Tuesday?")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#case-partner")).to_contain_text("Answer due in")
    expect(desk.locator("#case-strip")).to_contain_text("waiting for the partner")
    cast.run_jobs()
    assert len(mail_server.mails) == 1

    _answer_on_the_phone(cast, phone, number)
    cast.run_jobs()

    # The open page hears of it by itself, and the case is the agent's again.
    expect(desk.locator("#case-story")).to_contain_text("The van broke down in Campinas.")
    expect(desk.locator("#case-strip")).to_contain_text("being looked into")
    assert_open_to_everybody(desk)
    desk.keyboard.press("e")
    expect(desk.locator("#action")).to_be_focused()
    desk.keyboard.type("Refunded the postage.")
    desk.get_by_role("button", name="Close the case").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#case-strip")).to_contain_text("The customer confirms that it is solved")

    phone.reload()
    expect(phone.get_by_text("Case closed")).to_be_visible()
    expect(phone.locator("#fact-text")).to_have_count(0)


def _answer_on_the_phone(cast: Cast, phone: Page, number: int) -> None:
    sign_in(cast, phone, "pat")
    expect(phone.get_by_role("heading", name="1 question waits for you")).to_be_visible()
    assert_open_to_everybody(phone)
    phone.keyboard.press("j")
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile(rf"/partner/cases/{number}"))
    assert "Ana" not in phone.content() and "explanation" not in phone.content()
    assert_open_to_everybody(phone)
    phone.keyboard.press("r")
    expect(phone.locator("#answer-text")).to_be_focused()
    phone.keyboard.insert_text(ANSWER)
    # What was typed stays when the page is lost before it is sent.
    phone.reload()
    expect(phone.locator("#answer-text")).to_have_value(ANSWER)
    phone.locator("#answer-text").focus()
    phone.keyboard.press("Control+Enter")
    expect(phone.get_by_text("Thank you.")).to_be_visible()
    expect(phone.locator("#answer-text")).to_have_count(0)
    phone.keyboard.press("n")
    expect(phone.locator("#fact-text")).to_be_focused()
    phone.keyboard.type("Since Monday there is a second van.")
    phone.keyboard.press("Control+Enter")
    expect(phone.locator(".talk")).to_contain_text("second van")
