"""Working time and clocks: oracle 4.1, the edges of days and calendars, and changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.loop.sla.rules import (
    Calendar,
    ClockSettings,
    add_business_days,
    clock_state,
    default_calendar,
    due,
    elapsed,
    first_contact_due,
    resolution_due,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_SIX = ((time(9), time(18)),)
WEEKDAYS = dict.fromkeys(range(5), NINE_TO_SIX)
HOLIDAYS = frozenset(date(2026, 10, day) for day in range(1, 8))
TEAM = Calendar("Asia/Shanghai", WEEKDAYS, HOLIDAYS, workdays=frozenset({date(2026, 10, 10)}))
WITH_LUNCH = Calendar("Asia/Shanghai", dict.fromkeys(range(5), ((time(9), time(12)), (time(13), time(18)))))
ROUND_THE_CLOCK = dict.fromkeys(range(7), ((time(0), time(0)),))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """An instant of the autumn of 2026, written "09-21 12:30" in the wall time of the zone."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)


# --- oracle 4.1 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("09-18 17:30", 4, "09-21 12:30"),
        ("09-19 22:00", 4, "09-21 13:00"),
        ("09-30 16:00", 9, "10-08 16:00"),
        ("10-09 17:00", 4, "10-10 12:00"),
        ("09-21 15:00", 8, "09-22 14:00"),
    ],
    ids=["a", "b", "c", "d", "e"],
)
def test_oracle_4_1_due(start: str, hours: int, expected: str) -> None:
    assert due(TEAM, at(start), hours * 60) == at(expected)


def test_oracle_4_1_d_without_the_make_up_day() -> None:
    plain = Calendar("Asia/Shanghai", WEEKDAYS, HOLIDAYS)
    assert due(plain, at("10-09 17:00"), 4 * 60) == at("10-12 12:00")


def test_oracle_4_1_f_a_pause_counts_its_working_time_only() -> None:
    pause = (at("09-21 17:00"), at("09-22 10:00"))
    assert due(TEAM, at("09-21 15:00"), 8 * 60, [pause]) == at("09-22 16:00")
    assert elapsed(TEAM, *pause) == 2 * 60


def test_oracle_4_1_g_a_pause_outside_working_hours_changes_nothing() -> None:
    pause = (at("09-18 18:00"), at("09-21 09:00"))
    assert due(TEAM, at("09-18 16:00"), 4 * 60, [pause]) == at("09-21 11:00")


def test_oracle_4_1_h_pauses_are_a_union() -> None:
    pauses = [(at("09-21 10:00"), at("09-21 12:00")), (at("09-21 11:00"), at("09-21 14:00"))]
    assert due(TEAM, at("09-21 09:00"), 4 * 60, pauses) == at("09-21 17:00")


def test_oracle_4_1_i_a_lunch_break() -> None:
    assert due(WITH_LUNCH, at("09-21 11:30"), 2 * 60) == at("09-21 14:30")


def test_oracle_4_1_j_elapsed_working_and_wall_time() -> None:
    start, end = at("09-18 17:00"), at("09-21 10:30")
    assert elapsed(TEAM, start, end) == 2.5 * 60
    assert clock_state(end, start, end, None).minutes == 0
    assert clock_state(start, start, end, None).minutes == 65.5 * 60


def test_oracle_4_1_k_the_clocks_go_back() -> None:
    berlin = default_calendar("Europe/Berlin")
    start = at("10-23 17:00", BERLIN)
    assert due(berlin, start, 4 * 60).isoformat() == "2026-10-26T11:00:00+00:00"
    two_days = ClockSettings(first_contact_minutes=48 * 60)
    assert first_contact_due(start, 3, two_days).astimezone(BERLIN).isoformat() == "2026-10-25T16:00:00+01:00"


# --- edges of due and elapsed -------------------------------------------------------------------------------


def test_due_ends_with_the_day_when_the_time_ends_with_it() -> None:
    assert due(TEAM, at("09-18 14:00"), 4 * 60) == at("09-18 18:00")


def test_no_time_is_due_at_once() -> None:
    assert due(TEAM, at("09-19 22:00"), 0) == at("09-19 22:00")


def test_results_are_in_utc() -> None:
    assert due(TEAM, at("09-21 09:00"), 60).tzinfo is UTC
    assert add_business_days(TEAM, at("09-21 09:00"), 1).tzinfo is UTC
    assert first_contact_due(at("09-21 09:00"), 3, ClockSettings()).tzinfo is UTC


def test_elapsed_is_nothing_backwards() -> None:
    assert elapsed(TEAM, at("09-21 15:00"), at("09-21 10:00")) == 0
    assert elapsed(TEAM, at("09-22 15:00"), at("09-21 10:00")) == 0


def test_a_pause_before_the_start_counts_from_the_start() -> None:
    pauses = [(at("09-18 09:00"), at("09-21 10:00"))]
    assert due(TEAM, at("09-21 09:00"), 60, pauses) == at("09-21 11:00")
    assert elapsed(TEAM, at("09-21 09:00"), at("09-21 12:00"), pauses) == 2 * 60


def test_a_pause_may_span_days_and_touch_another() -> None:
    pauses = [(at("09-22 10:00"), at("09-22 12:00")), (at("09-21 17:00"), at("09-22 10:00"))]
    assert elapsed(TEAM, at("09-21 16:00"), at("09-22 13:00"), pauses) == 2 * 60


def test_a_pause_that_ends_before_it_begins_is_none() -> None:
    pauses = [(at("09-21 11:00"), at("09-21 10:00")), (at("09-21 12:00"), at("09-21 12:00"))]
    assert elapsed(TEAM, at("09-21 09:00"), at("09-21 13:00"), pauses) == 4 * 60


@pytest.mark.parametrize("call", [lambda t: due(TEAM, t, 60), lambda t: elapsed(TEAM, t, t)])
def test_a_time_without_offset_is_refused(call) -> None:
    with pytest.raises(ValueError, match="no offset"):
        call(at("09-21 09:00").replace(tzinfo=None))


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be waited for"):
        due(TEAM, at("09-21 09:00"), -1)
    with pytest.raises(ValueError, match="cannot be waited for"):
        add_business_days(TEAM, at("09-21 09:00"), -1)


def test_a_calendar_of_holidays_does_not_loop_for_ever() -> None:
    free = frozenset(date(2026, 9, 1) + timedelta(days=n) for n in range(3700))
    closed = Calendar("Asia/Shanghai", WEEKDAYS, holidays=free)
    with pytest.raises(ValueError, match="ten years"):
        due(closed, at("09-21 09:00"), 60)
    with pytest.raises(ValueError, match="ten years"):
        add_business_days(closed, at("09-21 09:00"), 1)


def test_the_last_working_day_is_found_but_none_after_it() -> None:
    free = frozenset(date(2026, 9, 22) + timedelta(days=n) for n in range(3700))
    last = Calendar("Asia/Shanghai", WEEKDAYS, holidays=free)
    assert add_business_days(last, at("09-21 09:00"), 0) == at("09-21 09:00")
    with pytest.raises(ValueError, match="ten years"):
        add_business_days(last, at("09-21 09:00"), 1)


# --- changes of the clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "hours"), [("03-29", 23), ("10-25", 25), ("10-26", 24)])
def test_a_day_round_the_clock_has_the_hours_it_has(day: str, hours: int) -> None:
    berlin = Calendar("Europe/Berlin", ROUND_THE_CLOCK)
    start = at(f"{day} 00:00", BERLIN)
    assert elapsed(berlin, start, start + timedelta(days=1)) == hours * 60


def test_hours_that_the_clock_skips_count_once() -> None:
    # On 29 March 2026 Berlin goes from 02:00 to 03:00, so that 01:00 to 05:00 lasts three hours.
    night = ((time(1), time(2, 30)), (time(2, 30), time(3, 15)), (time(3, 20), time(5)))
    berlin = Calendar("Europe/Berlin", {6: night})
    assert elapsed(berlin, at("03-29 00:00", BERLIN), at("03-30 00:00", BERLIN)) <= 3 * 60


def test_a_business_day_keeps_the_wall_time_over_a_change_of_the_clocks() -> None:
    berlin = default_calendar("Europe/Berlin")
    assert add_business_days(berlin, at("10-23 10:00", BERLIN), 1) == at("10-26 10:00", BERLIN)


def test_a_night_shift_runs_over_midnight() -> None:
    night = Calendar("Asia/Shanghai", dict.fromkeys(range(7), ((time(0), time(6)), (time(22), time(0)))))
    assert due(night, at("09-21 23:00"), 3 * 60) == at("09-22 02:00")


# --- business days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("09-21 10:15", 5, "09-28 10:15"),
        ("09-19 22:00", 5, "09-28 09:00"),
        ("09-21 07:00", 1, "09-22 09:00"),
        ("09-18 18:00", 1, "09-22 09:00"),
        ("09-18 17:59", 1, "09-21 17:59"),
        ("09-30 16:00", 2, "10-09 16:00"),
        ("10-09 17:00", 1, "10-10 17:00"),
        ("09-19 22:00", 0, "09-21 09:00"),
        ("09-21 10:00", 0, "09-21 10:00"),
    ],
)
def test_business_days(start: str, days: int, expected: str) -> None:
    assert add_business_days(TEAM, at(start), days) == at(expected)


@pytest.mark.parametrize(
    ("start", "expected"),
    [("09-21 08:30", "09-22 10:00"), ("09-21 12:30", "09-22 13:00"), ("09-21 17:00", "09-22 16:00")],
)
def test_a_business_day_is_clamped_into_the_hours_of_its_day(start: str, expected: str) -> None:
    tuesday = ((time(10), time(12)), (time(13), time(16)))
    calendar = Calendar("Asia/Shanghai", {0: ((time(8), time(18)),), 1: tuesday})
    assert add_business_days(calendar, at(start), 1) == at(expected)


# --- the two promises ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "expected"), [(1, "09-19 23:00"), (2, "09-20 22:00"), (4, "09-20 22:00")])
def test_first_contact_is_due_in_wall_time(severity: int, expected: str) -> None:
    assert first_contact_due(at("09-19 22:00"), severity, ClockSettings()) == at(expected)


def test_first_contact_follows_the_settings() -> None:
    settings = ClockSettings(first_contact_minutes=90, severe_first_contact_minutes=15)
    assert first_contact_due(at("09-19 22:00"), 3, settings) == at("09-19 23:30")
    assert first_contact_due(at("09-19 22:00"), 1, settings) == at("09-19 22:15")


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([], "09-28 09:00"),
        ([("09-22 18:00", "09-23 09:00")], "09-28 09:00"),
        ([("09-22 10:00", "09-22 12:00")], "09-28 11:00"),
        ([("09-22 17:00", "09-23 10:00"), ("09-22 17:00", "09-22 18:00")], "09-28 11:00"),
        ([("09-22 09:00", "12-31 18:00")], "10-16 09:00"),
    ],
    ids=["none", "at night", "two hours", "over night", "too long"],
)
def test_resolution_is_due_in_business_days_and_put_off_by_pauses(pauses: list[tuple[str, str]], expected: str) -> None:
    spans = [(at(begin), at(end)) for begin, end in pauses]
    assert resolution_due(at("09-19 22:00"), TEAM, ClockSettings(), spans) == at(expected)


def test_resolution_follows_the_settings() -> None:
    settings = ClockSettings(resolution_days=2, max_pause_days=1)
    assert resolution_due(at("09-21 10:00"), TEAM, settings) == at("09-23 10:00")
    long_pause = [(at("09-21 11:00"), at("09-28 11:00"))]
    assert resolution_due(at("09-21 10:00"), TEAM, settings, long_pause) == at("09-24 10:00")


# --- the state of a clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "level", "minutes", "share"),
    [
        ("09-21 10:00", "quiet", 240, 0),
        ("09-21 12:59", "quiet", 61, 179 / 240),
        ("09-21 13:00", "soon", 60, 0.75),
        ("09-21 14:00", "soon", 0, 1),
        ("09-21 15:00", "late", 60, 1.25),
    ],
)
def test_a_running_clock_in_wall_time(now: str, level: str, minutes: float, share: float) -> None:
    state = clock_state(at(now), at("09-21 10:00"), at("09-21 14:00"), None)
    assert (state.level, state.minutes) == (level, minutes)
    assert state.share == pytest.approx(share)


@pytest.mark.parametrize(
    ("done", "level", "minutes"),
    [("09-21 11:00", "met", 180), ("09-21 14:00", "met", 0), ("09-21 14:30", "missed", 30)],
)
def test_a_stopped_clock_stands(done: str, level: str, minutes: float) -> None:
    state = clock_state(at("09-30 09:00"), at("09-21 10:00"), at("09-21 14:00"), at(done))
    assert (state.level, state.minutes) == (level, minutes)


def test_a_clock_in_working_time_is_still_at_the_weekend() -> None:
    start, due_at = at("09-18 16:00"), at("09-21 11:00")
    evening = clock_state(at("09-18 18:00"), start, due_at, None, TEAM)
    sunday = clock_state(at("09-20 12:00"), start, due_at, None, TEAM)
    assert evening == sunday
    assert (sunday.level, sunday.minutes, sunday.share) == ("quiet", 120, 0.5)
    late = clock_state(at("09-22 10:00"), start, due_at, None, TEAM)
    assert (late.level, late.minutes, late.share) == ("late", 8 * 60, 3.0)


def test_a_clock_in_working_time_stands_still_in_a_pause() -> None:
    start, pause = at("09-21 09:00"), (at("09-21 10:00"), at("09-21 12:00"))
    due_at = due(TEAM, start, 240, [pause])
    state = clock_state(at("09-21 12:00"), start, due_at, None, TEAM, [pause])
    assert (state.level, state.minutes, state.share) == ("quiet", 180, 0.25)


def test_a_promise_of_no_time_is_used_up_at_once() -> None:
    assert clock_state(at("09-21 09:00"), at("09-21 09:00"), at("09-21 09:00"), None).level == "soon"
