"""A detractor's answer opens exactly one case, with its number, severity and clocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask_babel import force_locale
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import atomic, db, get_row
from app.kernel.outbox_model import OutboxRow
from app.loop.cases import service
from app.loop.cases.models import Case, CaseEvent
from app.loop.cases.queries.page import list_events
from app.loop.cases.words import event_words
from app.loop.sla import service as calendars
from app.loop.sla.rules import default_calendar
from app.surveys.answering.models import Response
from app.surveys.answering.service import release_response
from app.tenants.models import TenantCounter
from app.tenants.service import change_settings
from tests.cast import Cast
from tests.factories.answering import Customer, make_customer
from tests.factories.loop import make_answer, make_ask, make_case, save_part
from tests.queries import count_queries
from tests.surveys.every_type import definition

Later = Callable[..., None]
PAIR = {"expected": 7, "perceived": 1}


def cases() -> list[Case]:
    return list(db.session.scalars(select(Case).order_by(Case.number)))


def kinds(case: Case) -> list[str]:
    query = select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at, CaseEvent.id)
    return list(db.session.scalars(query))


def watches() -> list[OutboxRow]:
    return list(db.session.scalars(select(OutboxRow).where(OutboxRow.job == "record_breach")))


# --- which answers ---


@pytest.mark.parametrize(("nps", "severity"), [(0, 2), (2, 2), (3, 3), (6, 3)])
def test_a_detractor_opens_a_case(cast: Cast, nps: int, severity: int) -> None:
    with cast.scope():
        make_answer(nps)
    cast.run_jobs()
    with cast.scope():
        (case,) = cases()
        assert (case.number, case.status, case.severity, case.owner_id) == (1, "new", severity, None)
        assert kinds(case) == ["opened"]


@pytest.mark.parametrize("scores", [{"nps": 7}, {"nps": 10}, {"nps": None, "csat": 3}])
def test_others_open_none(cast: Cast, scores: dict[str, int | None]) -> None:
    with cast.scope():
        make_answer(**scores)
    cast.run_jobs()
    with cast.scope():
        assert cases() == []


def test_csat_opens_cases_too(cast: Cast) -> None:
    with cast.scope():
        assert make_case(csat=1).severity == 2
        assert make_case(csat=2).severity == 3


def test_the_tenant_s_limits_count(cast: Cast) -> None:
    with cast.scope():
        change_settings({"nps_detractor_max": 8})
        make_case(8)
        change_settings({"nps_detractor_max": 3})
        assert service.open_case_for_response(make_answer(4)) is None


def test_an_unknown_response_opens_none(cast: Cast, others: Cast) -> None:
    with others.scope():
        foreign = make_answer(0)
    with cast.scope():
        assert service.open_case_for_response(foreign) is None


def test_a_parked_response_opens_its_case_when_it_is_released(cast: Cast) -> None:
    with cast.scope():
        response_id = make_answer(1)
        with atomic():
            response = get_row(Response, response_id)
            response.parked_at, response.parked_reason = clock.now(), "trapped"
    cast.run_jobs()
    with cast.scope():
        assert cases() == []
        release_response(response_id)
    cast.run_jobs()
    with cast.scope():
        assert [case.response_id for case in cases()] == [response_id]


def test_a_response_without_a_customer_opens_a_case(cast: Cast) -> None:
    with cast.scope():
        response_id = make_answer(2)
        with atomic():
            get_row(Response, response_id).customer_id = None
        case = service.open_case_for_response(response_id)
        assert case is not None and case.customer_id is None


# --- exactly one ---


def test_the_job_twice_is_one_case(cast: Cast) -> None:
    with cast.scope():
        response_id = make_answer(1)
        first = service.open_case_for_response(response_id)
        second = service.open_case_for_response(response_id)
        assert first is not None and second is not None and first.id == second.id
        assert kinds(first) == ["opened"]


def in_threads(app: OpenAPI, cast: Cast, response_ids: list[UUID]) -> list[int]:
    def open_one(response_id: UUID) -> int:
        with app.app_context(), cast.scope():
            case = service.open_case_for_response(response_id)
            assert case is not None
            return case.number

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(open_one, response_ids))


def test_eight_at_once_open_one_case_and_use_one_number(cast: Cast, app: OpenAPI) -> None:
    with cast.scope():
        response_id = make_answer(1)
        calendars.ensure_calendar()
    assert set(in_threads(app, cast, [response_id] * 8)) == {1}
    with cast.scope():
        assert len(cases()) == 1
        assert db.session.scalar(select(TenantCounter.value).where(TenantCounter.name == "case")) == 1


def test_numbers_have_no_gap_under_eight_threads(cast: Cast, app: OpenAPI) -> None:
    with cast.scope():
        responses = [make_answer(1) for _n in range(24)]
    # Each response is asked for twice, so that half of the transactions come too late.
    numbers = in_threads(app, cast, responses * 2)
    assert set(numbers) == set(range(1, 25))
    with cast.scope():
        assert [case.number for case in cases()] == list(range(1, 25))


def test_each_tenant_counts_for_itself(cast: Cast, others: Cast) -> None:
    for who in (cast, others):
        with who.scope():
            assert [make_case().number, make_case().number] == [1, 2]


# --- clocks ---


def test_the_clocks_of_a_fresh_answer(cast: Cast) -> None:
    with cast.scope():
        case = make_case()
        response = get_row(Response, case.response_id)
        assert case.answered_at == response.answered_at
        assert case.first_contact_due_at == max(response.answered_at, response.received_at) + timedelta(hours=24)
        assert case.resolution_due_at > case.opened_at + timedelta(days=6)
        assert sorted(row.due_at for row in watches()) == sorted([case.first_contact_due_at, case.resolution_due_at])
        assert all(row.payload["case_id"] == str(case.id) for row in watches())


def test_an_answer_that_reached_us_late_is_due_from_its_receipt(cast: Cast) -> None:
    with cast.scope():
        case = make_case(answered_at=clock.now() - timedelta(days=30))
        assert timedelta(hours=23) < case.first_contact_due_at - clock.now() <= timedelta(hours=24)
        assert case.answered_at < clock.now() - timedelta(days=29)


def test_history_has_the_clocks_of_then_and_raises_no_alarm(cast: Cast, later: Later) -> None:
    then = datetime(2018, 1, 12, 17, tzinfo=UTC)
    with cast.scope():
        case = make_case(answered_at=then, historic=True)
        assert case.is_historic and case.opened_at == then
        assert case.first_contact_due_at == then + timedelta(hours=24)
        assert case.resolution_due_at == datetime(2018, 1, 19, 17, tzinfo=UTC)
        assert watches() == []


def test_the_tenant_s_promises_count(cast: Cast) -> None:
    with cast.scope():
        change_settings({"first_contact_minutes": 30, "resolution_days": 1})
        case = make_case()
        assert case.first_contact_due_at - case.answered_at < timedelta(minutes=31)
        assert case.resolution_due_at - case.opened_at <= timedelta(days=4)


def test_a_case_keeps_the_hours_it_was_opened_with(cast: Cast) -> None:
    with cast.scope():
        before = make_case()
        calendars.change_calendar(default_calendar("Asia/Shanghai"))
        after = make_case()
        assert before.calendar_version_id != after.calendar_version_id
        assert get_row(Case, before.id).calendar_version_id == before.calendar_version_id


# --- partial answers ---


def test_a_partial_answer_opens_a_case_once_it_is_left_alone(cast: Cast, later: Later) -> None:
    with cast.scope():
        ask = make_ask()
        response_id = save_part(ask, {"nps": 2}, 1)
        assert service.open_case_for_response(response_id) is None
        assert service.open_case_when_settled(response_id) is None
    later(minutes=6)
    with cast.scope():
        save_part(ask, {"nps": 2, "why": "It"}, 2)
    later(minutes=6)
    with cast.scope():
        # Twelve minutes after the first answer, six after the last.
        assert service.open_case_when_settled(response_id) is None
    later(minutes=4)
    with cast.scope():
        assert service.open_case_when_settled(response_id) is not None


def test_what_comes_later_joins_the_same_case(cast: Cast, later: Later) -> None:
    with cast.scope():
        ask = make_ask()
        response_id = save_part(ask, {"nps": 5}, 1)
    later(minutes=10)
    with cast.scope():
        case = service.open_case_when_settled(response_id)
        assert case is not None and case.severity == 3
        save_part(ask, {"nps": 1, "why": "Broken as well"}, 2, complete=True)
        joined = service.open_case_for_response(response_id)
        service.open_case_for_response(response_id)
        assert joined is not None and joined.id == case.id
        assert joined.severity == 2
        assert sorted(kinds(joined)) == ["answer_added", "opened", "severity_changed"]
        assert len(cases()) == 1


def test_a_better_score_later_leaves_the_case_as_grave_as_it_was(cast: Cast, later: Later) -> None:
    with cast.scope():
        ask = make_ask()
        response_id = save_part(ask, {"nps": 1}, 1)
    later(minutes=10)
    with cast.scope():
        service.open_case_when_settled(response_id)
        save_part(ask, {"nps": 9}, 2, complete=True)
        case = service.open_case_for_response(response_id)
        assert case is not None and case.severity == 2
        assert kinds(case) == ["opened", "answer_added"]


def test_a_partial_answer_through_the_jobs(cast: Cast, later: Later) -> None:
    with cast.scope():
        change_settings({"settle_minutes": 10})
        ask = make_ask()
        save_part(ask, {"nps": 0}, 1)
    with cast.scope(), atomic() as session:
        # Only this response's own jobs are looked at here; the mail of the ask is another room's.
        for row in session.scalars(select(OutboxRow).where(OutboxRow.event != "ResponseSaved")):
            session.delete(row)
    assert cast.run_jobs() == 0
    later(minutes=10)
    cast.run_jobs()
    with cast.scope():
        assert len(cases()) == 1


def test_opening_takes_few_statements(cast: Cast) -> None:
    with cast.scope():
        make_case()
        response_id = make_answer(2)
        with count_queries() as statements:
            service.open_case_for_response(response_id)
    assert len(statements) <= 16, statements


# --- effort and emotion ---


def answer_all(cast: Cast, answers: dict[str, Any]) -> Customer:
    """A customer who has sent answers to a survey with every type."""
    customer = make_customer(cast, definition=definition())
    assert customer.save(answers, complete=True).status_code == 200
    return customer


@pytest.mark.parametrize(
    ("answers", "severity", "why", "chinese"),
    [
        ({"ces": 1}, 2, "CES 1 of 7", "CES 1 / 7"),
        ({"ces": 2, "nps": 9}, 3, "CES 2 of 7", "CES 2 / 7"),
        ({"feel": [2, 14, 20]}, 3, "felt anger", "感受：愤怒"),
        ({"nps": 3, "feel": [2], "ces": 7}, 3, "NPS 3 of 10, felt anger", "NPS 3 / 10, 感受：愤怒"),
    ],
)
def test_effort_and_emotion_open_cases_that_say_why(
    cast: Cast, answers: dict[str, Any], severity: int, why: str, chinese: str
) -> None:
    customer = answer_all(cast, answers)
    assert "gets in touch with you by" in customer.get("/thanks").text, "the promise is the same"
    cast.run_jobs()
    with cast.scope():
        [case] = cases()
        assert (case.severity, case.status) == (severity, "new")
    page = cast.client("bob").get(f"cases/{case.number}").text
    assert f"gave the answer that opened the case: {why}" in re.sub(r"<[^>]+>", "", page)
    with cast.app.test_request_context(), force_locale("zh_Hans"), cast.scope():
        assert event_words(list_events(case)[0]) == f"给出了建立案例的回答：{chinese}"


@pytest.mark.parametrize("answers", [{"ces": 3}, {"feel": [6, 11]}, {"ces": 7, "feel": [20]}, {"hoped": PAIR}])
def test_other_efforts_and_feelings_open_none(cast: Cast, answers: dict[str, Any]) -> None:
    customer = answer_all(cast, answers)
    assert "in touch" not in customer.get("/thanks").text
    cast.run_jobs()
    with cast.scope():
        assert cases() == []


def test_the_tenant_turns_effort_and_emotion_off(cast: Cast) -> None:
    with cast.scope():
        change_settings({"ces_detractor_max": 0, "emotion_detractor_max": 0})
    customer = answer_all(cast, {"ces": 1, "feel": [2]})
    assert "in touch" not in customer.get("/thanks").text
    cast.run_jobs()
    with cast.scope():
        assert cases() == []
        change_settings({"emotion_detractor_max": 6})
    answer_all(cast, {"feel": [6]})
    cast.run_jobs()
    with cast.scope():
        assert len(cases()) == 1
