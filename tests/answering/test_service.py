"""What one POST causes besides the answer itself: events, parking, anonymity; and what two at once cause."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from app.handlers import JOBS
from app.kernel import clock, events
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.kernel.outbox_model import OutboxRow
from app.surveys.answering import service
from app.surveys.answering.events import ResponseSaved, ResponseSubmitted
from app.surveys.answering.models import Answer, Response
from app.surveys.answering.service import ByInvitation, BySender, Submission, submit_response
from app.tenants.models import AuditEvent
from tests.cast import Cast
from tests.factories.answering import Customer, make_customer, make_followed_up, make_passer_by, make_response, stored
from tests.factories.journeys import make_department
from tests.queries import count_queries

Heard = list[tuple[str, Any]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """The events of this room that were published and when they are due."""
    found: Heard = []

    def publish(event: Any, *, due_at: Any = None, is_history: bool = False) -> None:
        found.append((type(event).__name__, due_at))

    monkeypatch.setattr(service, "publish", publish)
    return found


def test_events_follow_what_was_stored(cast: Cast, heard: Heard) -> None:
    customer = make_customer(cast)
    customer.save({"nps": 3}, revision=1)
    [(name, due_at)] = heard
    assert name == "ResponseSaved"
    assert abs(due_at - clock.now() - timedelta(minutes=10)) < timedelta(minutes=1), "the tenant's settle time"
    customer.save({"nps": 3}, revision=1)
    assert len(heard) == 1, "an old revision is no news"
    customer.save({"nps": 3, "why": "Late"}, complete=True, revision=2)
    customer.save({"nps": 3, "why": "Late"}, complete=True, revision=2)
    assert heard[1:] == [("ResponseSubmitted", None)]


def test_an_answer_and_its_event_are_one_transaction(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def a_job(tenant_id: object, *, response_id: str) -> None: ...

    monkeypatch.setattr(events, "_jobs", {**JOBS, ResponseSubmitted: (a_job,), ResponseSaved: (a_job,)})
    customer = make_customer(cast)
    customer.save({"nps": 3}, complete=True)
    with cast.scope():
        row = db.session.scalars(db.select(OutboxRow).where(OutboxRow.job == "a_job")).one()
        assert row.payload == {"response_id": str(db.session.scalars(db.select(Response.id)).one())}
    lost = make_customer(cast)
    monkeypatch.setattr(service, "_announce", lambda _response: 1 / 0)
    with cast.scope(), pytest.raises(ZeroDivisionError):
        assert lost.invitation_id
        submit_response(Submission(ByInvitation(lost.invitation_id), {"nps": 3}))
    assert stored(cast, lost) is None


def test_a_filled_trap_parks_until_somebody_releases_it(cast: Cast, heard: Heard) -> None:
    customer = make_customer(cast)
    assert customer.send(nps="3", heed_website="http://evil.example").status_code == 303
    response = stored(cast, customer)
    assert response is not None and response.parked_reason == "honeypot" and response.status == "completed"
    assert heard == [] and "in touch" not in customer.get("/thanks").text
    with cast.scope():
        service.release_response(response.id)
        audited = db.session.scalars(db.select(AuditEvent).where(AuditEvent.action == "response.released")).one()
        assert audited.before is not None and audited.before["reason"] == "honeypot"
        with pytest.raises(Conflict):
            service.release_response(response.id)
    assert heard == [("ResponseSubmitted", None)]
    released = stored(cast, customer)
    assert released is not None and released.parked_at is None
    assert "in touch" in customer.get("/thanks").text


def test_two_scores_in_a_moment_are_parked(cast: Cast, heard: Heard) -> None:
    customer = make_customer(cast)
    customer.save({"nps": 0}, revision=1)
    customer.save({"nps": 10}, complete=True, revision=2)
    response = stored(cast, customer)
    assert response is not None and (response.parked_reason, response.nps) == ("two_scores", 10)
    assert [name for name, _due_at in heard] == ["ResponseSaved"]


def test_a_slow_change_of_mind_counts(cast: Cast) -> None:
    customer = make_customer(cast)
    customer.save({"nps": 0}, revision=1)
    with cast.scope(), atomic() as session:
        response = session.scalars(db.select(Response)).one()
        response.received_at -= timedelta(seconds=11)
    customer.save({"nps": 10}, complete=True, revision=2)
    found = stored(cast, customer)
    assert found is not None and (found.parked_at, found.nps) == (None, 10)


def test_a_correction_on_the_page_counts_however_quick(cast: Cast) -> None:
    customer = make_customer(cast)
    customer.save({"nps": 0}, revision=1)
    assert customer.send(nps="10", heed_revision="2").status_code == 303
    found = stored(cast, customer)
    assert found is not None and (found.parked_at, found.nps) == (None, 10)


def test_an_anonymous_answer_leads_to_nobody(cast: Cast) -> None:
    customer = make_customer(cast, is_anonymous=True)
    assert customer.save({"nps": 3}, revision=1).status_code == 200
    assert customer.save({"why": "Late"}, complete=True, revision=2).status_code == 200
    assert customer.save({"why": "Late"}, complete=True, revision=2).status_code == 200
    response = stored(cast)
    assert response is not None and response.touchpoint_id is not None and response.nps == 3
    hidden = (response.invitation_id, response.customer_id, response.interaction_id, response.occurred_at)
    assert hidden == (None,) * 4
    assert customer.invitation_id and str(customer.invitation_id) not in str(response.client_key)
    thanks = customer.get().text
    assert "Thank you" in thanks and "in touch" not in thanks


def test_who_was_responsible_is_copied(cast: Cast) -> None:
    with cast.scope():
        department = make_department("care")
    customer = make_customer(cast)
    with cast.scope(), atomic():
        response = make_response(interaction=_interaction_of(customer), partner="pats")
        row = db.session.get_one(Response, (cast.tenant_id, response.response_id))
        assert (row.partner_id, row.department_id) == (cast.partner_id, None)
        row.touchpoint.department_id = department.id
    customer.save({"nps": 3}, complete=True)
    of_link = stored(cast, customer)
    assert of_link is not None and (of_link.partner_id, of_link.department_id) == (None, department.id)


def _interaction_of(customer: Customer) -> str:
    from app.surveys.outreach.queries import get_invitation

    return str(get_invitation(customer.invitation_id).interaction.external_id)


def test_a_follow_up_that_says_no_is_told_what_happens(cast: Cast) -> None:
    customer = make_followed_up(cast)
    customer.send(solved="no")
    thanks = customer.get("/thanks").text
    assert "We take it up again" in thanks
    response = stored(cast, customer)
    assert response is not None and response.survey_kind == "follow_up"


def in_two_threads(app: OpenAPI, work: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(2)

    def run() -> Any:
        with app.app_context():
            barrier.wait()
            return work()

    with ThreadPoolExecutor(2) as pool:
        return [found.result() for found in [pool.submit(run) for _ in range(2)]]


@pytest.mark.parametrize("attempt", range(3))
def test_a_doubled_post_over_a_link_is_one_response(cast: Cast, app: OpenAPI, attempt: int) -> None:
    customer = make_customer(cast)
    first, second = in_two_threads(app, lambda: customer.save({"nps": 3, "why": "Late"}, complete=True, revision=1))
    assert first.status_code == second.status_code == 200 and first.json == second.json
    with cast.scope():
        assert len(db.session.scalars(db.select(Response)).all()) == 1
        assert len(db.session.scalars(db.select(Answer)).all()) == 2


@pytest.mark.parametrize("attempt", range(3))
def test_a_doubled_post_to_an_open_link_is_one_response(cast: Cast, app: OpenAPI, attempt: int) -> None:
    somebody = make_passer_by(cast)
    post = partial(somebody.save, {"nps": 3}, complete=True, key="key-of-mine")
    first, second = in_two_threads(app, post)
    assert sorted((first.status_code, second.status_code)) == [200, 201] and first.json == second.json


@pytest.mark.parametrize("attempt", range(3))
def test_a_doubled_post_of_a_sender_is_one_response(cast: Cast, app: OpenAPI, attempt: int) -> None:
    with cast.scope():
        from tests.factories.journeys import make_touchpoint
        from tests.factories.surveys import make_version

        make_touchpoint("delivery")
        make_version("nps")

    def post() -> Any:
        with cast.scope():
            way = BySender(survey="nps", touchpoint="delivery", id="review-1")
            return submit_response(Submission(way, {"nps": 3}))

    first, second = in_two_threads(app, post)
    assert first.response_id == second.response_id and {first.is_new, second.is_new} == {True, False}


def test_two_different_last_words_at_once_are_one_answer(cast: Cast, app: OpenAPI) -> None:
    customer = make_customer(cast)
    scores = iter((3, 9))
    answers = in_two_threads(app, lambda: customer.save({"nps": next(scores)}, complete=True))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_an_answer_needs_few_statements(cast: Cast) -> None:
    customer = make_customer(cast)
    with count_queries() as statements:
        assert customer.save({"nps": 3, "why": "Late"}, complete=True).status_code == 200
    assert len(statements) <= 10, statements


@pytest.mark.parametrize("number", [3, 0, 3.5, -12, 9007199254740991, 0.1])
def test_a_number_comes_back_as_it_was_given(cast: Cast, number: float) -> None:
    make_customer(cast).save({"nps": 3}, complete=True)
    with cast.scope():
        with atomic() as session:
            session.scalars(db.select(Answer)).one().number = number
            session.flush()
            session.expire_all()
        found = db.session.scalars(db.select(Answer.number)).one()
    assert (found, type(found)) == (number, type(number)), "3 must not become 3.0 in JSON"
