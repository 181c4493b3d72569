"""`/c/<token>`: the customer follows their case, and says whether it is solved; nobody else learns anything there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.extensions import limiter
from app.kernel import clock, tokens
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.loop.cases import service
from app.loop.cases.models import Case, CaseEvent
from app.loop.causes.rules import RootCause
from app.surveys.answering.models import Response
from app.surveys.outreach.models import Invitation
from app.tenants.service import add_member, change_settings
from tests.cast import PASSWORD, Cast
from tests.factories.answering import make_customer, make_followed_up, stored
from tests.factories.loop import make_answer, make_case, make_closed_case, make_worked_case, save_part
from tests.loop.told import kinds, last_data, now, story, watches
from tests.queries import count_queries
from tests.smtp import part, serve
from tests.threads import at_once

Later = Callable[..., None]
AsBob = Callable[[], AbstractContextManager[None]]

HOSTILE = "'\"><script>alert(1)</script>{{7*7}}\u202egnp.exe"


class Page:
    """A customer's browser without script, at the page of one response."""

    def __init__(self, cast: Cast, response_id: UUID) -> None:
        self.cast = cast
        self.path = f"/c/{tokens.issue('case', cast.tenant_id, response_id)}"

    def get(self, query: str = "", **options: Any) -> TestResponse:
        """Open the page."""
        return self.call("GET", query, **options)

    def say(self, act: str = "not_solved", words: str = "", query: str = "", **more: str) -> TestResponse:
        """Press one of the buttons; `heed_lang` stands for the field heed.lang."""
        fields = {"act": act, "words": words} | {name.replace("heed_", "heed."): value for name, value in more.items()}
        return self.call("POST", query, data=fields)

    def call(self, method: str, query: str = "", **options: Any) -> TestResponse:
        """Any request to the page's address."""
        with self.cast.app.app_context():  # a request must not find what an earlier one left in `g`
            return self.cast.app.test_client().open(self.path + query, method=method, **options)


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    limiter.enabled = False
    yield
    limiter.enabled = True


def page_of(cast: Cast, case: Case) -> Page:
    return Page(cast, case.response_id)


def open_page(cast: Cast, **answer: Any) -> tuple[Page, Case]:
    with cast.scope():
        case = make_case(email="ana@example.com", **answer)
    return page_of(cast, case), case


def closed_page(cast: Cast, as_bob: AsBob, **answer: Any) -> tuple[Page, Case]:
    with cast.scope(), as_bob():
        case = make_closed_case(email="ana@example.com", **answer)
    return page_of(cast, case), case


def said(cast: Cast, case: Case) -> list[tuple[str, str | None]]:
    """(kind, words) of what the customer has said on their page."""
    query = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.kind.in_(("objected", "thanked")))
    with cast.scope():
        return [(event.kind, event.text) for event in db.session.scalars(query.order_by(CaseEvent.at, CaseEvent.id))]


def state(cast: Cast, case: Case) -> tuple[str, int]:
    with cast.scope():
        found = now(case.number)
        return found.status, found.reopened_count


# --- what it shows ---


def test_who_cares_what_was_promised_and_what_was_done(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope():
        change_settings({"sender_name": "Acme"})
    page, case = open_page(cast)
    new = page.get().text
    assert "Acme" in new and "We have your answer and take care of it" in new
    assert "Our team looks after this for you." in new
    assert "Somebody from our team gets in touch with you by" in new and "You told us what happened" in new
    assert "About what you told us: Delivery" in new and 'method="post"' in new
    with cast.scope(), as_bob():
        service.assign_case(case.number, cast.users["bob"])
    assert "Bob gets in touch with you by" in page.get().text
    with cast.scope(), as_bob():
        service.record_first_contact(case.number, "phone", "attempted")
        service.record_first_contact(case.number, "phone", "reached")
    contacted = page.get().text
    assert "We have been in touch and go on working on it" in contacted and "We tried to reach you" in contacted
    assert "We want to have this solved by" in contacted and "in touch with you by" not in contacted
    with cast.scope(), as_bob():
        service.set_waiting(case.number, "customer", "The order's number")
    waiting = page.get().text
    assert "We are waiting to hear from you" in waiting and 'class="promise"' not in waiting
    with cast.scope(), as_bob():
        service.resume_work(case.number)
    assert "We are looking into it" in page.get().text
    with cast.scope(), as_bob():
        service.set_root_causes(case.number, [RootCause("process", verified=True)])
        service.resolve_case(case.number, "Refunded", "The money is on its way.")
    resolved = page.get().text
    assert "We believe that this is solved" in resolved and "The money is on its way." in resolved
    assert 'class="promise"' not in resolved
    with cast.scope(), as_bob():
        service.close_case(case.number, "confirmed")
    closed = page.get().text
    assert "<h1>This is solved</h1>" in closed and "Bob has looked after this." in closed


def test_nothing_of_the_house_stands_on_it(cast: Cast) -> None:
    """Notes, causes, names, addresses, the partner and severity stay inside."""
    with cast.scope():
        secretive = add_member(cast.email("secret"), "agent", PASSWORD, name="Lei SECRET-family")
        case = make_case(email="ana@example.com")
        number = case.number
        with atomic() as session:
            session.merge(case).partner_id = cast.partner_id
        service.assign_case(number, secretive)
        service.add_note(number, "SECRET-note")
        service.change_severity(number, 1, "SECRET-severity")
        service.record_first_contact(number, "phone", "attempted", "SECRET-attempt")
        service.record_first_contact(number, "phone", "reached", "SECRET-contact")
        service.set_waiting(number, "customer", "SECRET-wait")
        service.set_waiting(number, "partner", "SECRET-partner")
        service.resume_work(number, "SECRET-resumed")
        service.set_root_causes(number, [RootCause("staff_behaviour", verified=True)], "SECRET-cause")
        service.resolve_case(number, "SECRET-action", "Told to Ana")
        service.close_case(number, "rejected", "SECRET-closure")
        service.reopen_case(number, "SECRET-because")
    text = page_of(cast, case).get().text
    assert "Lei gets in touch" in text and "Told to Ana" in text
    for secret in (
        "SECRET",
        "secret",
        "staff_behaviour",
        "behaviour",
        "Pat",
        "pats",
        "severity",
        "ana@",
        "It came late",
    ):
        assert secret not in text, secret
    assert str(case.id) not in text


def test_late_is_admitted(cast: Cast, as_bob: AsBob, later: Later) -> None:
    page, case = open_page(cast)
    later(days=2)
    assert "We wanted to be in touch with you by" in page.get().text and "we are sorry" in page.get().text
    with cast.scope(), as_bob():
        service.record_first_contact(case.number, "phone", "reached")
    assert "sorry" not in page.get().text
    later(days=20)
    assert "We wanted to have this solved by" in page.get().text


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Shanghai", "Monday 13 July, 20:30"), (None, "Monday 13 July, 09:30 (Brasilia Standard Time)")],
)
def test_times_are_the_customer_s(cast: Cast, zone: str | None, expected: str) -> None:
    page, case = open_page(cast)
    due_at = clock.now().replace(2026, 7, 13, 12, 30)
    with cast.scope(), atomic() as session:
        row = session.merge(case)
        row.first_contact_due_at, row.customer.timezone = due_at, zone
    moved = due_at - timedelta(hours=1) - clock.now()
    try:
        clock.shift(int(moved.total_seconds()))
        assert f"in touch with you by {expected}." in page.get().text
    finally:
        clock.shift(0)


def test_it_speaks_the_customer_s_language_or_the_one_chosen(cast: Cast) -> None:
    page, case = open_page(cast, customer={"locale": "zh-CN", "name": "李雷"})
    assert '<html lang="zh-Hans">' in page.get().text and "我们的团队正在为您跟进此事。" in page.get().text
    english = page.get("?lang=en").text
    assert '<html lang="en">' in english and 'name="heed.lang" value="zh-Hans"' in english
    assert '<html lang="zh-Hans">' in page.get("?lang=%00nonsense").text
    kept = page.say(words="Half a sentence", heed_lang="en")
    assert kept.status_code == 200 and "Half a sentence</textarea>" in kept.text and '<html lang="en">' in kept.text
    assert said(cast, case) == [], "it was not said yet"
    assert page.say(words="x", query="?lang=en").headers["Location"] == f"{page.path}?lang=en"


def test_a_link_is_as_private_as_the_survey_s(cast: Cast) -> None:
    page, _case = open_page(cast)
    answer = page.get()
    assert answer.headers["Referrer-Policy"] == "same-origin" and answer.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "<script" not in answer.text and "csrf" not in answer.text and 'style="' not in answer.text


def test_history_promises_nothing_and_takes_nothing(cast: Cast) -> None:
    with cast.scope():
        case = make_case(historic=True, answered_at=clock.now() - timedelta(days=900))
    page = page_of(cast, case)
    text = page.get().text
    assert 'class="promise"' not in text and "<form" not in text and "<button" not in text
    assert page.say().status_code == 410
    assert said(cast, case) == []


def test_without_a_customer_nothing_is_promised(cast: Cast) -> None:
    page, case = open_page(cast)
    with cast.scope(), atomic() as session:
        session.merge(case).customer_id = None
    assert page.get().status_code == 200 and 'class="promise"' not in page.get().text


def test_an_answer_without_a_case_is_being_read(cast: Cast) -> None:
    with cast.scope():
        good, bad = make_answer(9), make_answer(2)
    for response_id in (good, bad):
        page = Page(cast, response_id)
        assert page.get().status_code == 200 and "We are reading your answer" in page.get().text
        refused = page.say(words="Please hurry")
        assert refused.status_code == 409 and "Nothing was saved" in refused.text
    cast.run_jobs()
    assert "You told us what happened" in Page(cast, bad).get().text
    assert "We are reading your answer" in Page(cast, good).get().text


# --- links that do not work ---


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_tampered_unknown_and_foreign_links_are_the_same_404(cast: Cast, others: Cast, method: str) -> None:
    page, case = open_page(cast)
    good, wrong = page.path, []
    wrong += ["/c/nonsense", good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), good + "A"]
    for purpose, tenant_id, object_id in (
        ("respond", cast.tenant_id, case.response_id),
        ("case", others.tenant_id, case.response_id),
        ("case", cast.tenant_id, new_id()),
        ("case", cast.tenant_id, case.id),
    ):
        wrong.append(f"/c/{tokens.issue(purpose, tenant_id, object_id)}")
    answers = []
    for page.path in wrong:
        answers.append(page.call(method, **({"data": {"act": "not_solved"}} if method == "POST" else {})))
    assert [answer.status_code for answer in answers] == [404] * len(wrong)
    assert len({answer.data for answer in answers}) == 1
    if method != "HEAD":
        assert "This link does not work" in answers[0].text and "respond." in answers[0].text
        assert "To the first page" not in answers[0].text, "a customer has no first page of ours"
    assert said(cast, case) == []


def test_looking_changes_nothing(cast: Cast, as_bob: AsBob) -> None:
    page, case = closed_page(cast, as_bob)
    with cast.scope():
        before = story(case)
    for method, query in (("GET", ""), ("GET", "?act=not_solved&words=x"), ("HEAD", ""), ("OPTIONS", "")):
        assert page.call(method, query).status_code == 200
    with cast.scope():
        assert story(case) == before and now(case.number).status == "closed"


# --- not solved ---


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "resolved"])
def test_not_solved_gives_it_to_somebody_else(cast: Cast, as_bob: AsBob, is_closed: bool, later: Later) -> None:
    with cast.scope():
        carol = add_member(cast.email("carol"), "agent", PASSWORD, name="Carol Jones")
    with cast.scope(), as_bob():
        case = (make_closed_case if is_closed else make_worked_case)(email="ana@example.com")
    later(days=3)
    page = page_of(cast, case)
    answer = page.say(words="It broke again")
    assert (answer.status_code, answer.headers["Location"]) == (303, page.path)
    with cast.scope():
        found = now(case.number)
        assert (found.status, found.owner_id, found.reopened_count) == ("assigned", carol, 1)
        assert found.resolved_at is None and found.closed_at is None and found.first_contact_at is None
        assert timedelta(hours=23) < found.first_contact_due_at - clock.now() <= timedelta(hours=24)
        assert found.resolution_due_at > case.resolution_due_at, "it runs on with the time it had left"
        assert kinds(found)[-3:] == ["objected", "reopened", "assigned"]
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1
        assert [row.payload["due_at"] for row in watches("record_breach")][-1] >= found.first_contact_due_at.isoformat()
    text = page.get().text
    assert "somebody else looks after it now" in text and "Carol gets in touch with you by" in text
    assert "It broke again" in text and "Jones" not in text


def test_what_is_shown_to_staff(cast: Cast, as_bob: AsBob) -> None:
    page, case = closed_page(cast, as_bob)
    page.say(words=HOSTILE)
    page.say("thanks", words="You are kind")
    text = cast.client("bob").get(f"cases/{case.number}").text
    assert "says that it is not solved" in text and "says thank you" in text and "You are kind" in text
    assert "<script>alert" not in text and "{{7*7}}" in unescape(text)


def test_a_severity_changed_after_an_objection_counts_from_it(cast: Cast, as_bob: AsBob, later: Later) -> None:
    with cast.scope(), as_bob():
        case = make_worked_case(email="ana@example.com")
    later(days=3)
    page_of(cast, case).say()
    with cast.scope():
        changed = service.change_severity(case.number, 2, "Twice")
        assert changed.first_contact_due_at > clock.now() + timedelta(hours=23)


def test_the_same_twice_is_heard_once(cast: Cast, as_bob: AsBob) -> None:
    page, case = closed_page(cast, as_bob)
    for _turn in range(3):
        assert page.say(words="It broke again").status_code == 303
    assert said(cast, case) == [("objected", "It broke again")]
    assert state(cast, case) == ("assigned", 1)
    page.say(words="And it smells")
    assert len(said(cast, case)) == 2 and state(cast, case) == ("assigned", 1)


def test_solved_anew_the_same_words_are_new(cast: Cast, as_bob: AsBob) -> None:
    page, case = closed_page(cast, as_bob)
    page.say()
    with cast.scope(), as_bob():
        service.record_first_contact(case.number, "phone", "reached")
        service.resolve_case(case.number, "Another one")
        service.close_case(case.number, "confirmed")
    page.say()
    assert said(cast, case) == [("objected", None)] * 2
    assert state(cast, case) == ("assigned", 2)


def test_on_an_open_case_the_words_are_added(cast: Cast, as_bob: AsBob) -> None:
    page, case = open_page(cast)
    with cast.scope(), as_bob():
        service.assign_case(case.number, cast.users["bob"])
    assert page.say(words="Nobody has called").status_code == 303
    with cast.scope():
        found = now(case.number)
        assert (found.status, found.owner_id, found.reopened_count) == ("assigned", cast.users["bob"], 0)
        assert story(found)[-1] == ("objected", "customer")
    assert "Whoever looks after it reads that." in page.get().text


@pytest.mark.parametrize("act", ["not_solved", "thanks"])
def test_words_end_a_wait_for_the_customer(cast: Cast, act: str) -> None:
    page, case = open_page(cast)
    with cast.scope():
        service.set_waiting(case.number, "customer", "The order's number")
    page.say(act)
    assert state(cast, case) == ("waiting_customer", 0), "without words we know no more than before"
    page.say(act, words="It is 4711")
    assert state(cast, case) == ("investigating", 0)
    with cast.scope():
        assert story(now(case.number))[-1] == ("waiting_ended", "system")
        assert now(case.number).pauses[0].ended_at is not None


def test_long_after_a_closure_it_is_a_new_story(cast: Cast, as_bob: AsBob, later: Later) -> None:
    page, case = closed_page(cast, as_bob)
    later(days=20)
    assert 'method="post"' in page.get().text, "as long as the follow-up can be answered"
    later(days=2)
    assert "<form" not in page.get().text
    for act in ("not_solved", "thanks"):
        refused = page.say(act, words="Hello?")
        assert refused.status_code == 410 and "Nothing was saved" in refused.text
    assert said(cast, case) == [] and state(cast, case) == ("closed", 0)


def test_a_merged_case_leads_to_the_one_it_went_into(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope(), as_bob():
        first, second, foreign = make_worked_case(email="ana@example.com"), None, make_case(email="bea@example.com")
        second = make_case(email="ana@example.com")
        service.close_case(second.number, "merged", "The same", first.number)
        astray = make_case(email="ana@example.com")
        service.close_case(astray.number, "merged", "By mistake", foreign.number)
    assert "We believe that this is solved" in page_of(cast, second).get().text
    page_of(cast, second).say(words="Not at all")
    assert said(cast, first) == [("objected", "Not at all")] and said(cast, second) == []
    assert state(cast, first) == ("assigned", 1) and state(cast, second) == ("closed", 0)
    other = page_of(cast, astray)
    assert "<h1>This is closed</h1>" in other.get().text, "another customer's case is not theirs to see"
    other.say(words="And mine?")
    assert state(cast, astray) == ("assigned", 1) and said(cast, foreign) == []


# --- thanks ---


def test_thanks_are_told_once_and_confirm_nothing(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope(), as_bob():
        case = make_worked_case(email="ana@example.com")
    page = page_of(cast, case)
    for _turn in range(2):
        assert page.say("thanks").status_code == 303
    assert said(cast, case) == [("thanked", None)] and state(cast, case) == ("resolved", 0)
    assert "Thank you. The people who looked after this will read it." in page.get().text


# --- what is refused ---


def test_a_text_that_is_too_long_comes_back_with_its_reason(cast: Cast) -> None:
    page, case = open_page(cast)
    for words, reason in (("x" * 5001, "at most 5000 characters"), ("a\x00b", "cannot be stored")):
        refused = page.say(words=words)
        assert refused.status_code == 422 and reason in refused.text and 'role="alert"' in refused.text
    assert "x" * 5001 in page.say(words="x" * 5001).text
    assert page.say(words="x" * 5000).status_code == 303
    assert len(said(cast, case)) == 1


@pytest.mark.parametrize("act", ["", "close", "objected", "NOT_SOLVED"])
def test_other_acts_are_refused(cast: Cast, act: str) -> None:
    page, case = open_page(cast)
    refused = page.say(act, words="Hello")
    assert (
        refused.status_code == 422 and "one of the two buttons" in refused.text and "Hello</textarea>" in refused.text
    )
    assert said(cast, case) == []


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (413, {"data": b"act=not_solved&words=" + b"x" * 500_000, "content_type": "application/x-www-form-urlencoded"}),
        (400, {"data": b"act=thanks&words=%ff", "content_type": "application/x-www-form-urlencoded"}),
        (400, {"data": b"{", "content_type": "application/json"}),
        (400, {"json": {"answers": {}}}),
        (422, {"data": b"", "content_type": "text/plain"}),
    ],
)
def test_what_cannot_be_read_changes_nothing(cast: Cast, status: int, options: dict[str, Any]) -> None:
    page, case = open_page(cast)
    assert page.call("POST", **options).status_code == status
    assert said(cast, case) == []


def test_other_methods_are_refused(cast: Cast) -> None:
    page, _case = open_page(cast)
    assert {page.call(method).status_code for method in ("PUT", "DELETE", "PATCH")} == {405}


def test_too_often_says_when_to_come_back(cast: Cast) -> None:
    page, case = open_page(cast)
    limiter.enabled = True
    answers = [page.say(words=f"word {turn}") for turn in range(12)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 0 and "A little slower" in answers[-1].text
    assert page.get().status_code == 200, "looking is free"
    assert len(said(cast, case)) == 10


def test_hostile_words_are_harmless(cast: Cast) -> None:
    with cast.scope():
        change_settings({"sender_name": HOSTILE})
    page, case = open_page(cast)
    page.say(words=HOSTILE)
    text = page.get().text
    assert said(cast, case) == [("objected", HOSTILE)]
    assert "<script" not in text and HOSTILE in unescape(text) and '<blockquote dir="auto">' in text
    refused = page.say("no such act", words=f"</textarea>{HOSTILE}")
    assert "<script" not in refused.text and "&lt;/textarea&gt;" in refused.text


def test_the_statements_do_not_grow_with_the_story(cast: Cast) -> None:
    page, case = open_page(cast)

    def statements() -> int:
        with count_queries() as found:
            assert page.get().status_code == 200
        return len(found)

    few = statements()
    with cast.scope():
        service.assign_case(case.number, cast.users["bob"])
        for _turn in range(20):
            service.record_first_contact(case.number, "phone", "attempted")
    for turn in range(20):
        page.say(words=f"word {turn}")
    assert statements() <= few + 1, "the owner is one more"
    assert few <= 12


# --- the links to it ---


def test_the_thanks_lead_there_before_and_after_the_case_opens(cast: Cast) -> None:
    customer = make_customer(cast)
    customer.send(nps="2", why="Late again")
    response = stored(cast, customer)
    assert response is not None
    page = Page(cast, response.id)
    before = customer.get("/thanks").text
    assert f'href="{page.path}?lang=en"' in before and "somebody from our team gets in touch with you by" in before
    assert "We are reading your answer" in page.get().text
    cast.run_jobs()
    promised = before.partition("in touch with you by ")[2].partition(".")[0]
    assert f"in touch with you by {promised}." in page.get().text, "the promise is kept to the minute"
    assert customer.get("/thanks").text.count(promised) == 1
    with cast.scope():
        service.record_first_contact(1, "phone", "reached")
    later_on = customer.get("/thanks").text
    assert page.path in later_on and "in touch" not in later_on


@pytest.mark.parametrize("is_anonymous", [True, False])
def test_no_link_without_a_reason_or_a_name(cast: Cast, is_anonymous: bool) -> None:
    customer = make_customer(cast, is_anonymous=is_anonymous)
    customer.send(nps="2" if is_anonymous else "9")
    cast.run_jobs()
    assert "/c/" not in customer.get("/thanks").text and "in touch" not in customer.get("/thanks").text


def test_the_follow_up_leads_there_by_mail_and_after_its_answer(cast: Cast, as_bob: AsBob, later: Later) -> None:
    with serve(cast.app) as mail:
        page, case = closed_page(cast, as_bob)
        cast.run_jobs()
        later(days=8)
        cast.run_jobs()
        for _part_of_a_day in range(3):  # it may be night where the customer is
            later(hours=8)
            cast.run_jobs()
        (sent,) = mail.mails
    for kind in ("plain", "html"):
        assert f"http://heed.test{page.path}" in unescape(part(sent, kind))
    with cast.scope():
        invitation = db.session.scalars(select(Invitation).where(Invitation.purpose == "follow_up")).one()
        save_part(invitation.id, {"solved": "no"}, 1, complete=True)
        token = tokens.issue("respond", cast.tenant_id, invitation.id)
    with cast.app.app_context():
        assert page.path in cast.app.test_client().get(f"/r/{token}/thanks").text
    cast.run_jobs()
    assert state(cast, case) == ("assigned", 1)
    assert "You told us that it is not solved" in page.get().text


def test_another_follow_up_has_no_such_link(cast: Cast) -> None:
    customer = make_followed_up(cast)
    customer.send(solved="no")
    assert "/c/" not in customer.get("/thanks").text


def test_the_message_about_a_resolution_leads_there(cast: Cast) -> None:
    with serve(cast.app) as mail:
        page, case = open_page(cast)
        with cast.scope():
            service.resolve_case(case.number, "Refunded", "The money is on its way.")
            assert last_data(case, "resolved")["fate"] == "queued"
        cast.run_jobs()
        (sent,) = mail.mails
    for kind in ("plain", "html"):
        assert f"http://heed.test{page.path}" in part(sent, kind)


def test_a_parked_answer_is_promised_nothing(cast: Cast) -> None:
    customer = make_customer(cast)
    customer.send(nps="2", heed_website="http://spam.example")
    assert "/c/" not in customer.get("/thanks").text
    with cast.scope():
        assert db.session.scalars(select(Response)).one().parked_at is not None


def test_at_the_same_moment_it_is_heard_once(cast: Cast, as_bob: AsBob) -> None:
    page, case = closed_page(cast, as_bob)
    found = at_once(cast, *[lambda: service.hear_customer(case.response_id, "not_solved", "Again")] * 4)
    assert [result for result in found if isinstance(result, Exception)] == []
    assert said(cast, case) == [("objected", "Again")] and state(cast, case) == ("assigned", 1)
    assert page.get().status_code == 200


def test_after_an_objection_the_attempts_begin_anew(cast: Cast, later: Later) -> None:
    """Else a customer who has just spoken could be called unreachable."""
    with cast.scope():
        case = make_case(email="ana@example.com")
        service.set_root_causes(case.number, [RootCause("unknown")], "Nobody answers")
    for channel in ("phone", "email", "phone"):
        with cast.scope():
            service.record_first_contact(case.number, channel, "attempted")
        later(days=1)
    with cast.scope():
        service.resolve_case(case.number, "A letter")
    page_of(cast, case).say(words="Here I am")
    with cast.scope(), pytest.raises(service.NotClosable) as refused:
        service.close_case(case.number, "unreachable")
    assert {missing.code for missing in refused.value.missing} >= {"attempts", "channels", "days"}
