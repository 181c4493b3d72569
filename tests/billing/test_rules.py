"""Where a tenant stands, by what is known of its subscription and by the moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.billing import rules
from app.billing.rules import Facts, standing

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
OVER, AHEAD = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("facts", "state", "plan"),
    [
        (Facts(AHEAD), "trial", "business"),
        (Facts(NOW), "free", "free"),
        (Facts(OVER), "free", "free"),
        (Facts(OVER, "active", "team"), "paid", "team"),
        (Facts(AHEAD, "active", "team"), "paid", "team"),
        (Facts(OVER, "trialing", "business"), "paid", "business"),
        (Facts(OVER, "active", None), "paid", "self_hosted"),
        (Facts(OVER, "past_due", "team", NOW), "grace", "team"),
        (Facts(OVER, "past_due", "team", None), "grace", "team"),
        (Facts(OVER, "past_due", "team", AHEAD - rules.GRACE), "grace", "team"),
        (Facts(OVER, "past_due", "team", NOW - rules.GRACE), "read_only", "team"),
        (Facts(OVER, "unpaid", "team", NOW), "grace", "team"),
        (Facts(OVER, "paused", "business", NOW - rules.GRACE), "read_only", "business"),
    ],
)
def test_where_a_tenant_stands(facts: Facts, state: str, plan: str) -> None:
    found = standing(facts, NOW)
    assert (found.state, found.plan.name, found.is_read_only) == (state, plan, state == "read_only")


def test_every_larger_plan_holds_more() -> None:
    free, team, business, own = rules.PLANS.values()
    for less, more in ((free, team), (team, business)):
        for name in ("seats", "responses", "messages"):
            assert getattr(less, name) < getattr(more, name)
    assert (own.seats, own.responses, own.messages) == (None, None, None)


OVER_AT_STRIPE = ("incomplete", "incomplete_expired", "canceled", "new")


@pytest.mark.parametrize(("at_stripe", "kept"), [("active", "active"), *((over, "none") for over in OVER_AT_STRIPE)])
def test_what_is_over_or_was_never_paid_is_none(at_stripe: str, kept: str) -> None:
    assert rules.status_of(at_stripe) == kept


PAST_DUE = [(None, "past_due", NOW), (OVER, "past_due", OVER), (OVER, "unpaid", OVER), (OVER, "active", None)]


@pytest.mark.parametrize(("before", "status", "after"), [*PAST_DUE, (None, "none", None)])
def test_the_first_unpaid_day_stays_until_it_is_paid(
    before: datetime | None, status: str, after: datetime | None
) -> None:
    assert rules.past_due_since(before, status, NOW) == after


def test_months_are_of_utc() -> None:
    last_minute = datetime.fromisoformat("2026-12-31T21:30:00-03:00")
    assert rules.month_of(last_minute) == date(2027, 1, 1)


@pytest.mark.parametrize("key", [None, "", "heed_", "team", "heed_free", "heed_self_hosted", "heed_responses"])
def test_other_prices_are_no_plans(key: str | None) -> None:
    assert rules.plan_named(key) is None
    assert rules.plan_named("heed_team") == "team"
