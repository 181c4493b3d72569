"""The first steps: one form makes what a first survey needs, once; the test is answered and counts nowhere."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from app.delivery.models import Message
from app.journeys.models import Department, Touchpoint
from app.kernel.db import db
from app.kernel.errors import Conflict, NotFound
from app.loop.cases.models import Case
from app.surveys.answering.models import Response
from app.surveys.answering.service import ByInvitation, Submission, release_response, submit_response
from app.surveys.design.models import Survey
from app.surveys.design.service import close_survey
from app.surveys.outreach.models import Ask, Invitation, OutreachRule
from app.surveys.outreach.service import invite_tester, unsubscribe
from app.tenants.service import change_settings
from tests import smtp
from tests.cast import Cast
from tests.queries import count_queries

FORM = {"occasion": "delivery", "name": "Delivery to the door", "team": "Care"}


def _all(cast: Cast, model: Any) -> list[Any]:
    with cast.scope():
        return list(db.session.scalars(select(model)))


def _begin(cast: Cast, **more: str) -> Any:
    return cast.client("alice").post("start", {**FORM, **more})


def _test(cast: Cast) -> Invitation:
    with cast.scope():
        query = select(Invitation).where(Invitation.purpose == "test").order_by(Invitation.created_at.desc())
        found = db.session.scalars(query).first()
        assert found is not None
        return found


def _answer(cast: Cast, score: int, *, complete: bool = True, revision: int = 1) -> Response:
    with cast.scope():
        test = _test(cast)
        way = ByInvitation(test.id)
        submit_response(Submission(way, {"nps": score, "why": "Late"}, complete=complete, revision=revision))
        return db.session.scalars(select(Response).where(Response.invitation_id == test.id)).one()


def test_one_form_makes_all_that_a_first_survey_needs(cast: Cast) -> None:
    answer = _begin(cast)
    assert (answer.status_code, answer.location) == (303, f"/t/{cast.slug}/start")
    (touchpoint,), (team,), (survey,), (rule,) = (_all(cast, m) for m in (Touchpoint, Department, Survey, OutreachRule))
    assert (touchpoint.name, team.name, touchpoint.department_id) == ("Delivery to the door", "Care", team.id)
    assert (survey.last_version, survey.has_open_link, rule.is_active) == (1, True, True)
    with smtp.serve(cast.app) as server:
        cast.run_jobs()
    assert server.recipients == [cast.email("alice")]
    assert server.mails[0]["Subject"].startswith("Test: ")


@pytest.mark.parametrize(
    ("occasion", "question"), [("delivery", "nps"), ("shop", "csat"), ("support", "ces"), ("online", "csat")]
)
def test_what_is_left_empty_gets_a_usual_name(cast: Cast, occasion: str, question: str) -> None:
    assert _begin(cast, occasion=occasion, name="", team=" ").status_code == 303
    (touchpoint,), (team,), (survey,) = (_all(cast, model) for model in (Touchpoint, Department, Survey))
    assert touchpoint.name and team.name == "Customer care"
    assert survey.draft["questions"][0]["type"] == question


@pytest.mark.parametrize(
    ("field", "value"),
    [("occasion", "lunch"), ("occasion", ""), ("name", "x" * 201), ("team", "x" * 201)],
)
def test_bad_input_makes_nothing(cast: Cast, field: str, value: str) -> None:
    assert _begin(cast, **{field: value}).status_code == 422
    assert [_all(cast, model) for model in (Touchpoint, Department, Survey, OutreachRule, Invitation)] == [[]] * 5


def test_twice_and_at_the_same_moment_makes_it_once(cast: Cast) -> None:
    clients = [cast.client("alice") for _turn in range(4)]
    threads = [threading.Thread(target=client.post, args=("start", FORM)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(_all(cast, model)) for model in (Touchpoint, Department, Survey, OutreachRule)] == [1, 1, 1, 1]
    assert _begin(cast).status_code == 303
    assert len(_all(cast, Touchpoint)) == 1


def test_the_page_follows_what_happens(cast: Cast) -> None:
    alice = cast.client("alice")
    assert "What do you want to ask about first?" in alice.get("start").text
    assert alice.get("start/code.svg").status_code == 404
    _begin(cast)
    page = alice.get("start").text
    assert "The mail is on its way" in page and "What do you want" not in page
    assert alice.get("start/code.svg").mimetype == "image/svg+xml"
    with smtp.serve(cast.app):
        cast.run_jobs()
    first = alice.get("start/steps")
    assert "The mail is in your mailbox" in first.text
    assert alice.get("start/steps", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    _answer(cast, 3, complete=False)
    assert "You have begun" in alice.get("start/steps").text
    _answer(cast, 3, revision=2)
    page = alice.get("start").text
    assert "A customer who answers like this gets a case" in page and "every 3s" not in page


def test_the_answer_to_a_test_counts_nowhere(cast: Cast) -> None:
    _begin(cast)
    response = _answer(cast, 0)
    cast.run_jobs()
    assert response.parked_reason == "test"
    assert _all(cast, Case) == []
    assert cast.api().get("figures/nps?from=2000-01-01&to=2100-01-01").json["rows"][0]["n"] == 0
    with cast.scope(), pytest.raises(Conflict):
        release_response(response.id)
    page = cast.client("alice").get(f"responses/{response.id}").text
    assert "sent the survey to themselves" in page and "let it count" not in page
    assert cast.api().get(f"responses/{response.id}").json["parked"] == "test"


def test_a_test_is_sent_at_any_hour_and_however_often_and_is_no_ask(cast: Cast) -> None:
    with cast.scope():
        change_settings({"quiet_ends_hour": 0, "quiet_starts_hour": 1, "annual_cap": 1, "min_gap_days": 365})
    _begin(cast)
    for _turn in range(3):
        assert cast.client("alice").post("start/test").status_code == 303
    with smtp.serve(cast.app) as server:
        cast.run_jobs()
    assert len(server.mails) == 4
    assert _all(cast, Ask) == []


def test_who_wants_no_mail_gets_no_test_either(cast: Cast) -> None:
    _begin(cast)
    with cast.scope():
        unsubscribe(_test(cast).id)
    cast.client("alice").post("start/test")
    with smtp.serve(cast.app) as server:
        cast.run_jobs()
    assert server.mails == []
    assert "The mail could not be sent" in cast.client("alice").get("start").text


def test_a_survey_that_asks_nobody_is_not_tested(cast: Cast) -> None:
    assert cast.client("alice").post("start/test").status_code == 409
    _begin(cast)
    (survey,) = _all(cast, Survey)
    with cast.scope():
        close_survey(survey.key)
        with pytest.raises(Conflict):
            invite_tester(survey.key, "a@example.com", "A", "en")
        with pytest.raises(NotFound):
            invite_tester("nobodys", "a@example.com", "A", "en")
    assert len(_all(cast, Message)) == 0


def test_only_who_may_edit_surveys_is_led(cast: Cast) -> None:
    for name in ("bob", "dana", "pat"):
        assert cast.client(name).get("start").status_code == 403
        assert cast.client(name).post("start", FORM).status_code == 403


def test_the_page_takes_few_statements(cast: Cast) -> None:
    _begin(cast)
    _answer(cast, 3)
    alice = cast.client("alice")
    with count_queries() as statements:
        assert alice.get("start").status_code == 200
    assert len(statements) <= 14, statements
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 1
