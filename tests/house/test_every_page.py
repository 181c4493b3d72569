"""Every page for people in a real browser: nobody is shut out, nothing is wider than a phone, nothing fails unseen.

The pages come from the examples (examples.py), so a new one is looked at as soon as its route has an example. Each is
opened twice: in English at a desk (1280 px) in light colours, and in Chinese on a phone (320 px) in dark ones.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright
from werkzeug.serving import make_server
from whitenoise import WhiteNoise

from app.kernel import tokens
from app.kernel.db import db
from app.runtime import devmail, mailbox
from app.surveys.outreach.models import Invitation
from app.web.assets import STATIC_ROOT
from tests.cast import PASSWORD
from tests.house.examples import EXAMPLES
from tests.house.probes import Call, Example, call_of, routes
from tests.house.world import World

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = {
    "en": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What a smaller page, other colours and another language can make wrong; the rest has been judged at the desk.
    "zh-Hans": ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size", "valid-lang"],
}
LANGUAGES = {"en": "en-GB", "zh-Hans": "zh-CN"}
NO_PAGES = {
    *("health.live", "health.ready", "metrics.metrics"),  # for machines
    *("cases.rows", "cases.story"),  # parts of a page that are loaded by themselves
    *("surveys.preview_page", "devmail.html"),  # what a frame of another page shows: a customer's page, a mail
    "tenants.start",  # leads on
}
MAIL = b"From: Acme <a@example.com>\r\nTo: ana@example.com\r\nSubject: Your delivery\r\n\r\nHow was it?\r\n"

SIGHTS: dict[str, Example] = {
    **{name: example for name, example in EXAMPLES.items() if name not in NO_PAGES and example.by != "machine"
       and example.form is None and example.json is None},
    "tenants.sign_in": Example(by="nobody"),
    "tenants.sign_in, refused": Example(query={"email": "nobody"}, ok=422, by="nobody"),
    "answering.thanks": Example({"token": "{answered_token}"}, by="customer"),
    "answering.survey, answered": Example({"token": "{answered_token}"}, by="customer"),
    "devmail.show": Example({"name": "{mail}"}),
    "journeys.index": Example(),
    "journeys.index, adding": EXAMPLES["journeys.index"],
    "surveys.index, adding": EXAMPLES["surveys.index"],
    "figures.index": Example(),
    "figures.index, by partner": EXAMPLES["figures.index"],
    "cases.inbox, nothing found": Example(query={"q": "nobody has this name"}),
    "cases.show, closed": Example({"number": "{closed_case}"}),
    "partners.show, nobody's": Example({"key": "nobodys"}, ok=404),
    "settings.index, without the right": Example(ok=403, by="bob"),
}  # fmt: skip
"""What is looked at, by endpoint; what stands behind a comma tells two sights of one page apart."""


@dataclass
class Seat:
    """Somebody at a browser, and what the browser complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Hear what goes wrong on the page without being seen."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("requestfailed", lambda request: self.complaints.append(f"{request.url} failed"))
        self.page.on("response", self._receive)

    def _hear(self, message: ConsoleMessage) -> None:
        # A refused request is heard as a response, which knows whether it was the page itself.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _receive(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.url} answered {response.status}")


@dataclass
class Room:
    """Where the pages stand, and who sits at them."""

    world: World
    names: dict[str, Any]
    browser: Browser
    address: str
    seats: dict[tuple[str, str], Seat] = field(default_factory=dict)

    def seat(self, who: str, language: str) -> Seat:
        """The browser of `who` in this language; they sign in when they sit down."""
        if (who, language) not in self.seats:
            # With motion, axe would meet colours that are on their way to where they go.
            light = {"color_scheme": "light" if language == "en" else "dark", "reduced_motion": "reduce"}
            context = self.browser.new_context(locale=LANGUAGES[language], **light)
            seat = Seat(context.new_page())
            if who in self.world.cast.users:
                seat.page.goto(f"{self.address}/sign-in")
                self.send_form(seat.page, self.world.cast.email(who), PASSWORD)
                seat.page.wait_for_url("**/t/**")
            context.add_init_script(AXE)
            seat.listen()
            self.seats[who, language] = seat
        return self.seats[who, language]

    def open(self, page: Page, sight: str) -> int:
        """Bring the page to this sight; returns the status."""
        endpoint, example = sight.partition(",")[0], SIGHTS[sight]
        rule, method = next(
            found for found in routes(self.world.cast.app) if found[0].endpoint == endpoint and found[1] == "GET"
        )
        call: Call = call_of(rule, method, example, self.names, self.world.cast.slug)
        answer = page.goto(self.address + call.url + _query(call))
        assert answer is not None
        if endpoint != "tenants.sign_in" or "email" not in example.query:
            return answer.status
        with page.expect_navigation() as refused:
            self.send_form(page, "nobody@example.com", "not the password")
        return refused.value.status if refused.value else 0

    def send_form(self, page: Page, email: str, password: str) -> None:
        """Try to sign in."""
        page.fill("[name=email]", email)
        page.fill("[name=password]", password)
        page.click("[type=submit]:not(.menu-item):not([name=locale])")


def _query(call: Call) -> str:
    query = urlencode(call.options["query_string"])
    return f"?{query}" if query else ""


@pytest.fixture(scope="module")
def room(application: OpenAPI, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder = tmp_path_factory.mktemp("mail")
    names = {**world.names, "mail": mailbox.keep(folder, MAIL, ["ana@example.com"]), "answered_token": _answered(world)}
    files = WhiteNoise(application.wsgi_app, root=str(STATIC_ROOT), prefix="/static/")
    server = make_server("127.0.0.1", 0, files, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chromium = shutil.which("chromium")
    assert chromium, "the browser tests need a Chromium: run tools/setup browser"
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setattr(devmail, "_folder", lambda: folder)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield Room(world, names, browser, f"http://127.0.0.1:{server.port}")
        browser.close()
    server.shutdown()


def _answered(world: World) -> str:
    """The link of a customer who has answered."""
    with world.cast.app.app_context(), world.cast.scope():
        found = db.session.query(Invitation).filter_by(status="completed", purpose="ask").first()
        assert found is not None
        return tokens.issue("respond", world.cast.tenant_id, found.id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_every_page_is_for_everybody(room: Room, sight: str, language: str) -> None:
    example = SIGHTS[sight]
    seat = room.seat(example.by, language)
    page = seat.page
    seat.complaints.clear()
    page.set_viewport_size({"width": 1280, "height": 900} if language == "en" else {"width": 320, "height": 740})
    assert room.open(page, sight) == example.ok
    assert _faults(page, RULES[language]) == {}
    page.set_viewport_size({"width": 320, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "wider than a phone"
    assert page.locator("h1").count() == 1
    assert page.title().strip(" ·")
    # The survey of the world is written in English, and so is the page that asks it.
    assert page.locator("html").get_attribute("lang") == ("en" if example.by == "customer" else language)
    assert seat.complaints == []


def _faults(page: Page, rules: list[str]) -> dict[str, Any]:
    """What axe finds: the places by rule."""
    # A summary of errors takes the focus and scrolls there; under the sticky head a target would count as cut off.
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    found = page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false})", rules
    )
    return {
        rule["id"]: [(node["target"], node["html"][:200]) for node in rule["nodes"]] for rule in found["violations"]
    }


def test_every_page_has_a_sight(application: OpenAPI) -> None:
    """None is left out but those named above and what machines read."""
    seen = {sight.partition(",")[0] for sight in SIGHTS} | NO_PAGES
    pages = {rule.endpoint for rule, method in routes(application) if method == "GET"}
    machines = {name for name, example in EXAMPLES.items() if example.by == "machine"}
    assert pages - machines - seen == set()
