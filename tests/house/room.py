"""The whole application in a real browser: who sits at it, signed in, and what the browser complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from app.kernel import clock, tokens
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.scope import directory_scope
from app.runtime import devmail, mailbox
from app.surveys.outreach.models import Invitation
from app.tenants import queries as tenants
from app.tenants import service
from app.tenants.accounts.state import NEW_EMAIL, RESET, link_for
from app.tenants.joining.models import SignUp
from app.tenants.joining.queries import SIGN_UP
from app.tenants.joining.rules import SIGN_UP_HOLDS, sign_up_state
from tests.browser import AXE, open_browser, served
from tests.cast import PASSWORD, keep_fresh
from tests.house.probes import Call, Example, call_of, routes
from tests.house.world import World

LANGUAGES = {"en": "en-GB", "zh-Hans": "zh-CN"}
MAIL = b"From: Acme <a@example.com>\r\nTo: ana@example.com\r\nSubject: Your delivery\r\n\r\nHow was it?\r\n"


@dataclass
class Seat:
    """Somebody at a browser, and what the browser complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Hear what goes wrong on the page without being seen."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("requestfailed", lambda request: self.complaints.append(f"{request.url}: {request.failure}"))
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
        if who in self.world.cast.users:
            # Another test may have had them choose a language, which goes before the browser's.
            with self.world.cast.app.app_context(), directory_scope():
                service.set_locale(self.world.cast.users[who], language)
        if (who, language) not in self.seats:
            # With motion, axe would meet colours that are on their way to where they go.
            light = {"color_scheme": "light" if language == "en" else "dark", "reduced_motion": "reduce"}
            context = self.browser.new_context(locale=LANGUAGES[language], **light)
            seat = Seat(context.new_page())
            if who in self.world.cast.users:
                seat.page.goto(f"{self.address}/sign-in")
                self.try_to_sign_in(seat.page, self.world.cast.email(who), PASSWORD)
                seat.page.wait_for_url("**/t/**")
                with self.world.cast.app.app_context(), directory_scope():
                    keep_fresh(self.world.cast.users[who])
            context.add_init_script(AXE)
            seat.listen()
            self.seats[who, language] = seat
        return self.seats[who, language]

    def open(self, page: Page, endpoint: str, example: Example) -> int:
        """Bring the browser to a page by its example; returns the status."""
        rule, method = next(
            found for found in routes(self.world.cast.app) if found[0].endpoint == endpoint and found[1] == "GET"
        )
        call: Call = call_of(rule, method, example, self.names, self.world.cast.slug)
        answer = page.goto(self.address + call.url + _query(call))
        assert answer is not None
        return answer.status

    def try_to_sign_in(self, page: Page, email: str, password: str) -> None:
        """Send the form of the sign-in page."""
        page.fill("[name=email]", email)
        page.fill("[name=password]", password)
        page.click("[type=submit]:not(.menu-item):not([name=locale])")


def _query(call: Call) -> str:
    query = urlencode(call.options["query_string"])
    return f"?{query}" if query else ""


@contextmanager
def open_room(application: OpenAPI, world: World, folder: Path) -> Iterator[Room]:
    """The whole application on an address of its own, its pages open to a browser; `folder` holds a mail."""
    names = {**world.names, "mail": mailbox.keep(folder, MAIL, ["ana@example.com"]), "answered_token": _answered(world)}
    names["sign_up_link"] = _sign_up_link(world)
    names |= _links_of_letters(world)
    with pytest.MonkeyPatch.context() as patch, open_browser() as browser, served(application) as address:
        patch.setattr(devmail, "_folder", lambda: folder)
        yield Room(world, names, browser, address)


def _sign_up_link(world: World) -> str:
    """A link with which somebody new may set up an organisation."""
    now, new = clock.now(), new_id()
    asked = SignUp(id=new, email=f"{new.hex}@example.com", locale="en", timezone="UTC", created_at=now)
    asked.organisation = "An organisation whose name is as long as names may get before anybody shortens them"
    with world.cast.app.app_context(), directory_scope(), atomic() as session:
        session.add(asked)
    return tokens.issue_link(SIGN_UP, new, now + SIGN_UP_HOLDS, sign_up_state(None))


def _links_of_letters(world: World) -> dict[str, str]:
    """Links with which eve sets a password and vera confirms an address."""
    with world.cast.app.app_context(), directory_scope(), atomic():
        eve, vera = (tenants.find_user(world.cast.users[name]) for name in ("eve", "vera"))
        assert eve is not None and vera is not None
        vera.new_email = "an-address-that-is-as-long-as-addresses-get-before-anybody-shortens-them@example.com"
        return {"reset_link": link_for(RESET, eve), "email_link": link_for(NEW_EMAIL, vera)}


def _answered(world: World) -> str:
    """The link of a customer who has answered."""
    with world.cast.app.app_context(), world.cast.scope():
        found = db.session.query(Invitation).filter_by(status="completed", purpose="ask").first()
        assert found is not None
        return tokens.issue("respond", world.cast.tenant_id, found.id)
