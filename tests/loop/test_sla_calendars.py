"""Business calendars: what is refused, the hours of a make-up day, and the way to JSON and back."""

from __future__ import annotations

from datetime import UTC, date, time

import pytest

from app.loop.sla.rules import Calendar, calendar_from_json, calendar_to_json, default_calendar

NINE_TO_SIX = ((time(9), time(18)),)
WEEKDAYS = dict.fromkeys(range(5), NINE_TO_SIX)
HOLIDAYS = frozenset(date(2026, 10, day) for day in range(1, 8))


def in_berlin(**fields: object) -> dict[str, object]:
    return {"timezone": "Europe/Berlin", "week": {"tue": [["09:00", "18:00"]]}} | fields


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"timezone": "Asia/Nowhere"}, "not a time zone"),
        ({"timezone": "../../etc/passwd"}, "not a time zone"),
        ({"timezone": ""}, "not a time zone"),
        ({"week": {}}, "no working time"),
        ({"week": {0: ()}}, "no working time"),
        ({"week": {7: NINE_TO_SIX}}, "weekday 7"),
        ({"week": {0: ((time(9), time(9)),)}}, "before they begin"),
        ({"week": {0: ((time(13), time(18)), (time(9), time(12)))}}, "overlap"),
        ({"week": {0: ((time(9), time(13)), (time(12), time(18)))}}, "overlap"),
        ({"week": {0: ((time(9), time(0)), (time(12), time(18)))}}, "overlap"),
        ({"week": {0: ((time(9, tzinfo=UTC), time(18, tzinfo=UTC)),)}}, "without an offset"),
        ({"workday_hours": ((time(9), time(8)),)}, "before they begin"),
        ({"holidays": HOLIDAYS, "workdays": HOLIDAYS}, "2026-10-01 is both"),
    ],
)
def test_a_calendar_is_checked(fields: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Calendar(**({"timezone": "Asia/Shanghai", "week": WEEKDAYS} | fields))


def test_the_hours_of_a_make_up_day() -> None:
    saturday = date(2026, 10, 10)
    monday_free = Calendar("Asia/Shanghai", {1: NINE_TO_SIX}, workdays=frozenset({saturday}))
    assert monday_free.hours_on(saturday) == NINE_TO_SIX
    short = ((time(9), time(12)),)
    given_hours = Calendar("Asia/Shanghai", WEEKDAYS, workdays=frozenset({saturday}), workday_hours=short)
    assert given_hours.hours_on(saturday) == short
    assert given_hours.hours_on(date(2026, 10, 11)) == ()


def test_a_calendar_goes_to_json_and_back() -> None:
    full = Calendar(
        "Asia/Shanghai",
        {0: ((time(9), time(12)), (time(13), time(0))), 5: NINE_TO_SIX},
        HOLIDAYS,
        frozenset({date(2026, 10, 10)}),
        NINE_TO_SIX,
    )
    document = calendar_to_json(full)
    assert document["week"] == {"mon": [["09:00", "12:00"], ["13:00", "24:00"]], "sat": [["09:00", "18:00"]]}
    assert calendar_from_json(document) == full
    plain = default_calendar("Europe/Berlin")
    assert calendar_from_json(calendar_to_json(plain)) == plain


def test_a_calendar_needs_only_a_zone_and_a_week() -> None:
    document = in_berlin(week={"tue": [["09:00", "18:00"]], "wed": []})
    assert calendar_from_json(document) == Calendar("Europe/Berlin", {1: NINE_TO_SIX})


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], "a calendar is not an object"),
        ({"timezone": "Asia/Shanghai"}, "week is not an object"),
        ({"week": {"mon": [["09:00", "18:00"]]}}, "timezone is not a text"),
        ({"hours": 3}, "no field 'hours'"),
        (in_berlin(week={"monday": []}), "'monday' is not one of mon tue"),
        (in_berlin(week={"mon": "09:00-18:00"}), "mon is not a list"),
        (in_berlin(week={"mon": [["09:00"]]}), "mon: .* is not a pair"),
        (in_berlin(week={"mon": [[9, 18]]}), "mon: .* is not a pair"),
        (in_berlin(week={"mon": [["9 am", "18:00"]]}), "'9 am' is not a time"),
        (in_berlin(week={"mon": [["09:00:30", "18:00"]]}), "'09:00:30' is not a time"),
        (in_berlin(week={"mon": [["24:00", "24:00"]]}), "'24:00' is not a time"),
        (in_berlin(holidays="2026-10-01"), "holidays: holidays is not a list"),
        (in_berlin(holidays=["1 October"]), "holidays: "),
        (in_berlin(workdays=[20261010]), "workdays: a date is not a text"),
    ],
)
def test_json_that_is_no_calendar(document: object, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        calendar_from_json(document)
