"""The customer's page of a case in a real browser: for everybody, by keyboard, in both languages, without script."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server
from whitenoise import WhiteNoise

from app.kernel import tokens
from app.loop.cases import service
from app.loop.cases.models import Case
from app.web.assets import STATIC_ROOT
from tests.cast import Cast
from tests.factories.loop import make_case
from tests.loop.told import kinds, now

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


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
def case(cast: Cast) -> Case:
    """A case with something of everything to show."""
    with cast.scope():
        found = make_case(email="ana@example.com", customer={"timezone": "Asia/Shanghai"})
        service.assign_case(found.number, cast.users["bob"])
        service.record_first_contact(found.number, "phone", "attempted")
        service.record_first_contact(found.number, "phone", "reached")
        return service.resolve_case(found.number, "Refunded", f"The money is on its way.\n\n{LONG}")


def path(cast: Cast, case: Case) -> str:
    return f"/c/{tokens.issue('case', cast.tenant_id, case.response_id)}"


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_nobody_is_shut_out(cast: Cast, browser: Browser, address: str, case: Case, width: int, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()

    def judge() -> None:
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found["violations"]] == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url

    for language in ("en", "zh-Hans"):
        page.goto(f"{address}{path(cast, case)}?lang={language}")
        judge()
    page.fill("#words", "x")
    page.evaluate("document.querySelector('[name=act]').value = 'nothing'")
    page.locator(".send").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    judge()
    page.fill("#words", f"不行 {LONG}")
    page.locator(".send").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    judge()
    page.goto(f"{address}/c/nonsense")
    expect(page.locator("h1")).to_have_text("This link does not work")
    judge()
    context.close()


def test_the_keyboard_is_enough(cast: Cast, browser: Browser, address: str, case: Case) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    page = context.new_page()
    page.goto(address + path(cast, case))
    expect(page.locator("h1")).to_have_text("We believe that this is solved")
    page.keyboard.press("Tab")
    page.keyboard.type("It broke again")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("#words")).to_have_value("It broke again")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("现在由另一位同事负责")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    context.close()
    with cast.scope():
        assert kinds(now(case.number))[-3:] == ["objected", "reopened", "assigned"]
