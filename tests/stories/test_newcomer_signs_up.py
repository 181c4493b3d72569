"""A newcomer: from the sign-up page to a customer's first real answer, in a browser, with a phone beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.kernel import outbox
from app.kernel.scope import directory_scope
from app.tenants import queries
from tests import smtp
from tests.browser import assert_open_to_everybody, open_browser, served, watched
from tests.limits import forget_tries
from tests.smtp import Server

WORDS = {
    "en-GB": (
        "Send me the link",
        "Begin",
        "Make the survey and send it to me",
        "This is how an answer reaches you.",
    ),
    "zh-CN": ("发送链接", "开始", "创建调查并发给我", "您收到的回答就是这样。"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as running:
        yield running


@pytest.fixture
def post(application: OpenAPI) -> Iterator[Server]:
    forget_tries()
    with application.app_context(), smtp.serve(application) as server:
        yield server


def _context(browser: Browser, locale: str, width: int) -> BrowserContext:
    return browser.new_context(locale=locale, viewport={"width": width, "height": 900}, timezone_id="Asia/Calcutta")


def _address(server: Server, part: str) -> str:
    """The address in the newest mail that holds this part."""
    text = server.mails[-1].get_body(("plain",)).get_content()
    found = re.search(rf"https?://[^/\s]+({part}\S+)", text)
    assert found is not None, text
    return found.group(1)


def _answer(phone: Page, url: str) -> None:
    phone.goto(url)
    phone.get_by_role("radio", name=re.compile("^3")).check()
    phone.get_by_role("textbox").fill("Late again")
    phone.locator("button.send").click()
    phone.wait_for_url("**/thanks*")


@pytest.mark.parametrize(("locale", "width"), [("en-GB", 1280), ("zh-CN", 360)])
def test_from_the_sign_up_page_to_the_first_answer(
    application: OpenAPI, browser: Browser, post: Server, locale: str, width: int
) -> None:
    slug, email = f"kettle-{uuid4().hex[:8]}", f"ada.{uuid4().hex[:8]}@kettle.example"
    link, begin, make, seen = WORDS[locale]
    context, phone_context = _context(browser, locale, width), _context(browser, locale, 360)
    with served(application) as address, watched(context) as page, watched(phone_context) as phone:
        page.goto(f"{address}/sign-up")
        expect(page.locator("[name=timezone]")).to_have_value("Asia/Kolkata")
        assert_open_to_everybody(page)
        page.fill("[name=organisation]", "Blue Kettle 蓝壶")
        page.fill("[name=email]", email)
        page.get_by_role("button", name=link).click()
        page.wait_for_url("**/sign-up/sent")
        outbox.drain_place(None, float("inf"))

        page.goto(address + _address(post, "/sign-up/"))
        page.fill("[name=name]", "Ada Kettle")
        page.fill("[name=password]", "seven quiet kettles")
        page.fill("[name=slug]", slug)
        page.get_by_role("button", name=begin, exact=True).click()
        page.wait_for_url(f"**/t/{slug}/start")
        assert_open_to_everybody(page)
        page.get_by_role("button", name=make).click()
        with directory_scope():
            tenant_id = queries.get_tenant_by_slug(slug).id
        while outbox.drain_place(tenant_id, float("inf")):
            pass

        assert post.recipients[-1] == email
        _answer(phone, address + _address(post, "/r/"))
        expect(page.get_by_role("link", name=seen)).to_be_visible()
        expect(page.get_by_text("Late again")).to_be_visible()
        assert_open_to_everybody(page)

        # And now a customer, by the link that anybody may have.
        page.locator(".start-ways a").first.click()
        shared = page.locator(".share-address").get_attribute("href")
        assert shared is not None
        _answer(phone, address + shared[shared.index("/s/") :])
        while outbox.drain_place(tenant_id, float("inf")):
            pass
        page.goto(f"{address}/t/{slug}/cases/")
        expect(page.get_by_text("Late again")).to_be_visible()
    context.close()
    phone_context.close()
