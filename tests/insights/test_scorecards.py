"""The scorecard through its doors: page, API and kept months, for staff and the partner, with nothing of others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from app.insights.scorecards import queries, service
from app.insights.scorecards.models import ScorecardMonth, ScorecardSnapshot
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import tenant_scope
from app.partners.service import put_partner
from app.surveys.answering.models import Response
from tests.cast import Cast
from tests.factories.histories import NOON, Ground, make_histories
from tests.queries import count_queries

PERIOD = "2026-03"
RIVALS = [f"Rivalcanary {number}" for number in range(6)]
HOSTILE = "</blockquote><script>alert(1)</script> rawcanary"
ARABIC = "جاء الطرد متأخرا (3 أيام)"


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        for place, name in enumerate(RIVALS):
            put_partner(f"rivalcanary-{place}", name)
        yield make_histories(delivery=cast.partner_id)


def _answers(ground: Ground, partner_id: UUID, n: int, good: int, **values: Any) -> None:
    """`n` answers about a partner in March, `good` of them fives; the newest first in the order of their hours."""
    with atomic():
        zoe = ground.customer()
        for hour in range(n):
            at = NOON - timedelta(hours=hour)
            happened = ground.interaction(zoe, partner_id=partner_id, at=at, measures={"late_days": int(hour % 4 == 0)})
            given = {"csat": 5 if hour < good else 1, "occurred_at": at, "at": at + timedelta(days=1), **values}
            ground.answer(happened, **given)


def _network(cast: Cast, ground: Ground) -> None:
    """Pat's 40 answers among six rivals of 41 and more."""
    assert cast.partner_id
    _answers(ground, cast.partner_id, 40, 30)
    for place in range(len(RIVALS)):
        rival = put_partner(f"rivalcanary-{place}", RIVALS[place])[0]
        _answers(ground, rival.id, 41 + place, 20 + place, words="rivalcanary words")


def _closed(cast: Cast) -> None:
    service.plan_months()
    db.session.close()
    cast.run_jobs()


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _card(cast: Cast, path: str = f"partners/pats/scorecard?period={PERIOD}") -> Any:
    answer = cast.api().get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_machine_reads_what_was_counted(cast: Cast, ground: Ground) -> None:
    _network(cast, ground)
    card = _card(cast)
    (csat,) = card["figures"]
    assert (csat["n"], csat["score"], csat["counts"]) == (40, 75.0, {"1": 10, "5": 30})
    assert card["measures"] == [
        {"key": "late_days", "kind": "share", "n": 40, "hits": 10, "share": 25.0, "low": 14.1871, "high": 40.194}
    ]
    (compared,) = card["comparison"]["metrics"]
    assert compared["raw"] == compared["adjusted"] == 75.0
    assert set(compared["peers"]) == {f"rivalcanary-{number}" for number in range(6)}
    assert (card["status"], card["period"], card["partner"]["key"]) == ("open", PERIOD, "pats")


def test_months_are_those_of_the_interaction_in_the_tenants_zone(cast: Cast, ground: Ground) -> None:
    with atomic():
        # 02:30 in Greenwich on the first of April is still March in São Paulo; the answer comes in April everywhere.
        at = NOON.replace(month=4, day=1, hour=2, minute=30)
        happened = ground.interaction(ground.customer(), partner_id=cast.partner_id, at=at)
        ground.answer(happened, csat=5, occurred_at=at, at=at + timedelta(days=5))
    assert _card(cast)["figures"][0]["n"] == 1
    assert _card(cast, "partners/pats/scorecard?period=2026-04")["figures"][0]["n"] == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [("?period=2018-13", 422), ("?period=2018", 422), ("?period=' OR 1=1", 422), ("?period=" + "9" * 99, 422),
     ("?period=2199-12", 422), ("?from=2018-01", 422), ("?period=2001-01", 200), ("", 200)],
)  # fmt: skip
def test_a_period_that_is_none_is_named(cast: Cast, query: str, status: int) -> None:
    answer = cast.api().get(f"partners/pats/scorecard{query}")
    assert answer.status_code == status, answer.text
    if status == 422:
        assert answer.json["errors"][0]["pointer"] in ("/period", "/from")


def test_strangers_and_unknown_partners_find_nothing(cast: Cast, others: Cast) -> None:
    assert cast.api().get("partners/nobody/scorecard").status_code == 404
    assert others.api().get("partners/pats-other/scorecard").status_code == 404
    assert cast.client("alice").get("partners/nobody/scorecard").status_code == 404
    assert cast.client("pat").get("partners/pats/scorecard").status_code == 403
    assert cast.client("alice").get("partner/scorecard").status_code == 403
    assert others.client("charlie").get(f"/t/{cast.slug}/partners/pats/scorecard").status_code == 404


@pytest.mark.parametrize("query", ["?period=soon", "?period=2199-12", "?period=%00"])
def test_a_page_of_no_month_leads_to_the_newest(cast: Cast, query: str) -> None:
    answer = cast.client("alice").get(f"partners/pats/scorecard{query}")
    assert (answer.status_code, answer.location) == (303, f"/t/{cast.slug}/partners/pats/scorecard")
    assert cast.client("pat").get(f"partner/scorecard{query}").status_code == 303


def test_an_empty_tenant_and_a_partner_without_answers_have_a_calm_page(cast: Cast) -> None:
    for who, path in (("alice", "partners/pats/scorecard"), ("pat", "partner/scorecard")):
        answer = cast.client(who).get(path)
        assert answer.status_code == 200
        assert "No customer was asked about this partner" in answer.text
        assert "Nobody wrote a comment in this month." in answer.text
        assert "None" not in _words(answer.text)


@pytest.mark.parametrize(
    ("n", "says", "never"),
    [
        (1, "Too few to show a score", "100 %"),
        (9, "Too few", "100 %"),
        (10, "low base", "Too few to show"),
        (30, "100 %", "low base"),
    ],
)
def test_few_answers_are_not_sold_as_a_score(cast: Cast, ground: Ground, n: int, says: str, never: str) -> None:
    assert cast.partner_id
    _answers(ground, cast.partner_id, n, n)
    answer = cast.client("pat").get(f"partner/scorecard?period={PERIOD}")
    figures = _words(answer.text.split('id="figures"')[1].split("</section>")[0])
    assert says in figures and never not in figures


def test_names_and_comments_of_every_kind_stay_text(cast: Cast, ground: Ground) -> None:
    with cast.scope():
        long, short = put_partner("long", "W" * 80)[0], put_partner("short", "顺")[0]
        _answers(ground, long.id, 1, 1, words=HOSTILE, locale="ar")
        _answers(ground, short.id, 1, 1, words=ARABIC, locale="ar")
        db.session.close()
    alice = cast.client("alice")
    page = alice.get(f"partners/long/scorecard?period={PERIOD}").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "W" * 80 in page
    page = alice.get(f"partners/short/scorecard?period={PERIOD}").text
    assert f'<blockquote class="quote" dir="auto" lang="ar">\u2068{ARABIC}\u2069</blockquote>' in page and "顺" in page


def test_raw_words_are_nowhere(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    with cast.scope():
        _answers(ground, cast.partner_id, 1, 1, words="rawcanary 13812345678")
        row = db.session.scalars(select(Response)).one()
        row.comment_redacted = "call me at [number]"
        db.session.commit()
        db.session.close()
    for answer in (
        cast.client("pat").get(f"partner/scorecard?period={PERIOD}"),
        cast.client("alice").get(f"partners/pats/scorecard?period={PERIOD}"),
        cast.api().get(f"partners/pats/scorecard?period={PERIOD}"),
    ):
        assert "call me at [number]" in answer.text and "rawcanary" not in answer.text


def test_comments_are_capped_in_words(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    _answers(ground, cast.partner_id, 55, 55, words="Fine.")
    page = cast.client("pat").get(f"partner/scorecard?period={PERIOD}").text
    assert page.count("<blockquote") == 50 and "And 5 more." in page


def test_anonymous_answers_are_hidden_from_everybody_when_few(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    with cast.scope():
        _answers(ground, cast.partner_id, 40, 40)
        _answers(ground, cast.partner_id, 3, 0, words="anonymouscanary")
        for row in db.session.scalars(select(Response).where(Response.comment_redacted.is_not(None))):
            row.customer_id = None
        db.session.commit()
        db.session.close()
    page = cast.client("pat").get(f"partner/scorecard?period={PERIOD}").text
    assert "Hidden to protect people" in page and "anonymouscanary" not in page
    # The survey is not anonymous, which staff may know and a partner may not.
    assert _card(cast)["figures"][0]["n"] == 43


def test_a_partner_is_compared_once_the_month_is_closed(cast: Cast, ground: Ground) -> None:
    _network(cast, ground)
    db.session.close()
    pat = cast.client("pat")
    before = pat.get(f"partner/scorecard?period={PERIOD}").text
    assert "is made once, when the month is closed" in before and "As answered" not in before
    with cast.scope():
        _closed(cast)
    page = pat.get(f"partner/scorecard?period={PERIOD}").text
    assert "Closed on" in page and "75.0 %" in page and "The other partners’ median is" in page
    assert [name for name in (*RIVALS, "rivalcanary") if name.lower() in page.lower()] == []


def test_a_partner_cannot_even_ask_the_database_for_anothers_month(cast: Cast, ground: Ground) -> None:
    _network(cast, ground)
    with cast.scope():
        _closed(cast)
    with tenant_scope(cast.tenant_id, cast.partner_id):
        assert db.session.scalars(select(ScorecardMonth)).all() == []
        kept = db.session.scalars(select(ScorecardSnapshot)).all()
        assert {row.partner_id for row in kept} == {cast.partner_id}
        text = " ".join(row.content for row in kept)
    with cast.scope():
        ids = {str(row.partner_id) for row in db.session.scalars(select(ScorecardSnapshot))} - {str(cast.partner_id)}
        assert len(ids) == 6
    assert [mark for mark in (*ids, "rivalcanary", "peers") if mark in text] == []
    assert not set(re.findall(r'"n":(4[1-6])\b', text))


def test_a_closed_month_is_read_as_it_was_kept(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    _network(cast, ground)
    with cast.scope():
        _closed(cast)
        before = _card(cast)
        _answers(ground, cast.partner_id, 5, 0)
        db.session.close()
    after = _card(cast)
    assert before["status"] == "closed" and before == after
    with cast.scope():
        live = queries.live_network(queries.parse_month(PERIOD), queries.timezone())
    assert live["metrics"]["csat"]["units"][str(cast.partner_id)]["n"] == 45


def test_closing_twice_keeps_the_first(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    _answers(ground, cast.partner_id, 3, 3)
    with cast.scope():
        _closed(cast)
    with cast.scope():
        first = db.session.scalars(select(ScorecardSnapshot.content)).all()
        closed_at = db.session.scalar(select(ScorecardMonth.closed_at).where(ScorecardMonth.period == PERIOD))
        _answers(ground, cast.partner_id, 3, 0)
        service.close_month(PERIOD)
        service.plan_months()
        db.session.close()
        assert db.session.scalars(select(ScorecardSnapshot.content)).all() == first
        assert db.session.scalar(select(ScorecardMonth.closed_at).where(ScorecardMonth.period == PERIOD)) == closed_at
        planned = select(func.count()).select_from(OutboxRow).where(OutboxRow.payload["period"].astext == PERIOD)
        assert db.session.scalar(planned) == 1


def test_a_month_is_not_closed_before_its_time(cast: Cast, ground: Ground) -> None:
    this = f"{clock.now():%Y-%m}"
    with cast.scope():
        service.plan_months()
        service.close_month(this)
        row = queries.find_month(this) or queries.find_month(f"{clock.now() - timedelta(days=1):%Y-%m}")
        assert row is not None and row.closed_at is None
        due = db.session.scalar(select(OutboxRow.due_at).where(OutboxRow.payload["period"].astext == row.period))
        assert due == queries.parse_month(row.period).closes_at(queries.timezone()) > clock.now()


def test_the_first_partner_begins_it_and_each_closed_month_plans_the_next(cast: Cast, ground: Ground) -> None:
    """The chain goes on by itself: when this month's time has come it is closed and the one then running planned."""
    assert cast.partner_id
    _answers(ground, cast.partner_id, 3, 3)
    with cast.scope():
        service.begin()
        service.begin()
        db.session.close()
    try:
        clock.shift(60 * 86400)
        cast.run_jobs()
        with cast.scope():
            rows = {row.period: row.closed_at for row in db.session.scalars(select(ScorecardMonth))}
            now = clock.now()
    finally:
        clock.shift(0)
    assert rows[PERIOD] is not None
    assert [period for period, closed_at in rows.items() if closed_at is None] == [f"{now - timedelta(hours=3):%Y-%m}"]


def test_a_month_to_which_history_is_still_sent_is_left_open(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    _answers(ground, cast.partner_id, 3, 3)
    with cast.scope():
        db.session.execute(update(Response).values(received_at=clock.now()))
        service.begin()
        service._plan_past(received_before=clock.now() - timedelta(days=1))
        db.session.commit()
        assert queries.find_month(PERIOD) is None
        service.plan_months()
        assert queries.find_month(PERIOD) is not None


def test_a_new_tenants_first_partner_publishes_once(others: Cast) -> None:
    with others.scope():
        put_partner("second", "Second")
        assert set(db.session.scalars(select(OutboxRow.event))) == {"AuditRecorded"}


def test_the_page_needs_as_many_statements_for_many_answers_as_for_one(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    _answers(ground, cast.partner_id, 1, 1, words="Fine.")
    db.session.close()
    alice, path = cast.client("alice"), f"partners/pats/scorecard?period={PERIOD}"
    alice.get(path)
    with count_queries() as few:
        alice.get(path)
    _network(cast, ground)
    db.session.close()
    with count_queries() as many:
        assert alice.get(path).status_code == 200
    # One more names the other partners of the comparison.
    assert len(many) <= len(few) + 1 <= 26


def test_what_is_kept_is_canonical(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    _answers(ground, cast.partner_id, 3, 3, words="很好")
    with cast.scope():
        _closed(cast)
    with cast.scope():
        content = db.session.scalars(select(ScorecardSnapshot.content)).one()
    assert content == json.dumps(json.loads(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "很好" in content
