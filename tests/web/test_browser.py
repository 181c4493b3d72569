"""The pages in a real browser: nothing breaks the policy, keys and live rows work, answers are never lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.extensions import csrf
from tests.browser import assert_open_to_everybody, served, watched
from tests.web import browser_app
from tests.web.browser_app import State, state
from tests.web.small_app import make_app

NPS = {"key": "nps", "type": "nps", "text": "How likely?", "required": True}
WHY = {"key": "why", "type": "text", "text": "Why?"}
LATE = {
    "key": "late",
    "type": "choice",
    "text": "What went wrong?",
    "options": [{"key": "late", "text": "It came late"}, {"key": "damaged", "text": "It was damaged"}],
    "show_if": {"<=": [{"var": "nps"}, 6]},
    "hidden": True,
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    def prepare(app: Flask) -> None:
        app.register_blueprint(browser_app.bp)
        csrf.exempt("tests.web.browser_app.answer")

    with served(make_app(prepare=prepare)) as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    state.__dict__.update(State().__dict__)
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    with watched(context) as page:
        page.goto(address + "/nowhere")
        yield page


def _eventually(check: Callable[[], bool], page: Page) -> None:
    for _ in range(100):
        if check():
            return
        page.wait_for_timeout(50)
    pytest.fail("it did not happen within five seconds")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("path", ["", "/sign-in", "/respond", "/respond?chosen&faulty", "/thanks"])
def test_nobody_is_shut_out(browser: Browser, address: str, scheme: Any, width: int, path: str) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/dev/components{path}")
    # A summary of errors takes the focus and scrolls there; under the sticky head a target would count as cut off.
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    assert_open_to_everybody(page)
    context.close()


def test_charts_break_no_policy_and_are_followed_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/dev/components")
    expect(page.locator(".chart-wide [role=img] svg").first).to_be_visible()
    page.get_by_role("link", name="Mar 2017: +18, n 71").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#may")
    page.set_viewport_size({"width": 320, "height": 740})
    expect(page.locator(".chart-wide").first).to_be_hidden()
    expect(page.locator(".chart-narrow").first).to_be_visible()


@pytest.mark.parametrize(("width", "least"), [(360, 28), (320, 24)])
def test_eleven_numbers_fit_one_row_of_a_phone(page: Page, address: str, width: int, least: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{address}/dev/components/respond")
    boxes = [box.bounding_box() for box in page.locator("[name=nps] + .face").all()]
    assert len(boxes) == 11 and len({box["y"] for box in boxes if box}) == 1
    assert min(box["width"] for box in boxes if box) >= least
    assert min(box["height"] for box in boxes if box) >= 44


def test_a_poll_without_news_costs_a_304(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    _eventually(lambda: state.polls[:3] == [200, 304, 304], page)
    state.words = "is due"
    expect(page.locator("#row-a")).to_contain_text("a is due")
    assert state.polls.count(200) == 2


def test_new_rows_announce_themselves_and_move_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    page.focus("#row-b [data-key-open]")
    state.rows, state.words = ["new", "b"], "changed"
    notice = page.get_by_role("button", name="Show what is new: 1")
    expect(notice).to_be_visible()
    shown = page.locator("#queue tr").evaluate_all("rows => rows.map(row => row.id)")
    assert shown == ["row-a", "row-b"]
    expect(page.locator("#row-a")).to_have_attribute("data-gone", "")
    expect(page.locator("#row-b")).to_contain_text("changed")
    assert page.evaluate("document.activeElement.closest('tr').id") == "row-b"
    page.keyboard.press(".")
    expect(page.locator("#row-new")).to_be_visible()
    assert page.locator("#queue tr").evaluate_all("rows => rows.map(row => row.id)") == ["row-new", "row-b"]
    assert page.evaluate("document.activeElement.closest('tr').id") == "row-b"
    expect(notice).to_be_hidden()


def test_the_first_row_of_an_empty_list_needs_no_announcement(page: Page, address: str) -> None:
    state.rows = []
    page.goto(f"{address}/driven/live")
    expect(page.locator("#queue")).to_contain_text("Nothing yet")
    state.rows = ["a"]
    expect(page.locator("#row-a")).to_be_visible()
    expect(page.locator("#queue")).not_to_contain_text("Nothing yet")


def test_a_list_that_cannot_be_brought_up_to_date_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    page.route("**/driven/rows", lambda route: route.fulfill(status=503, body="<p>broken</p>"))
    expect(page.get_by_text("Not up to date")).to_be_visible()
    assert page.locator("#queue tr").count() == 2
    page.unroute("**/driven/rows")
    expect(page.get_by_text("Not up to date")).to_be_hidden()


def test_keys_move_tick_open_and_press(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#row-b input")).to_be_checked()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#a$"))
    page.keyboard.press("c")
    expect(page.locator("#saved")).to_have_text("saved")
    page.keyboard.press("Control+k")
    page.keyboard.type("jcx")
    expect(page.locator("[data-search]")).to_have_value("jcx")


def test_single_letters_can_be_turned_off(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    page.keyboard.press("?")
    page.get_by_label("Single letters work as keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.closest('tr')") is None
    expect(page.locator("#saved")).to_have_text("")


def test_a_refused_action_becomes_a_notice(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    page.click("#refuse")
    expect(page.locator("#notices")).to_contain_text("Somebody closed it already.")
    expect(page.locator("#saved")).to_have_text("")


def test_the_theme_is_remembered(page: Page, address: str) -> None:
    page.goto(f"{address}/driven/live")
    page.click("[popovertarget=reader]")
    page.click("[data-theme-set=dark]")
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.click("[popovertarget=reader]")
    expect(page.locator("[data-theme-set=dark]")).to_have_attribute("aria-pressed", "true")


def test_without_script_every_question_stands_there_and_send_works(browser: Browser, address: str) -> None:
    state.__dict__.update(State(questions=[NPS, WHY, LATE]).__dict__)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/driven/survey")
    page.get_by_text("What went wrong?").wait_for(state="visible")
    page.locator("[name=nps][value='3']").check()
    page.locator("[name=late][value='late']").check()
    page.click(".send")
    expect(page.locator("h1")).to_have_text("Thank you")
    context.close()
    sent = {"nps": "3", "why": "", "late": "late", "heed.website": "", "heed.revision": "1"}
    assert state.forms == [sent]


def test_follow_up_questions_come_and_go_in_place(page: Page, address: str) -> None:
    state.questions = [NPS, WHY, LATE]
    page.goto(f"{address}/driven/survey")
    follow_up = page.get_by_text("What went wrong?")
    expect(follow_up).to_be_hidden()
    page.locator("[name=nps][value='3']").check()
    expect(follow_up).to_be_visible()
    page.locator("[name=late][value='late']").check()
    page.locator("[name=nps]:checked").press("ArrowLeft")
    expect(page.locator("[name=nps][value='2']")).to_be_checked()
    page.locator("[name=nps][value='9']").check()
    expect(follow_up).to_be_hidden()
    page.click(".send")
    expect(page.locator("h1")).to_have_text("Thank you")
    assert state.forms[0]["nps"] == "9" and "late" not in state.forms[0]


def test_answers_are_saved_as_they_are_given(page: Page, address: str) -> None:
    state.questions, state.revision = [NPS, WHY, LATE], 4
    page.goto(f"{address}/driven/survey")
    page.locator("[name=nps][value='0']").check()
    _eventually(lambda: len(state.saves) == 1, page)
    page.fill("[name=why]", " Late again ")
    _eventually(lambda: len(state.saves) == 2, page)
    assert state.saves[0] == {"answers": {"nps": 0}, "complete": False, "revision": 5}
    assert state.saves[1] == {"answers": {"nps": 0, "why": "Late again"}, "complete": False, "revision": 6}


def test_opening_a_link_with_a_score_answers_nothing(page: Page, address: str) -> None:
    state.questions = [{**NPS, "value": 9}, WHY]
    page.goto(f"{address}/driven/survey")
    page.evaluate("document.querySelector('[name=nps]').dispatchEvent(new Event('input', {bubbles: true}))")
    page.wait_for_timeout(1500)
    assert state.saves == []


def test_an_answer_that_could_not_be_sent_is_kept_and_sent_again(page: Page, address: str) -> None:
    state.questions, state.refusals = [NPS, WHY], [503, 500]
    page.goto(f"{address}/driven/survey")
    page.locator("[name=nps][value='3']").check()
    expect(page.get_by_text("kept on this device")).to_be_visible()
    _eventually(lambda: len(state.saves) == 1, page)
    expect(page.get_by_text("kept on this device")).to_be_hidden()
    assert state.saves[0]["answers"] == {"nps": 3}


def test_an_answer_given_offline_comes_back_after_a_reload(page: Page, address: str) -> None:
    state.questions = [NPS, WHY]
    page.goto(f"{address}/driven/survey")
    page.route("**/driven/survey", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    page.locator("[name=nps][value='3']").check()
    page.fill("[name=why]", "Too late")
    expect(page.get_by_text("kept on this device")).to_be_visible()
    page.unroute("**/driven/survey")
    page.reload()
    expect(page.locator("[name=nps][value='3']")).to_be_checked()
    expect(page.locator("[name=why]")).to_have_value("Too late")
    _eventually(lambda: len(state.saves) == 1, page)
    assert state.saves[0]["answers"] == {"nps": 3, "why": "Too late"}


def test_nothing_is_left_for_the_next_person_after_sending(page: Page, address: str) -> None:
    state.questions = [NPS]
    page.goto(f"{address}/driven/survey")
    page.locator("[name=nps][value='3']").check()
    page.click(".send")
    expect(page.locator("h1")).to_have_text("Thank you")
    assert page.evaluate("sessionStorage.length") == 0
    assert int(state.forms[0]["heed.revision"]) > 1


@pytest.mark.parametrize("status", [404, 409, 410, 413])
def test_a_survey_that_is_over_is_not_asked_again(page: Page, address: str, status: int) -> None:
    state.questions, state.refusals = [NPS, WHY], [status, status]
    page.goto(f"{address}/driven/survey")
    page.locator("[name=nps][value='3']").check()
    _eventually(lambda: len(state.refusals) == 1, page)
    page.fill("[name=why]", "more")
    page.wait_for_timeout(1500)
    assert len(state.refusals) == 1


@pytest.mark.parametrize(
    ("rule", "answers", "shown"),
    [
        ({"<=": [{"var": "nps"}, 6]}, {"nps": 6}, True),
        ({"<=": [{"var": "nps"}, 6]}, {"nps": 7}, False),
        ({"<=": [{"var": "nps"}, 6]}, {}, False),
        ({"<": [2, {"var": "nps"}, 6]}, {"nps": 3}, True),
        ({"<": [2, {"var": "nps"}, 6]}, {"nps": 6}, False),
        ({">": [{"var": "nps"}, 0]}, {"nps": 0}, False),
        ({"==": [{"var": "nps"}, 0]}, {"nps": 0}, True),
        ({"==": [{"var": "nps"}, 0]}, {}, False),
        ({"!=": [{"var": "pick"}, "b"]}, {"pick": "a"}, True),
        ({"in": [{"var": "pick"}, ["a", "c"]]}, {"pick": "a"}, True),
        ({"in": [{"var": "pick"}, ["b", "c"]]}, {"pick": "a"}, False),
        ({"and": [{">=": [{"var": "nps"}, 1]}, {"==": [{"var": "pick"}, "a"]}]}, {"nps": 1, "pick": "a"}, True),
        ({"and": [{">=": [{"var": "nps"}, 1]}, {"==": [{"var": "pick"}, "a"]}]}, {"nps": 1}, False),
        ({"or": [{">=": [{"var": "nps"}, 9]}, {"==": [{"var": "pick"}, "a"]}]}, {"nps": 1, "pick": "a"}, True),
        ({"!": {"var": "pick"}}, {}, True),
        ({"!!": [{"var": "pick"}]}, {"pick": "a"}, True),
        ({"missing": ["pick", "nps"]}, {"nps": 1}, True),
        ({"missing": ["nps"]}, {"nps": 1}, False),
        ({"if": [{">": [{"var": "nps"}, 6]}, False, True]}, {"nps": 3}, True),
        ({"==": [{"var": ["pick", "none"]}, "none"]}, {}, True),
        ({"an operator of the future": [1]}, {}, True),
    ],
)
def test_conditions(page: Page, address: str, rule: Any, answers: dict[str, Any], shown: bool) -> None:
    pick = {"key": "pick", "type": "choice", "text": "Pick", "options": [{"key": "a", "text": "A"}]}
    state.questions = [
        {**NPS, "value": answers.get("nps")},
        {**pick, "value": answers.get("pick")},
        {**WHY, "show_if": rule},
    ]
    page.goto(f"{address}/driven/survey")
    expect(page.locator("[data-question=why]")).to_be_visible(visible=shown)
