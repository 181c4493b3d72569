"""Figures: what counts, what does not, and how it is grouped; each number against plain Python or a printed oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from app.insights.figures.rules import Tally, compute
from app.insights.figures.words import period_words
from app.metrics.emotion import mask_of, valence
from tests.cast import Cast
from tests.factories.figures import NOON, Ground, add_interaction, make_ground

HISTOGRAM = [3, 1, 2, 2, 1, 6, 4, 5, 7, 14, 22]  # oracle 1.1


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return make_ground(cast)


def _rows(cast: Cast, path: str) -> list[dict]:
    answer = cast.api().get(f"figures/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json["rows"]


def test_the_figure_of_the_contract(cast: Cast, ground: Ground) -> None:
    for value, people in enumerate(HISTOGRAM):
        for _person in range(people):
            ground.answer(nps=value)
    assert _rows(cast, "nps?by=touchpoint") == [
        {
            "keys": {"touchpoint": "delivery"},
            "n": 67,
            "score": 25.3731,
            "low": pytest.approx(4.02, abs=0.005),
            "high": pytest.approx(44.55, abs=0.005),
            "promoters": 36,
            "passives": 12,
            "detractors": 19,
            "low_base": False,
            "suppressed": False,
        }
    ]


def test_no_responses_is_not_zero(cast: Cast, ground: Ground) -> None:
    (row,) = _rows(cast, "csat")
    assert (row["n"], row["score"], row["low"], row["high"]) == (0, None, None, None)
    assert _rows(cast, "csat?by=partner") == []


def test_effort_and_emotion_of_the_contract(cast: Cast, ground: Ground) -> None:
    for value, people in {1: 5, 2: 4, 3: 6, 4: 10, 5: 25, 6: 60, 7: 40}.items():  # oracle 1.7, a fifth of it
        for _person in range(people // 5):
            ground.answer(ces=value)
    (effort,) = _rows(cast, "ces")
    assert (effort["n"], effort["top"], effort["counts"]["7"]) == (29, 25, 8)
    assert effort["score"] == pytest.approx(100 * 25 / 29, abs=5e-5)
    assert effort["low_base"] is True
    assert not {"promoters", "net"} & set(effort)
    for ranks, people in (([2], 12), ([6], 8), ([11], 30), ([14], 40), ([20], 9), ([19, 20], 1)):
        for _person in range(people):
            ground.answer(emotion=mask_of(ranks), valence=valence(mask_of(ranks)))
    (emotion,) = _rows(cast, "emotion")
    assert (emotion["n"], emotion["positive"], emotion["negative"], emotion["net"]) == (100, 80, 20, 60)
    assert emotion["score"] == pytest.approx(0.1179 - 0.5 / 9.5 / 100, abs=1e-4)
    assert emotion["low"] < emotion["score"] < emotion["high"]
    assert (emotion["counts"]["14"], emotion["counts"]["19"], emotion["counts"]["20"]) == (40, 1, 10)
    assert not {"top", "mean"} & set(emotion)


def test_csat_by_partner_and_department(cast: Cast, ground: Ground) -> None:
    for value in (5, 5, 4, 1):
        ground.answer(csat=value)
    ground.answer(csat=2, touchpoint="call")
    rows = _rows(cast, "csat?by=partner&by=department")
    assert [(row["keys"], row["n"], row["top"]) for row in rows] == [
        ({"partner": "pats", "department": None}, 4, 3),
        ({"partner": None, "department": "care"}, 1, 0),
    ]
    assert rows[0]["score"] == 75.0
    assert rows[0]["counts"] == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 2}


def test_filters_narrow_and_a_mistyped_one_is_refused(cast: Cast, ground: Ground) -> None:
    ground.answer(csat=5)
    ground.answer(csat=1, touchpoint="call")
    assert _rows(cast, "csat?touchpoint=call")[0]["n"] == 1
    assert _rows(cast, "csat?touchpoint=call&touchpoint=delivery")[0]["n"] == 2
    answer = cast.api().get("figures/csat?touchpoint=nowhere")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/touchpoint"


def test_days_are_those_of_the_tenant(cast: Cast, ground: Ground) -> None:
    late_evening = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)  # still the 10th in São Paulo
    ground.answer(nps=9, at=late_evening)
    assert _rows(cast, "nps?by=day")[0]["keys"] == {"day": "2026-03-10"}
    assert _rows(cast, "nps?from=2026-03-10&to=2026-03-10")[0]["n"] == 1
    assert _rows(cast, "nps?from=2026-03-11")[0]["n"] == 0
    assert _rows(cast, "nps?by=week&by=month")[0]["keys"] == {"week": "2026-W11", "month": "2026-03"}


def test_the_latest_answer_to_an_interaction_counts(cast: Cast, ground: Ground) -> None:
    interaction = add_interaction(ground, "order-1:delivery")
    ground.answer(nps=0, interaction_id=interaction, at=NOON)
    ground.answer(nps=10, interaction_id=interaction, at=NOON + timedelta(hours=1))
    ground.answer(nps=5)
    (row,) = _rows(cast, "nps")
    assert (row["promoters"], row["detractors"]) == (1, 1)


def test_parked_follow_up_and_unanswered_do_not_count(cast: Cast, ground: Ground) -> None:
    ground.answer(nps=0, parked_at=NOON, parked_reason="honeypot")
    ground.answer(nps=0, survey_kind="follow_up")
    ground.answer(nps=0, survey_kind="relationship")
    ground.answer(csat=3)
    ground.answer(nps=7, status="started", completed_at=None)
    (row,) = _rows(cast, "nps")
    assert (row["n"], row["passives"]) == (1, 1)
    assert _rows(cast, "nps?kind=relationship")[0]["n"] == 1


def test_the_interaction_basis_counts_by_when_it_happened(cast: Cast, ground: Ground) -> None:
    ground.answer(nps=9, at=NOON, occurred_at=NOON - timedelta(days=40))
    assert _rows(cast, "nps?by=month&basis=interaction")[0]["keys"] == {"month": "2026-01"}
    assert _rows(cast, "nps?by=month")[0]["keys"] == {"month": "2026-03"}


def test_a_small_anonymous_group_is_hidden_and_so_is_what_would_reveal_it(cast: Cast) -> None:
    ground = make_ground(cast, is_anonymous=True)
    for _person in range(9):
        ground.answer(csat=5, touchpoint="call")
    for _person in range(4):
        ground.answer(csat=1)
    rows = _rows(cast, "csat?by=touchpoint")
    assert [row["suppressed"] for row in rows] == [True, True]
    assert [(row["n"], row["score"], row["counts"]) for row in rows] == [(None, None, None)] * 2
    assert _rows(cast, "csat")[0]["n"] == 13


def test_a_low_base_says_so(cast: Cast, ground: Ground) -> None:
    ground.answer(csat=5)
    assert _rows(cast, "csat")[0]["low_base"] is True
    rows = compute("csat", [Tally((), {5: 30}, 0)], ())
    assert rows[0].is_low_base is False


@pytest.mark.parametrize(
    "path",
    ["nps?by=moon", "nps?colour=red", "nps?from=yesterday", "nps?kind=follow_up", "nps?from=2026-02-02&to=2026-02-01"],
)
def test_what_cannot_be_asked_is_refused(cast: Cast, path: str) -> None:
    answer = cast.api().get(f"figures/{path}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_an_unknown_metric_is_not_found(cast: Cast) -> None:
    assert cast.api().get("figures/happiness").status_code == 404


def test_another_tenant_counts_nothing_of_ours(cast: Cast, others: Cast, ground: Ground) -> None:
    ground.answer(nps=0)
    assert _rows(others, "nps")[0]["n"] == 0


def test_the_page_shows_first_what_somebody_has_answered(cast: Cast, ground: Ground) -> None:
    ground.answer(csat=5)
    page = cast.client("dana").get("figures/").get_data(as_text=True)
    assert "The share of answers 4 and 5" in page
    assert "No responses" in cast.client("dana").get("figures/?metric=nps").get_data(as_text=True)


@pytest.mark.parametrize(
    ("by", "key", "en", "zh"),
    [
        ("day", "2026-02-03", "3 Feb 2026", "2026年2月3日"),
        ("week", "2026-W06", "week 6 of 2026", "2026 年第 6 周"),
        ("month", "2026-02", "Feb 2026", "2026年2月"),
        ("channel", "phone", "phone", "phone"),
    ],
)
def test_periods_are_named_in_the_readers_language(app: Flask, by: str, key: str, en: str, zh: str) -> None:
    for language, expected in (("en", en), ("zh_Hans", zh)):
        with app.test_request_context(), force_locale(language):
            assert period_words(by, key) == expected
