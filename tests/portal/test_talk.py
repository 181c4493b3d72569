"""What a partner says about its cases on its pages: answers, facts, refusals that lose nothing, and its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.insights.figures.models import Rollup
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.loop.cases import service
from app.loop.cases.models import PartnerStatement
from app.partners.service import put_partner
from app.tenants.service import add_member
from tests import smtp
from tests.cast import PASSWORD, Cast, PageClient
from tests.factories.histories import Ground, make_histories
from tests.queries import count_queries

LONG = "Maximiliana-Konstantinopolskaya-Fernandes-de-Albuquerque-e-Silva-Montenegro-Abc"
ARABIC = "وصلت الشاحنة متأخرة"


@pytest.fixture(autouse=True)
def mail_server(app: Flask) -> Iterator[None]:
    """Mails go out, so that no job fails."""
    with smtp.serve(app):
        yield


@pytest.fixture
def later() -> Iterator[Callable[[int], None]]:
    """Put the clock so many days ahead."""
    yield lambda days: clock.shift(days * 24 * 3600)
    clock.shift(0)


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        yield make_histories(delivery=cast.partner_id)


@pytest.fixture
def pat(cast: Cast) -> PageClient:
    return cast.client("pat")


def a_case(cast: Cast, ground: Ground) -> int:
    """An open case at what the partner delivers; closes the session of the ground."""
    with atomic():
        answer = ground.answer(ground.interaction(ground.customer(), partner_id=cast.partner_id), "It came late")
        number = ground.case(answer).number
    db.session.close()
    return number


def ask(number: int, text: str = "Which van was it?") -> UUID:
    """The brand asks; returns the question's id."""
    question = service.ask_partner(number, text)
    db.session.close()
    return question.id


def said() -> int:
    """How much the partner has said."""
    return db.session.scalar(select(func.count()).select_from(PartnerStatement)) or 0


def test_a_question_is_answered_and_the_talk_stays(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    question = ask(number)
    page = pat.get(f"partner/cases/{number}").text
    assert "Which van was it?" in page and "Answer due in" in page
    sent = pat.post(f"partner/cases/{number}/answers", {"question": str(question), "text": ARABIC})
    assert (sent.status_code, sent.location) == (303, f"/t/{cast.slug}/partner/cases/{number}")
    page = pat.get(f"partner/cases/{number}").text
    assert ARABIC in page and "Pat</bdi>" in page and 'id="answer-text"' not in page
    assert pat.post(f"partner/cases/{number}/facts", {"text": "The van was mended"}).status_code == 303
    page = pat.get(f"partner/cases/{number}").text
    assert page.index("The van was mended") < page.index(ARABIC), "the newest stands first"
    assert said() == 2


def test_a_form_that_is_sent_twice_is_kept_once(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    question = str(ask(number))
    for _turn in range(2):
        assert pat.post(f"partner/cases/{number}/answers", {"question": question, "text": "Blue"}).status_code == 303
        assert pat.post(f"partner/cases/{number}/facts", {"text": "Mended"}).status_code == 303
    assert said() == 2
    other = pat.post(f"partner/cases/{number}/answers", {"question": question, "text": "Red"})
    assert other.status_code == 409
    assert "has been answered" in other.text and "Red" in other.text, "what was typed is not lost"


@pytest.mark.parametrize("form", ["answers", "facts"])
@pytest.mark.parametrize(
    ("text", "status"),
    [("", 422), (" \u200b\n", 422), ("x" * 5001, 422), ("x" * 500_000, 422)],
)
def test_what_cannot_be_kept_comes_back(
    cast: Cast, ground: Ground, pat: PageClient, form: str, text: str, status: int
) -> None:
    number = a_case(cast, ground)
    body = {"question": str(ask(number)), "text": text}
    assert pat.post(f"partner/cases/{number}/{form}", body).status_code == status
    assert said() == 0


def test_more_than_a_form_holds_is_too_large(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    assert pat.post(f"partner/cases/{number}/facts", {"text": "x" * 3_000_000}).status_code == 413


def test_control_and_turning_characters_stay_text(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    text = "\x07\u202e<script>alert(1)</script>{{7*7}}"
    assert pat.post(f"partner/cases/{number}/facts", {"text": text}).status_code == 303
    cast.run_jobs()
    for page in (pat.get(f"partner/cases/{number}"), cast.client("bob").get(f"cases/{number}")):
        assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text and ">49<" not in page.text


def test_after_the_closure_nothing_is_kept_and_nothing_lost(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    question = str(ask(number))
    service.close_case(number, "rejected", "SECRET-note")
    db.session.close()
    for form, body in (("answers", {"question": question, "text": "Too late?"}), ("facts", {"text": "Too late?"})):
        answer = pat.post(f"partner/cases/{number}/{form}", body)
        assert answer.status_code == 409
        assert "This case is closed" in answer.text and "Too late?" in answer.text
        assert "SECRET" not in answer.text
    page = pat.get(f"partner/cases/{number}").text
    assert "fact-text" not in page and "The question was taken back." in page
    assert said() == 0


def test_a_question_that_was_taken_back_is_explained(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    question = ask(number)
    service.withdraw_question(number, question)
    db.session.close()
    answer = pat.post(f"partner/cases/{number}/answers", {"question": str(question), "text": "Blue"})
    assert answer.status_code == 409
    assert "was taken back" in answer.text and "Blue" in answer.text
    assert said() == 0


@pytest.mark.parametrize("question", ["", "nonsense", "{nobodys}", "{theirs}"])
def test_a_question_that_is_not_there_is_not_found(cast: Cast, ground: Ground, pat: PageClient, question: str) -> None:
    number, other = a_case(cast, ground), a_case(cast, ground)
    question = question.replace("{theirs}", str(ask(other))).replace("{nobodys}", str(new_id()))
    assert pat.post(f"partner/cases/{number}/answers", {"question": question, "text": "A"}).status_code == 404
    assert said() == 0


def test_another_partners_people_find_and_change_nothing(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    question = str(ask(number))
    rival = put_partner("rival", "Rival")[0].id
    cast.users["rita"] = add_member(cast.email("rita"), "partner", PASSWORD, name="Rita", partner_id=rival)
    db.session.close()
    rita = cast.client("rita")
    calls = [("answers", {"question": question, "text": "A"}), ("facts", {"text": "A"})]
    for form, body in calls:
        theirs = rita.post(f"partner/cases/{number}/{form}", body)
        nobodys = rita.post(f"partner/cases/987654/{form}", body)
        assert (theirs.status_code, theirs.data) == (404, nobodys.data)
        for who in ("alice", "bob"):
            assert cast.client(who).post(f"partner/cases/{number}/{form}", body).status_code == 403
    page = rita.get("partner/").text + rita.get("partner/cases/?show=asked").text + rita.get("partner/people").text
    assert "Which van" not in page and cast.email("pat") not in page and cast.email("bob") not in page
    assert said() == 0


def test_staff_words_reach_no_byte_of_the_partners_pages(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    service.add_note(number, "SECRET-note")
    service.set_waiting(number, "internal", "SECRET-reason")
    service.record_first_contact(number, "phone", "reached", "SECRET-contact")
    db.session.close()
    ask(number)
    pages = [pat.get(path).text for path in ("partner/", "partner/cases/?show=open", f"partner/cases/{number}")]
    assert all("SECRET" not in page for page in pages)
    assert "Which van" in "".join(pages)


# --- lists ---


def test_what_is_asked_comes_first_by_due(cast: Cast, ground: Ground, pat: PageClient) -> None:
    first, second = a_case(cast, ground), a_case(cast, ground)
    for number, days in ((first, 5), (second, 1)):
        service.ask_partner(number, f"Question {number}", days)
    db.session.close()
    page = pat.get("partner/cases/").text
    assert 'aria-current="true"' in page and page.index(f"Question {second}") < page.index(f"Question {first}")
    home = pat.get("partner/").text
    assert "2 questions wait for you" in home and home.index("Question 2") < home.index("Question 1")


def test_home_lists_what_is_asked_and_beside_it_every_open_case(cast: Cast, ground: Ground, pat: PageClient) -> None:
    asked, quiet = a_case(cast, ground), a_case(cast, ground)
    ask(asked)
    home = pat.get("partner/").text
    assert [f'id="{row}"' in home for row in (f"asked-{asked}", f"case-{asked}", f"case-{quiet}")] == [True] * 3
    assert f'id="asked-{quiet}"' not in home and home.count("Which van") == 1


def test_an_answer_that_the_case_has_not_heard_yet_asks_no_more(cast: Cast, ground: Ground, pat: PageClient) -> None:
    number = a_case(cast, ground)
    question = ask(number)
    pat.post(f"partner/cases/{number}/answers", {"question": str(question), "text": "Blue"})
    home = pat.get("partner/").text
    assert "Nothing waits for you" in home


def test_empty_lists_teach(cast: Cast, ground: Ground, pat: PageClient) -> None:
    db.session.close()
    for show, words in (
        ("asked", "Nobody waits for an answer"),
        ("open", "No case is open"),
        ("closed", "No case has been closed"),
    ):
        assert words in pat.get(f"partner/cases/?show={show}").text
    home = pat.get("partner/").text
    for words in ("Nothing waits for you", "No case is open", "Nobody has answered", "What customers praise you for"):
        assert words in home, words


@pytest.mark.parametrize("show", ["asked", "open", "closed"])
def test_lists_go_on_and_cost_the_same(cast: Cast, ground: Ground, pat: PageClient, show: str) -> None:
    counts = []
    for more in (2, 58):
        for _turn in range(more):
            number = a_case(cast, ground)
            if show == "asked":
                ask(number)
            if show == "closed":
                service.close_case(number, "rejected", "Spam")
                db.session.close()
        with count_queries() as statements:
            first = pat.get(f"partner/cases/?show={show}")
        counts.append(len(statements))
    assert first.text.count("data-key-item") == 50
    assert counts[0] == counts[1] <= 12, statements
    following = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert pat.get(following).text.count("data-key-item") == 10


@pytest.mark.parametrize(
    "query", ["show=nonsense", "show=open&show=asked", "cursor=nonsense", "show=asked&cursor=WyJhIl0"]
)
def test_a_bad_address_is_no_error(cast: Cast, ground: Ground, pat: PageClient, query: str) -> None:
    db.session.close()
    assert pat.get(f"partner/cases/?{query}").status_code in (200, 422)


def test_a_home_with_answers_that_are_not_rolled_up_yet(cast: Cast, ground: Ground, pat: PageClient) -> None:
    with atomic():
        # Rollups that are there and lag behind: the figures of several metrics read both in one statement.
        db.session.add(Rollup(timezone="America/Sao_Paulo"))
        for _turn in range(12):
            ground.answer(nps=9, partner_id=cast.partner_id)
    db.session.close()
    page = pat.get("partner/")
    assert page.status_code == 200
    assert "n 12" in page.text


# --- people ---


def test_the_people_of_the_own_firm_and_nobody_else(cast: Cast, ground: Ground, pat: PageClient) -> None:
    add_member(cast.email("pia"), "partner", PASSWORD, name=LONG, partner_id=cast.partner_id)
    db.session.close()
    page = pat.get("partner/people").text
    assert cast.email("pia") in page and LONG in page and cast.email("pat") in page
    assert cast.email("bob") not in page and "<form" not in page.partition("<main")[2].partition("</main")[0]
    assert cast.client("bob").get("partner/people").status_code == 403


def test_time_passes(cast: Cast, ground: Ground, later: Callable[[int], None]) -> None:
    number = a_case(cast, ground)
    question = ask(number)
    later(6)
    pat = cast.client("pat")  # who was away for days signs in again
    assert "Answer late by" in pat.get(f"partner/cases/{number}").text
    pat.post(f"partner/cases/{number}/answers", {"question": str(question), "text": "Blue"})
    assert ">late<" in pat.get(f"partner/cases/{number}").text.replace("\n", "")
