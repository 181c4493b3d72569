"""Working time must keep these laws for any calendar, zone, pause and instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.loop.sla.rules import (
    Calendar,
    Span,
    add_business_days,
    calendar_from_json,
    calendar_to_json,
    due,
    elapsed,
)

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "America/New_York"]
seconds = st.integers(
    int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2028, 1, 1, tzinfo=UTC).timestamp())
)
instants = seconds.map(lambda second: datetime.fromtimestamp(second, UTC))
minutes = st.integers(0, 2500)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    marks = st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True).map(sorted)

    def hours(quarters: list[int]) -> tuple[tuple[time, time], ...]:
        times = [time(quarter // 4, quarter % 4 * 15) for quarter in quarters]
        return tuple(list(pairwise(times))[::2])

    week = draw(st.dictionaries(st.integers(0, 6), marks.map(hours), min_size=1))
    days = st.frozensets(st.dates(date(2015, 1, 1), date(2028, 1, 1)), max_size=8)
    holidays = draw(days)
    return Calendar(draw(st.sampled_from(ZONES)), week, holidays, draw(days) - holidays)


@st.composite
def pause_lists(draw: st.DrawFn, start: datetime) -> list[Span]:
    offsets = draw(st.lists(st.tuples(st.integers(-3000, 9000), st.integers(0, 3000)), max_size=5))
    begins = [(start + timedelta(minutes=offset), length) for offset, length in offsets]
    return [(begin, begin + timedelta(minutes=length)) for begin, length in begins]


@settings(deadline=None)
@given(calendars(), instants, minutes, st.data())
def test_elapsed_undoes_due(calendar: Calendar, start: datetime, amount: int, data: st.DataObject) -> None:
    pauses = data.draw(pause_lists(start))
    end = due(calendar, start, amount, pauses)
    assert end >= start
    assert elapsed(calendar, start, end, pauses) == amount


@settings(deadline=None)
@given(calendars(), instants, minutes, st.data())
def test_due_is_the_first_such_instant(calendar: Calendar, start: datetime, amount: int, data: st.DataObject) -> None:
    pauses = data.draw(pause_lists(start))
    end = due(calendar, start, amount + 1, pauses)
    assert elapsed(calendar, start, end - timedelta(seconds=1), pauses) < amount + 1


@settings(deadline=None)
@given(calendars(), instants, minutes, st.data())
def test_the_order_of_pauses_does_not_matter(
    calendar: Calendar, start: datetime, amount: int, data: st.DataObject
) -> None:
    pauses = data.draw(pause_lists(start))
    shuffled = data.draw(st.permutations(pauses))
    assert due(calendar, start, amount, shuffled + shuffled) == due(calendar, start, amount, pauses)


@settings(deadline=None)
@given(calendars(), instants, minutes, st.data())
def test_a_pause_without_working_time_changes_nothing(
    calendar: Calendar, start: datetime, amount: int, data: st.DataObject
) -> None:
    pauses = data.draw(pause_lists(start))
    idle = [pause for pause in pauses if elapsed(calendar, *pause) == 0]
    assert due(calendar, start, amount, idle) == due(calendar, start, amount)


@settings(deadline=None)
@given(calendars(), instants, st.data())
def test_time_adds_up_and_pauses_take_their_share(calendar: Calendar, start: datetime, data: st.DataObject) -> None:
    middle, end = (start + timedelta(minutes=data.draw(st.integers(0, 20_000))) for _ in range(2))
    middle, end = min(middle, end), max(middle, end)
    whole = elapsed(calendar, start, end)
    assert elapsed(calendar, start, middle) + elapsed(calendar, middle, end) == pytest.approx(whole)
    assert elapsed(calendar, start, end, [(start, middle)]) == pytest.approx(elapsed(calendar, middle, end))
    assert whole <= (end - start) / timedelta(minutes=1)


@settings(deadline=None)
@given(calendars(), instants, st.integers(0, 30), st.integers(0, 30))
def test_business_days_add_up_to_working_days(calendar: Calendar, start: datetime, first: int, second: int) -> None:
    together = add_business_days(calendar, start, first + second)
    assert together >= add_business_days(calendar, start, first) >= start
    opening = add_business_days(calendar, start, 0).astimezone(calendar.zone).date()
    reached = together.astimezone(calendar.zone).date()
    between = [opening + timedelta(days=n) for n in range(1, (reached - opening).days + 1)]
    midnights = [datetime.combine(day, time(0), calendar.zone) for day in between]
    # The hours of a day may be the very ones that the clocks skip; then nobody works on it.
    worked = [elapsed(calendar, midnight, midnight + timedelta(days=1)) > 0 for midnight in midnights]
    assert worked.count(True) == first + second


@settings(deadline=None)
@given(calendars())
def test_any_calendar_survives_json(calendar: Calendar) -> None:
    assert calendar_from_json(calendar_to_json(calendar)) == calendar
