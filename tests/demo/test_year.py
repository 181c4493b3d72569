"""The invented year, without a database: the same each time, nothing tomorrow, and its two stories visible."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from app.demo.shop import casework, words_cases, words_en, words_zh
from app.demo.shop.setting import FAR, NEAR
from app.demo.shop.surveys import FEELINGS, SURVEYS, asked_at
from app.demo.shop.today import SOON, open_cases
from app.demo.shop.year import INCIDENT, Happening, year_until

ZONE = ZoneInfo("Asia/Singapore")
NOON = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
HOURS = [NOON + timedelta(hours=hours) for hours in (0, 5, 11, 11.98, 12.02, 17, 20)]


def _year(now: datetime = NOON) -> list[Happening]:
    return year_until(now, ZONE)


def _answered(year: list[Happening], **facts: str) -> list[Happening]:
    return [one for one in year if one.said and all(getattr(one, name) == value for name, value in facts.items())]


def _mean(happened: list[Happening]) -> float:
    return mean(one.said.score for one in happened if one.said)


def test_the_same_moment_gives_the_same_year() -> None:
    assert _year() == _year()


def test_another_day_moves_the_dates_alone() -> None:
    def told(now: datetime) -> list[tuple[object, ...]]:
        return [(one.id, one.partner, one.measures, one.said and (one.said.score, one.said.why)) for one in _year(now)]

    assert told(NOON) == told(NOON + timedelta(days=40))


@pytest.mark.parametrize("now", HOURS)
def test_nothing_has_happened_or_been_done_tomorrow(now: datetime) -> None:
    draw = Random(1)
    for one in _year(now):
        assert one.at < now
        if one.said is None:
            continue
        assert one.at <= one.said.at < now
        if one.is_bad:
            steps = casework.plan(draw, one, is_incident=True, now=now, zone=ZONE)
            times = [one.said.at, *(step.at for step in steps), now]
            assert times == sorted(times), (one.id, times)


@pytest.mark.parametrize("now", HOURS)
def test_one_case_is_late_and_one_due_today_at_any_hour(now: datetime) -> None:
    day = timedelta(days=1)
    waiting, late, today, new = open_cases(now, ZONE)
    assert all(one.happening.is_bad for one in (waiting, late, today, new))
    asked = [one.happening.said.at for one in (waiting, late, today, new) if one.happening.said]
    assert asked == sorted(asked)
    assert asked[1] + day < now < asked[2] + day
    is_today = (asked[2] + day).astimezone(ZONE).date() == now.astimezone(ZONE).date()
    assert is_today or asked[2] + day == now + SOON
    assert all(one.happening.at < now for one in (waiting, late, today, new))


def test_one_partner_is_better_in_every_region_and_worse_on_the_whole() -> None:
    near, far = (_answered(_year(), partner=partner) for partner in (NEAR, FAR))
    assert _mean(far) < _mean(near)
    for region in ("urban", "suburb", "remote"):
        in_near, in_far = ([one for one in who if one.attributes["region"] == region] for who in (near, far))
        assert min(len(in_near), len(in_far)) >= 20
        assert _mean(in_far) > _mean(in_near), region


def test_one_month_is_seen_to_be_late() -> None:
    delivered = [one for one in _year() if "late_days" in one.measures]
    late: dict[bool, list[bool]] = defaultdict(list)
    for one in delivered:
        late[(NOON - one.at).days in INCIDENT].append(one.measures["late_days"] > 0)
    assert mean(late[True]) > 4 * mean(late[False])
    told = [one for one in delivered if one.said]
    then = [one for one in told if (NOON - one.at).days in INCIDENT]
    assert _mean(then) < _mean(told) - 1


def test_every_survey_is_answered_in_both_languages() -> None:
    found = {(one.touchpoint, one.customer.locale) for one in _answered(_year())}
    assert found == {
        (place, locale) for survey in SURVEYS for place in survey.touchpoints for locale in ("en", "zh-Hans")
    }


def test_there_are_words_of_each_kind_in_both_languages_and_none_twice() -> None:
    for comments in (words_en.COMMENTS, words_zh.COMMENTS):
        said = [text for texts in comments.values() for text in texts]
        assert len(said) == len(set(said)) >= 60
    assert words_en.COMMENTS.keys() == words_zh.COMMENTS.keys()
    for by_subject in (words_cases.CONTACTS, words_cases.ACTIONS):
        assert all(set(words) == {"en", "zh-Hans"} for words in by_subject.values())


def test_every_metric_is_answered_often_enough_for_a_figure() -> None:
    by_score: dict[str, list[Happening]] = defaultdict(list)
    for one in _answered(_year()):
        by_score[asked_at(one.touchpoint).score].append(one)
    assert by_score.keys() == {"nps", "csat", "ces", "emotion"}
    assert min(len(happened) for happened in by_score.values()) >= 100


def test_a_case_opens_for_exactly_the_feelings_that_are_bad() -> None:
    """What is drawn is a rank; what is answered are words near it, none of them on the other side of that edge."""
    survey = asked_at("app-search")
    for rank in range(survey.scale.lowest, survey.scale.highest + 1):
        answer = survey.answer(rank)
        assert isinstance(answer, list) and 1 <= len(answer) <= 2 and set(answer) <= set(FEELINGS)
        assert (min(answer) <= survey.scale.bad) is (rank <= survey.scale.bad), rank
