"""Days in time zones: which one it is, and what it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.kernel.days import day_in, midnight, span_of

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def test_which_day_it_is_depends_on_where() -> None:
    evening = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert (day_in(evening, BERLIN), day_in(evening, SHANGHAI)) == (date(2026, 11, 22), date(2026, 11, 23))


def test_a_day_begins_in_its_zone() -> None:
    assert midnight(date(2026, 11, 23), SHANGHAI) == datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 3, 30), 24)])
def test_a_day_holds_all_its_hours(day: date, hours: int) -> None:
    first, after = span_of(day, day, BERLIN)
    assert after - first == timedelta(hours=hours)
