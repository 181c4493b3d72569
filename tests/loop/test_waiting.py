"""Waiting, the resolution clock that stands still meanwhile, and the alarms of clocks that ran out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.loop.cases import service
from app.loop.cases.models import CasePause
from app.loop.sla import service as calendars
from app.loop.sla.rules import default_calendar
from tests.cast import Cast
from tests.factories.loop import make_case, make_worked_case
from tests.loop.told import alarms, kinds, last_data, now, watches

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A moment of September 2026 in Shanghai, such as "21 10:00" (the 21st is a Monday)."""
    return datetime.strptime(f"2026-09-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.fixture
def travel(cast: Cast) -> Callable[[str], None]:
    """Go to a moment of September 2026; the tenant works in Shanghai, and it is Monday the 21st, 10:00."""
    with time_machine.travel(at("21 10:00"), tick=True) as machine:
        with cast.scope():
            calendars.change_calendar(default_calendar("Asia/Shanghai"))
        yield lambda text: machine.move_to(at(text))


def near(moment: datetime, text: str) -> bool:
    return abs(moment.astimezone(UTC) - at(text)) < timedelta(minutes=1)


# --- waiting ---


def test_a_wait_for_the_customer_stops_the_clock(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        assert near(now(number).resolution_due_at, "28 10:00")
        travel("21 17:00")
        case = service.set_waiting(number, "customer", "Photos of the damage")
        assert case.status == "waiting_customer"
        travel("22 10:00")
        case = service.resume_work(number)
        # Two hours of working time passed: 17 to 18 and 9 to 10.
        assert case.status == "investigating" and near(case.resolution_due_at, "28 12:00")
        assert kinds(case) == ["opened", "waiting_began", "waiting_ended"]


@pytest.mark.parametrize("waiting_for", ["partner", "internal"])
def test_a_wait_for_ourselves_does_not(cast: Cast, travel: Callable[[str], None], waiting_for: str) -> None:
    with cast.scope():
        number = make_case().number
        service.set_waiting(number, waiting_for, "Their van")
        travel("23 10:00")
        case = service.resume_work(number)
        assert near(case.resolution_due_at, "28 10:00")
        assert db.session.scalars(select(CasePause)).all() == []


def test_a_wait_over_the_weekend_changes_nothing(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        travel("25 18:00")
        service.set_waiting(number, "customer", "Photos")
        travel("28 09:00")
        assert near(service.resume_work(number).resolution_due_at, "28 10:00")


def test_another_wait_ends_the_pause(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.set_waiting(number, "customer", "Photos")
        travel("21 12:00")
        case = service.set_waiting(number, "partner", "The carrier has them")
        assert case.status == "waiting_partner" and near(case.resolution_due_at, "28 12:00")


def test_all_pauses_together_last_ten_business_days(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.set_waiting(number, "customer", "Photos")
        (watch,) = watches("end_long_wait")
        assert watch.due_at == at("21 10:00") + timedelta(days=14) or near(
            watch.due_at - timedelta(days=14), "21 10:00"
        )
        travel("22 10:00")
        service.resume_work(number)
        service.set_waiting(number, "customer", "More photos")
        # One of ten days is used up; the rest ends a business day earlier than ten from now.
        assert near(watches("end_long_wait")[-1].due_at - timedelta(days=13), "22 10:00")


def test_the_wait_ends_by_itself(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.set_waiting(number, "customer", "Photos")
    with time_machine.travel(datetime(2026, 10, 7, 12, tzinfo=SHANGHAI)):
        cast.run_jobs()
        with cast.scope():
            case = now(number)
            assert case.status == "investigating"
            # It ended on 5 October at 10:00, when the ten days were over, and not when somebody came to look.
            assert abs(case.resolution_due_at - datetime(2026, 10, 12, 10, tzinfo=SHANGHAI)) < timedelta(minutes=1)
            assert last_data(case, "waiting_ended")["is_limit"] is True
            with pytest.raises(Conflict, match="as long as it may"):
                service.set_waiting(number, "customer", "Once more")
            assert service.set_waiting(number, "internal", "The lawyers").status == "waiting_internal"


def test_a_wait_has_a_reason_and_is_not_begun_twice(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        with pytest.raises(Invalid):
            service.set_waiting(number, "customer", "  ")
        with pytest.raises(Invalid):
            service.set_waiting(number, "godot", "x")
        with pytest.raises(Conflict, match="neither waiting"):
            service.resume_work(number)
        service.set_waiting(number, "customer", "Photos")
        with pytest.raises(Conflict, match="waits like this"):
            service.set_waiting(number, "customer", "Photos")


def test_a_resolution_ends_the_pause(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.set_waiting(number, "customer", "Photos")
        travel("21 12:00")
        case = service.resolve_case(number, "Refunded")
        assert case.status == "resolved" and near(case.resolution_due_at, "28 12:00")
        assert db.session.scalars(select(CasePause)).one().ended_at is not None


def test_a_resolution_that_did_not_solve_it_is_taken_back(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        travel("22 10:00")
        service.resolve_case(number, "Refunded")
        travel("24 10:00")
        case = service.resume_work(number, "The refund did not arrive")
        assert (case.status, case.resolved_at) == ("investigating", None)
        # Four of five days were left on the 22nd.
        assert near(case.resolution_due_at, "30 10:00")
        assert kinds(case)[-1] == "resolution_withdrawn"


# --- clocks that run out ---


def test_a_first_contact_that_does_not_come_raises_one_alarm(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
    travel("22 09:59")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == []
    travel("22 10:01")
    cast.run_jobs()
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == [("first_contact_breached", False)]
        assert kinds(now(number)) == ["opened", "breached"]
        case = service.record_first_contact(number, "phone", "reached")
        assert alarms(case) == [("first_contact_breached", True)]


def test_an_attempt_settles_nothing(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
    travel("22 11:00")
    cast.run_jobs()
    with cast.scope():
        assert alarms(service.record_first_contact(number, "phone", "attempted")) == [("first_contact_breached", False)]


def test_what_was_done_in_time_raises_none(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_worked_case().number
    travel("30 10:00")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == []


def test_what_was_done_late_is_recorded_although_the_job_came_later_still(
    cast: Cast, travel: Callable[[str], None]
) -> None:
    with cast.scope():
        number = make_case().number
    travel("22 12:00")
    with cast.scope():
        service.record_first_contact(number, "phone", "reached")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == [("first_contact_breached", True)]


def test_an_unresolved_case_breaches_its_second_clock(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.record_first_contact(number, "phone", "reached")
    travel("28 10:01")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == [("resolution_breached", False)]
        assert alarms(service.resolve_case(number, "Refunded")) == [("resolution_breached", True)]


def test_a_paused_clock_does_not_run_out(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.record_first_contact(number, "phone", "reached")
        travel("25 10:00")
        service.set_waiting(number, "customer", "Photos")
    travel("29 10:00")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == []
        case = service.resume_work(number)
        assert near(case.resolution_due_at, "30 10:00")
    travel("30 10:01")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == [("resolution_breached", False)]


def test_a_due_time_that_has_moved_is_no_longer_watched(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
        service.record_first_contact(number, "phone", "reached")
        service.set_waiting(number, "customer", "Photos")
        travel("22 10:00")
        service.resume_work(number)
    travel("28 11:00")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == []
    travel("29 11:00")
    cast.run_jobs()
    with cast.scope():
        assert alarms(now(number)) == [("resolution_breached", False)]


def test_closing_settles_every_alarm(cast: Cast, travel: Callable[[str], None]) -> None:
    with cast.scope():
        number = make_case().number
    travel("28 11:00")
    cast.run_jobs()
    with cast.scope():
        assert [settled for _kind, settled in alarms(now(number))] == [False, False]
        case = service.close_case(number, "rejected", "Not a customer of ours")
        assert [settled for _kind, settled in alarms(case)] == [True, True]


def test_history_is_never_watched(cast: Cast) -> None:
    with cast.scope():
        number = make_case(answered_at=datetime(2018, 1, 12, tzinfo=UTC), historic=True).number
        service.set_waiting(number, "customer", "Photos")
        service.resume_work(number)
        service.change_severity(number, 1, "x")
        assert watches("record_breach") == watches("end_long_wait") == []
        case = now(number)
        service.record_breach(case.id, "first_contact", case.first_contact_due_at)
        assert alarms(case) == []
