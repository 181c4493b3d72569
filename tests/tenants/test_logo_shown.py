"""Where a tenant's logo stands: customers' pages, mails, scorecards on paper, the portal; and all without one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser
from pypdf import PdfReader

from app.kernel import tokens
from app.kernel.db import db
from app.loop.cases import service as cases
from app.tenants import queries, service
from tests import smtp
from tests.browser import assert_open_to_everybody, watched
from tests.cast import Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.loop import make_ask, make_case, save_part
from tests.queries import count_queries

NAME = 'Ämme & Söhne "Paket" <b>'


@pytest.fixture(autouse=True)
def mail_server(app: Flask) -> Iterator[smtp.Server]:
    with smtp.serve(app) as server:
        yield server


def _choose() -> str:
    made = io.BytesIO()
    Image.new("RGB", (600, 200), "teal").save(made, "PNG")
    service.set_logo(made.getvalue())
    logo = queries.brand("").logo
    assert logo is not None
    return logo.path


def _made(cast: Cast) -> dict[str, str]:
    """The addresses of a customer's pages; a case at what the partner delivers."""
    with cast.scope():
        service.change_settings({"sender_name": NAME})
        make_touchpoint("delivery", partner="pats")
        case = make_case(email="ana@example.com")
        cases.assign_case(case.number, cast.users["bob"])
        cases.ask_partner(case.number, "Which van?", 2)
        cases.resolve_case(case.number, "Refunded", "The money is on its way.")
        asked, answered = make_ask(), make_ask()
        save_part(answered, {"nps": 9}, 1, complete=True)
        return {
            "r": f"/r/{tokens.issue('respond', cast.tenant_id, asked)}",
            "thanks": f"/r/{tokens.issue('respond', cast.tenant_id, answered)}/thanks",
            "u": f"/u/{tokens.issue('unsubscribe', cast.tenant_id, asked)}",
            "c": f"/c/{tokens.issue('case', cast.tenant_id, case.response_id)}",
        }


def _images(html: str) -> list[str]:
    return re.findall(r"<img [^>]+>", html)


@pytest.mark.parametrize("has_logo", [True, False])
def test_on_customers_pages(cast: Cast, has_logo: bool) -> None:
    pages = _made(cast)
    with cast.scope():
        path = _choose() if has_logo else ""
    for name in ("r", "u", "c", "thanks"):
        text = cast.client("alice").get(pages[name]).text
        header = text[text.index('<header class="brand">') : text.index("</header>")]
        if has_logo:
            (image,) = _images(text)
            assert f'src="{path}" width="120" height="40"' in image and 'loading="lazy"' in image, name
            assert 'alt="Ämme &amp; Söhne &#34;Paket&#34; &lt;b&gt;"' in image, name
            assert "brand-mark" not in header
        else:
            assert not _images(text) and "brand-mark" in header and "Paket" in header, name
        assert "<b>" not in header


def test_a_page_asks_the_database_no_more_often_with_a_logo(cast: Cast) -> None:
    pages, counts = _made(cast), []
    for _turn in range(2):
        db.session.close()
        with count_queries() as statements:
            assert cast.client("alice").get(pages["r"]).status_code == 200
        counts.append(len(statements))
        with cast.scope():
            _choose()
    assert counts[0] == counts[1]


@pytest.mark.parametrize("has_logo", [True, False])
def test_in_mails(cast: Cast, mail_server: smtp.Server, has_logo: bool) -> None:
    with cast.scope():
        path = _choose() if has_logo else ""
    _made(cast)
    cast.run_jobs()
    # To the customer of the case, to the partner, and an invitation.
    assert len(mail_server.mails) == 3
    html = [smtp.part(sent, "html") for sent in mail_server.mails]
    for one in html:
        found = _images(one)
        if has_logo:
            (image,) = found
            assert f'src="http://heed.test{path}"' in image and 'width="120"' in image and "Paket" in image
        else:
            assert not found
        assert "Paket" in one and "<b>" not in one
    assert all("http://heed.test/logo/" not in smtp.part(sent, "plain") for sent in mail_server.mails)


@pytest.mark.parametrize("has_logo", [True, False])
def test_on_paper(cast: Cast, has_logo: bool) -> None:
    with cast.scope():
        if has_logo:
            _choose()
    for who, path in (("alice", "partners/pats/scorecard.pdf"), ("pat", "partner/scorecard.pdf")):
        answer = cast.client(who).get(path)
        assert answer.status_code == 200
        page = PdfReader(io.BytesIO(answer.data)).pages[0]
        assert len(page.images) == (1 if has_logo else 0)
        assert cast.slug in page.extract_text()


def test_in_the_portal_and_not_on_the_pages_of_the_house(cast: Cast) -> None:
    with cast.scope():
        path = _choose()
    for page in ("partner/", "partner/cases/", "partner/people", "partner/scorecard"):
        found = _images(cast.client("pat").get(page).text)
        assert len(found) == 1 and f'src="{path}" width="96" height="32" alt="Tenant {cast.slug}"' in found[0], page
    assert not _images(cast.client("bob").get("").text)
    with cast.scope():
        service.remove_logo()
    assert not _images(cast.client("pat").get("partner/").text)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_the_page_and_sees_the_picture(
    cast: Cast, browser: Browser, address: str, colours: str, language: str
) -> None:
    pages = _made(cast)
    with cast.scope():
        _choose()
    context = browser.new_context(color_scheme=colours, locale=language, viewport={"width": 320, "height": 640})
    with watched(context) as page:
        for name in ("r", "c"):
            page.goto(address + pages[name])
            page.locator(".logo").evaluate("image => image.decode()")
            assert page.locator(".logo").evaluate("image => image.naturalWidth") == 480
            assert_open_to_everybody(page)
            assert page.locator(".logo").evaluate("image => image.getBoundingClientRect().height") == 40
    context.close()
