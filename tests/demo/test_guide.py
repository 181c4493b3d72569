"""The guide: a newcomer walks once round the loop, through the mailbox, and every step ticks itself."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, Page, expect

from app.demo.guide import queries, service
from app.demo.guide.queries import Walk
from app.demo.shop.setting import PASSWORD
from app.kernel import outbox
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.kernel.scope import Actor, acting
from app.runtime.home import Home
from app.runtime.mailbox import Keeper
from app.surveys.answering.service import ByInvitation, Submission, submit_response
from app.surveys.outreach.models import Invitation
from tests import smtp
from tests.browser import assert_open_to_everybody, watched
from tests.cast import Cast
from tests.demo.conftest import Shop

pytestmark = pytest.mark.timeout(600)
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def _mail_is_taken(application: OpenAPI) -> Iterator[None]:
    """Whatever these tests have sent goes to a server on this machine, as the guide asks for."""
    with smtp.serve(application):
        yield


def _walk(shop: Shop, name: str) -> Walk:
    with shop.cast.app.app_context(), shop.cast.scope():
        return queries.find_walk(shop.cast.users[name])


def _answer(shop: Shop, name: str, score: int) -> None:
    """Ask for a survey and answer it, without a browser."""
    with shop.cast.app.app_context():
        with shop.cast.scope():
            service.send_survey(shop.cast.users[name], "You", "en")
        with shop.cast.scope():
            found = db.session.query(Invitation).order_by(Invitation.created_at.desc()).first()
            assert found is not None
            submit_response(Submission(ByInvitation(found.id), {"nps": score}))
        shop.cast.run_jobs()


def test_the_walk_stands_where_its_rows_stand(shop: Shop) -> None:
    assert _walk(shop, "ravi") == Walk(is_ready=True)
    _answer(shop, "ravi", 9)
    happy = _walk(shop, "ravi")
    assert (happy.done, happy.is_content, happy.case, happy.next_step) == ({"answer"}, True, None, "arrive")
    _answer(shop, "ravi", 3)
    sad = _walk(shop, "ravi")
    assert (sad.done, sad.is_content, sad.asked, sad.next_step) == ({"answer", "arrive"}, False, 2, "close")
    assert sad.case is not None
    assert _walk(shop, "wen") == Walk(is_ready=True), "everybody walks for themselves"


def test_pressing_twice_sends_one_survey(shop: Shop) -> None:
    client = shop.client("wen")
    assert client.post("guide/surveys").status_code == 303
    assert client.post("guide/surveys").status_code == 303
    walk = _walk(shop, "wen")
    assert (walk.asked, walk.is_open) == (1, True)


def test_the_guide_is_put_away_for_one_person_until_they_take_it_out(shop: Shop) -> None:
    client = shop.client("wen")
    assert "Once round the loop" in client.get("cases/").text
    client.post("guide/absence", {"is_away": "yes"})
    assert "Show it again" in client.get("cases/").text
    assert "guide" not in client.get("cases/").text, "the way back is offered once"
    assert "Once round the loop" in shop.client("ravi").get("").text
    client.post("guide/absence", {"is_away": "no"})
    assert "Once round the loop" in client.get("cases/").text
    assert "Once round the loop" not in client.get("figures/").text, "it stands on the first page only"


def test_nobody_else_ever_sees_it(shop: Shop, cast: Cast) -> None:
    client = cast.client("alice")
    assert "walk" not in client.get("").text
    for path in ("guide/surveys", "guide/card", "guide/absence"):
        assert client.post(path).status_code == 404
    assert client.get("guide/").status_code == 404
    with cast.scope(), pytest.raises(Conflict, match="not filled"):
        service.send_survey(cast.users["alice"], "You", "en")
    partner = shop.client("owen")
    assert "walk" not in partner.get("partner/").text
    assert partner.post("guide/surveys").status_code == 403


def test_it_is_not_offered_where_mail_leaves_the_machine(shop: Shop) -> None:
    app = shop.cast.app
    before = app.extensions["heed_settings"]
    app.extensions["heed_settings"] = before.model_copy(update={"smtp_url": "smtp://mail.example:25"})
    try:
        assert "walk" not in shop.client("maya").get("").text
    finally:
        app.extensions["heed_settings"] = before


def test_a_card_that_was_looked_at_is_ticked(shop: Shop) -> None:
    with shop.cast.app.app_context(), shop.cast.scope(), acting(Actor("user", shop.cast.users["ravi"], "Ravi")):
        service.open_card()
    assert "card" in _walk(shop, "ravi").done
    assert "card" not in _walk(shop, "maya").done


@contextmanager
def _mailbox(app: OpenAPI, address: str, home: Path) -> Iterator[None]:
    """The development mailbox, with its pages and links at this address."""
    folder = Home(home).mail
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    before = app.extensions["heed_settings"]
    here = {"smtp_url": f"smtp://127.0.0.1:{port}", "base_url": address, "home": home}
    app.extensions["heed_settings"] = before.model_copy(update=here)
    try:
        yield
    finally:
        app.extensions["heed_settings"] = before
        controller.stop()


@contextmanager
def _working(shop: Shop) -> Iterator[None]:
    """A worker beside the browser: a job that fails is tried again, as it would be."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.2):
            with shop.cast.app.app_context():
                outbox.drain_place(shop.cast.tenant_id, float("inf"))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _sign_in(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/demo/**")


def test_a_newcomer_walks_once_round_the_loop(shop: Shop, address: str, browser: Browser, tmp_path: Path) -> None:
    app = shop.cast.app
    assert isinstance(app, OpenAPI)
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 700}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    with app.app_context():
        shop.cast.run_jobs()  # what others were sent before does not come into this mailbox
    with _mailbox(app, address, tmp_path / "home"), _working(shop), watched(context) as page:
        _sign_in(page, address, "jun@demo.heed.test")
        steps = page.locator(".walk-steps li")
        expect(steps).to_have_count(4)
        assert_open_to_everybody(page)
        page.locator("#walk-ask").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#walk-mail")).to_be_visible()
        _answer_by_mail(page)
        # Nobody reloads the page: it finds out by itself.
        expect(page.locator("#walk-case")).to_be_visible()
        expect(steps.nth(1)).to_have_class("is-done")
        assert_open_to_everybody(page)
        _close_the_case(page, address)
        page.goto(f"{address}/t/demo/cases/")
        expect(steps.nth(2)).to_have_class("is-done")
        page.locator("#walk-card").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tarnwick Parcel")
        page.goto(f"{address}/t/demo/cases/")
        expect(page.get_by_text("That was the whole loop.")).to_be_visible()
    context.close()


def _answer_by_mail(page: Page) -> None:
    """Open the newest mail from the guide and answer 2 on the page it leads to."""
    with page.context.expect_page() as opened:
        page.locator("#walk-mail").click()
    mails = opened.value
    mail = mails.get_by_role("link", name=re.compile("delivery", re.IGNORECASE)).first
    for _attempt in range(60):
        if mail.is_visible():
            break
        mails.wait_for_timeout(500)
        mails.reload()
    mail.click()
    link = mails.locator("a[href*='/r/']").first.get_attribute("href")
    assert link is not None
    mails.goto(link)
    mails.get_by_label("2", exact=True).check(force=True)
    mails.get_by_role("button", name="Send").click()
    mails.wait_for_url("**/thanks**")
    mails.close()


def _close_the_case(page: Page, address: str) -> None:
    page.locator("#walk-case").click()
    here = f"{address}/t/demo/cases/{page.url.rpartition('/')[2]}"
    headers = {"X-CSRFToken": page.locator("meta[name=csrf-token]").get_attribute("content") or ""}
    contact = {"channel": "phone", "outcome": "reached", "text": "Spoke with you."}
    assert page.request.post(f"{here}/contacts", form=contact, headers=headers).ok
    done = {"act": "close", "outcome": "confirmed", "action_taken": "Flowers.", "cause": "process", "verified": "1"}
    assert page.request.post(f"{here}/wrap-up", form=done, headers=headers).ok
