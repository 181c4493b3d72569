"""The widget in a foreign page: another server and name, a strict policy; by keyboard, offline, and in a crowd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, Locator, Page, Route, expect

from app.kernel.db import db
from app.surveys.answering.models import Response, Widget
from app.surveys.design.service import close_survey
from tests.answering.shop import Shop, open_shop
from tests.cast import Cast
from tests.factories.answering import stored
from tests.factories.surveys import csat_definition, nps_definition
from tests.factories.widgets import address_of, make_widget, two_questions

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DAY = 24 * 3600 * 1000
REFUSED = "Heed: refused 410"
NOT_LISTED = "Heed: this site is not on the list of this widget"


@pytest.fixture(scope="module")
def shops(application: OpenAPI) -> Iterator[Shop]:
    with open_shop(application) as opened:
        yield opened


@pytest.fixture
def shop(shops: Shop) -> Iterator[Shop]:
    yield shops
    shops.pages.clear()
    shops.style = shops.script = ""


@dataclass
class Visitor:
    """Somebody at a phone in the shop: their page, what the browser complained about, and what was asked of Heed."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()
    requests: list[str] = field(default_factory=list)

    def listen(self, heed: str) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )
        self.page.on(
            "request", lambda request: self.requests.append(request.method) if request.url.startswith(heed) else None
        )

    def allow(self, *parts: str) -> None:
        """What the browser may complain of: a test provokes it, and its message may come after the test's last line."""
        self.allowed += parts

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.allowed)]

    @property
    def survey(self) -> Locator:
        return self.page.locator("[data-heed] section")


@pytest.fixture
def visitor(browser: Browser, shop: Shop) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    visitor = Visitor(context.new_page())
    visitor.listen(shop.heed)
    yield visitor
    cookies = context.cookies()
    context.close()
    assert visitor.unexpected == []
    assert cookies == []


def on(shop: Shop, cast: Cast, kind: str = "popover", definition: Any = None, **fields: Any) -> Widget:
    return make_widget(cast, definition, kind=kind, **{"sites": (shop.origin,), **fields})


def answers(cast: Cast) -> list[tuple[str, int | None, str | None]]:
    """What came in: (state, score, comment), in order."""
    with cast.scope():
        rows = db.session.query(Response).order_by(Response.id).all()
        return [(row.status, row.nps, row.comment_redacted) for row in rows]


def wait_for(cast: Cast, page: Page, wanted: list[Any]) -> None:
    for _turn in range(60):
        if answers(cast) == wanted:
            return
        page.wait_for_timeout(100)
    assert answers(cast) == wanted


def send(visitor: Visitor, score: int = 3, why: str = "") -> None:
    visitor.page.get_by_role("radio", name=str(score), exact=True).check()
    if why:
        visitor.page.get_by_role("textbox").fill(why)
    visitor.page.get_by_role("button", name="Send").click()


# --- the three kinds ---


def test_a_pop_over_comes_by_itself_and_takes_the_answer(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast)))
    dialog = page.get_by_role("dialog", name="Your visit")
    expect(dialog).to_be_visible()
    assert visitor.requests == ["GET"], "one request before the first question can be answered"
    assert page.evaluate("document.activeElement.tagName") == "BODY", "nobody's focus is taken away"
    expect(page.get_by_text("What is the main reason")).to_be_hidden()
    page.get_by_role("radio", name="3", exact=True).check()
    expect(page.get_by_text("What is the main reason")).to_be_visible()
    page.get_by_role("textbox").fill("Late again")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    expect(dialog).to_contain_text("read every answer")
    assert answers(cast) == [("completed", 3, "Late again")]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_inside_the_page_it_stands_where_its_line_stands(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast, "inline", csat_definition()), more="<p id=after>After</p>"))
    region = page.get_by_role("region", name="Your delivery")
    expect(region).to_be_visible()
    assert page.locator("#after").evaluate("e => e.previousElementSibling.dataset.heed.length") == 64
    page.get_by_role("radio", name="5 · Very satisfied").check()
    page.get_by_role("button", name="Send").click()
    expect(region.get_by_role("heading", name="Thank you")).to_be_visible()
    found = stored(cast)
    assert found is not None and (found.csat, found.source) == (5, "widget")


def test_it_stands_in_the_place_it_is_told(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    widget = on(shop, cast, "inline")
    address = shop.hold(cast, widget, more="<div id=place></div>")
    shop.pages["/"] = shop.pages["/"].replace(" async", ' data-target="#place"')
    visitor.page.goto(address)
    expect(visitor.page.locator("#place section")).to_be_visible()


def test_a_button_opens_it_and_gets_the_focus_back(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast, "button")))
    button = page.get_by_role("button", name="Feedback")
    expect(visitor.survey).to_have_count(0)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Your visit")
    expect(dialog).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_a_button_of_the_site_s_own_opens_it(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, widget = visitor.page, on(shop, cast, "button")
    key = address_of(cast, widget).rpartition("/")[2]
    shop.script = (
        f'document.getElementById("own").onclick = () => Heed.open("{key}"); window.before = Object.keys(window);'
    )
    address = shop.hold(cast, widget)
    shop.pages["/"] = shop.pages["/"].replace("async", "defer data-own-button")
    page.goto(address)
    expect(page.get_by_role("button", name="Feedback")).to_have_count(0)
    assert page.evaluate("Object.keys(window).filter(name => !window.before.includes(name))") == ["before", "Heed"]
    page.click("#own")
    expect(page.get_by_role("dialog")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#own")).to_be_focused()
    page.evaluate("Heed.open('nobody')")
    expect(visitor.survey).to_have_count(0)


def test_the_keyboard_is_enough_and_the_page_does_not_hear_it(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    shop.script = "window.heard = []; document.addEventListener('keydown', e => heard.push(e.key));"
    page.goto(shop.hold(cast, on(shop, cast, "button", nps_definition())))
    page.get_by_role("button", name="Feedback").focus()
    page.keyboard.press("Enter")
    page.evaluate("heard.length = 0")
    for key in ("Tab", "Tab", "Space", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()
    expect(page.get_by_text("What went wrong?")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("jk?")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    assert answers(cast) == [("completed", 2, "jk?")]
    assert page.evaluate("heard") == []


# --- when it shows itself ---


@pytest.mark.parametrize(
    ("paths", "path", "is_shown"),
    [
        (("/",), "/", True),
        (("/",), "/cart", False),
        (("/shop/*", "/cart"), "/cart", True),
        (("/shop/*",), "/shop/a/b", True),
        (("/shop/*",), "/shop", False),
        (("*.html",), "/a/b.html", True),
        (("*.html",), "/a/bxhtml", False),
        (("/a(b|c)+$",), "/ab", False),
    ],
)
def test_on_its_pages_only(
    cast: Cast, shop: Shop, visitor: Visitor, paths: tuple[str, ...], path: str, is_shown: bool
) -> None:
    visitor.page.clock.install()
    visitor.page.goto(shop.hold(cast, on(shop, cast, paths=paths), path=path))
    visitor.page.locator("[data-heed]").wait_for(state="attached")
    visitor.page.clock.run_for(2000)
    expect(visitor.survey).to_have_count(int(is_shown))


def test_a_page_that_changes_without_loading_counts(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.clock.install()
    page.goto(shop.hold(cast, on(shop, cast, paths=("/cart",), delay_seconds=5)))
    page.locator("[data-heed]").wait_for(state="attached")
    page.clock.run_for(10_000)
    page.evaluate("history.pushState(null, '', '/cart')")
    page.clock.run_for(4_000)
    expect(visitor.survey).to_have_count(0)
    page.clock.run_for(2_000)
    expect(visitor.survey).to_have_count(1)


def test_after_a_while(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.clock.install()
    page.goto(shop.hold(cast, on(shop, cast, delay_seconds=30)))
    page.locator("[data-heed]").wait_for(state="attached")
    page.clock.run_for(29_000)
    expect(visitor.survey).to_have_count(0)
    page.clock.run_for(2_000)
    expect(visitor.survey).to_have_count(1)


def test_after_scrolling(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    shop.style = "main { height: 4000px }"
    page.clock.install()
    page.goto(shop.hold(cast, on(shop, cast, scroll_percent=60)))
    page.locator("[data-heed]").wait_for(state="attached")
    page.evaluate("scrollTo(0, 1000)")
    page.clock.run_for(2000)
    expect(visitor.survey).to_have_count(0)
    page.evaluate("scrollTo(0, 2500)")
    page.clock.run_for(500)
    expect(visitor.survey).to_have_count(1)


def test_a_page_that_is_still_loading_has_not_been_scrolled(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    shop.style = "main { height: 4000px }"
    shop.may_send_style.clear()
    page.clock.install()
    page.goto(shop.hold(cast, on(shop, cast, scroll_percent=60)), wait_until="domcontentloaded")
    page.locator("[data-heed]").wait_for(state="attached")
    page.clock.run_for(2000)
    expect(visitor.survey).to_have_count(0)
    shop.may_send_style.set()
    page.wait_for_load_state("load")
    page.clock.run_for(2000)
    expect(visitor.survey).to_have_count(0)
    page.evaluate("scrollTo(0, 2500)")
    page.clock.run_for(500)
    expect(visitor.survey).to_have_count(1)


def test_to_some_visitors_always_the_same(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script("window.draws = 0; Math.random = () => { draws++; return 0.3; };")
    out, into = on(shop, cast, "inline", sample_percent=30), on(shop, cast, "inline", sample_percent=31)
    page.goto(shop.hold(cast, out, into))
    expect(visitor.survey).to_have_count(1)
    assert page.evaluate("draws") == 2
    page.add_init_script("Math.random = () => { draws++; return 0; };")
    page.reload()
    expect(visitor.survey).to_have_count(1)
    assert page.evaluate("draws") == 0, "the lot is drawn once"
    page.goto(shop.hold(cast, on(shop, cast, "inline", sample_percent=0), path="/nobody"))
    page.locator("[data-heed]").wait_for(state="attached")
    expect(visitor.survey).to_have_count(0)


@pytest.mark.parametrize(("again", "after_days"), [(None, None), (7, 7), (0, 0)])
def test_once_or_again_after_some_days(
    cast: Cast, shop: Shop, visitor: Visitor, again: int | None, after_days: int | None
) -> None:
    page = visitor.page
    page.clock.install()
    address = shop.hold(cast, on(shop, cast, again_after_days=again))

    def shown() -> int:
        page.goto(address)
        page.locator("[data-heed]").wait_for(state="attached")
        page.clock.run_for(500)
        return visitor.survey.count()

    assert shown() == 1
    assert shown() == (1 if after_days == 0 else 0)
    page.clock.fast_forward(8 * DAY)
    assert shown() == (0 if after_days is None else 1)


def test_what_stands_in_the_page_stays_until_it_is_answered(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast, "inline")))
    expect(visitor.survey).to_have_count(1)
    page.reload()
    send(visitor)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.reload()
    page.locator("[data-heed]").wait_for(state="attached")
    expect(visitor.survey).to_have_count(0)


# --- nothing gets lost, nothing comes twice ---


def test_what_could_not_be_sent_is_sent_later_and_once(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    address = shop.hold(cast, on(shop, cast))
    page.goto(address)
    visitor.allow("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    send(visitor, 3, "Late")
    expect(visitor.survey).to_contain_text("You are offline. Your answer is kept on this device")
    assert answers(cast) == []
    page.context.set_offline(False)
    wait_for(cast, page, [("completed", 3, "Late")])
    page.reload()
    page.wait_for_timeout(500)
    assert answers(cast) == [("completed", 3, "Late")]
    assert page.evaluate("Object.keys(localStorage).filter(name => name.split(':').length > 2)") == []


def test_it_is_sent_from_the_next_page(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, widget = visitor.page, on(shop, cast)
    shop.hold(cast, widget, path="/next")
    page.goto(shop.hold(cast, widget))

    def break_off(route: Route) -> None:
        # From the first page the answer arrives, but nobody hears that it did.
        if route.request.frame.url.endswith("/next"):
            route.continue_()
        else:
            route.fetch()
            route.abort()

    visitor.allow("ERR_FAILED")
    page.route("**/responses*", break_off)
    send(visitor, 3, "Late")
    expect(visitor.survey).to_contain_text("kept on this device")
    wait_for(cast, page, [("completed", 3, "Late")])
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.get_by_role("link", name="Next page").click()
    assert sent.value.status == 200, "it was there already"
    assert answers(cast) == [("completed", 3, "Late")]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_is_asked_again(cast: Cast, shop: Shop, visitor: Visitor, status: int) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast)))
    refusals = [status]

    def busy(route: Route) -> None:
        headers = {
            "Access-Control-Allow-Origin": shop.origin,
            "Access-Control-Expose-Headers": "Retry-After",
            "Retry-After": "2",
        }
        if route.request.method == "POST" and refusals:
            route.fulfill(status=refusals.pop(), headers=headers)
        else:
            route.continue_()

    visitor.allow(f"status of {status}")
    page.route("**/responses*", busy)
    send(visitor)
    expect(visitor.survey).to_contain_text("Thank you")
    assert refusals == [] and answers(cast) == []
    wait_for(cast, page, [("completed", 3, None)])


def test_what_can_never_be_taken_is_dropped(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, widget = visitor.page, on(shop, cast)
    page.goto(shop.hold(cast, widget))
    expect(visitor.survey).to_be_visible()
    with cast.scope():
        close_survey(widget.survey.key)
    visitor.allow("status of 410", REFUSED)
    with page.expect_console_message(lambda message: message.text == REFUSED):
        send(visitor)
    expect(page.get_by_role("heading", name="This survey is closed")).to_be_focused()
    assert page.evaluate("Object.keys(localStorage).filter(name => name.split(':').length > 2)") == []


@pytest.mark.parametrize("storage", ["throw new DOMException('no', 'SecurityError')", "return null"])
def test_without_storage_it_works_for_as_long_as_the_page_is_open(
    cast: Cast, shop: Shop, visitor: Visitor, storage: str
) -> None:
    page = visitor.page
    page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{get() {{ {storage} }}}})")
    page.goto(shop.hold(cast, on(shop, cast)))
    visitor.allow("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    send(visitor, 3, "Late")
    expect(visitor.survey).to_contain_text("kept on this device")
    page.context.set_offline(False)
    wait_for(cast, page, [("completed", 3, "Late")])


def test_who_turns_away_is_heard_as_far_as_they_came(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast)))
    page.get_by_role("radio", name="3", exact=True).check()
    page.get_by_role("textbox").fill("Lat")
    assert answers(cast) == []
    page.goto(shop.origin + "/next")
    wait_for(cast, page, [("started", 3, "Lat")])


def test_who_comes_back_goes_on(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, address = visitor.page, shop.hold(cast, on(shop, cast, "inline"))
    page.goto(address)
    page.get_by_role("radio", name="3", exact=True).check()
    page.get_by_role("textbox").fill("Lat")
    page.reload()
    wait_for(cast, page, [("started", 3, "Lat")])
    expect(page.get_by_role("radio", name="3", exact=True)).to_be_checked()
    expect(page.get_by_role("textbox")).to_have_value("Lat")
    page.get_by_role("textbox").fill("")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert answers(cast) == [("completed", 3, None)]


def test_a_corrected_score_waits_and_is_not_parked(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast, "button")))
    page.get_by_role("button", name="Feedback").click()
    page.get_by_role("radio", name="9", exact=True).check()
    page.get_by_role("button", name="Close").click()
    wait_for(cast, page, [("started", 9, None)])
    page.get_by_role("button", name="Feedback").click()
    send(visitor, 3)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(visitor.survey).not_to_contain_text("offline")
    page.wait_for_timeout(1000)
    assert answers(cast) == [("started", 9, None)]
    for _turn in range(130):
        if answers(cast) == [("completed", 3, None)]:
            break
        page.wait_for_timeout(100)
    found = stored(cast)
    assert found is not None and (found.nps, found.parked_at) == (3, None)


# --- what is missing, what is over ---


def test_what_must_be_answered_is_asked_for(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, definition = visitor.page, two_questions()
    definition["questions"][0]["required"] = False
    definition["questions"][1]["required"] = True
    page.goto(shop.hold(cast, on(shop, cast, definition=definition)))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Please answer this question.")).to_have_count(2)
    page.get_by_role("radio", name="3", exact=True).check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Please answer this question.")).to_have_count(1)
    expect(page.get_by_role("textbox")).to_be_focused()
    assert answers(cast) == []


def test_a_closed_survey_shows_nothing(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    widget = on(shop, cast)
    with cast.scope():
        close_survey(widget.survey.key)
    visitor.page.goto(shop.hold(cast, widget))
    visitor.page.wait_for_timeout(500)
    expect(visitor.page.locator("[data-heed]")).to_have_count(0)


def test_a_site_that_is_not_on_the_list_shows_nothing(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    visitor.allow(NOT_LISTED)
    with visitor.page.expect_console_message(lambda message: message.text == NOT_LISTED):
        visitor.page.goto(shop.hold(cast, on(shop, cast, sites=("https://other.example",))))
    expect(visitor.page.locator("[data-heed]")).to_have_count(0)


# --- in a crowd ---


def test_two_widgets_stand_on_one_page_and_each_once(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, inline, button = visitor.page, on(shop, cast, "inline", csat_definition()), on(shop, cast, "button")
    page.goto(shop.hold(cast, inline, button, inline, button))
    expect(page.get_by_role("region", name="Your delivery")).to_have_count(1)
    expect(page.get_by_role("button", name="Feedback")).to_have_count(1)
    for widget in (inline, button):
        page.evaluate("key => Heed.open(key)", address_of(cast, widget).rpartition("/")[2])
    expect(page.get_by_role("dialog", name="Your visit")).to_be_visible()
    page.get_by_role("radio", name="7", exact=True).check()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="1 · Very dissatisfied").check()
    page.get_by_role("region").get_by_role("button", name="Send").click()
    expect(page.get_by_role("region").get_by_role("heading", name="Thank you")).to_be_visible()
    with cast.scope():
        assert {(row.nps, row.csat) for row in db.session.query(Response)} == {(7, None), (None, 1)}


@pytest.mark.parametrize("kind", ["popover", "inline", "button"])
def test_the_page_s_own_style_does_not_break_it(cast: Cast, shop: Shop, visitor: Visitor, kind: str) -> None:
    shop.style = """body * { display: none !important; visibility: hidden !important; opacity: 0 !important;
      position: absolute !important; inset: -999px !important; width: 0 !important; height: 0 !important;
      overflow: hidden !important; pointer-events: none !important; font-size: 0 !important; color: red !important;
      transform: scale(0) !important; clip-path: inset(50%) !important; z-index: -1 !important }
      main { display: block !important; visibility: visible !important; opacity: 1 !important; position: static
      !important; width: auto !important; height: auto !important; transform: none !important;
      clip-path: none !important; pointer-events: auto !important }"""
    page = visitor.page
    page.goto(shop.hold(cast, on(shop, cast, kind)))
    if kind == "button":
        page.get_by_role("button", name="Feedback").click()
    expect(visitor.survey).to_be_visible()
    found = visitor.survey.bounding_box()
    assert found is not None and found["width"] > 250 and found["height"] > 100 and found["x"] >= 0
    send(visitor, 8)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en-GB"), (360, "dark", "zh-CN")])
@pytest.mark.parametrize("kind", ["popover", "inline", "button"])
def test_nobody_is_shut_out(
    cast: Cast, browser: Browser, shop: Shop, kind: str, width: int, scheme: Any, locale: str, tmp_path: Path
) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, locale=locale, bypass_csp=True
    )
    page = context.new_page()
    shop.style = "html { color-scheme: light dark; font-family: sans-serif }"
    page.goto(shop.hold(cast, on(shop, cast, kind, nps_definition(intro={"en": "Half a minute."}))))
    page.locator("[data-heed] section, [data-heed] .open").first.wait_for()

    def judge() -> None:
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run('[data-heed]', {runOnly: rules})", RULES)
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    judge()
    if kind == "button":
        page.locator("[data-heed] .open").click()
    page.get_by_role("radio", name="3", exact=True).check()
    judge()
    page.locator("[data-heed] .send").first.click()
    page.locator("[data-heed] h2[tabindex]").wait_for()
    judge()
    context.close()


def test_right_to_left_and_small_screens(cast: Cast, shop: Shop, visitor: Visitor) -> None:
    page, definition = visitor.page, two_questions()
    definition["title"]["ar"] = "زيارتك"
    definition["questions"][0]["text"]["ar"] = "ما مدى احتمال أن توصي بنا؟"
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(shop.hold(cast, on(shop, cast, definition=definition), query="?lang=ar"))
    first, last = (page.get_by_role("radio", name=name).bounding_box() for name in ("0 Not", "10 Extremely"))
    assert first is not None and last is not None and first["x"] > last["x"]
    assert first["width"] >= 23 and first["y"] == last["y"], "all in one row, wide enough for a finger"
    expect(page.get_by_role("heading", name="زيارتك")).to_have_attribute("lang", "ar")
