"""The figures page: four metrics, periods, changes in words, and rows that lead to exactly the answers they count."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from uuid import UUID

import pytest

from app.insights.figures import queries, service
from app.insights.figures.periods import days_of
from app.insights.figures.rules import DIMENSIONS, FigureQuery
from app.kernel.db import db
from app.loop.cases.service import open_case_for_response
from app.metrics.emotion import mask_of
from app.metrics.figures import METRICS
from app.tenants.service import add_member
from tests.cast import PASSWORD, Cast
from tests.factories.figures import NOON, Ground, add_interaction, make_ground
from tests.queries import count_queries


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return make_ground(cast)


def _page(cast: Cast, query: str, who: str = "alice") -> str:
    answer = cast.client(who).get(f"figures/?{query}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def _rows(page: str) -> str:
    """The rows of the page, below what the chart above them has as its table."""
    return page[page.rindex("<tbody") : page.rindex("</tbody>")]


def _answers(ground: Ground) -> list[UUID]:
    """Answers that a figure tells apart: of two touchpoints, months and interactions, and some that do not count."""
    twice = add_interaction(ground, "order-7")
    feelings = {"emotion": mask_of([2, 14]), "valence": -5 / 19}
    return [
        *(ground.answer(nps=score, csat=1 + score % 5, ces=1 + score % 7, **feelings) for score in range(11)),
        *(ground.answer(nps=9, touchpoint="call", at=NOON - timedelta(days=40)) for _turn in range(3)),
        ground.answer(nps=2, interaction_id=twice),
        ground.answer(nps=8, interaction_id=twice, at=NOON + timedelta(hours=2)),
        ground.answer(nps=0, parked_at=NOON, parked_reason="honeypot"),
        ground.answer(nps=0, survey_kind="relationship"),
        ground.answer(nps=10, at=NOON.replace(day=31, hour=23) + timedelta(hours=3, minutes=59)),
        ground.answer(nps=10, touchpoint_id=None, partner_id=None),
        ground.answer(nps=1, touchpoint="call"),
    ]


def _listed(cast: Cast, address: str) -> int:
    page = cast.client("alice").get(address)
    assert page.status_code == 200, page.text
    return len(re.findall(r"<tr data-key-item>", page.text))


@pytest.mark.parametrize("by", DIMENSIONS)
def test_each_row_leads_to_the_answers_that_it_counts(cast: Cast, ground: Ground, by: str) -> None:
    _answers(ground)
    page = _page(cast, f"metric=nps&by={by}")
    body = _rows(page)
    links = re.findall(r'<td class="is-number">.*?href="([^"]+)">(\d+)</a>', body)
    with cast.scope():
        counted = [row.figure.n for row in queries.figure("nps", FigureQuery(by=(by,)))]
    assert [int(n) for _address, n in links] == counted
    assert len(counted) >= 2 or by == "survey"
    for address, n in links:
        assert _listed(cast, address) == int(n), address


def test_the_dates_of_the_page_hold_for_its_rows(cast: Cast, ground: Ground) -> None:
    _answers(ground)
    page = _page(cast, "metric=nps&by=month&from=2026-03-11&to=2026-03-31")
    addresses = re.findall(r'href="([^"]+responses/[^"]+)"', page)
    assert addresses
    assert set(map(tuple, (re.findall(r"(?:from|to)=([\d-]+)", address) for address in addresses))) == {
        ("2026-03-11", "2026-03-31")
    }
    assert [_listed(cast, address) for address in addresses[-2:]] == [1, 1]


@pytest.mark.parametrize("metric", METRICS)
def test_each_group_leads_to_its_answers(cast: Cast, ground: Ground, metric: str) -> None:
    _answers(ground)
    last = date(2026, 3, 10)
    page = _page(cast, f"metric={metric}&to={last}")
    body = page[page.index('<ul class="figure-groups">') :]
    groups = re.findall(r"<li>(?:<a href=\"([^\"]+)\">)?[^<]+(?:</a>)? <b>(\d+)</b>", body)
    with cast.scope():
        assert sum(int(n) for _address, n in groups) == queries.figure(metric, FigureQuery(last=last))[0].figure.n > 10
    for address, n in groups:
        assert bool(address) is (n != "0")
        assert not address or _listed(cast, address) == int(n), address


def test_a_row_leads_to_the_cases_of_its_answers(cast: Cast, ground: Ground) -> None:
    ids = _answers(ground)
    with cast.scope():
        numbers = [case.number for id_ in (ids[0], ids[-1]) if (case := open_case_for_response(id_))]
    page = _page(cast, "metric=nps&by=touchpoint")
    links = dict(re.findall(r'href="([^"]+/cases/[^"]+)" aria-label="Cases of (\w+)"', page))
    by_name = {name: address for address, name in links.items()}
    for name, number in zip(("delivery", "call"), numbers, strict=True):
        shown = cast.client("alice").get(by_name[name]).text
        assert re.findall(r'id="case-(\d+)"', shown) == [str(number)], name
    assert "What counts in NPS · call" in shown


def test_who_may_not_read_answers_gets_no_links(cast: Cast, ground: Ground) -> None:
    _answers(ground)
    with cast.scope():
        cast.users["vera"] = add_member(cast.email("vera"), "viewer", PASSWORD)
    page = _page(cast, "metric=nps&by=touchpoint", "vera")
    main = page[page.index("<main") :]
    assert "delivery" in main
    allowed = cast.client("vera").get("responses/").status_code == 200
    assert ("/responses/?" in main) is allowed


@pytest.mark.parametrize(
    "address",
    [
        "metric=nps&from=yesterday&to=0001-01-01&touchpoint=no%00body",
        "metric=moon&band=low",
        "metric=ces&from=9999-12-31&band=sideways&stage=%3Cb%3E",
        "metric=emotion&journey=" + "x" * 3000,
    ],
)
def test_a_filter_that_cannot_be_read_breaks_no_list(cast: Cast, ground: Ground, address: str) -> None:
    _answers(ground)
    for path in ("responses", "cases"):
        assert cast.client("alice").get(f"{path}/?{address}").status_code == 200


def test_a_change_is_told_in_words_and_tested(cast: Cast, ground: Ground) -> None:
    for turn in range(40):
        ground.answer(nps=10 if turn % 2 else 0, at=NOON - timedelta(days=10))
        ground.answer(nps=10 if turn % 2 else 7, at=NOON)
        ground.answer(nps=9 if turn % 8 else 0, touchpoint="call", at=NOON - timedelta(days=10))
        ground.answer(nps=9 if turn % 9 else 0, touchpoint="call", at=NOON)
    page = _page(cast, "metric=nps&by=touchpoint&from=2026-03-05&to=2026-03-13")
    assert "Against the period before: up 25, more than chance" in page
    assert "up 50, more than chance" in page
    assert "no change" in page
    assert not re.search("[↑↓▲▼]", page)


def test_a_series_says_what_is_usual_and_what_stands_out(cast: Cast, ground: Ground) -> None:
    for month in range(9):
        for turn in range(12):
            is_good = turn < (6 + month % 2 if month < 8 else 0)
            ground.answer(csat=5 if is_good else 1, at=NOON - timedelta(days=31 * (8 - month)))
    page = _page(cast, "metric=csat&by=month")
    assert "Usual for a month is" in page
    assert "2 stand out." in page
    assert _rows(page).count("eighth in a row on the same side of the middle") == 1
    assert _rows(page).count("outside the usual range") == 1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("by", ["touchpoint", "month"])
def test_bad_moments(cast: Cast, ground: Ground, metric: str, by: str) -> None:
    assert "Nobody has answered yet" in _page(cast, f"metric={metric}&by={by}")
    one = {"nps": 9, "csat": 5, "ces": 7, "emotion": mask_of([20]), "valence": 1.0}
    ground.answer(**one)
    assert "too few" in _page(cast, f"metric={metric}&by={by}")
    for turn in range(40):
        ground.answer(**one, at=NOON - timedelta(days=90 * (turn % 2)))  # a month without data between
    page = _page(cast, f"metric={metric}&by={by}&from=2026-01-01&to=2026-12-31")
    assert "too few" not in _rows(page)
    assert re.search(r"score-value\">(\+100|100 %|\+1\.00)<", page)


def test_a_hidden_row_leads_nowhere(cast: Cast) -> None:
    ground = make_ground(cast, is_anonymous=True)
    for turn in range(12):
        ground.answer(csat=1 + turn % 5, touchpoint="delivery" if turn < 4 else "call")
    page = _page(cast, "metric=csat&by=touchpoint")
    body = _rows(page)
    assert body.count("Hidden to protect people") == 2
    assert "href" not in body


def test_as_many_statements_for_many_answers_as_for_one(cast: Cast, ground: Ground) -> None:
    counts = []
    for people in (1, 60):
        for turn in range(people):
            ground.answer(nps=turn % 11, touchpoint=("delivery", "call")[turn % 2])
        with cast.scope():
            service.rebuild()
        db.session.close()
        reader = cast.client("alice")
        with count_queries() as statements:
            assert reader.get("figures/?metric=nps&by=touchpoint&from=2026-01-01&to=2026-12-31").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 11, statements


@pytest.mark.parametrize(
    ("period", "key", "first", "last"),
    [
        ("day", "2026-02-03", date(2026, 2, 3), date(2026, 2, 3)),
        ("week", "2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("week", "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("month", "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("month", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_the_days_of_a_period(period: str, key: str, first: date, last: date) -> None:
    assert days_of(period, key) == (first, last)
