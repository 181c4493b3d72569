"""The brand's side: a partner is asked, one question after another; its answer is heard once and ends the wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from app.delivery.models import Message
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.ids import new_id
from app.kernel.scope import Actor, acting, tenant_scope
from app.loop.cases import service
from app.loop.cases.models import PartnerQuestion, PartnerStatement
from app.loop.cases.queries.inbox import Looking, counts
from app.loop.cases.service.writing import ASKED, REMINDED
from app.partners.service import put_partner
from app.tenants.service import add_member, set_locale
from tests import smtp
from tests.audits import list_audit
from tests.cast import PASSWORD, Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.loop import make_case, make_worked_case
from tests.loop.told import kinds, last_data, now, watches


@pytest.fixture(autouse=True)
def mail_server(app: Flask) -> Iterator[None]:
    """Mails go out, so that no job fails."""
    with smtp.serve(app):
        yield


def a_case(cast: Cast, **answer: Any) -> int:
    """An open case at what Pat's Vans deliver, owned by bob."""
    with cast.scope():
        make_touchpoint("delivery", partner="pats")
        number = make_case(**answer).number
        service.assign_case(number, cast.users["bob"])
        return number


@contextmanager
def as_pat(cast: Cast) -> Iterator[None]:
    """With the eyes of the partner's user."""
    with tenant_scope(cast.tenant_id, cast.partner_id), acting(Actor("user", cast.users["pat"], "Pat")):
        yield


def ask(cast: Cast, number: int, text: str = "Which van was it?", days: int = 2) -> PartnerQuestion:
    with cast.scope(), acting(Actor("user", cast.users["bob"], "Bob")):
        return service.ask_partner(number, text, days)


def mails(purpose: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.purpose == purpose).order_by(Message.to_address)))


def for_bob(cast: Cast) -> int:
    at = clock.now()
    return counts(Looking("for_me", cast.users["bob"], at, at)).for_me


# --- asking ---


def test_a_question_waits_and_stops_no_clock_of_the_customer(cast: Cast) -> None:
    number = a_case(cast)
    with cast.scope():
        before = now(number)
        dues = before.first_contact_due_at, before.resolution_due_at
    ask(cast, number)
    with cast.scope():
        case = now(number)
        assert case.status == "waiting_partner"
        assert (case.first_contact_due_at, case.resolution_due_at) == dues
        assert kinds(case)[-1] == "partner_asked"
        assert for_bob(cast) == 0


def test_the_clock_that_stood_still_for_the_customer_runs_on(cast: Cast, later: Callable[..., None]) -> None:
    number = a_case(cast)
    with cast.scope():
        service.set_waiting(number, "customer", "Their photographs")
    later(days=7)
    ask(cast, number)
    with cast.scope():
        assert now(number).status == "waiting_partner"
        assert [watch.payload["clock"] for watch in watches("record_breach")].count("resolution") == 2


def test_a_resolved_case_stays_resolved(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("delivery", partner="pats")
        number = make_worked_case().number
    ask(cast, number)
    with cast.scope():
        assert now(number).status == "resolved"


def test_one_question_is_open_at_a_time(cast: Cast) -> None:
    number = a_case(cast)
    first = ask(cast, number)
    with pytest.raises(Conflict):
        ask(cast, number, "And another")
    with as_pat(cast):
        service.answer_question(number, first.id, "The blue one")
    with pytest.raises(Conflict):
        ask(cast, number, "Before the case has heard the answer")
    cast.run_jobs()
    ask(cast, number, "And another")


def test_the_audit_keeps_how_long_question_and_answer_are(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number, "Which zebra?")
    with as_pat(cast):
        service.answer_question(number, question.id, "The zebra of ours")
    cast.run_jobs()
    taken_back = ask(cast, number, "And which zebra?")
    with cast.scope(), acting(Actor("user", cast.users["bob"], "Bob")):
        service.withdraw_question(number, taken_back.id)
    with cast.scope():
        told = {row.action: (row.before, row.after) for row in reversed(list_audit())}
    assert "zebra" not in str(told)
    assert told["case.partner_asked"] == (None, {"length": 16, "due_at": taken_back.due_at.isoformat()})
    assert told["case.partner_spoke"] == (None, {"length": 17})
    assert told["case.question_withdrawn"] == ({"length": 16}, None)


@pytest.mark.parametrize(
    ("text", "days"), [("", 2), (" \n", 2), ("a\0b", 2), ("x" * 5001, 2), ("Why?", 0), ("Why?", 21)]
)
def test_what_cannot_be_asked(cast: Cast, text: str, days: int) -> None:
    number = a_case(cast)
    with pytest.raises(Invalid):
        ask(cast, number, text, days)
    with cast.scope():
        assert now(number).status == "assigned"


def test_nobody_is_asked_about_what_no_partner_did(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
    with pytest.raises(Conflict):
        ask(cast, number)
    answer = cast.api().post(f"cases/{number}/partner-questions", {"question": "Why?"})
    assert answer.status_code == 409
    assert "partner-title" not in cast.client("bob").get(f"cases/{number}").text


def test_history_and_closed_cases_ask_nobody(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("delivery", partner="pats")
        closed = make_case().number
        service.close_case(closed, "rejected", "Spam")
        historic = make_case(historic=True, answered_at=clock.now() - timedelta(days=90)).number
    for number in (closed, historic):
        with pytest.raises(Conflict):
            ask(cast, number)


def test_a_question_is_taken_back_once(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with cast.scope():
        service.withdraw_question(number, question.id)
        service.withdraw_question(number, question.id)
        case = now(number)
        assert case.status == "investigating"
        assert kinds(case).count("question_withdrawn") == 1
        other = make_case(email="other@example.com")
        for wrong in (new_id(), question.id):
            with pytest.raises(NotFound):
                service.withdraw_question(other.number, wrong)
    with as_pat(cast), pytest.raises(Conflict):
        service.answer_question(number, question.id, "Too late")
    again = ask(cast, number)
    with as_pat(cast):
        service.answer_question(number, again.id, "The blue one")
    with cast.scope(), pytest.raises(Conflict):
        service.withdraw_question(number, again.id)


def test_a_closed_case_asks_nothing_any_more(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with cast.scope():
        service.close_case(number, "rejected", "Spam")
    with as_pat(cast):
        for verb in (lambda: service.answer_question(number, question.id, "A"), lambda: service.add_fact(number, "A")):
            with pytest.raises(Conflict):
                verb()
        assert db.session.scalar(select(PartnerStatement)) is None
    with cast.scope():
        service.reopen_case(number)
    ask(cast, number, "Once more")


# --- hearing ---


def test_an_answer_brings_the_case_back_to_its_owner(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with as_pat(cast):
        service.answer_question(number, question.id, "The blue one")
    cast.run_jobs()
    with cast.scope():
        case = now(number)
        assert case.status == "investigating"
        assert for_bob(cast) == 1
        assert last_data(case, "partner_answered") == {"question": str(question.id), "is_late": False}
    page = cast.client("bob").get(f"cases/{number}").text
    assert "The blue one" in page and "answered the question" in page
    assert 'title="Pat&#39;s Vans"' in page.partition('id="case-story"')[2], "the line carries the partner's mark"


def test_a_late_answer_shows_as_late(cast: Cast, later: Callable[..., None]) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    later(days=5)
    assert "Answer late by" in cast.client("bob").get(f"cases/{number}").text
    with as_pat(cast):
        service.answer_question(number, question.id, "The blue one")
    cast.run_jobs()
    with cast.scope():
        assert last_data(now(number), "partner_answered")["is_late"] is True
    assert "later than agreed" in cast.client("bob").get(f"cases/{number}").text


def test_a_fact_ends_a_wait_for_it_but_answers_no_question(cast: Cast) -> None:
    number = a_case(cast)
    with cast.scope():
        service.set_waiting(number, "partner", "They look for it")
    with as_pat(cast):
        service.add_fact(number, "It was found")
    cast.run_jobs()
    with cast.scope():
        assert now(number).status == "investigating"
    ask(cast, number)
    with as_pat(cast):
        service.add_fact(number, "It was sent")
    cast.run_jobs()
    with cast.scope():
        assert now(number).status == "waiting_partner"


def test_what_is_heard_twice_is_told_once(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with as_pat(cast):
        said = service.answer_question(number, question.id, "The blue one")
    with cast.scope():
        service.hear_partner(said.id)
        service.set_waiting(number, "partner", "Something else")
        service.hear_partner(said.id)
        case = now(number)
        assert kinds(case).count("partner_answered") == 1
        assert case.status == "waiting_partner", "what was heard before ends no later wait"


def test_an_answer_that_is_heard_after_the_closure_opens_nothing(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with as_pat(cast):
        said = service.answer_question(number, question.id, "The blue one")
    with cast.scope():
        service.close_case(number, "rejected", "Spam")
        service.hear_partner(said.id)
        case = now(number)
        assert case.status == "closed"
        assert kinds(case).count("partner_answered") == 1


# --- the partner's own rows ---


def test_the_same_again_is_the_same(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with as_pat(cast):
        first = service.answer_question(number, question.id, "The blue one")
        assert service.answer_question(number, question.id, "The blue one").id == first.id
        with pytest.raises(Conflict):
            service.answer_question(number, question.id, "The red one")
        facts = [service.add_fact(number, text).id for text in ("A", "A", "B", "A", "A")]
    assert facts[0] == facts[1] and facts[3] == facts[4] and len(set(facts)) == 3


def test_another_partner_knows_of_no_case(cast: Cast) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with cast.scope():
        rival = put_partner("rival", "Rival")[0].id
    with tenant_scope(cast.tenant_id, rival), acting(Actor("user", cast.users["pat"], "Rita")):
        for verb in (lambda: service.answer_question(number, question.id, "A"), lambda: service.add_fact(number, "A")):
            with pytest.raises(NotFound):
                verb()
    with cast.scope(), pytest.raises(NotFound):
        service.add_fact(number, "Staff speak elsewhere")


@pytest.mark.parametrize("model", [PartnerQuestion, PartnerStatement])
def test_the_database_refuses_what_a_partner_must_not_do(cast: Cast, model: Any) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    with as_pat(cast):
        service.answer_question(number, question.id, "The blue one")
    for statement in (update(model).values(text="Changed"), delete(model)):
        with as_pat(cast), atomic() as session:
            try:
                assert session.execute(statement).rowcount == 0
            except ProgrammingError as refused:
                assert "row-level security" in str(refused)
                session.rollback()
    with cast.scope():
        assert db.session.scalar(select(model.text)) in ("Which van was it?", "The blue one")


# --- mails ---


def test_everybody_of_the_partner_has_one_mail_in_their_language(cast: Cast) -> None:
    number = a_case(cast)
    with cast.scope():
        quan = add_member(cast.email("quan"), "partner", PASSWORD, name="Quan", partner_id=cast.partner_id)
        rival = put_partner("rival", "Rival")[0].id
        add_member(cast.email("rita"), "partner", PASSWORD, partner_id=rival)
        set_locale(quan, "zh-Hans")
    question = ask(cast, number, "Which van\nwas it? <b>")
    cast.run_jobs()
    with cast.scope():
        service.write_partner(question.id, is_reminder=False)
        pat, quan_mail = mails(ASKED)
        assert (pat.to_address, quan_mail.to_address) == (cast.email("pat"), cast.email("quan"))
        assert f"/t/{cast.slug}/partner/cases/{number}" in pat.text
        assert f"asks you about case {number}" in pat.subject
        assert "Which van" in pat.text and "&lt;b&gt;" in pat.html
        assert "Ana" not in pat.text + pat.html + pat.subject
        assert "案例" in quan_mail.subject or "个案" in quan_mail.subject, quan_mail.subject
        assert mails(REMINDED) == []


def test_the_day_before_a_reminder_goes_out_once(cast: Cast, later: Callable[..., None]) -> None:
    number = a_case(cast)
    question = ask(cast, number, days=3)
    cast.run_jobs()
    later(days=6)
    cast.run_jobs()
    with cast.scope():
        service.write_partner(question.id, is_reminder=True)
        assert [mail.to_address for mail in mails(REMINDED)] == [cast.email("pat")]


@pytest.mark.parametrize("end", ["answered", "withdrawn", "closed"])
def test_nobody_is_reminded_of_what_is_over(cast: Cast, later: Callable[..., None], end: str) -> None:
    number = a_case(cast)
    question = ask(cast, number)
    if end == "answered":
        with as_pat(cast):
            service.answer_question(number, question.id, "The blue one")
    with cast.scope():
        if end == "withdrawn":
            service.withdraw_question(number, question.id)
        if end == "closed":
            service.close_case(number, "rejected", "Spam")
    later(days=6)
    cast.run_jobs()
    with cast.scope():
        assert mails(REMINDED) == []


# --- pages and API ---


def test_an_agent_asks_and_takes_back_on_the_page(cast: Cast) -> None:
    number = a_case(cast)
    bob = cast.client("bob")
    answer = bob.post(f"cases/{number}/partner-questions", {"question": "Which van?", "business_days": "3"})
    assert answer.status_code == 303
    page = bob.get(f"cases/{number}").text
    assert "Answer due in" in page and "Take the question back" in page and "Which van?" in page
    refused = bob.post(f"cases/{number}/partner-questions", {"question": "And?", "business_days": "2"})
    assert refused.status_code == 409
    assert "has not answered the last question yet" in refused.text
    with cast.scope():
        question = db.session.scalars(select(PartnerQuestion)).one()
    assert bob.post(f"cases/{number}/partner-questions/{question.id}/withdrawal").status_code == 303
    assert bob.post(f"cases/{number}/partner-questions/{new_id()}/withdrawal").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"question": "Why?"},
        {"question": "Why?", "business_days": "two"},
        {"question": "Why?", "business_days": "9" * 4000},
        {"question": "x" * 300_000, "business_days": "2"},
    ],
)
def test_a_bad_form_is_refused_with_what_was_typed(cast: Cast, form: dict[str, str]) -> None:
    number = a_case(cast)
    answer = cast.client("bob").post(f"cases/{number}/partner-questions", form)
    assert answer.status_code == 422
    assert form.get("question", "") in answer.text


def test_who_may_not_work_on_cases_may_not_ask(cast: Cast) -> None:
    number = a_case(cast)
    for who in ("dana", "pat"):
        assert cast.client(who).post(f"cases/{number}/partner-questions", {"question": "Why?"}).status_code == 403
    page = cast.client("dana").get(f"cases/{number}").text
    assert "Pat&#39;s Vans" in page and "ask-question" not in page


def test_machines_ask_read_the_answer_and_take_back(cast: Cast) -> None:
    number = a_case(cast)
    asked = cast.api().post(f"cases/{number}/partner-questions", {"question": "Which van?"})
    assert asked.status_code == 201, asked.text
    assert set(asked.json) == {"id", "question", "asked_at", "due_at"}
    assert cast.api().post(f"cases/{number}/partner-questions", {"question": "Which?"}).status_code == 409
    with as_pat(cast):
        service.answer_question(number, UUID(asked.json["id"]), "The blue one")
    cast.run_jobs()
    line = cast.api().get(f"cases/{number}/events").json["data"][-1]
    assert (line["kind"], line["text"]) == ("partner_answered", "The blue one")
    assert line["actor"] == {"kind": "partner", "name": "Pat"}
    path = f"cases/{number}/partner-questions/{asked.json['id']}"
    assert cast.api().call("DELETE", path).status_code == 409
    second = cast.api().post(f"cases/{number}/partner-questions", {"question": "Which?", "business_days": 1}).json["id"]
    for _turn in range(2):
        assert cast.api().call("DELETE", f"cases/{number}/partner-questions/{second}").status_code == 204
    assert cast.api().call("DELETE", f"cases/{number}/partner-questions/{new_id()}").status_code == 404
    assert cast.api().call("DELETE", f"cases/{number}/partner-questions/nonsense").status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"question": ""}, {"question": 5}, {"question": "x" * 5001}, {"question": "Why?", "business_days": 0},
             {"question": "Why?", "business_days": "2"}, {"question": "Why?", "due_at": "tomorrow"}]
)  # fmt: skip
def test_machines_are_told_what_is_wrong(cast: Cast, body: dict[str, Any]) -> None:
    number = a_case(cast)
    assert cast.api().post(f"cases/{number}/partner-questions", body).status_code == 422
    assert cast.api(cast.key("read")).post(f"cases/{number}/partner-questions", {"question": "Why?"}).status_code == 403
