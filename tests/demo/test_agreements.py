"""The demo's agreements: both delivery partners have targets, and each month that is over was closed on its day."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.demo.shop.setting import FAR, NEAR, ZONE
from app.insights.scorecards.models import ScorecardMonth, ScorecardSnapshot
from app.insights.scorecards.rules.periods import month_of, parse_month
from app.kernel.db import db
from app.partners import queries
from tests.demo.conftest import Shop

pytestmark = pytest.mark.timeout(600)


def test_both_partners_are_held_to_something_they_can_read(shop: Shop) -> None:
    with shop.cast.app.app_context(), shop.cast.scope():
        agreed = {key: queries.list_targets(queries.get_partner_by_key(key).id) for key in (NEAR, FAR)}
    for rows in agreed.values():
        assert sorted(row.measure for row in rows) == ["first_contact", "late", "nps"]
        assert sum(row.weight for row in rows) == pytest.approx(1)
    assert {row.target for row in agreed[NEAR]} != {row.target for row in agreed[FAR]}
    page = shop.client("owen").get("partner/scorecard").text
    assert "Against what was agreed" in page and "Owen Tarn" in page and "Petra" not in page


def test_each_month_that_is_over_was_closed_on_its_day(shop: Shop) -> None:
    with shop.cast.app.app_context(), shop.cast.scope():
        months = db.session.scalars(select(ScorecardMonth).order_by(ScorecardMonth.period)).all()
        cards = [json.loads(content) for content in db.session.scalars(select(ScorecardSnapshot.content))]
    closed = [row for row in months if row.closed_at]
    assert 11 <= len(closed) <= 12
    assert [row.closed_at for row in closed] == [parse_month(row.period).closes_at(ZONE) for row in closed]
    running = str(month_of(shop.filled_at, ZONE))
    late = str(month_of(shop.filled_at - timedelta(days=16), ZONE))
    assert {row.period for row in months if not row.closed_at} <= {running, late}
    assert len(cards) >= 20
    composites = [card["targets"]["composite"] for card in cards]
    assert sum(one["score"] is not None for one in composites) >= 12
    assert {one["coverage"] for one in composites} >= {80.0}
    assert {item["verdict"] for card in cards for item in card["targets"]["items"]} >= {"unproven", None}
