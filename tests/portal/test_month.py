"""This month in five lines: which metric leads, what is withheld, the counts on the page, and whose praise is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest

from app.insights.figures import queries as figures
from app.insights.figures.rules import FigureQuery
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.scope import tenant_scope
from app.metrics.figures import METRICS
from app.metrics.share import Share
from app.partners.queries import this_month
from app.partners.service import put_partner, replace_targets, set_target
from app.portal import month_queries
from app.portal.month_rules import Answers, Period, leading, may_quote, month_before, month_of
from tests.cast import Cast
from tests.factories.histories import Ground, make_histories
from tests.factories.targets import a_target

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
FIRST = date(2026, 3, 1)


def answers(nameless: int = 0, **n: int) -> Answers:
    """So many answers of 9 in each period; `nameless` of each."""
    found = Answers()
    for period in get_args(Period):
        found.add(period, 9, n.get(period, 0), min(nameless, n.get(period, 0)))
    return found


# --- rules ---


@pytest.mark.parametrize(
    ("day", "before"), [(date(2026, 3, 1), date(2026, 2, 1)), (date(2026, 1, 1), date(2025, 12, 1))]
)
def test_the_month_before(day: date, before: date) -> None:
    assert month_before(day) == before


def test_the_metric_that_leads_is_answered_this_month_if_any_is() -> None:
    assert leading({}, METRICS) is None
    assert leading({"csat": answers(rest=5)}, METRICS) == "csat"
    assert leading({"nps": answers(rest=5), "csat": answers(now=1)}, METRICS) == "csat"
    assert leading({"nps": answers(now=5), "csat": answers(now=9)}, METRICS) == "nps"


def test_a_month_without_anybody_has_no_score() -> None:
    month = month_of(FIRST, None, Answers())
    assert (month.metric, month.row, month.change, month.is_withheld) == (None, None, None, False)
    empty = month_of(FIRST, "nps", answers(before=40))
    assert empty.row is not None and (empty.row.figure.n, empty.row.figure.score, empty.change) == (0, None, None)


@pytest.mark.parametrize(
    ("now", "before", "has_change"), [(40, 40, True), (8, 40, False), (40, 8, False), (40, 0, False)]
)
def test_a_change_is_told_where_both_months_may_be_shown(now: int, before: int, has_change: bool) -> None:
    found = answers(now=now, before=before)
    for period in ("now", "before"):
        found.add(period, 0, min(found.n(period), 1), 0)
    assert (month_of(FIRST, "nps", found).change is not None) == has_change


def test_a_few_nameless_answers_outside_the_month_hide_it() -> None:
    assert month_of(FIRST, "nps", answers(now=40, rest=3, nameless=40)).is_withheld
    assert not month_of(FIRST, "nps", answers(now=40, rest=3)).is_withheld, "with a name nobody is revealed"
    assert not month_of(FIRST, "nps", answers(now=40, rest=50, nameless=50)).is_withheld


def test_shares_and_quotes() -> None:
    assert (Share(3, 4).percent, Share(0, 0).percent) == (75, None)
    assert (may_quote(9), may_quote(10)) == (False, True)


def test_answers_add_up() -> None:
    found = Answers()
    for value, n, nameless in ((9, 3, 1), (9, 2, 0), (0, 1, 1)):
        found.add("now", value, n, nameless)
    periods: tuple[Period, ...] = ("now", "before", "rest")
    assert (found.by_value["now"], [found.n(p) for p in periods], found.nameless["now"]) == (
        Counter({9: 5, 0: 1}),
        [6, 0, 0],
        2,
    )


# --- what is counted ---


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        rival = put_partner("rival", "Rival")[0]
        yield make_histories(delivery=cast.partner_id, theirs=rival.id)


def card_of(cast: Cast) -> month_queries.Card:
    """The card of pat's firm on 20 March."""
    db.session.close()
    with tenant_scope(cast.tenant_id, cast.partner_id):
        return month_queries.card(NOW, "America/Sao_Paulo")


def test_the_score_is_the_staffs_figure_of_this_partner_and_month(cast: Cast, ground: Ground) -> None:
    rival = ground.touchpoints["theirs"].partner_id
    with atomic():
        for turn in range(30):
            for at in (NOW - timedelta(hours=9 * turn), NOW - timedelta(days=30)):
                ground.answer(nps=(turn * 3 + at.day) % 11, at=at, partner_id=cast.partner_id)
                ground.answer(nps=0, at=at, partner_id=rival, touchpoint="theirs")
        # The first day of the month begins in the tenant's zone, three hours after it began in UTC.
        ground.answer(nps=0, at=datetime(2026, 3, 1, 2, 59, tzinfo=UTC), partner_id=cast.partner_id)
    wanted = FigureQuery(first=FIRST, last=date(2026, 3, 31), filters={"partner": ("pats",)})
    before = FigureQuery(first=date(2026, 2, 1), last=date(2026, 2, 28), filters={"partner": ("pats",)})
    theirs, theirs_before = figures.figure("nps", wanted)[0], figures.figure("nps", before)[0]
    month = card_of(cast).month
    assert month.row is not None and month.row.figure == theirs.figure
    assert (theirs.figure.n, theirs_before.figure.n) == (30, 31)
    assert month.change is not None
    assert theirs.figure.score is not None and theirs_before.figure.score is not None
    assert month.change.raw == pytest.approx(theirs.figure.score - theirs_before.figure.score)


def test_what_came_late_and_who_was_called_in_time(cast: Cast, ground: Ground) -> None:
    rival, ana = ground.touchpoints["theirs"].partner_id, ground.customer()
    with atomic():
        for days, measures in (
            (1, {"late_days": 2}),
            (2, {"late_days": 0}),
            (3, {"late_days": -1}),
            (4, {"weight": 3}),
        ):
            ground.interaction(ana, partner_id=cast.partner_id, at=NOW - timedelta(days=days), measures=measures)
            ground.interaction(ana, "theirs", partner_id=rival, at=NOW - timedelta(days=days))
        ground.interaction(ana, partner_id=cast.partner_id, at=NOW - timedelta(days=40))
        for hours, reached in ((30, 1), (30, 26), (30, None), (1, None), (24 * 40, 1)):
            opened = NOW - timedelta(hours=hours)
            at = opened + timedelta(hours=reached) if reached else None
            ground.case(ground.answer(partner_id=cast.partner_id, at=opened), at=opened, first_contact_at=at)
    card = card_of(cast)
    assert card.late == Share(1, 3)
    assert card.contacted == Share(1, 3), "reached in time, reached late, not reached though due; one may still wait"


def test_nothing_measured_is_not_nothing_late(cast: Cast, ground: Ground) -> None:
    card = card_of(cast)
    assert (card.late, card.contacted, card.praise) == (None, Share(0, 0), [])
    page = cast.client("pat").get("partner/").text
    assert "not measured this month" in page and "no case this month" in page


def test_the_newest_three_promoters_and_nobody_who_could_be_recognised(cast: Cast, ground: Ground) -> None:
    rival = ground.touchpoints["theirs"].partner_id
    with atomic():
        for turn in range(5):
            known = ground.interaction(ground.customer(), partner_id=cast.partner_id)
            ground.answer(known, f"Praise {turn}", nps=9 + turn % 2, at=NOW - timedelta(hours=turn))
        ground.answer(ground.interaction(ground.customer(), partner_id=cast.partner_id), "So so", nps=8, at=NOW)
        ground.answer(nps=10, words="Of the rival", partner_id=rival, touchpoint="theirs", at=NOW)
        ground.answer(nps=10, words="Nobody known", partner_id=cast.partner_id, at=NOW + timedelta(hours=1))
    assert [response.comment_redacted for response in card_of(cast).praise] == ["Praise 0", "Praise 1", "Praise 2"]
    with cast.scope(), atomic():
        for _turn in range(9):
            ground.answer(nps=10, partner_id=cast.partner_id, at=NOW)
    assert card_of(cast).praise[0].comment_redacted == "Nobody known"


def test_the_card_says_what_is_agreed_for_this_month(cast: Cast) -> None:
    with cast.scope():
        ground, month = make_histories(delivery=cast.partner_id), this_month()
        put_partner("rival", "Rival")
        set_target("rival", a_target("late", target=1.0, floor=9.0, first_month=month))
        for target in (a_target(), a_target("late", target=3.0, floor=15.0), a_target("first_contact", target=95.0)):
            set_target("pats", target)
        set_target("pats", a_target("resolution", last_month="2026-02"))
        with atomic():
            ground.answer(csat=5, partner_id=cast.partner_id, at=clock.now())
    cast.run_jobs()
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cast.client("pat").get("partner/").text))
    assert "Target of CSAT 80 % or more" in page
    assert "not measured this month · target 3 % or less" in page and "no case this month · target 95 % or more" in page
    with cast.scope():
        replace_targets("pats", [])
    page = cast.client("pat").get("partner/").text
    assert "Target of" not in page and "or less" not in page
