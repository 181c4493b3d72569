"""The customer's real page in a real browser: with script and without, by keyboard, and for everybody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server
from whitenoise import WhiteNoise

from app.kernel.db import db
from app.surveys.answering.models import Response
from app.web.assets import STATIC_ROOT
from tests.cast import Cast
from tests.factories.answering import Customer, change_invitation, make_customer, stored
from tests.surveys.every_type import definition

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def address(application: OpenAPI) -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        "127.0.0.1", 0, WhiteNoise(application.wsgi_app, root=str(STATIC_ROOT), prefix="/static/"), threaded=True
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone on which no script fails and the policy blocks nothing."""
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return make_customer(cast)


def values(cast: Cast, customer: Customer) -> dict[str, Any]:
    response = stored(cast, customer)
    return {row.question_key: row.text or row.number for row in response.answers} if response else {}


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_nobody_is_shut_out(cast: Cast, browser: Browser, address: str, width: int, scheme: Any) -> None:
    asked, over = make_customer(cast), make_customer(cast)
    change_invitation(cast, over, status="expired")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()

    def judge(path: str = "") -> None:
        if path:
            page.goto(address + path)
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found["violations"]] == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path

    judge(asked.path)
    judge(f"{asked.path}?score=3&lang=zh-Hans")
    judge(over.path)
    page.goto(address + asked.path)
    page.evaluate("document.querySelector('form').noValidate = true")
    page.click(".send")
    expect(page.locator(".summary")).to_be_focused()
    judge()
    page.locator("[name=nps][value='3']").check()
    page.click(".send")
    expect(page.locator("h1")).to_have_text("Thank you")
    judge()
    context.close()


def test_without_script_everything_works(cast: Cast, browser: Browser, address: str, customer: Customer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{customer.path}?score=3")
    expect(page.locator("[name=nps][value='3']")).to_be_checked()
    expect(page.get_by_text("Only if you chose 6 or less")).to_be_visible()
    page.locator("[name=late][value='late']").check()
    page.fill("[name=why]", "Too late")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("[name=why]")).to_have_value("Too late")
    page.locator("[name=nps][value='9']").check()
    page.click(".send")
    assert page.url == f"{address}{customer.path}/thanks?lang=zh-Hans"
    context.close()
    assert values(cast, customer) == {"nps": 9, "why": "Too late"}, "what a 9 hides is dropped"


def test_the_keyboard_is_enough(cast: Cast, page: Page, address: str, customer: Customer) -> None:
    page.goto(address + customer.path)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[name=nps][value='3']")).to_be_checked()
    expect(page.get_by_text("What went wrong?")).to_be_visible()
    expect(page.get_by_text("Only if you chose")).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.type("Late again")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Thank you")
    expect(page.get_by_text("somebody from our team gets in touch")).to_be_visible()
    assert values(cast, customer) == {"nps": 3, "why": "Late again", "late": "late"}


def test_a_slip_of_the_finger_is_put_right_and_counts(cast: Cast, page: Page, address: str, customer: Customer) -> None:
    page.goto(address + customer.path)
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.locator("[name=nps][value='9']").check()
    assert saved.value.status == 200
    page.locator("[name=nps][value='3']").check()
    page.wait_for_timeout(1500)
    assert values(cast, customer) == {"nps": 9}, "a corrected score waits"
    page.click(".send")
    expect(page.locator("h1")).to_have_text("Thank you")
    response = stored(cast, customer)
    assert response is not None and (response.nps, response.parked_at) == (3, None)


def test_a_text_that_was_deleted_is_gone(cast: Cast, page: Page, address: str, customer: Customer) -> None:
    customer.save({"nps": 3, "why": "I was angry"}, revision=1)
    page.goto(address + customer.path)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.fill("[name=why]", "")
    assert values(cast, customer) == {"nps": 3}


def test_opening_a_link_answers_nothing(cast: Cast, page: Page, address: str, customer: Customer) -> None:
    for score in range(11):
        page.goto(f"{address}{customer.path}?score={score}")
    page.wait_for_timeout(1500)
    with cast.scope():
        assert db.session.scalars(db.select(Response)).all() == []


def test_the_new_types_by_keyboard_on_a_phone(cast: Cast, page: Page, address: str) -> None:
    asked = definition(day={"show_if": {"<": [{"var": "hoped.perceived"}, {"var": "hoped.expected"}]}})
    asked["questions"] = [row for row in asked["questions"] if row["type"] not in ("nps", "csat", "choice", "text")]
    customer = make_customer(cast, definition=asked)
    page.goto(f"{address}{customer.path}?score=ces:2")
    expect(page.locator("[name=ces][value='2']")).to_be_checked()
    expect(page.locator("[data-question=day]")).to_be_hidden()
    page.locator("[name=feel]").first.focus()
    for _ in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    expect(page.locator("[name=feel]:checked")).to_have_count(3)
    expect(page.locator("[name=feel]:disabled")).to_have_count(2)
    page.locator("[name=feel]:checked").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("[name=feel]:disabled")).to_have_count(0)
    page.locator("[name='hoped.expected']").first.focus()
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-question=day]")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("[name=wait]").fill("2,5")
    page.locator("[name=day]").fill("2026-01-31")
    page.click(".send")
    expect(page.locator("h1")).to_have_text("Thank you")
    found = values(cast, customer)
    assert bin(found.pop("feel")).count("1") == 2
    assert found == {
        "ces": 2,
        "hoped": '{"expected":6,"perceived":2}',
        "some": '["late"]',
        "wait": 2.5,
        "day": "2026-01-31",
    }


def test_the_script_saves_what_the_server_takes(cast: Cast, page: Page, address: str) -> None:
    customer = make_customer(cast, definition=definition())
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if answer.request.method == "POST" else None)
    page.goto(address + customer.path)
    page.locator("[name='hoped.expected'][value='6']").check()
    page.fill("[name=wait]", "9999")
    page.locator("[name=some]").nth(2).check()
    page.locator("[name=feel][value='2']").check()
    page.wait_for_timeout(1500)
    page.locator("[name=feel][value='2']").uncheck()
    page.fill("[name=why]", "Late")
    page.wait_for_timeout(1500)
    assert statuses == [200, 200], "half a pair and a number that is too large wait"
    assert values(cast, customer) == {"some": '["dear"]', "why": "Late"}, "what was taken back is gone"
    page.reload()
    expect(page.locator("[name=some][value='dear']")).to_be_checked()


@pytest.mark.parametrize(("width", "language"), [(320, "zh-Hans"), (1280, "en")])
def test_nobody_is_shut_out_of_the_new_types(
    cast: Cast, browser: Browser, address: str, width: int, language: str
) -> None:
    customer = make_customer(cast, definition=definition())
    scheme: Any = "dark" if width == 320 else "light"
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{address}{customer.path}?lang={language}")
    for box in page.locator("[name=feel]").all()[:3]:
        box.check()
    page.evaluate("document.querySelector('form').noValidate = true")
    for _ in range(2):
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.fill("[name=wait]", "a while")
        page.click(".send")
    expect(page.locator(".summary")).to_be_visible()
    context.close()
