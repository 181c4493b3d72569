"""The mail of an invitation, as a real server receives it: sender, subject, the first question, and how to stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from app.customers.intake_rules import NewCustomer
from app.kernel import clock, tokens
from app.kernel.db import db
from app.kernel.scope import tenant_id
from app.surveys.outreach import mail, queries, service
from app.surveys.outreach.models import Invitation
from app.tenants import service as tenants
from app.tenants.models import Tenant
from tests import hostile, smtp
from tests.cast import Cast
from tests.factories.customers import make_customer, new_customer
from tests.factories.journeys import make_department, make_touchpoint
from tests.factories.outreach import make_interaction, make_rule
from tests.factories.surveys import csat_definition, follow_up_definition, make_version, nps_definition
from tests.surveys.every_type import definition

JANUARY = datetime(2026, 1, 12, 2, 0, tzinfo=UTC)  # the 11th in Sao Paulo, the 12th in London


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Iterator[None]:
    clock.shift(round((datetime(2026, 1, 12, 15, tzinfo=UTC) - datetime.now(UTC)).total_seconds()))
    with cast.scope():
        yield
    clock.shift(0)


class Links(HTMLParser):
    """The links of a document, with their text, and whether anything in it would run or be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.elements: list[str] = []
        self.attributes: list[str] = []
        self._address: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [name for name, _value in attrs]
        self._address = dict(attrs).get("href") if tag == "a" else None
        if self._address:
            self.found[self._address] = ""

    def handle_data(self, data: str) -> None:
        if self._address:
            self.found[self._address] = (self.found[self._address] + data).strip()

    def handle_endtag(self, tag: str) -> None:
        self._address = None if tag == "a" else self._address


def invitation(
    definition: dict[str, Any] | None = None, customer: NewCustomer | None = None, **touchpoint: Any
) -> Invitation:
    make_touchpoint("delivery", **touchpoint)
    make_version("delivery-nps", definition)
    make_rule("rule")
    made = make_interaction("o-1", customer=customer or new_customer("ana@example.com"), occurred_at=JANUARY)
    found = db.session.query(Invitation).filter_by(interaction_id=made.id).one()
    return queries.get_invitation(found.id)


def render(**facts: Any) -> mail.RenderedMail:
    return mail.render_invitation(invitation(**facts))


def received(cast: Cast, invitation_id: UUID) -> EmailMessage:
    with smtp.serve(cast.app) as server:
        db.session.rollback()
        cast.run_jobs()
        [found] = server.mails
    assert queries.get_invitation(invitation_id).status == "sent"
    return found


def test_a_real_server_receives_the_whole_mail(cast: Cast) -> None:
    tenants.change_settings({"sender_name": "Acme"})
    made = invitation()
    ours = tenant_id()
    respond = f"http://heed.test/r/{tokens.issue('respond', ours, made.id)}"
    stop = f"http://heed.test/u/{tokens.issue('unsubscribe', ours, made.id)}"
    found = received(cast, made.id)
    assert str(found["From"]) == "Acme <feedback@heed.localhost>"
    assert str(found["Subject"]) == "Your delivery of 11 January"
    assert found["List-Unsubscribe"] == f"<{stop}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = smtp.part(found, "plain"), Links(smtp.part(found, "html"))
    for score in range(11):
        assert html.found[f"{respond}?score=nps:{score}"] == str(score)
        assert f"{respond}?score=nps:{score}\n" in text
    assert html.found[stop] == "Stop asking me" and stop in text
    assert set(html.found) == {f"{respond}?score=nps:{score}" for score in range(11)} | {stop}
    for part in (text, unescape(smtp.part(found, "html"))):
        assert "How likely is it that you would recommend Acme" in part
        assert "Not at all likely" in part and "Extremely likely" in part
        assert "Acme would like to know how it went for you: Delivery, 11 January." in part
        assert "We ask because" in part and "the people at Acme read it" in part


def test_nothing_in_it_runs_or_is_loaded() -> None:
    html = render().html
    links = Links(html)
    assert not {"script", "img", "link", "iframe", "form", "object", "video"} & set(links.elements)
    assert not [name for name in links.attributes if name.startswith("on") or name in ("src", "background")]
    assert "url(" not in html and "@import" not in html
    assert "prefers-color-scheme: dark" in html and 'name="color-scheme"' in html
    assert re.search(r'<a [^>]*style="[^"]*padding', html), "the styles stand in the elements"
    assert len(html) < 30_000


def test_a_satisfaction_question_has_words_at_each_step() -> None:
    made = invitation(csat_definition())
    links = Links(mail.render_invitation(made).html).found
    assert links[f"{mail.respond_url(made)}?score=csat:1"] == "1 · Very dissatisfied"
    assert links[f"{mail.respond_url(made)}?score=csat:5"] == "5 · Very satisfied"
    assert len(links) == 6


def _only(key: str) -> dict[str, Any]:
    raw = definition()
    return {**raw, "questions": [asked for asked in raw["questions"] if asked["key"] == key]}


def test_effort_is_seven_links_with_their_ends_in_words() -> None:
    made = invitation(_only("ces"))
    rendered = mail.render_invitation(made)
    links = Links(rendered.html).found
    for score in range(1, 8):
        assert links[f"{mail.respond_url(made)}?score=ces:{score}"] == str(score)
    assert len(links) == 8
    assert "1: Strongly disagree" in rendered.html and "7: Strongly agree" in rendered.html
    assert "1 (Strongly disagree): http" in rendered.text


def test_feelings_are_links_by_word_in_the_order_of_the_page(cast: Cast) -> None:
    made = invitation(_only("feel"), customer=new_customer("an@example.com", locale="zh-Hans"))
    rendered = mail.render_invitation(made)
    links = [(url, words) for url, words in Links(rendered.html).found.items() if "score=" in url]
    assert {words for _url, words in links} == {"愤怒", "担心", "冷静", "快乐", "热情"}
    ranks = [int(url.rpartition(":")[2]) for url, _words in links]
    with cast.app.app_context():
        page = cast.app.test_client().get(urlsplit(links[0][0]).path).text
    assert ranks == [int(rank) for rank in re.findall(r'name="feel" value="(\d+)"', page)]
    assert f"愤怒: {mail.respond_url(made)}?score=feel:2" in rendered.text


@pytest.mark.parametrize("key", ["hoped", "some", "wait", "day"])
def test_other_new_types_lead_to_the_page(key: str) -> None:
    made = invitation(_only(key))
    assert Links(mail.render_invitation(made).html).found[mail.respond_url(made)] == "Answer"


def test_another_first_question_is_one_button() -> None:
    made = invitation(follow_up_definition())
    rendered = mail.render_invitation(made)
    assert Links(rendered.html).found[mail.respond_url(made)] == "Answer"
    assert f"Answer here: {mail.respond_url(made)}" in rendered.text and "Is it solved?" in rendered.text


def test_the_day_is_the_customer_s() -> None:
    london = new_customer("ana@example.com", timezone="Europe/London")
    assert render(customer=london).subject == "Your delivery of 12 January"


def test_a_customer_without_a_zone_has_the_tenant_s() -> None:
    assert render(customer=new_customer("ana@example.com", timezone=None)).subject == "Your delivery of 11 January"


def test_an_old_interaction_has_its_year() -> None:
    make_touchpoint("delivery")
    make_rule("rule", expires_after_days=365)
    made = make_interaction(occurred_at=JANUARY - timedelta(days=360))
    found = db.session.query(Invitation).filter_by(interaction_id=made.id).one()
    assert mail.render_invitation(found).subject == "Your delivery of 16 January 2025"


def test_the_survey_s_words_are_the_customer_s() -> None:
    rendered = render(customer=new_customer("li@example.com", locale="zh-CN", timezone="Asia/Shanghai"))
    assert "您的配送" in rendered.subject and "1月12日" in rendered.subject
    assert "您会推荐吗？" in rendered.text and '<html lang="zh-Hans"' in rendered.html
    assert "不再询问我" in rendered.html and "不再询问我：" in rendered.text and "Stop asking" not in rendered.text


def test_words_in_a_language_we_do_not_speak_stand_beside_ours() -> None:
    definition = nps_definition(title={"en": "Your delivery", "pt": "Sua entrega"})
    rendered = render(definition=definition, customer=new_customer("ana@example.com", locale="pt-BR"))
    assert rendered.subject == "Sua entrega · 11 de janeiro"
    assert '<html lang="en"' in rendered.html and '<h1 lang="en"' in rendered.html


def test_a_language_nobody_has_a_calendar_for_is_no_obstacle() -> None:
    definition = nps_definition(title={"en": "Your delivery", "tlh": "QIn"})
    assert "QIn" in render(definition=definition, customer=new_customer("k@example.com", locale="tlh")).subject


def test_a_customer_without_a_language_gets_the_survey_s() -> None:
    made = invitation(customer=new_customer("ana@example.com", locale=None))
    assert made.locale == "en"


def test_the_team_that_reads_it_is_named() -> None:
    make_department("logistics", "Logistics")
    assert "the team “Logistics” at" in render(department="logistics").text


def test_a_follow_up_says_why_it_comes() -> None:
    version = make_version("case-follow-up", follow_up_definition(), kind="follow_up")
    made = service.invite(customer_id=make_customer().id, version_id=version.id)
    rendered = mail.render_invitation(queries.get_invitation(made.id))
    assert rendered.subject == "Your case"
    assert "had gone wrong. Please say whether it is solved." in rendered.text
    first = invitation()
    again = service.invite(
        customer_id=first.customer_id,
        version_id=version.id,
        interaction_id=first.interaction_id,
        touchpoint_id=first.touchpoint_id,
    )
    assert mail.render_invitation(queries.get_invitation(again.id)).subject == "Your case (Delivery, 11 January)"


HOSTILE = [
    "'\"><script>alert(1)</script>",
    "{{7*7}}",
    "Acme\r\nBcc: eve@example.com",
    "a\u2028b",
    "<img src=x onerror=1>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_words_and_nothing_else(cast: Cast, text: str) -> None:
    tenants.change_settings({"sender_name": text[:100]})
    department_name = " ".join(text.split())
    make_department("team", department_name)
    question = {"key": "nps", "type": "nps", "text": {"en": text}}
    definition = {"title": {"en": text}, "default_locale": "en", "questions": [question]}
    made = invitation(definition, department="team", name=department_name)
    found = received(cast, made.id)
    assert set(found.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    links = Links(smtp.part(found, "html"))
    assert not {"script", "img"} & set(links.elements) and len(links.found) == 12
    assert "49" not in str(found["Subject"]) and "onerror" not in links.attributes
    assert "\n" not in str(found["Subject"])


def test_a_tenant_of_every_hostile_name_has_a_mail(cast: Cast) -> None:
    made = invitation()
    tenant = db.session.get(Tenant, cast.tenant_id)
    assert tenant is not None
    for text in hostile.strings()[:120]:
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            continue
        tenant.name = text
        rendered = mail.render_invitation(made)
        assert rendered.from_name and "\n" not in rendered.from_name
        assert not {"script", "img", "svg"} & set(Links(rendered.html).elements), text
    db.session.rollback()
