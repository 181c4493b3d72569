"""The trend of a figure, on the figures page and on the boards: honest gaps, usual limits, the way to the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine

from app.insights.figures import rules, service
from app.insights.figures.periods import key_of, keys_between
from app.kernel.db import db
from app.metrics.figures import METRICS
from app.tenants.service import add_member
from tests.cast import PASSWORD, Cast
from tests.factories.figures import Ground, make_ground
from tests.queries import count_queries

TODAY = datetime(2026, 3, 20, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=True):
        yield


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return make_ground(cast)


def _page(cast: Cast, path: str, who: str = "alice") -> str:
    answer = cast.client(who).get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def _answer(ground: Ground, months_ago: int, people: int, **values: object) -> None:
    at = datetime(2026, 3, 10, 12, tzinfo=UTC) - timedelta(days=30.4 * months_ago)
    for turn in range(people):
        ground.answer(**{"nps": 10 if turn % 3 else 3, **values}, at=at)


def _figure(page: str) -> str:
    return page[page.index('<figure class="chart') : page.index("</figure>")]


def _table(page: str) -> list[list[str]]:
    """The cells of the table behind the chart, in words."""
    rows = re.findall(r"<tr>(.*?)</tr>", _figure(page).partition("<tbody")[2], re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in row] for row in cells]


def _spots(page: str) -> list[tuple[str, str]]:
    """(address, words) of what can be followed on the wide drawing."""
    wide = page[page.index("chart-wide") : page.index("chart-narrow")]
    return re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"><title>', wide)


@pytest.mark.parametrize(("path", "who"), [("figures/?metric=nps", "alice"), ("", "alice"), ("", "bob"), ("", "dana")])
def test_each_point_leads_to_the_answers_that_it_counts(cast: Cast, ground: Ground, path: str, who: str) -> None:
    for months_ago, people in [(0, 12), (1, 31), (2, 9), (4, 15), (20, 40)]:
        _answer(ground, months_ago, people)
    page = _page(cast, path, who)
    spots = _spots(page)
    assert [re.sub(r".*n (\d+).*", r"\1", words) for _address, words in spots] == ["15", "31", "12"]
    for address, words in spots:
        listed = len(re.findall(r"<tr data-key-item>", _page(cast, address, who)))
        assert f"n {listed}" in words, address
    assert spots[0][1].startswith("Nov 2025: +33, likely between")
    assert "Jan 2026: too few" not in "".join(words for _address, words in spots)


def test_the_table_says_of_every_month_what_the_chart_leaves_out(cast: Cast, ground: Ground) -> None:
    for months_ago, people in [(0, 12), (1, 31), (2, 9), (4, 15)]:
        _answer(ground, months_ago, people)
    table = {row[0]: row[1:4] for row in _table(_page(cast, "figures/?metric=nps"))}
    assert len(table) == 12
    assert next(iter(table)) == "Apr 2025" and list(table)[-1] == "Mar 2026"
    assert table["Dec 2025"] == ["no answers", "", "0"]
    assert table["Jan 2026"] == ["too few", "", "9"]
    assert table["Feb 2026"][0] == "+29" and "low base" not in table["Feb 2026"][1]
    assert table["Mar 2026"][1].endswith("low base") and table["Mar 2026"][2] == "12"


def test_who_has_to_be_protected_is_in_no_byte_of_it(cast: Cast) -> None:
    ground = make_ground(cast, is_anonymous=True)
    for months_ago, people in [(0, 4), (1, 40), (2, 40)]:
        _answer(ground, months_ago, people)
    for path in ("figures/?metric=nps", ""):
        page = _page(cast, path)
        table = {row[0]: row[1:4] for row in _table(page)}
        # With the four of March alone hidden, they would be the total less the others.
        assert table["Mar 2026"] == ["hidden to protect people", "", ""]
        assert sorted(row[0] for row in table.values()).count("hidden to protect people") == 2
        assert len(_spots(page)) == 1
        assert "2026-03-01" not in _figure(page)


def test_who_may_not_read_answers_sees_the_chart_and_no_links(cast: Cast, ground: Ground) -> None:
    _answer(ground, 0, 12)
    with cast.scope():
        cast.users["vera"] = add_member(cast.email("vera"), "viewer", PASSWORD)
    for path in ("figures/?metric=nps", ""):
        figure = _figure(_page(cast, path, "vera"))
        assert "chart-wide" in figure and "href" not in figure


@pytest.mark.parametrize("path", ["figures/?metric=nps&by=month", "figures/?metric=nps", ""])
def test_limits_stand_where_the_words_say_so(cast: Cast, ground: Ground, path: str) -> None:
    for months_ago in range(1, 6):
        _answer(ground, months_ago, 12)
    page = _page(cast, path)
    assert "Usual for a month" not in page and "mark-usual" not in page
    _answer(ground, 6, 12)
    for months_ago in (7, 8):
        _answer(ground, months_ago, 12, nps=0)
    page = _page(cast, path)
    assert "Usual for a month is" in _figure(page) and "mark-usual" in _figure(page)
    assert "stand out." in _figure(page) or "stands out." in _figure(page)
    assert "mark-out" in _figure(page)


def test_nobody_answered_is_no_chart_and_few_answers_are_words(cast: Cast, ground: Ground) -> None:
    for path in ("", "figures/", "figures/?by=day"):
        assert "<figure" not in _page(cast, path)
    _answer(ground, 0, 3)
    for path in ("", "figures/"):
        page = _page(cast, path)
        assert "In none of these months did at least 10 customers answer." in page
        assert "chart-wide" not in page and '<details class="chart-table">' in page


def test_more_periods_than_a_chart_can_hold(cast: Cast, ground: Ground) -> None:
    for day in range(0, 100, 3):
        ground.answer(nps=9, at=TODAY - timedelta(days=day))
    for _turn in range(12):
        ground.answer(nps=9, at=TODAY)
    page = _page(cast, "figures/?metric=nps&by=day")
    assert "1 of 62 days has a score, by at least 10 answers. The newest are drawn" in page
    assert page.count("<tbody") == 1  # the rows of the page are the table of its chart


@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize("metric", METRICS)
def test_a_trend_of_each_metric_by_each_period(cast: Cast, ground: Ground, metric: str, by: str) -> None:
    values = {"nps": 9, "csat": 5, "ces": 6, "emotion": 1 << 14, "valence": 9 / 19}
    _answer(ground, 0, 12, **values)
    _answer(ground, 3, 12, **values)
    for language, words in (("en", "likely range"), ("zh-Hans", "可能范围")):
        answer = cast.client("alice").get(f"figures/?metric={metric}&by={by}", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert words in _figure(answer.text) and "chart-wide" in answer.text


def test_the_mean_of_a_scale_stands_with_its_interval(cast: Cast, ground: Ground) -> None:
    for value, people in enumerate([4, 6, 15, 45, 30], start=1):
        for _turn in range(people):
            ground.answer(csat=value, at=TODAY)
    assert "mean 3.91, likely between 3.71 and 4.11" in _page(cast, "figures/?metric=csat")


def test_one_figure_and_its_trend_need_as_many_statements_for_many_answers(cast: Cast, ground: Ground) -> None:
    counts = []
    for months in (1, 8):
        for months_ago in range(months):
            _answer(ground, months_ago, 12)
        with cast.scope():
            service.rebuild()
        db.session.close()
        reader = cast.client("alice")
        with count_queries() as statements:
            assert reader.get("figures/?metric=nps&by=touchpoint&from=2026-01-01&to=2026-03-31").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 11, statements


@pytest.mark.parametrize(
    ("period", "first", "last", "most", "keys"),
    [
        ("month", date(2025, 12, 31), date(2026, 2, 1), 12, ["2025-12", "2026-01", "2026-02"]),
        ("month", date(2025, 1, 1), date(2026, 2, 28), 2, ["2026-01", "2026-02"]),
        ("week", date(2026, 12, 28), date(2027, 1, 4), 9, ["2026-W53", "2027-W01"]),
        ("day", date(2026, 2, 28), date(2026, 3, 1), 9, ["2026-02-28", "2026-03-01"]),
        ("day", date(2026, 3, 2), date(2026, 3, 1), 9, []),
    ],
)
def test_the_periods_between_two_days(period: str, first: date, last: date, most: int, keys: list[str]) -> None:
    assert keys_between(period, first, last, most) == keys
    assert not keys or keys[-1] == key_of(period, last)


def test_a_year_of_months_ends_with_its_day() -> None:
    year = rules.year_until(date(2026, 2, 28))
    assert (year.first, year.last, year.by) == (date(2025, 3, 1), date(2026, 2, 28), ("month",))
