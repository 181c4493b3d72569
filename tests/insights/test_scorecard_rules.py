"""What a scorecard says, from plain values: months, lateness, cases, and a comparison that tells of nobody else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.insights.scorecards.rules.facts import (
    Answers,
    CaseFacts,
    Facts,
    Measure,
    Words,
    in_time,
    median_time,
    own_part,
    shortened,
)
from app.insights.scorecards.rules.metrics import worth
from app.insights.scorecards.rules.network import (
    Cells,
    compare,
    stratum_attribute,
    told_to_partner,
    told_to_staff,
)
from app.insights.scorecards.rules.periods import Month, check_begun, parse_month
from app.kernel.errors import Invalid
from app.metrics.emotion import mask_of
from app.metrics.figures import METRICS, figure_of

SHANGHAI, SAO_PAULO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Sao_Paulo")
MARCH = Month(2026, 3)
NOW = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2018",
        "2018-1",
        "2018-13",
        "2018-00",
        "2018-01-01",
        "18-01",
        "２０１８-01",
        " 2018-01",
        "0000-01",
        "2200-01",
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_month(text)
    assert [fault.pointer for fault in refused.value.faults] == ["/period"]


def test_a_month_begins_at_its_own_midnight_and_is_closed_two_weeks_after_its_end() -> None:
    first, after = MARCH.bounds(SHANGHAI)
    assert (first, after) == (datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC))
    assert MARCH.closes_at(SHANGHAI) == datetime(2026, 4, 14, 16, tzinfo=UTC)
    assert [str(one) for one in (MARCH.plus(-3), MARCH.plus(10), MARCH.trend()[0])] == ["2025-12", "2027-01", "2025-04"]


def test_a_month_that_has_not_begun_here_is_refused() -> None:
    night = datetime(2026, 3, 31, 17, tzinfo=UTC)
    check_begun(Month(2026, 4), night, SHANGHAI)
    with pytest.raises(Invalid):
        check_begun(Month(2026, 4), night, SAO_PAULO)


@pytest.mark.parametrize("metric", METRICS)
def test_the_worth_of_single_answers_adds_up_to_the_score(metric: str) -> None:
    values = {"nps": range(11), "csat": range(1, 6), "ces": range(1, 8), "emotion": [mask_of([1]), mask_of([2, 20])]}
    tally = {value: place + 1 for place, value in enumerate(values[metric])}
    mean = sum(worth(metric, value) * count for value, count in tally.items()) / sum(tally.values())
    assert figure_of(metric, tally).score == pytest.approx(mean)


def _facts(**by_month: dict[int, int]) -> Facts:
    return Facts({("csat", month[1:].replace("_", "-")): Answers(tally) for month, tally in by_month.items()})


def test_a_figure_says_what_it_rests_on_and_how_it_moved() -> None:
    own = own_part(_facts(m2026_03={5: 60, 1: 40}, m2026_02={5: 30, 1: 70}), MARCH, NOW)
    (one,) = own["figures"]
    assert (one["n"], one["score"], one["counts"], one["low_base"]) == (100, 60.0, {"1": 40, "5": 60}, False)
    assert (one["change"]["raw"], one["change"]["verdict"]) == (30.0, "up")


def test_without_a_month_before_there_is_no_change() -> None:
    (one,) = own_part(_facts(m2026_03={5: 1}), MARCH, NOW)["figures"]
    assert one["change"] is None and one["low_base"]


def test_a_month_without_answers_is_a_gap_and_not_a_zero() -> None:
    own = own_part(_facts(m2026_03={5: 3}, m2025_12={1: 2}), MARCH, NOW)
    months = {one["month"]: one["score"] for one in own["trend"][0]["months"]}
    assert len(months) == 12
    assert {month: score for month, score in months.items() if score is not None} == {"2025-12": 0.0, "2026-03": 100.0}


def test_a_partner_that_nobody_answered_about_has_an_empty_card() -> None:
    own = own_part(Facts(), MARCH, NOW)
    assert own["figures"] == own["trend"] == own["measures"] == []
    assert own["words"] == {"count": 0, "shown": [], "shortened": 0, "suppressed": False}
    assert own["cases"]["first_contact"]["share"] is None


def test_a_few_anonymous_answers_hide_the_figure_and_its_change() -> None:
    facts = _facts(m2026_03={5: 40}, m2026_02={1: 40})
    facts.answers["csat", "2026-03"].anonymous = 4
    own = own_part(facts, MARCH, NOW)
    assert own["figures"][0] | {"metric": ""} == {
        **{"metric": "", "n": None, "score": None, "low": None, "high": None, "counts": None},
        **{"low_base": False, "suppressed": True, "change": None},
    }
    assert own["trend"][0]["months"][-1]["n"] is None
    facts.answers["csat", "2026-03"].anonymous = 5
    assert own_part(facts, MARCH, NOW)["figures"][0]["score"] == 100.0


def test_comments_are_capped_and_a_few_anonymous_ones_hidden() -> None:
    words = [Words(NOW.date(), f"w{number}", "en", None, {"csat": 1}) for number in range(60)]
    facts = Facts(words=words, word_count=262)
    told = own_part(facts, MARCH, NOW)["words"]
    assert (told["count"], len(told["shown"]), told["shown"][0]["text"]) == (262, 50, "w0")
    facts.anonymous_words = 9
    assert own_part(facts, MARCH, NOW)["words"] == {"count": None, "shown": [], "shortened": 0, "suppressed": True}
    facts.anonymous_words = 10
    assert own_part(facts, MARCH, NOW)["words"]["count"] == 262


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 1000, "x" * 1000),
        ("x" * 1001, "x" * 1000 + " …"),
        ("word " * 300, "word " * 199 + "…"),
        ("很" * 5000, "很" * 1000 + " …"),
        ("a " + "b" * 500_000, "a " + "b" * 998 + " …"),
    ],
)
def test_a_long_comment_is_cut(text: str, shown: str) -> None:
    assert shortened(text) == shown


def test_lateness_is_a_share_and_is_told_once() -> None:
    measures = [
        Measure("late", 40, 8, 8, 8, True),
        Measure("weight", 4, 10.0, 30.0, 4, False),
        Measure("late_days", 40, 19.5, 99, 8, False),
        Measure("damaged", 40, 1, 1, 1, True),
        Measure("minutes", 1, 7.0, 49.0, 1, False),
    ]
    told = own_part(Facts(measures=measures), MARCH, NOW)["measures"]
    assert [one["key"] for one in told] == ["late_days", "damaged", "minutes", "weight"]
    assert (told[0]["kind"], told[0]["hits"], told[0]["share"]) == ("share", 8, 20.0)
    assert (round(told[0]["low"], 2), round(told[0]["high"], 2)) == (10.5, 34.76)
    assert (told[2]["mean"], told[2]["low"]) == (7.0, None)
    assert (told[3]["mean"], told[3]["low"], told[3]["high"]) == (2.5, 0.4457, 4.5543)


DUE = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("done", "now", "kept"),
    [(0, 9, True), (1, 9, False), (None, 9, False), (None, 0, None), (None, -1, None)],
)
def test_a_promise_counts_once_it_is_kept_or_past(done: int | None, now: int, kept: bool | None) -> None:
    at = None if done is None else DUE + timedelta(hours=done)
    assert in_time(DUE, at, DUE + timedelta(hours=now)) is kept


def _case(days: float | None, *, historic: bool = False, contact_hours: float | None = 2) -> CaseFacts:
    opened = datetime(2026, 3, 1, tzinfo=UTC)
    closed = None if days is None else opened + timedelta(days=days)
    contact = None if contact_hours is None else opened + timedelta(hours=contact_hours)
    due = opened + timedelta(days=1)
    return CaseFacts(historic, opened, due, contact, opened + timedelta(days=7), closed, closed)


def test_cases_are_judged_by_their_promises_and_imported_ones_not_at_all() -> None:
    cases = [
        _case(3),
        _case(9),
        _case(None, contact_hours=None),
        _case(None, contact_hours=30),
        _case(2, historic=True),
    ]
    told = own_part(Facts(cases=cases), MARCH, NOW)["cases"]
    assert (told["opened"], told["historic"], told["open"]) == (5, 1, 2)
    assert (told["first_contact"]["hits"], told["first_contact"]["n"], told["first_contact"]["share"]) == (2, 4, 50.0)
    assert (told["resolution"]["hits"], told["resolution"]["n"]) == (1, 4)
    assert told["median_days_to_close"] == 9.0


def test_the_median_counts_those_that_still_run() -> None:
    """Oracle 4.2: the closed ones alone would say 5."""
    days = [(2, 1), (3, 1), (3, 1), (5, 1), (8, 1), (13, 1), (20, 0), (21, 1), (30, 0), (30, 0), (40, 0)]
    assert median_time([(float(time), bool(ended)) for time, ended in days]) == 13
    assert median_time([(1.0, True), (2.0, False), (3.0, False)]) is None
    assert median_time([]) is None


def _csat(n: int, good: float) -> dict[int, int]:
    """`n` answers of which `good` percent are fives."""
    top = round(n * good / 100)
    return {5: top, 1: n - top}


def test_oracle_3_1_like_is_compared_with_like() -> None:
    """The oracle's segments with answers that can be given: A looks better than B and is not."""
    cells: Cells = {
        "a": {"urban": _csat(300, 81), "suburb": _csat(150, 76), "remote": _csat(50, 58)},
        "b": {"urban": _csat(50, 84), "suburb": _csat(100, 78), "remote": _csat(350, 64)},
        "c": {"urban": _csat(20, 90), "suburb": _csat(5, 60)},
    }
    units = compare({"csat": cells}, {"csat": {}}, ["touchpoint"])["metrics"]["csat"]["units"]
    a, b = units["a"], units["b"]
    assert a["raw"] > b["raw"] + 8 and b["adjusted"] > a["adjusted"]
    assert a["adjusted"] == pytest.approx(a["raw"] - a["expected"] + _network(cells), abs=1e-3)
    assert units["c"]["low_base"] and units["c"]["position"] is None


def _network(cells: Cells) -> float:
    tallies = [tally for strata in cells.values() for tally in strata.values()]
    return 100 * sum(tally[5] for tally in tallies) / sum(sum(tally.values()) for tally in tallies)


def test_who_could_be_recognised_is_in_no_comparison() -> None:
    cells: Cells = {"a": {"x": _csat(50, 80)}, "b": {"x": _csat(50, 40)}}
    units = compare({"csat": cells}, {"csat": {"b": 3}}, ["touchpoint"])["metrics"]["csat"]["units"]
    assert set(units) == {"a"}


@pytest.mark.parametrize(
    ("carrying", "chosen"),
    [({}, None), ({"region": 49}, None), ({"region": 50}, "region"), ({"region": 50, "category": 90}, "category"),
     ({"region": 60, "category": 60}, "region"), ({"late": 100}, None)],
)  # fmt: skip
def test_strata_are_what_a_partner_does_not_choose(carrying: dict[str, int], chosen: str | None) -> None:
    assert stratum_attribute(carrying, 100) == chosen
    assert stratum_attribute({}, 0) is None


def _whole(sizes: dict[str, int]) -> dict[str, Any]:
    cells: Cells = {who: {"x": _csat(n, 60 + 3 * place)} for place, (who, n) in enumerate(sizes.items())}
    return compare({"csat": cells}, {"csat": {}}, ["touchpoint"])


def test_a_partner_is_told_of_no_other_and_staff_of_all() -> None:
    whole = _whole({f"p{number}": 40 + number for number in range(8)})
    (told,) = told_to_partner(whole, "p0")
    text = json.dumps(told)
    assert "peers" not in text
    assert not [number for number in range(1, 8) if f"p{number}" in text or f'"n": {40 + number}' in text]
    assert told["benchmark"]["standing"] == "lower_third" and told["withheld"] is False
    (full,) = told_to_staff(whole, "p0")
    assert set(full["peers"]) == {f"p{number}" for number in range(1, 8)}
    assert {name: full[name] for name in told} == told


@pytest.mark.parametrize("sizes", [[40] * 5, [400, 40, 40, 40, 40, 40, 40]])
def test_what_would_tell_of_another_is_withheld_from_a_partner(sizes: list[int]) -> None:
    """Fewer than five others, or one that holds more than half of the answers (oracle 3.5)."""
    whole = _whole({f"p{number}": n for number, n in enumerate(sizes)})
    (told,) = told_to_partner(whole, "p1")
    assert told["withheld"] and told["n"] == 40 and told["raw"] is not None
    assert {told[name] for name in ("expected", "adjusted", "network", "mean", "sd", "tau", "shrunk")} == {None}
    assert (told["benchmark"] is None) == (len(sizes) <= 5)
    assert told_to_staff(whole, "p1")[0]["adjusted"] is not None


def test_one_partner_alone_and_answers_that_are_all_the_same() -> None:
    (one,) = told_to_staff(_whole({"p0": 40}), "p0")
    assert (one["adjusted"], one["expected"], one["tau"], one["benchmark"]) == (one["raw"], one["raw"], 0, None)
    same: Cells = {who: {"x": {5: 40}} for who in "abcdefg"}
    (told,) = told_to_partner(compare({"csat": same}, {"csat": {}}, ["touchpoint"]), "a")
    assert (told["adjusted"], told["sd"], told["position"]) == (100.0, 0.0, "inside")
    assert told_to_partner(compare({}, {}, ["touchpoint"]), "a") == []
