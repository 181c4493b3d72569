"""Effort, emotion, expectation, multiple, number and date on the customer's page, as a form and as JSON."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from app.kernel.db import db
from app.surveys.answering.models import Answer
from app.surveys.answering.queries import ResponseFilter, page_of_responses
from app.surveys.answering.rules import BANDS, Scores, band
from tests.cast import Cast
from tests.factories.answering import Customer, make_customer, make_passer_by, make_response, stored
from tests.factories.journeys import make_touchpoint
from tests.factories.surveys import make_version
from tests.surveys.every_type import definition

FORM = {
    "ces": "2",
    "feel": ["6", "2"],
    "hoped.expected": "6",
    "hoped.perceived": "3",
    "one": "late",
    "some": ["damaged", "late"],
    "wait": "2,5",
    "day": "2026-01-31",
}
KEPT = {
    "ces": 2,
    "feel": 0b100010,
    "hoped": '{"expected":6,"perceived":3}',
    "one": "late",
    "some": '["late","damaged"]',
    "wait": 2.5,
    "day": "2026-01-31",
}


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return make_customer(cast, definition=definition())


def kept(cast: Cast, customer: Customer) -> dict[str, Any]:
    response = stored(cast, customer)
    return (
        {row.question_key: row.text if row.number is None else row.number for row in response.answers}
        if response
        else {}
    )


def ranks(page: str) -> list[int]:
    """The feelings of a page in their order."""
    return [int(value) for value in re.findall(r'name="feel" value="(\d+)"', page)]


def ticked(page: str, name: str) -> set[str]:
    return set(re.findall(rf'name="{re.escape(name)}" value="([^"]+)"[^>]* checked', page))


def test_a_form_without_script(cast: Cast, customer: Customer) -> None:
    assert customer.send(**FORM).status_code == 303
    assert kept(cast, customer) == KEPT
    response = stored(cast, customer)
    assert response is not None
    assert (response.ces, response.emotion, round(response.valence or 0, 4)) == (2, 0b100010, -0.6842)


def test_json_part_by_part(cast: Cast, customer: Customer) -> None:
    customer.save({"feel": [2], "some": ["late"], "hoped": {"expected": 6, "perceived": 2}}, revision=1)
    customer.save({"feel": [2, 6], "wait": 2.5}, revision=2)
    customer.save({"some": [], "hoped": {"expected": 6, "perceived": 3}}, complete=True, revision=3)
    assert kept(cast, customer) == {name: KEPT[name] for name in ("feel", "hoped", "wait")}
    response = stored(cast, customer)
    assert response is not None and response.parked_at is None, "feelings are ticked one by one"


def test_two_efforts_in_a_moment_are_parked(cast: Cast, customer: Customer) -> None:
    customer.save({"ces": 1}, revision=1)
    customer.save({"ces": 7}, complete=True, revision=2)
    response = stored(cast, customer)
    assert response is not None and response.parked_reason == "two_scores"


@pytest.mark.parametrize(
    ("change", "words", "chinese"),
    [
        ({"ces": "8"}, "Please choose one of the answers.", "请选择一个答案。"),
        ({"feel": ["2", "6", "11", "14"]}, "Please choose at most 3.", "请最多选 3 项。"),
        ({"some": ["late", "damaged", "dear"]}, "Please choose at most 2.", "请最多选 2 项。"),
        ({"hoped.perceived": ""}, "Please answer both: what you expected", "请两项都回答"),
        ({"wait": "a while"}, "Please write this as a number", "请填写数字"),
        ({"wait": "2.345"}, "Please write at most 2 digits after the point.", "小数点后请最多写 2 位。"),
        ({"wait": "1501"}, "Please stay between -5 and 1500.5.", "请填写 -5 到 1500.5 之间的值。"),
        ({"day": "2026-02-30"}, "Please write the day as 2026-01-31.", "请把日期写成 2026-01-31 的形式。"),
        (
            {"day": "2025-12-31"},
            "Please stay between 2026-01-01 and 2026-12-31.",
            "请填写 2026-01-01 到 2026-12-31 之间的值。",
        ),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_lost(
    cast: Cast, customer: Customer, change: dict[str, Any], words: str, chinese: str
) -> None:
    refused = customer.send(**{**FORM, **change, "why": "My own words"})
    assert refused.status_code == 422 and words in refused.text
    assert "My own words" in refused.text and ticked(refused.text, "one") == {"late"}
    held = {**FORM, **change}
    assert ticked(refused.text, "feel") == set(held["feel"])
    assert ticked(refused.text, "some") == set(held["some"])
    assert ticked(refused.text, "hoped.expected") == {"6"}
    assert f'name="wait" inputmode="decimal" maxlength="24" autocomplete="off" value="{held["wait"]}"' in refused.text
    assert chinese in customer.send("?lang=zh-Hans", **{**FORM, **change}).text
    assert stored(cast, customer) is None


def test_five_hundred_kilobytes_in_one_answer(cast: Cast, customer: Customer) -> None:
    customer.save({"why": "Late"}, revision=1)
    assert customer.save({"why": "x" * 500_000}, complete=True, revision=2).status_code == 413
    assert customer.save({"why": "x" * 100_000}, complete=True, revision=2).status_code == 422
    assert kept(cast, customer) == {"why": "Late"}, "what was there stays"


def test_a_link_with_a_score_preselects(customer: Customer) -> None:
    assert ticked(customer.get("?score=ces:2").text, "ces") == {"2"}
    assert ticked(customer.get("?score=feel:14").text, "feel") == {"14"}
    assert ticked(customer.get("?score=feel:1").text, "feel") == set()


def test_feelings_stand_in_the_reader_s_own_order(cast: Cast, customer: Customer) -> None:
    first = ranks(customer.get().text)
    assert sorted(first) == [2, 6, 11, 14, 20]
    assert ranks(customer.get().text) == first, "a reload keeps it"
    assert ranks(customer.get("?lang=zh-Hans").text) == first
    assert ranks(customer.send(**{**FORM, "day": "x"}).text) == first
    others = {tuple(ranks(make_customer(cast, definition=definition()).get().text)) for _ in range(6)}
    assert len(others) > 1


def test_the_words_are_in_the_page_s_language(cast: Cast) -> None:
    french = definition() | {"title": {"fr": "Tout", "zh-Hans": "全部"}, "default_locale": "fr"}
    for asked in french["questions"]:
        asked["text"] = {"fr": "Question ?", "zh-Hans": "问题？"}
        asked.pop("unit", None)
        for option in asked.get("options", []):
            option["text"] = {"fr": "Choix"}
    customer = make_customer(cast, definition=french)
    assert "Strongly disagree" in customer.get().text and ">anger<" in customer.get().text, (
        "English where we have no words"
    )
    chinese = customer.get("?lang=zh-Hans").text
    assert "非常不同意" in chinese and ">愤怒<" in chinese and "您的期望" in chinese


def test_an_open_link_keeps_its_order_while_the_form_comes_back(cast: Cast) -> None:
    passer_by = make_passer_by(cast, definition())
    page = passer_by.get().text
    key = re.findall(r'name="heed.key" value="([^"]+)"', page)[0]
    again = passer_by.send(heed_key=key, **{**FORM, "day": "never"}).text
    assert ranks(again) == ranks(page)
    assert passer_by.send(heed_key=key, **FORM).status_code == 303
    assert kept(cast, passer_by) == KEPT


def test_the_page_stays_light(customer: Customer) -> None:
    assert len(gzip.compress(customer.get().data, 6)) < 14_000


def test_the_limit_of_a_date_that_says_today_is_a_day(cast: Cast) -> None:
    page = make_customer(cast, definition=definition(day={"latest": "today"})).get().text
    assert re.search(r'type="date"[^>]* max="20\d\d-\d\d-\d\d"', page)
    assert '"today"' not in page


def test_the_filter_by_band_is_the_rule(cast: Cast) -> None:
    given: list[dict[str, Any]] = [
        {"ces": 1}, {"ces": 4}, {"ces": 7}, {"feel": [2]}, {"feel": [2, 20]}, {"feel": [6]}, {"feel": [14]},
        {"feel": [2, 14, 20]}, {"ces": 7, "feel": [2]}, {"nps": 9, "ces": 1}, {"csat": 3, "ces": 7}, {"why": "x"},
    ]  # fmt: skip
    with cast.scope():
        make_version("all", definition())
        make_touchpoint("delivery")
        for answers in given:
            make_response(answers, survey="all", touchpoint="delivery")
        for name in BANDS:
            for row in page_of_responses(ResponseFilter(band=name), None).rows:
                assert band(Scores(row.nps, row.csat, row.ces, row.emotion)) == name
        counted = [len(page_of_responses(ResponseFilter(band=name), None).rows) for name in BANDS]
    assert counted == [5, 2, 4]


def test_staff_read_scores_and_answers_in_words(cast: Cast, customer: Customer) -> None:
    customer.send(**FORM, why="قبل كل شيء")
    bob = cast.client("bob")
    response = stored(cast, customer)
    assert response is not None
    page = bob.get(f"responses/{response.id}").text
    for words in (
        "2 of 7",
        "anger · worry",
        "expected 6 of 7, got 3 of 7",
        "Late · Damaged",
        "2.5 days",
        "31 January 2026",
    ):
        assert words in page, words
    listed = bob.get("responses/").text
    assert "2 of 7" in listed and ">anger<" in listed and ">worry<" in listed
    shown = bob.get(f"customers/{response.customer_id}").text
    assert "CES 2 of 7 · felt anger · worry" in shown


def test_an_answer_that_did_not_change_keeps_its_time(cast: Cast, customer: Customer) -> None:
    customer.save({"some": ["late", "damaged"], "feel": [2, 6]}, revision=1)
    with cast.scope():
        before = {row.question_key: row.answered_at for row in db.session.scalars(db.select(Answer))}
    customer.save({"some": ["damaged", "late"], "feel": [6, 2], "why": "x"}, revision=2)
    with cast.scope():
        after = {row.question_key: row.answered_at for row in db.session.scalars(db.select(Answer))}
    assert {key: after[key] for key in before} == before
