"""Each question type in a widget: by keyboard, with what is wrong, after a reload, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, Page, expect

from app.surveys.answering.models import answers_of
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from tests.answering.shop import Shop, open_shop
from tests.cast import Cast
from tests.factories.answering import stored
from tests.factories.widgets import asking, make_widget

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def shop(application: OpenAPI) -> Iterator[Shop]:
    with open_shop(application) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    yield context.new_page()
    context.close()


def open_survey(cast: Cast, shop: Shop, page: Page, definition: dict[str, Any]) -> None:
    page.goto(shop.hold(cast, make_widget(cast, definition, kind="inline", sites=(shop.origin,))))
    expect(page.locator("[data-heed] section")).to_be_visible()


def rate(page: Page, scale: str, value: str) -> None:
    """Answer on one of the two scales of an expectation."""
    page.get_by_role("group", name=scale, exact=True).get_by_role("radio", name=value, exact=True).check()


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def sent(cast: Cast, page: Page) -> dict[str, Any]:
    """What came in, as JSON shows it."""
    expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    response = stored(cast)
    assert response is not None and response.status == "completed"
    with cast.scope():
        questions = read_version(response.version).questions
    given = answers_of(response)
    return {each.key: type_of(each).as_json(given[each.key]) for each in questions if each.key in given}


def test_effort(cast: Cast, shop: Shop, page: Page) -> None:
    open_survey(cast, shop, page, asking("ces"))
    page.get_by_role("radio", name="7 Strongly agree").check()
    page.get_by_role("radio", name="1 Strongly disagree").check()
    send(page)
    assert sent(cast, page) == {"ces": 1}


def test_up_to_three_feelings(cast: Cast, shop: Shop, page: Page) -> None:
    open_survey(cast, shop, page, asking("emotion"))
    expect(page.get_by_role("group", name="Choose up to three.")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(20)
    for word in ("anger", "worry", "happy"):
        page.get_by_role("checkbox", name=word).check()
    expect(page.get_by_role("checkbox", name="calm")).to_be_disabled()
    page.get_by_role("checkbox", name="happy").uncheck()
    expect(page.get_by_role("checkbox", name="calm")).to_be_enabled()
    send(page)
    assert sent(cast, page) == {"emotion": [2, 6]}


def test_feelings_stand_elsewhere_for_another_visitor(cast: Cast, shop: Shop, browser: Browser) -> None:
    widget = make_widget(cast, asking("emotion"), kind="inline", sites=(shop.origin,))
    first = set()
    for lot in (3, 23, 4):
        page = browser.new_context().new_page()
        page.add_init_script(f"crypto.getRandomValues = () => [{lot}, 1, 1, 1]")
        page.goto(shop.hold(cast, widget))
        first.add(page.locator("[data-heed] .words span").first.text_content())
        page.context.close()
    assert len(first) == 2, "lots 3 and 23 begin alike: there are twenty"


def test_several_choices(cast: Cast, shop: Shop, page: Page) -> None:
    definition = asking("multiple")
    definition["questions"][0] |= {"min": 2, "max": 2}
    open_survey(cast, shop, page, definition)
    page.get_by_role("checkbox", name="The delivery").check()
    send(page)
    expect(page.get_by_text("Please choose at least 2.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="The delivery")).to_be_focused()
    page.get_by_role("checkbox", name="The customer service").check()
    expect(page.get_by_text("Please choose at least 2.")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="The product itself")).to_be_disabled()
    send(page)
    assert sent(cast, page) == {"multiple": ["delivery", "service"]}


def test_expected_and_got(cast: Cast, shop: Shop, page: Page) -> None:
    open_survey(cast, shop, page, asking("expectation", "text"))
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    rate(page, "What you expected", "6")
    send(page)
    expect(page.get_by_text("Please answer both: what you expected and what you got.")).to_be_visible()
    rate(page, "What you got", "1 Very low")
    send(page)
    assert sent(cast, page) == {"expectation": {"expected": 6, "perceived": 1}}


@pytest.mark.parametrize(
    ("typed", "value"), [("12", 12), ("1,5", 1.5), (" 0 ", 0), ("１２", 12), ("1 000", None), ("x", None)]
)
def test_a_number(cast: Cast, shop: Shop, page: Page, typed: str, value: float | None) -> None:
    definition = asking("number", "choice")
    definition["questions"][0] |= {"decimals": 1, "required": False}
    open_survey(cast, shop, page, definition)
    page.get_by_role("textbox", name="How long did you wait?").fill(typed)
    page.get_by_role("radio", name="The delivery").check()
    send(page)
    if value is None:
        wrong = "Please write this as a number, such as 12. Please stay between 0 and 90."
        expect(page.get_by_text(wrong)).to_be_visible()
        expect(page.get_by_role("textbox")).to_be_focused()
        page.get_by_role("textbox").fill("")
        expect(page.get_by_text(wrong)).to_have_count(0)
        send(page)
    assert sent(cast, page) == ({} if value is None else {"number": value}) | {"choice": "delivery"}


def test_a_day(cast: Cast, shop: Shop, page: Page) -> None:
    definition = asking("date")
    definition["questions"][0] |= {"earliest": "2026-01-01", "latest": "2026-12-31", "required": False}
    definition["questions"].append({**asking("choice")["questions"][0], "required": False})
    open_survey(cast, shop, page, definition)
    wrong = page.get_by_text("Please stay between 2026-01-01 and 2026-12-31.")
    page.get_by_role("radio", name="The delivery").check()
    day = page.get_by_label("On which day did it arrive?", exact=True)
    day.focus()
    page.keyboard.type("31")
    page.keyboard.press("Enter")
    expect(wrong).to_be_visible()
    day.fill("2027-01-01")
    send(page)
    expect(wrong).to_be_visible()
    day.fill("2026-03-31")
    expect(wrong).to_have_count(0)
    send(page)
    assert sent(cast, page) == {"date": "2026-03-31", "choice": "delivery"}


def test_what_must_be_answered_is_said_to_who_uses_the_keyboard(cast: Cast, shop: Shop, page: Page) -> None:
    definition = asking("text", "date")
    definition["questions"][1]["required"] = True
    open_survey(cast, shop, page, definition)
    page.get_by_role("button", name="Send").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox").first).to_be_focused()
    expect(page.get_by_text("Please answer this question.")).to_have_count(2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Please answer this question.")).to_have_count(2)


def test_who_comes_back_finds_every_answer(cast: Cast, shop: Shop, page: Page) -> None:
    open_survey(cast, shop, page, asking("emotion", "expectation", "multiple", "number", "date", "ces"))
    page.get_by_role("checkbox", name="anger").check()
    rate(page, "What you expected", "6")
    rate(page, "What you got", "3")
    page.get_by_role("checkbox", name="The delivery").check()
    wait = page.get_by_role("textbox", name="How long did you wait?")
    wait.fill("12")
    page.get_by_label("On which day did it arrive?", exact=True).fill("2026-01-31")
    page.get_by_role("radio", name="2", exact=True).last.check()
    order = page.locator("[data-heed] .words span").all_text_contents()
    page.reload()
    expect(page.get_by_role("checkbox", name="anger")).to_be_checked()
    assert page.locator("[data-heed] .words span").all_text_contents() == order
    page.get_by_role("checkbox", name="The delivery").uncheck()
    wait.fill("")
    send(page)
    both = {"expected": 6, "perceived": 3}
    assert sent(cast, page) == {"emotion": [2], "expectation": both, "date": "2026-01-31", "ces": 2}


def test_conditions_on_every_kind_of_answer(cast: Cast, shop: Shop, page: Page) -> None:
    rules = {
        "text": {"in": [2, {"var": "emotion"}]},
        "number": {"<": [{"var": "expectation.perceived"}, {"var": "expectation.expected"}]},
        "date": {">=": [{"var": "number"}, 10]},
        "choice": {">": [{"var": "date"}, "2026-01-31"]},
    }
    definition = asking("emotion", "expectation", *rules)
    for question in definition["questions"]:
        question |= {"show_if": rules[question["key"]]} if question["key"] in rules else {}
    definition["questions"][0]["required"] = False
    open_survey(cast, shop, page, definition)
    fields = {
        key: page.get_by_role("group", name=definition["questions"][at]["text"]["en"])
        for at, key in enumerate(rules, 2)
    }

    def shown() -> list[str]:
        return [key for key, field in fields.items() if field.is_visible()]

    assert shown() == []
    page.get_by_role("checkbox", name="anger").check()
    assert shown() == ["text"]
    rate(page, "What you expected", "6")
    assert shown() == ["text"]
    rate(page, "What you got", "3")
    page.get_by_role("textbox").last.fill("9")
    assert shown() == ["text", "number"]
    page.get_by_role("textbox").last.fill("10")
    page.get_by_label("On which day did it arrive?", exact=True).fill("2026-02-01")
    assert shown() == list(rules)
    page.get_by_role("checkbox", name="anger").uncheck()
    assert shown() == list(rules)[1:]
    send(page)
    assert set(sent(cast, page)) == {"expectation", "number", "date"}


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en-GB"), (320, "dark", "zh-CN")])
def test_nobody_is_shut_out(cast: Cast, shop: Shop, browser: Browser, width: int, scheme: Any, locale: str) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, locale=locale, bypass_csp=True
    )
    page = context.new_page()
    shop.style = "html { color-scheme: light dark; font-family: sans-serif }"
    definition = asking("ces", "emotion", "expectation", "multiple", "number", "date")
    definition["questions"][0]["required"] = False
    open_survey(cast, shop, page, definition)
    page.evaluate(AXE)
    for step in ("empty", "faults", "answers"):
        if step == "faults":
            page.locator("[data-heed] .send").click()
        if step == "answers":
            for box in page.get_by_role("checkbox").all()[:3]:
                box.check()
        found = page.evaluate("rules => axe.run('[data-heed]', {runOnly: rules})", RULES)
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == [], step
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()
