"""The customer's page: complete without script, in their language, small, and nothing in it is ever executed."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from werkzeug.test import TestResponse

from app.kernel.db import atomic, db
from app.surveys.answering.models import Response
from app.surveys.design.service import close_survey, reopen_survey
from app.tenants import queries as tenants
from tests.cast import Cast
from tests.factories.answering import Customer, change_invitation, make_customer, make_passer_by, stored
from tests.factories.journeys import make_department, make_touchpoint
from tests.factories.surveys import csat_definition, make_survey, nps_definition
from tests.queries import count_queries

PROMISE = "somebody from our team gets in touch with you by"
CHINESE = {
    "nps": "您有多大可能向朋友或同事推荐 Acme？",
    "why": "打这个分数的主要原因是什么？",
}


class Elements(HTMLParser):
    """Every element of a page with its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str | None) -> list[dict[str, str | None]]:
        """The attributes of the elements with this tag and these attributes."""
        return [found for name, found in self.found if name == tag and wanted.items() <= found.items()]


def page_of(answer: TestResponse) -> Elements:
    assert answer.mimetype == "text/html"
    return Elements(answer.text)


def checked(page: Elements) -> dict[str, str | None]:
    return {str(radio["name"]): radio["value"] for radio in page.all("input", type="radio") if "checked" in radio}


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return make_customer(cast)


def test_everything_is_asked_in_one_form_without_script(customer: Customer) -> None:
    answer = customer.get()
    page = page_of(answer)
    [form] = page.all("form")
    assert form["method"] == "post" and str(form["action"]).startswith(customer.path)
    assert [radio["value"] for radio in page.all("input", name="nps")] == [str(score) for score in range(11)]
    assert all("required" in radio for radio in page.all("input", name="nps"))
    assert not any("required" in radio for radio in page.all("input", name="late")), "it may be left out without script"
    assert len(page.all("fieldset")) == 3 and len(page.all("legend")) == 2
    [why] = page.all("textarea", name="why")
    assert page.all("label", **{"for": why["id"]})
    assert [script for script in page.all("script") if "src" not in script] == []
    assert "Only if you chose 6 or less for “How likely" in answer.text
    [when] = page.all("fieldset", **{"data-question": "late"})
    assert "hidden" in when, "a page with script shows it when it applies"
    assert page.all("button", **{"class": "send"})


def test_the_page_names_the_brand_and_what_happened(cast: Cast, customer: Customer) -> None:
    with cast.scope(), atomic():
        tenants.settings().sender_name = "Acme Home Goods"
    text = customer.get().text
    assert "Acme Home Goods" in text
    assert re.search(r"<h1[^>]*>Your delivery of \d{1,2} [A-Z][a-z]+</h1>", text)
    [stop] = [link for link in page_of(customer.get()).all("a") if str(link["href"]).startswith("/u/")]
    assert len(str(stop["href"])) == len("/u/") + 64


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("", {}),
        ("?score=9", {"nps": "9"}),
        ("?score=0", {"nps": "0"}),
        ("?score=nps:3", {"nps": "3"}),
        ("?score=late:damaged", {"late": "damaged"}),
        ("?score=11", {}),
        ("?score=-1", {}),
        ("?score=3.0", {}),
        ("?score=other:3", {}),
        ("?score=nps:", {}),
        ("?score=%3Cscript%3E", {}),
        ("?score=%ff%00", {}),
    ],
)
def test_a_score_in_the_link_is_chosen_and_nothing_else(customer: Customer, query: str, chosen: dict[str, str]) -> None:
    answer = customer.get(query)
    assert answer.status_code == 200 and checked(page_of(answer)) == chosen
    assert "<script>" not in answer.text


def test_a_low_score_in_the_link_shows_what_depends_on_it(customer: Customer) -> None:
    [late] = page_of(customer.get("?score=3")).all("fieldset", **{"data-question": "late"})
    assert "hidden" not in late


def test_saved_answers_stand_in_the_form_again(customer: Customer) -> None:
    customer.save({"nps": 3, "why": "Late </textarea> again", "late": "damaged"}, revision=4)
    answer = customer.get()
    page = page_of(answer)
    assert checked(page) == {"nps": "3", "late": "damaged"}
    assert "Late &lt;/textarea&gt; again</textarea>" in answer.text
    assert page.all("input", name="heed.revision", value="5") and page.all("form", **{"data-revision": "4"})
    assert checked(page_of(customer.get("?score=9")))["nps"] == "9", "the newest click is shown"


def test_a_refused_form_comes_back_with_everything_and_says_why(cast: Cast, customer: Customer) -> None:
    answer = customer.send(why="Three days late", late="damaged", colour="red")
    assert answer.status_code == 422 and stored(cast, customer) is None
    page = page_of(answer)
    assert "Three days late</textarea>" in answer.text and checked(page) == {"late": "damaged"}
    summary = answer.text[answer.text.index('role="alert"') :]
    assert '<a href="#a-nps">' in summary[: summary.index("</div>")]
    assert page.all("p", id="w-nps") and page.all("input", id="a-nps")
    too_long = customer.send(nps="3", why="x" * 5001)
    assert too_long.status_code == 422 and "x" * 5001 in too_long.text
    assert "Please shorten this to 5000 characters." in too_long.text


def test_nothing_that_somebody_typed_is_executed(cast: Cast) -> None:
    hostile = "'\"><script>alert(1)</script>{{9973*9967}}${9973*9967}"
    definition = nps_definition(title={"en": hostile[:200]}, intro={"en": hostile}, thanks={"en": hostile})
    definition["questions"][1]["text"] = {"en": hostile}
    definition["questions"][2]["options"][0]["text"] = {"en": hostile}
    customer = make_customer(cast, definition=definition)
    with cast.scope(), atomic():
        tenants.settings().sender_name = hostile
    pages = [customer.get(), customer.send(why=hostile), customer.send(nps="3", why=hostile), customer.get("/thanks")]
    response = stored(cast, customer)
    assert response is not None
    bob = cast.client("bob")
    pages += [bob.get("responses/"), bob.get(f"responses/{response.id}")]
    for page in pages:
        assert "<script>alert" not in page.text and str(9973 * 9967) not in page.text
        assert page.status_code in (303, 200, 422)
    assert "{{9973*9967}}" in pages[-1].text


def test_the_page_speaks_the_invitation_s_language(cast: Cast, customer: Customer) -> None:
    change_invitation(cast, customer, locale="zh-CN")
    page = customer.get()
    assert '<html lang="zh-Hans">' in page.text and "您会推荐吗？" in page.text
    change_invitation(cast, customer, locale="pt-BR")
    assert '<html lang="en">' in customer.get().text, "a language the survey has no text in"
    assert '<html lang="zh-Hans">' in customer.get("?lang=zh_CN").text
    assert '<html lang="en">' in customer.get("?lang=%00nonsense").text


def test_a_text_that_is_not_translated_says_so(customer: Customer) -> None:
    page = customer.get("?lang=zh-Hans").text
    assert '<span lang="en">What went wrong?</span>' in page and '<span lang="en">It came late</span>' in page
    assert '<span lang="zh-Hans">' not in page


def test_another_language_costs_no_answers(cast: Cast, customer: Customer) -> None:
    [button] = page_of(customer.get()).all("button", name="heed.lang")
    assert (button["value"], button["form"], "formnovalidate" in button) == ("zh-Hans", "answers", True)
    answer = customer.send("?lang=en", why="Three days late", nps="3", heed_lang="zh-Hans")
    page = page_of(answer)
    assert answer.status_code == 200 and '<html lang="zh-Hans">' in answer.text
    assert checked(page) == {"nps": "3"} and "Three days late</textarea>" in answer.text
    assert stored(cast, customer) is None, "it was no answer yet"
    [form] = page.all("form")
    assert str(form["action"]).endswith("?lang=zh-Hans")
    customer.send("?lang=zh-Hans", nps="3")
    response = stored(cast, customer)
    assert response is not None and response.locale == "zh-Hans"
    assert '<html lang="zh-Hans">' in customer.get("/thanks").text


def test_the_thanks_say_what_happens_now(cast: Cast) -> None:
    from app.kernel import clock

    unhappy = make_customer(cast, definition=nps_definition(thanks={"en": "Merci!"}))
    unhappy.send(nps="6")
    thanks = unhappy.get("/thanks").text
    assert "Merci!" in thanks and PROMISE in thanks and f"Tenant {cast.slug} read every answer" in thanks
    happy = make_customer(cast)
    happy.send(nps="7")
    assert "in touch" not in happy.get("/thanks").text
    with cast.scope(), atomic():
        settings = tenants.settings()
        settings.nps_detractor_max, settings.first_contact_minutes = 7, 14 * 24 * 60
    due_at = clock.now() + timedelta(days=14)
    day = format_date(due_at.astimezone(ZoneInfo("America/Sao_Paulo")), "d MMMM", locale="en_GB")
    assert PROMISE in happy.get("/thanks").text and day in happy.get("/thanks").text


def test_the_thanks_name_the_team_that_reads(cast: Cast) -> None:
    customer = make_customer(cast, definition=csat_definition())
    with cast.scope(), atomic():
        from app.surveys.outreach.queries import get_invitation

        get_invitation(customer.invitation_id).touchpoint.department_id = make_department(name="Delivery").id
    assert customer.send(csat="2").status_code == 303
    thanks = customer.get("/thanks").text
    assert "The team “Delivery” at" in thanks and PROMISE in thanks


def test_thanks_are_for_those_who_answered(customer: Customer) -> None:
    assert customer.get("/thanks").status_code == 303
    customer.save({"nps": 3}, revision=1)
    assert customer.get("/thanks").status_code == 303


CONTRACT: dict[str, Any] = {
    "title": {"en": "Your delivery", "zh-Hans": "您的配送"},
    "default_locale": "en",
    "questions": [
        {
            "key": "nps",
            "type": "nps",
            "text": {
                "en": "How likely is it that you would recommend Acme to a friend or colleague?",
                "zh-Hans": CHINESE["nps"],
            },
            "required": True,
        },
        {
            "key": "why",
            "type": "text",
            "text": {"en": "What is the main reason for your score?", "zh-Hans": CHINESE["why"]},
        },
        {
            "key": "late",
            "type": "choice",
            "text": {"en": "What went wrong?"},
            "options": [
                {"key": "late", "text": {"en": "It came late"}},
                {"key": "damaged", "text": {"en": "It was damaged"}},
            ],
            "show_if": {"<=": [{"var": "nps"}, 6]},
        },
    ],
}


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_page_is_small(cast: Cast, lang: str) -> None:
    customer = make_customer(cast, definition=CONTRACT)
    answer = customer.get(f"?lang={lang}")
    page = page_of(answer)
    assert page.all("link", rel="stylesheet") == [] and len(page.all("style")) == 1, "its styles stand inside"
    assert len(gzip.compress(answer.data, 6)) < 14_000
    assert len(page.all("script")) == 1 and "defer" in page.all("script")[0]


def test_the_policy_lets_only_our_own_style_through(customer: Customer) -> None:
    answer = customer.get()
    [style] = page_of(answer).all("style")
    policy = answer.headers["Content-Security-Policy"]
    assert f"'nonce-{style['nonce']}'" in policy and "unsafe" not in policy
    assert not re.search(r'\sstyle="|\son\w+="', answer.text)


def test_an_open_link_makes_its_own_key(cast: Cast) -> None:
    somebody = make_passer_by(cast)
    page = page_of(somebody.get("?score=9"))
    [key] = page.all("input", name="heed.key")
    assert len(str(key["value"])) >= 8 and checked(page) == {"nps": "9"}
    assert page.all("input", name="heed.key") != page_of(somebody.get()).all("input", name="heed.key")
    assert "/u/" not in somebody.get().text
    fields = {"nps": "9", "heed_key": str(key["value"])}
    sent = somebody.send("?lang=zh-Hans", **fields)
    assert sent.status_code == 303 and sent.headers["Location"].endswith(f"{somebody.path}/thanks?lang=zh-Hans")
    assert somebody.send("?lang=zh-Hans", **fields).status_code == 303
    response = stored(cast)
    assert response is not None and (response.source, response.nps, response.locale) == ("open_link", 9, "zh-Hans")
    assert response.customer_id is None and response.client_key == key["value"]
    assert "Thank you" in somebody.get("/thanks").text
    assert somebody.send("", **{**fields, "nps": "1"}).status_code == 409


def test_an_open_link_takes_json_under_a_key(cast: Cast) -> None:
    somebody = make_passer_by(cast)
    first = somebody.save({"nps": 3}, key="abcdefgh", revision=1)
    assert first.status_code == 201 and first.json["status"] == "started"
    again = somebody.save({"nps": 3}, key="abcdefgh", revision=1)
    assert (again.status_code, again.json) == (200, first.json)
    done = somebody.save({"why": "Late"}, key="abcdefgh", complete=True, revision=2)
    assert done.status_code == 200 and done.json["status"] == "completed"
    assert somebody.save({"nps": 9}, key="abcdefgh", complete=True, revision=3).status_code == 409
    assert somebody.save({"nps": 9}, key="another-key", complete=True).status_code == 201
    for wrong in ({}, {"key": "short"}, {"key": "x" * 101}, {"key": 12345678}, {"key": "with spaces"}, {"key": None}):
        refused = somebody.save({"nps": 3}, **wrong)
        assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/key", wrong


def test_an_open_link_keeps_its_key_through_errors_and_languages(cast: Cast) -> None:
    somebody = make_passer_by(cast)
    for answer in (somebody.send(heed_key="abcdefgh"), somebody.send(heed_key="abcdefgh", heed_lang="zh-Hans")):
        assert page_of(answer).all("input", name="heed.key", value="abcdefgh")
    assert '<html lang="zh-Hans">' in somebody.get(headers={"Accept-Language": "de, zh-CN;q=0.8, en;q=0.5"}).text


def test_an_open_link_says_where_it_hangs(cast: Cast) -> None:
    with cast.scope():
        make_department("care", "Care")
        make_touchpoint("counter-3", department="care")
    somebody = make_passer_by(cast)
    page = page_of(somebody.get("?touchpoint=counter-3&score=3"))
    [form] = page.all("form", id="answers")
    assert form["action"] == f"{somebody.path}?touchpoint=counter-3&lang=en"
    assert form["data-save"] == f"{somebody.path}?touchpoint=counter-3"
    for way in ("form", "json"):
        at = "?touchpoint=counter-3&lang=en"
        if way == "form":
            assert somebody.send(at, nps="3", heed_key="abcdefgh").status_code == 303
        else:
            body = {"answers": {"nps": 3}, "complete": True, "key": "ijklmnop"}
            assert somebody.ask(at, body).status_code == 201
        response = stored(cast)
        assert response is not None and response.source == "open_link", way
        assert response.touchpoint is not None and response.touchpoint.key == "counter-3", way
        assert response.department_id is not None
    assert somebody.send(at, nps="3", heed_key="abcdefgh").status_code == 303, "the same again"
    with cast.scope():
        assert db.session.query(Response).count() == 2
    faulty = page_of(somebody.send("?touchpoint=counter-3", heed_key="qrstuvwx"))
    assert faulty.all("form", id="answers", action=f"{somebody.path}?touchpoint=counter-3&lang=en")
    other = page_of(somebody.send("?touchpoint=counter-3", heed_key="qrstuvwx", heed_lang="zh-Hans"))
    assert other.all("form", id="answers", action=f"{somebody.path}?touchpoint=counter-3&lang=zh-Hans")


@pytest.mark.parametrize(
    "where", ["nobodys", "theirs", "", "%00", "x" * 70, "a%20b", "%F0%9F%98%80", "<b>", "a&touchpoint=b"]
)
def test_a_place_that_nobody_knows_is_left_out_of_account(cast: Cast, others: Cast, where: str) -> None:
    with others.scope():
        make_touchpoint("theirs")
    somebody = make_passer_by(cast)
    page = somebody.get(f"?touchpoint={where}")
    assert page.status_code == 200 and "<b>" not in page.text
    assert somebody.send(f"?touchpoint={where}", nps="3", heed_key="abcdefgh").status_code == 303
    response = stored(cast)
    assert response is not None and (response.nps, response.touchpoint_id) == (3, None)


def test_an_anonymous_answer_keeps_the_place_and_no_person(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("counter-3")
    somebody = make_passer_by(cast, is_anonymous=True)
    assert somebody.send("?touchpoint=counter-3", nps="3", heed_key="abcdefgh").status_code == 303
    response = stored(cast)
    assert response is not None and response.touchpoint is not None and response.customer_id is None


def test_an_open_link_reads_its_survey_once(cast: Cast) -> None:
    somebody = make_passer_by(cast)
    ways: list[Callable[[], TestResponse]] = [
        lambda: somebody.get("?score=9"),
        lambda: somebody.save({"nps": 3}, key="abcdefgh", complete=True),
        lambda: somebody.send("?lang=zh-Hans", nps="3", heed_key="ijklmnop"),
        lambda: somebody.send(heed_key="ijklmnop", heed_lang="zh-Hans"),
    ]
    for way in ways:
        with count_queries() as counted:
            assert way().status_code < 400
        reads = Counter(re.findall(r"FROM (surveys|survey_versions)\b", " ".join(counted)))
        assert reads == {"surveys": 1, "survey_versions": 1}


def test_only_surveys_that_allow_it_have_an_open_link(cast: Cast) -> None:
    private, closed = make_passer_by(cast, has_open_link=False), make_passer_by(cast, has_open_link=False)
    with cast.scope():
        draft = make_survey(has_open_link=True).key
        close_survey(closed.path.rpartition("/")[2])
    paths = [private.path, closed.path, f"/s/{cast.slug}/{draft}", f"/s/{cast.slug}/none", "/s/nobody/none"]
    for path in paths:
        somebody = Customer(cast.app, path)
        assert somebody.get().status_code == somebody.get("/thanks").status_code == 404, path
        assert somebody.send(nps="3", heed_key="abcdefgh").status_code == 404
        assert somebody.save({"nps": 3}, key="abcdefgh").status_code == 404
    assert len({Customer(cast.app, path).get().data for path in paths}) == 1


def test_an_open_link_closes_and_opens_with_its_survey(cast: Cast) -> None:
    early, late = make_passer_by(cast), make_passer_by(cast)
    late.path = early.path
    key = early.path.rpartition("/")[2]
    assert early.save({"nps": 3}, key="abcdefgh", complete=True).status_code == 201
    with cast.scope():
        close_survey(key)
    page = late.get(headers={"Accept-Language": "zh-CN"})
    assert (page.status_code, page.mimetype) == (410, "text/html") and '<html lang="zh-Hans">' in page.text
    assert late.send(nps="3", heed_key="ijklmnop").status_code == 410
    assert late.send(heed_key="ijklmnop", heed_lang="zh-Hans").status_code == 410
    refused = late.save({"nps": 3}, key="ijklmnop")
    assert (refused.status_code, refused.mimetype) == (410, "application/problem+json")
    assert early.save({"nps": 3}, key="abcdefgh", complete=True).status_code == 200, "what arrived in time stands"
    assert early.get("/thanks").status_code == 200
    with cast.scope():
        reopen_survey(key)
    assert late.send(nps="3", heed_key="ijklmnop").status_code == 303
