"""Figures in words, in the reader's notation."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.web import dates, words


@pytest.mark.parametrize(
    ("value", "decimals", "lang", "expected"),
    [
        (25.37, 0, "en", "+25"),
        (-12.5, 0, "en", "−13"),
        (-0.2, 0, "en", "0"),
        (25.37, 1, "en", "+25.4"),
        (25.37, 1, "de", "+25,4"),
    ],
)
def test_points(app: Flask, value: float, decimals: int, lang: str, expected: str) -> None:
    with app.test_request_context(f"/?lang={lang}"):
        assert words.points(value, decimals) == expected


def test_share(app: Flask) -> None:
    with app.test_request_context():
        assert words.share(84.2) == "84 %"
        assert words.share(0) == "0 %"


@pytest.mark.parametrize(
    ("minutes", "per_day", "expected"),
    [
        (0, 1440, "less than a minute"),
        (20, 1440, "20 min"),
        (200, 1440, "3 h 20 min"),
        (1440, 1440, "1 day"),
        (3 * 1440 + 125, 1440, "3 days 2 h"),
        (540, 540, "1 day"),
        (600, 540, "1 day 1 h"),
    ],
)
def test_duration(app: Flask, minutes: int, per_day: int, expected: str) -> None:
    with app.test_request_context():
        assert words.duration(minutes, per_day) == expected


def test_a_duration_is_not_negative(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match="negative"):
        words.duration(-1)


@pytest.mark.parametrize("value", [None, "", "red", "#fff", "#0f6b70;}body{display:none", "#0f6b70\n"])
def test_only_a_colour_becomes_a_style(value: str | None) -> None:
    assert words.css_colour(value) == ""
    assert words.css_colour("#0F6b70") == "#0F6b70"


@pytest.mark.parametrize(
    ("lang", "day", "moment"),
    [
        ("en", "5 Dec 2026", "5 Dec 2026, 04:15"),
        ("zh_Hans", "2026年12月5日", "2026年12月5日 04:15"),
        ("de", "05.12.2026", "05.12.2026, 04:15"),
    ],
)
def test_days_are_read_as_one_day_everywhere(app: Flask, lang: str, day: str, moment: str) -> None:
    at = datetime(2026, 12, 5, 4, 15, tzinfo=UTC)
    with app.test_request_context(f"/?lang={lang}"):
        assert dates.day(at) == dates.day(date(2026, 12, 5)) == day
        assert dates.moment(at) == moment
        short = "{{ at|dateformat('short') }}; {{ at|datetimeformat('short') }}"
        assert app.jinja_env.from_string(short).render(at=at) == f"{day}; {moment}"
