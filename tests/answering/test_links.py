"""Answering over the link of an invitation: what is stored, what a repeated POST means, what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.kernel import clock, tokens
from app.kernel.db import db
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from app.surveys.answering.models import Answer, Response
from app.surveys.design.queries import get_survey_by_key
from app.surveys.design.service import close_survey, reopen_survey
from app.surveys.outreach.models import Invitation
from app.surveys.outreach.queries import get_invitation
from tests.cast import Cast
from tests.factories.answering import Customer, change_invitation, make_customer, stored

FULL = {"nps": 3, "why": "Late again"}


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return make_customer(cast)


def invitation(cast: Cast, customer: Customer) -> Invitation:
    with cast.scope():
        return db.session.scalars(db.select(Invitation).where(Invitation.id == customer.invitation_id)).one()


def values(response: Response | None) -> dict[str, Any]:
    assert response is not None
    return {row.question_key: row.text if row.number is None else row.number for row in response.answers}


def test_a_complete_answer_is_stored_whole(cast: Cast, customer: Customer) -> None:
    answer = customer.save(FULL, complete=True, revision=1)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    response = stored(cast, customer)
    assert response is not None
    assert answer.json == {"response": str(response.id), "status": "completed", "revision": 1}
    asked = invitation(cast, customer)
    assert (response.nps, response.csat, response.status, response.source) == (3, None, "completed", "invitation")
    assert values(response) == FULL
    assert response.interaction_id == asked.interaction_id and response.customer_id == asked.customer_id
    assert response.touchpoint_id == asked.touchpoint_id and response.survey_version_id == asked.survey_version_id
    assert response.occurred_at == response.interaction.occurred_at
    assert asked.status == "completed" and asked.completed_at is not None


def test_the_form_s_send_goes_on_to_the_thanks(cast: Cast, customer: Customer) -> None:
    answer = customer.send(nps="3", why="Late again", heed_revision="1", heed_website="")
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"{customer.path}/thanks")
    assert values(stored(cast, customer)) == FULL
    thanks = customer.get("/thanks")
    assert thanks.status_code == 200 and "Thank you" in thanks.text
    assert "<form" not in customer.get().text


def test_partial_answers_are_kept_and_merged(cast: Cast, customer: Customer) -> None:
    assert customer.save({"nps": 3}, revision=1).json["status"] == "started"
    assert invitation(cast, customer).status == "started"
    assert customer.save({"why": "Late again"}, revision=2).json["revision"] == 2
    response = stored(cast, customer)
    assert values(response) == FULL
    assert response is not None and response.status == "started" and response.completed_at is None
    assert customer.save({"why": ""}, complete=True, revision=3).json["status"] == "completed"
    assert values(stored(cast, customer)) == {"nps": 3}


def test_a_form_carries_the_whole_page(cast: Cast, customer: Customer) -> None:
    customer.save(FULL, revision=5)
    customer.send(nps="3", why="", heed_revision="1")
    response = stored(cast, customer)
    assert values(response) == {"nps": 3}
    assert response is not None and (response.status, response.revision) == ("completed", 6)


def test_an_overtaken_revision_answers_what_is_stored(cast: Cast, customer: Customer) -> None:
    customer.save({"nps": 4, "why": "new"}, revision=2)
    for revision in (1, 2, 0):
        answer = customer.save({"nps": 9}, revision=revision)
        assert (answer.status_code, answer.json["status"], answer.json["revision"]) == (200, "started", 2)
    assert values(stored(cast, customer)) == {"nps": 4, "why": "new"}


def test_after_completion_only_the_same_is_taken(cast: Cast, customer: Customer) -> None:
    first = customer.save(FULL, complete=True, revision=2)
    assert customer.save(FULL, complete=True, revision=2).json == first.json
    assert customer.save(FULL, complete=True, revision=3).json == first.json
    assert customer.save({"nps": 3}, revision=1).json == first.json, "a partial answer overtaken on its way"
    for refused in (
        customer.save({"nps": 9}, complete=True, revision=3),
        customer.save({"nps": 9}, complete=True, revision=2),
        customer.save({"nps": 9}, revision=3),
        customer.save({"nps": 11}, complete=True, revision=4),
    ):
        assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    response = stored(cast, customer)
    assert values(response) == FULL and response is not None and response.parked_at is None


def test_sending_the_form_twice_is_sending_it_once(cast: Cast, customer: Customer) -> None:
    for _ in range(2):
        assert customer.send(nps="3", heed_revision="1").status_code == 303
    other = customer.send(nps="9", heed_revision="2")
    assert other.status_code == 409 and "answered already" in other.text
    assert values(stored(cast, customer)) == {"nps": 3}


BAD = {
    "too high": ({"nps": 11}, "/answers/nps"),
    "negative": ({"nps": -1}, "/answers/nps"),
    "text for a number": ({"nps": "3"}, "/answers/nps"),
    "float": ({"nps": 3.0}, "/answers/nps"),
    "boolean": ({"nps": True}, "/answers/nps"),
    "null": ({"nps": None}, "/answers/nps"),
    "list": ({"nps": []}, "/answers/nps"),
    "object": ({"nps": {}}, "/answers/nps"),
    "huge": ({"nps": 10**40}, "/answers/nps"),
    "unknown question": ({"nps": 3, "colour": 1}, "/answers/colour"),
    "unknown option": ({"nps": 3, "late": "never"}, "/answers/late"),
    "NUL": ({"nps": 3, "why": "a\0b"}, "/answers/why"),
    "lone surrogate": ({"nps": 3, "why": "\ud800"}, "/answers/why"),
    "surrogate in a key": ({"nps": 3, "\ud800": 1}, "/answers/?"),
    "too long": ({"nps": 3, "why": "x" * 5001}, "/answers/why"),
    "nothing": ({}, "/answers/nps"),
    "no object": ([], "/answers"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_answers_are_refused_with_a_pointer(cast: Cast, customer: Customer, case: str) -> None:
    answers, pointer = BAD[case]
    answer = customer.save(answers, complete=True, revision=1)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert stored(cast, customer) is None and invitation(cast, customer).status == "scheduled"


@pytest.mark.parametrize(
    "more", [{"unknown": 1}, {"revision": "1"}, {"revision": -1}, {"revision": 10**12}, {"key": "k" * 20}]
)
def test_bad_fields_beside_the_answers_are_refused(cast: Cast, customer: Customer, more: dict[str, Any]) -> None:
    answer = customer.save(FULL, **more)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [f"/{next(iter(more))}"]
    assert stored(cast, customer) is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"answers": NaN}', b"[" * 100_000, b'{"answers": "\xff"}'])
def test_unreadable_json_is_a_bad_request(customer: Customer, body: bytes) -> None:
    assert customer.post(body, "application/json").status_code == 400


def test_broken_utf8_in_a_form_is_a_bad_request(cast: Cast, customer: Customer) -> None:
    assert customer.post(b"nps=3&why=%ff", "application/x-www-form-urlencoded").status_code == 400
    assert stored(cast, customer) is None


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_half_a_megabyte_is_too_large(cast: Cast, customer: Customer, kind: str) -> None:
    text = b"x" * 500_000
    body = b'{"answers": {"why": "%s"}}' % text if kind == "application/json" else b"why=" + text
    assert customer.post(body, kind).status_code == 413
    assert stored(cast, customer) is None


def test_required_questions_are_asked_for_at_completion_only(cast: Cast, customer: Customer) -> None:
    assert customer.save({"why": "Late"}, revision=1).status_code == 200
    refused = customer.save({"why": "Late"}, complete=True, revision=2)
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/answers/nps"
    response = stored(cast, customer)
    assert response is not None and (response.status, response.revision) == ("started", 1)


def test_what_a_score_hides_is_dropped(cast: Cast, customer: Customer) -> None:
    customer.save({"nps": 3, "late": "damaged"}, revision=1)
    assert values(stored(cast, customer)) == {"nps": 3, "late": "damaged"}
    customer.save({"nps": 9}, complete=True, revision=2)
    assert values(stored(cast, customer)) == {"nps": 9}


@pytest.mark.parametrize("state", ["expired", "cancelled"])
def test_an_invitation_that_is_over_is_gone(cast: Cast, customer: Customer, state: str) -> None:
    change_invitation(cast, customer, status=state)
    assert customer.get().status_code == customer.head().status_code == 410
    assert customer.send(nps="3").status_code == 410
    answer = customer.save(FULL, complete=True)
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    assert stored(cast, customer) is None


def test_time_and_the_survey_s_end_close_a_link(cast: Cast) -> None:
    late, early = make_customer(cast), make_customer(cast)
    change_invitation(cast, late, status="sent", expires_at=clock.now() - timedelta(seconds=1))
    change_invitation(cast, early, status="sent", expires_at=clock.now() + timedelta(hours=1))
    assert late.save(FULL, complete=True).status_code == 410
    assert early.save({"nps": 3}, revision=1).status_code == 200
    with cast.scope():
        close_survey(db.session.scalars(db.select(Response)).one().survey.key)
    assert early.save(FULL, complete=True, revision=2).status_code == 410
    page = early.get()
    assert (page.status_code, page.mimetype) == (410, "text/html") and "This survey is closed" in page.text
    with cast.scope():
        reopen_survey(db.session.scalars(db.select(Response)).one().survey.key)
    assert early.get().status_code == 200
    assert early.save(FULL, complete=True, revision=2).status_code == 200


def test_what_was_sent_in_time_stays_answered(cast: Cast, customer: Customer) -> None:
    customer.save(FULL, complete=True, revision=1)
    change_invitation(cast, customer, expires_at=clock.now() - timedelta(days=1))
    assert customer.save(FULL, complete=True, revision=1).status_code == 200
    assert "Thank you" in customer.get().text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_unknown_tampered_and_foreign_links_are_the_same_404(cast: Cast, others: Cast, method: str) -> None:
    customer = make_customer(cast)
    assert customer.invitation_id is not None
    wrong = [
        "/r/nonsense",
        customer.path[:-2] + ("AA" if customer.path[-2:] != "AA" else "BB"),
        f"/r/{tokens.issue('respond', cast.tenant_id, new_id())}",
        f"/r/{tokens.issue('respond', others.tenant_id, customer.invitation_id)}",
        f"/r/{tokens.issue('respond', new_id(), customer.invitation_id)}",
        f"/r/{tokens.issue('unsubscribe', cast.tenant_id, customer.invitation_id)}",
    ]
    answers = [
        Customer(cast.app, path)._open(method, "", **({"data": {"nps": "3"}} if method == "POST" else {}))
        for path in wrong
    ]
    assert [answer.status_code for answer in answers] == [404] * len(wrong)
    assert len({answer.data for answer in answers}) == 1


def test_looking_writes_nothing(cast: Cast, customer: Customer) -> None:
    def counts() -> list[int]:
        with cast.scope():
            tables = (Response, Answer, OutboxRow)
            return [db.session.scalar(db.select(db.func.count()).select_from(table)) or 0 for table in tables]

    before, state = counts(), invitation(cast, customer).status
    for query in ("", "?score=9", "?score=nps:3", "?score=11", "?score=", "?lang=zh-Hans", "/thanks"):
        assert customer.get(query).status_code in (200, 303)
        assert customer.head(query).status_code in (200, 303)
    assert counts() == before and invitation(cast, customer).status == state
    assert stored(cast, customer) is None


def test_a_survey_published_anew_does_not_change_what_was_asked(cast: Cast, customer: Customer) -> None:
    from app.surveys.design import service as design
    from tests.factories.surveys import csat_definition

    with cast.scope():
        key = get_invitation(customer.invitation_id).version.survey.key
        design.save_draft(key, "Delivery", None, None, csat_definition())
        design.publish(key)
        assert get_survey_by_key(key).last_version == 2
    assert customer.save(FULL, complete=True).status_code == 200
    response = stored(cast, customer)
    assert response is not None and response.nps == 3


def test_too_often_is_answered_with_a_time_to_wait(customer: Customer) -> None:
    answers = [customer.save({"nps": 3}, revision=revision) for revision in range(1, 12)]
    assert [answer.status_code for answer in answers[:10]] == [200] * 10
    assert answers[10].status_code == 429 and int(answers[10].headers["Retry-After"]) > 0
    assert answers[10].mimetype == "application/problem+json"
    assert customer.send(nps="3").status_code == 303, "what the script saves must not use up the right to send"


def test_an_empty_page_is_no_answer(cast: Cast) -> None:
    customer = make_customer(
        cast,
        definition={
            "title": {"en": "T"},
            "default_locale": "en",
            "questions": [{"key": "nps", "type": "nps", "text": {"en": "Likely?"}}],
        },
    )
    assert customer.save({}, complete=True).json["errors"][0]["pointer"] == "/answers"
    page = customer.send()
    assert page.status_code == 422 and "Please answer at least one question." in page.text
