"""The tenant's working hours: made when first needed, changed by new versions, edited on a settings page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import func, select

from app.kernel.db import db
from app.loop.sla import queries, service
from app.loop.sla.models import BusinessCalendar, CalendarVersion
from app.loop.sla.rules import Calendar
from app.tenants.models import AuditEvent
from tests.cast import Cast

FULL_WEEK = {
    "timezone": "Asia/Shanghai",
    "mon": "09:00-12:00, 13:00-18:00",
    "tue": "9:00-18:00",
    "wed": "",
    "thu": "22:00-24:00",
    "fri": "09:00 - 18:00",
    "sat": "",
    "sun": "",
    "holidays": "2026-10-01\n2026-10-02\n",
    "workdays": "2026-10-10",
}


def in_force(cast: Cast) -> Calendar:
    with cast.scope():
        return queries.calendar_in_force()


def versions(cast: Cast) -> int:
    with cast.scope():
        return db.session.scalar(select(func.count()).select_from(CalendarVersion)) or 0


def test_a_tenant_begins_with_office_hours_in_its_zone(cast: Cast) -> None:
    assert in_force(cast).hours_on(date(2026, 11, 20)) == ((time(9), time(18)),)
    assert in_force(cast).timezone == "America/Sao_Paulo"
    assert versions(cast) == 0


def test_the_first_need_makes_version_one_and_no_second(cast: Cast) -> None:
    with cast.scope():
        first = service.ensure_calendar()
    with cast.scope():
        assert service.ensure_calendar().id == first.id
    assert first.number == 1 and versions(cast) == 1


def test_eight_that_need_it_at_once_get_the_same(cast: Cast, app: OpenAPI) -> None:
    def need(_n: int) -> object:
        with app.app_context(), cast.scope():
            return service.ensure_calendar().id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(need, range(8)))) == 1
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(BusinessCalendar)) == 1


def test_a_change_is_a_new_version_with_an_audit_row(cast: Cast) -> None:
    answer = cast.client("alice").post("settings/calendar", FULL_WEEK)
    assert answer.status_code == 303
    calendar = in_force(cast)
    assert calendar.timezone == "Asia/Shanghai"
    assert calendar.hours_on(date(2026, 10, 5)) == ((time(9), time(12)), (time(13), time(18)))
    assert calendar.hours_on(date(2026, 10, 8)) == ((time(22), time(0)),)
    assert calendar.hours_on(date(2026, 10, 1)) == ()
    assert calendar.hours_on(date(2026, 10, 10)) == calendar.hours_on(date(2026, 10, 5))
    assert versions(cast) == 2
    with cast.scope():
        row = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "calendar.changed"))
        assert row is not None and row.before["timezone"] == "America/Sao_Paulo"


def test_saving_the_same_hours_makes_no_version(cast: Cast) -> None:
    cast.client("alice").post("settings/calendar", FULL_WEEK)
    cast.client("alice").post("settings/calendar", FULL_WEEK)
    assert versions(cast) == 2


def test_the_page_shows_what_is_in_force_and_writes_nothing(cast: Cast) -> None:
    page = cast.client("alice").get("settings/calendar").text
    assert 'value="09:00-18:00"' in page and "America/Sao_Paulo" in page
    assert versions(cast) == 0
    cast.client("alice").post("settings/calendar", FULL_WEEK)
    page = cast.client("alice").get("settings/calendar").text
    assert 'value="09:00-12:00, 13:00-18:00"' in page and 'value="22:00-24:00"' in page and "2026-10-02" in page


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"mon": "nine to five"}, "Write hours like"),
        ({"mon": "18:00-09:00"}, "Write hours like"),
        ({"mon": "09:00-12:00, 11:00-18:00"}, "Write hours like"),
        ({"mon": "09:00-24:30"}, "Write hours like"),
        ({"mon": "9"}, "Write hours like"),
        ({"holidays": "1 October"}, "is not a date"),
        ({"holidays": "2026-02-30"}, "is not a date"),
        ({"workdays": "2026-10-01"}, "is a holiday as well"),
        ({"timezone": "Asia/Nowhere"}, "not a time zone"),
        ({"timezone": "../../etc/passwd"}, "not a time zone"),
        ({"timezone": ""}, "Name the time zone"),
        (dict.fromkeys(("mon", "tue", "thu", "fri"), ""), "At least one day"),
        ({"holidays": "'\"><script>alert(1)</script>"}, "is not a date"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_kept_in_the_form(cast: Cast, change: dict[str, str], fault: str) -> None:
    answer = cast.client("alice").post("settings/calendar", FULL_WEEK | change)
    assert answer.status_code == 422
    assert fault in answer.text and "<script>alert" not in answer.text
    assert versions(cast) == 0


def test_only_admins_change_the_hours(cast: Cast, others: Cast) -> None:
    for name in ("bob", "dana", "pat"):
        assert cast.client(name).post("settings/calendar", FULL_WEEK).status_code == 403
    charlie = others.client("charlie")
    assert charlie.post(f"/t/{cast.slug}/settings/calendar", FULL_WEEK).status_code == 404
    assert versions(cast) == 0
