"""Sharing a survey: the open link with its code on paper, the widgets that are set up, and who may do so."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest
from flask_openapi3 import OpenAPI
from PIL import Image
from playwright.sync_api import Browser, expect

from app.kernel.db import db
from app.surveys.answering.models import Response, Widget
from app.surveys.answering.qr import QUIET, matrix_of, png_of, svg_of
from app.surveys.design.service import save_draft
from tests.answering.shop import open_shop
from tests.audits import list_audit
from tests.cast import PASSWORD, Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.surveys import follow_up_definition, make_version
from tests.factories.widgets import SITE, address_of, make_widget, two_questions
from tests.queries import count_queries

FORM: dict[str, Any] = {
    "name": "Checkout",
    "kind": "popover",
    "sites": f"{SITE}\r\n\r\n https://*.Shop.example:443 \r\n{SITE}/",
    "touchpoint": "checkout",
    "paths": "/checkout/*\n/thanks",
    "delay_seconds": "5",
    "scroll_percent": "40",
    "sample_percent": "20",
    "again_after_days": "90",
    "is_active": "y",
}


@pytest.fixture
def open_survey(cast: Cast) -> str:
    with cast.scope():
        make_touchpoint("checkout", name="Checkout")
        make_version("visit", two_questions(), has_open_link=True)
    return "visit"


# --- the code ---


def test_the_code_is_ready_for_print() -> None:
    address = "https://heed.example/s/acme/delivery-nps"
    matrix = matrix_of(address)
    size = len(matrix)
    assert all(len(row) == size for row in matrix)
    border = [*matrix[:QUIET], *matrix[-QUIET:], *(row[:QUIET] + row[-QUIET:] for row in matrix)]
    assert QUIET == 4 and not any(any(row) for row in border), "nothing stands in the quiet zone"
    # Level and mask stand in the format bits left of the upper finder pattern; 11 is level Q (ISO/IEC 18004, 7.9).
    bits = [matrix[QUIET + 8][QUIET + column] for column in (0, 1)]
    assert [bit ^ mask for bit, mask in zip(bits, (True, False), strict=True)] == [True, True]
    svg = ElementTree.fromstring(svg_of(address))
    assert svg.attrib["viewBox"] == f"0 0 {size} {size + 4}"
    assert svg.findtext("{http://www.w3.org/2000/svg}text") == address


def test_the_picture_is_the_same_code() -> None:
    address = "https://heed.example/s/acme/delivery-nps"
    matrix = matrix_of(address)
    image = Image.open(io.BytesIO(png_of(address)))
    scale = image.width // len(matrix)
    assert image.mode == "1" and image.width == scale * len(matrix) >= 600
    read = [
        [not image.getpixel((x * scale + 1, y * scale + 1)) for x in range(len(matrix))] for y in range(len(matrix))
    ]
    assert read == matrix
    below = image.crop((0, len(matrix) * scale, image.width, image.height))
    assert below.getextrema()[0] == 0, "the address stands below"


@pytest.mark.parametrize("address", ["https://a.example/s/a/b", "https://a.example/" + "x" * 300])
def test_the_address_fits_below(address: str) -> None:
    found = re.search(r'viewBox="0 0 (\d+).*font-size="([\d.]+)"', svg_of(address))
    assert found is not None and float(found[2]) * 0.62 * len(address) <= int(found[1])
    assert png_of(address)


def test_the_link_is_shared_when_there_is_one(cast: Cast, open_survey: str) -> None:
    alice = cast.client("alice")
    page = alice.get(f"surveys/{open_survey}/share")
    assert f"http://heed.test/s/{cast.slug}/visit" in page.text
    svg, png = (alice.get(f"surveys/{open_survey}/share/qr.{kind}?download=1") for kind in ("svg", "png"))
    assert (svg.mimetype, png.mimetype) == ("image/svg+xml", "image/png")
    assert svg.headers["Content-Disposition"] == 'attachment; filename="visit.svg"'
    assert f"http://heed.test/s/{cast.slug}/visit" in svg.text
    with cast.scope():
        make_version("shut", two_questions())
        save_draft("plan", "Plan", None, None, two_questions(), True)
    for key in ("shut", "plan", "nobodys"):
        for path in ("qr.svg", "qr.png", "print"):
            assert alice.get(f"surveys/{key}/share/{path}").status_code == 404, (key, path)
    assert "has no open link" in alice.get("surveys/shut/share").text
    assert "has no open link" in alice.get("surveys/plan/share").text


def test_each_touchpoint_has_a_code_of_its_own(cast: Cast, others: Cast, open_survey: str) -> None:
    with others.scope():
        make_touchpoint("counter-3")
    alice, address = cast.client("alice"), f"http://heed.test/s/{cast.slug}/visit?touchpoint=checkout"
    page = alice.get(f"surveys/{open_survey}/share?touchpoint=checkout")
    assert f'href="{address}"' in page.text and '<option value="checkout" selected>' in page.text
    linked = re.findall(r"/share/([^\"]+)\"", page.text)
    assert len(linked) == 4 and not [path for path in linked if "touchpoint=checkout" not in path]
    svg = alice.get(f"surveys/{open_survey}/share/qr.svg?touchpoint=checkout&download=1")
    assert svg.headers["Content-Disposition"] == 'attachment; filename="visit-checkout.svg"' and address in svg.text
    assert alice.get(f"surveys/{open_survey}/share/qr.png?touchpoint=checkout").data == png_of(address)
    card = alice.get(f"surveys/{open_survey}/share/print?touchpoint=checkout&size=a4")
    assert "For the touchpoint Checkout." in card.text
    assert not [url for url in re.findall(r'"[^"]*/share/[^"]*"', card.text) if "touchpoint=checkout" not in url]
    for wrong in ("counter-3", "nobodys", "%00", "x" * 70, "../../etc"):
        for path in ("", "/qr.svg", "/qr.png", "/print"):
            assert alice.get(f"surveys/{open_survey}/share{path}?touchpoint={wrong}").status_code == 404, (path, wrong)


def test_on_paper_stands_the_card_alone(cast: Cast, application: OpenAPI, browser: Browser, open_survey: str) -> None:
    with open_shop(application) as shop:
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(f"{shop.heed}/sign-in")
        page.fill("[name=email]", cast.email("alice"))
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/t/**")
        for query, size, words in (
            ("", (105, 148), ["Your visit", "Scan the code and tell us how it was."]),
            ("?size=a4&lang=zh-Hans", (210, 297), ["您的访问", "告诉我们您的体验"]),
        ):
            page.goto(f"{shop.heed}/t/{cast.slug}/surveys/visit/share/print{query}")
            printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
            [sheet] = printed.pages
            width, height = (float(side) / 72 * 25.4 for side in sheet.mediabox[2:])
            assert (round(width), round(height)) == size
            # A font may write a Chinese character as its radical.
            text = sheet.extract_text().replace("⼀", "一").replace("⼆", "二").replace("⽤", "用").replace("⾔", "言")
            assert [word for word in words if word not in text] == [] and "Inbox" not in text
        page.context.close()


# --- the widgets ---


def made(cast: Cast) -> Widget:
    with cast.scope():
        return db.session.query(Widget).one()


def test_a_widget_is_made_changed_and_audited(cast: Cast, open_survey: str) -> None:
    alice = cast.client("alice")
    answer = alice.post(f"surveys/{open_survey}/widgets", FORM)
    widget = made(cast)
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/widgets/{widget.id}")
    assert widget.sites == [SITE, "https://*.shop.example"] and widget.paths == ["/checkout/*", "/thanks"]
    assert (widget.delay_seconds, widget.scroll_percent, widget.sample_percent, widget.again_after_days) == (
        5,
        40,
        20,
        90,
    )
    assert widget.touchpoint_id is not None and widget.is_active
    page = alice.get(f"surveys/{open_survey}/widgets/{widget.id}")
    assert f"&lt;script src=&#34;http://heed.test{address_of(cast, widget)}.js&#34;" in page.text.replace('"', "&#34;")
    assert "Checkout" in alice.get(f"surveys/{open_survey}/share").text
    changes = {**FORM, "kind": "inline", "touchpoint": "", "again_after_days": ""}
    del changes["is_active"]
    assert alice.post(f"surveys/{open_survey}/widgets/{widget.id}", changes).status_code == 303
    assert alice.post(f"surveys/{open_survey}/widgets/{widget.id}", changes).status_code == 303
    after = made(cast)
    assert (after.kind, after.touchpoint_id, after.again_after_days, after.is_active) == ("inline", None, None, False)
    with cast.scope():
        audit = [event for event in list_audit() if event.subject_type == "widget"]
    assert [event.action for event in audit] == ["widget.changed", "widget.added"], "what changes nothing is not noted"
    assert audit[0].before == {
        "name": "Checkout",
        "kind": "popover",
        "touchpoint": "checkout",
        "again_after_days": 90,
        "is_active": True,
    }
    assert audit[0].after == {"kind": "inline", "touchpoint": "", "again_after_days": None, "is_active": False}
    assert "embedded a survey" in alice.get("settings/audit").text


BAD = {
    "name": ["", "x" * 201, "\u200b"],
    "kind": ["", "banner"],
    "sites": ["", "null", f"{SITE}\nhttps://a.example/path", "\n".join(f"https://a{n}.example" for n in range(21))],
    "touchpoint": ["nobodys"],
    "paths": ["checkout", "/a b", "/****", "\n".join("/a" for _ in range(21))],
    "delay_seconds": ["", "-1", "3601", "1.5", "9" * 40],
    "scroll_percent": ["101", "x"],
    "sample_percent": ["101", ""],
    "again_after_days": ["-1", "366", "soon"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
def test_bad_fields_are_named(cast: Cast, open_survey: str, field: str, value: str) -> None:
    answer = cast.client("alice").post(f"surveys/{open_survey}/widgets", {**FORM, field: value})
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    with cast.scope():
        assert db.session.query(Widget).count() == 0


def test_what_was_typed_stays(cast: Cast, open_survey: str) -> None:
    answer = cast.client("alice").post(
        f"surveys/{open_survey}/widgets", {**FORM, "sites": "shop.example", "name": "My <b>"}
    )
    assert "“shop.example” is no site" in answer.text and "My &lt;b&gt;" in answer.text


def test_who_may_do_so(cast: Cast, open_survey: str) -> None:
    widget = make_widget(cast)
    at = f"surveys/{widget.survey.key}"
    for name, reading, writing in (("bob", 200, 403), ("dana", 200, 403), ("pat", 403, 403)):
        client = cast.client(name)
        looks = (
            f"{at}/share",
            f"{at}/widgets/{widget.id}",
            f"{at}/widgets/{widget.id}/trial",
            f"{at}/widgets/{widget.id}/trial.js",
        )
        assert [client.get(path).status_code for path in looks] == [reading] * 4
        assert client.get(f"{at}/widgets/add").status_code == writing
        assert client.post(f"{at}/widgets", FORM).status_code == writing
        assert client.post(f"{at}/widgets/{widget.id}", FORM).status_code == writing
    assert "Save</button>" not in cast.client("bob").get(f"{at}/widgets/{widget.id}").text


def test_a_widget_belongs_to_its_survey(cast: Cast, others: Cast, open_survey: str) -> None:
    widget, foreign = make_widget(cast), make_widget(others)
    alice = cast.client("alice")
    for path in (f"surveys/{open_survey}/widgets/{widget.id}", f"surveys/{foreign.survey.key}/widgets/{foreign.id}"):
        assert alice.get(path).status_code == 404
        assert alice.get(f"{path}/trial.js").status_code == 404
        assert alice.post(path, FORM).status_code == 404


def test_a_survey_about_a_case_has_no_widget(cast: Cast) -> None:
    with cast.scope():
        make_version("after", follow_up_definition(), kind="follow_up")
        make_touchpoint("checkout")
    alice = cast.client("alice")
    assert "Embed it" not in alice.get("surveys/after/share").text
    assert alice.post("surveys/after/widgets", FORM).status_code == 409


def test_statements_do_not_grow_with_the_widgets(cast: Cast, open_survey: str) -> None:
    alice = cast.client("alice")

    def statements() -> int:
        with count_queries() as counted:
            assert alice.get(f"surveys/{open_survey}/share").status_code == 200
        return len(counted)

    alice.post(f"surveys/{open_survey}/widgets", FORM)
    few = statements()
    for _turn in range(3):
        alice.post(f"surveys/{open_survey}/widgets", FORM)
    assert statements() == few <= 8


def test_the_trial_shows_the_real_widget_and_sends_nothing(cast: Cast, application: OpenAPI, browser: Browser) -> None:
    widget = make_widget(cast, kind="popover", is_active=False, sample_percent=0, delay_seconds=3600)
    with open_shop(application) as shop:
        page, complaints, posts = browser.new_context(locale="en-GB").new_page(), list[str](), list[str]()
        page.goto(f"{shop.heed}/sign-in")
        page.fill("[name=email]", cast.email("dana"))
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/t/**")
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
        page.goto(f"{shop.heed}/t/{cast.slug}/surveys/{widget.survey.key}/widgets/{widget.id}/trial")
        page.get_by_role("radio", name="3", exact=True).check()
        page.get_by_role("dialog").get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
        page.goto(f"{shop.heed}/t/{cast.slug}/surveys/{widget.survey.key}/widgets/{widget.id}/trial?lang=zh-Hans")
        expect(page.get_by_role("dialog", name="您的访问")).to_be_visible()
        assert page.evaluate("Object.keys(localStorage)") == []
        page.context.close()
    assert (complaints, posts) == ([], [])
    with cast.scope():
        assert db.session.query(Response).count() == 0
