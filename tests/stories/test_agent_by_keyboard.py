"""An agent at work without a mouse: the inbox, the case beside it, and the case page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.loop.cases import service
from tests.browser import assert_open_to_everybody, watched
from tests.cast import PASSWORD, Cast
from tests.factories.loop import make_case, make_closed_case, make_worked_case

pytestmark = pytest.mark.timeout(240)

SLOWLY = 20_000  # milliseconds: the machine may be busy
LONG = "Maximiliana Konstantinopolskaya-Fernandes de Albuquerque"

expect.set_options(timeout=SLOWLY)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A desk on which no script fails and the policy blocks nothing."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(SLOWLY)
    with watched(context) as page:
        yield page
    context.close()


def sign_in(cast: Cast, page: Page) -> None:
    """Bob signs in without a mouse and finds himself in the inbox."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").press_sequentially(cast.email("bob"))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/t/{cast.slug}/**")
    page.goto(f"/t/{cast.slug}/cases/")


def a_case(cast: Cast, name: str, why: str, nps: int = 3, **answer: Any) -> int:
    """A case of somebody with this name."""
    with cast.scope():
        email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
        return make_case(nps, why, email=email, customer={"name": name}, **answer).number


def focus(page: Page) -> str:
    """The id of the element that has the focus."""
    found: str = page.evaluate("document.activeElement.id")
    return found


def test_a_case_is_taken_contacted_and_closed_by_keyboard(cast: Cast, page: Page) -> None:
    ana = a_case(cast, "Ana Souza", "It came a week late.")
    bo = a_case(cast, "Bo", "The box was wet.", 1)
    sign_in(cast, page)
    pane = page.locator("#pane")
    row = _row(page, bo)

    # j and k move a mark that can be seen.
    page.keyboard.press("j")
    expect(_row(page, ana)).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    expect(row).to_have_attribute("aria-current", "true")
    expect(_row(page, ana)).not_to_have_attribute("aria-current", "true")

    page.keyboard.press("Enter")
    expect(pane).to_contain_text("Next: take the case")
    assert page.url.endswith("/cases/")

    page.keyboard.press("a")
    expect(page.locator("#take")).to_be_focused()
    page.keyboard.press("Enter")
    expect(pane).to_contain_text("The case is yours.")
    expect(pane).to_contain_text("Next: reach the customer.")
    expect(row).to_contain_text("Bob")

    page.keyboard.press("c")
    expect(page.locator("#channel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Called Bo: jackets, encyclopedias and antiques got wet.")
    page.keyboard.press("Control+Enter")
    expect(pane.locator("#case-story")).to_contain_text("jackets, encyclopedias and antiques")
    expect(row).to_contain_text("customer reached")
    _bo_is_closed(page, pane)
    expect(row).to_have_attribute("data-gone", "")
    with cast.scope():
        assert cast.api().get(f"cases/{bo}").json["status"] == "closed"

    # Escape closes the pane and gives the focus back to the row.
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(row.get_by_role("link")).to_be_focused()


def _row(page: Page, number: int) -> Locator:
    return page.locator(f"#case-{number}")


def _bo_is_closed(page: Page, pane: Locator) -> None:
    page.keyboard.press("e")
    expect(page.locator("#action")).to_be_focused()
    page.keyboard.type("Sent a new box.")
    page.keyboard.press("Control+Enter")
    # Refused in place, with what is missing; what was typed is still there.
    refusal = pane.locator(".closing").get_by_role("alert")
    expect(refusal).to_be_focused()
    expect(refusal).to_contain_text("a verified cause")
    expect(page.locator("#action")).to_have_value("Sent a new box.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#cause-0")).to_be_focused()
    page.keyboard.type("Pro")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("#action").focus()
    page.keyboard.press("Control+Enter")
    expect(pane).to_contain_text("The customer confirms that it is solved.")


def test_a_new_case_announces_itself_and_moves_nothing(cast: Cast, page: Page) -> None:
    first = a_case(cast, "Ana Souza", "It came a week late.")
    sign_in(cast, page)
    page.keyboard.press("j")
    before = _row(page, first).bounding_box()
    second = a_case(cast, "Bo", "The box was wet.")
    notice = page.get_by_role("button", name="Show what is new: 1")
    expect(notice).to_be_visible()
    assert _row(page, first).bounding_box() == before
    expect(_row(page, second)).to_have_count(0)
    with cast.scope():
        service.assign_case(second, cast.users["bob"])
    expect(page.locator("#counts")).to_contain_text(re.compile(r"1\s+waiting for me"))
    page.keyboard.press(".")
    expect(_row(page, second)).to_be_visible()
    expect(_row(page, first)).to_have_attribute("aria-current", "true")
    assert page.evaluate("document.activeElement.closest('tr').id") == f"case-{first}"


def test_keys_act_on_the_marked_row_and_never_while_typing(cast: Cast, page: Page) -> None:
    first, second = a_case(cast, "Ana Souza", "Late."), a_case(cast, "Bo", "Wet.")
    sign_in(cast, page)
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("jk can? e.")
    expect(page.locator("#note-text")).to_have_value("jk can? e.")
    expect(_row(page, first)).to_have_attribute("aria-current", "true")
    expect(page.locator("dialog[open]")).to_have_count(0)

    # Escape leaves the field; another row and back, and what was typed is still there.
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.locator("#pane article")).to_have_attribute("aria-label", f"Case {second}")
    expect(page.locator("#note-text")).to_have_value("")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#pane article")).to_have_attribute("aria-label", f"Case {first}")
    expect(page.locator("#note-text")).to_have_value("jk can? e.")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Send what you are writing")


def test_the_page_keeps_itself_up_to_date_around_the_typing_hand(cast: Cast, page: Page) -> None:
    number = a_case(cast, "Ana Souza", "It came a week late.")
    sign_in(cast, page)
    page.goto(f"/t/{cast.slug}/cases/{number}")
    page.keyboard.press("e")
    page.keyboard.type("Sent flowers.")
    with cast.scope():
        service.record_first_contact(number, "phone", "reached", "Ana had waited at home.")
    expect(page.locator("#case-story")).to_contain_text("Ana had waited at home.")
    expect(page.locator("#case-strip")).to_contain_text("Next: take the case")
    expect(page.locator("#action")).to_be_focused()
    page.reload()
    expect(page.locator("#action")).to_have_value("Sent flowers.")


def test_on_a_narrow_screen_a_key_leads_to_the_case_page(cast: Cast, page: Page) -> None:
    number = a_case(cast, "Ana Souza", "It came a week late.")
    page.set_viewport_size({"width": 800, "height": 800})
    sign_in(cast, page)
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url(f"**/cases/{number}*")
    expect(page.locator("#action")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_nobody_is_shut_out(cast: Cast, page: Page, width: int, language: str) -> None:
    number = a_case(cast, LONG, "Donaudampfschifffahrtsgesellschaft" * 6, 0)
    a_case(cast, "李小龙", "包裹湿了，里面的书全坏了。")
    with cast.scope():
        make_worked_case(email="cy@example.com")
        closed = make_closed_case(email="di@example.com").number
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(cast, page)
    if language != "en":
        page.evaluate("code => document.querySelector(`#languages [value='${code}']`).click()", language)
        page.wait_for_function("code => document.documentElement.lang.startsWith(code.slice(0, 2))", arg=language)
    home = f"/t/{cast.slug}/cases/"
    _judge(page, home)
    _judge(page, f"{home}{number}")
    _judge(page, f"{home}{closed}")
    if width == 1280:
        page.goto(home)
        page.locator(f"#case-{number} a").click()
        expect(page.locator("#pane #case-story")).to_be_visible()
        _judge(page)


def _judge(page: Page, path: str = "") -> None:
    if path:
        page.goto(path)
    assert_open_to_everybody(page)
