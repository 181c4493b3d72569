"""Targets through their doors: the partner's page and its forms, and the API that puts them all at once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.partners import queries, service
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.targets import a_target, as_json
from tests.queries import count_queries

TYPED = {
    "measure": "csat",
    "target": "80",
    "floor": "60 %",
    "weight": "0.35",
    "min_n": "30",
    "first_month": "2026-01",
    "agreed_by": "Mei Lin (us), 王芳 (Swift)",
    "agreed_on": "2026-01-05",
    "method": "Last year,\nand what two more vans bring.",
}
BASELINE = {
    "baseline_first_month": "2025-07",
    "baseline_last_month": "2025-12",
    "baseline_n": "812",
    "baseline_value": "71.5",
}


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _rows(cast: Cast) -> list[Any]:
    assert cast.partner_id
    with cast.scope():
        return queries.list_targets(cast.partner_id, anew=True)


def test_a_target_is_agreed_changed_and_ended_on_the_page(cast: Cast) -> None:
    alice = cast.client("alice")
    assert "Nothing is agreed yet." in alice.get("partners/pats").text
    assert "What is measured" in alice.get("partners/pats/targets/new").text
    assert alice.post("partners/pats/targets/new", {**TYPED, **BASELINE}).status_code == 303
    page = _words(alice.get("partners/pats").text)
    for words in ("CSAT", "80 % or more", "floor 60 %", "0.35", "from Jan 2026 on", "王芳", "judged from 30 on"):
        assert words in page, words
    (row,) = _rows(cast)
    assert (row.baseline_n, row.baseline_value, row.method) == (812, 71.5, TYPED["method"])
    form = alice.get(f"partners/pats/targets/{row.id}").text
    assert (
        'value="812"' in form
        and 'value="80"' in form
        and "Last year,\nand what" in form
        and 'name="measure"' not in form
    )
    changed = {**TYPED, "target": "85", "first_month": "2026-05"}
    assert alice.post(f"partners/pats/targets/{row.id}", changed).status_code == 303
    page = _words(alice.get("partners/pats").text)
    assert "85 % or more" in page and "Earlier targets" in page and "Jan 2026 to Apr 2026" in page
    newer = _rows(cast)[1]
    ended = alice.post(f"partners/pats/targets/{newer.id}/ending", {"last_month": "2026-06"})
    assert (ended.status_code, ended.location) == (303, f"/t/{cast.slug}/partners/pats")
    assert "May 2026 to Jun 2026" in _words(alice.get("partners/pats").text)


def test_another_measure_goes_by_its_name(cast: Cast) -> None:
    given = {**TYPED, "measure": "mean:", "measure_name": "wait_seconds", "target": "120.5", "floor": "600"}
    assert cast.client("alice").post("partners/pats/targets/new", given).status_code == 303
    page = _words(cast.client("dana").get("partners/pats").text)
    assert "Wait seconds" in page and "120.5 or less" in page and "Add a target" not in page
    assert [row.measure for row in _rows(cast)] == ["mean:wait_seconds"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"weight": "0"}, "A weight is a number above 0"),
        ({"weight": "-1"}, "A weight is a number above 0"),
        ({"weight": "nan"}, "A weight is a number above 0"),
        ({"weight": "1e308"}, "A weight is a number above 0"),
        ({"weight": "much"}, "Write a number."),
        ({"weight": ""}, "Write a number."),
        ({"target": "60"}, "The floor is worse than the target"),
        ({"target": "101"}, "This is no value that the measure can have."),
        ({"measure": "happiness"}, "One thing to put right"),
        ({"measure": "share:", "measure_name": "ñ ñ"}, "This cannot be measured"),
        ({"measure": "share:", "measure_name": "late"}, "is told by “Late”"),
        ({"min_n": "3"}, "judged from ten answers on"),
        ({"min_n": "9" * 12}, "One thing to put right"),
        ({"first_month": "March"}, "Write a month such as 2026-03."),
        ({"agreed_on": "2199-01-01"}, "A day that has been, or today."),
        ({"agreed_on": "yesterday"}, "One thing to put right"),
        ({"agreed_by": "x" * 201}, "One thing to put right"),
        ({"agreed_by": " \u200b "}, "Say who agreed"),
        ({"method": "x" * 1001}, "One thing to put right"),
        ({"baseline_n": "12"}, "A baseline has its first and last month"),
        ({}, ""),
    ],
)
def test_what_is_amiss_is_said_beside_its_field_and_nothing_is_kept(
    cast: Cast, values: dict[str, str], said: str
) -> None:
    answer = cast.client("alice").post("partners/pats/targets/new", {**TYPED, **values})
    assert answer.status_code == (422 if values else 303)
    assert said in _words(answer.text)
    assert len(_rows(cast)) == (0 if values else 1)


def test_a_change_that_is_refused_keeps_what_was_typed(cast: Cast) -> None:
    with cast.scope():
        row = service.set_target("pats", a_target())
    alice = cast.client("alice")
    refused = alice.post(f"partners/pats/targets/{row.id}", {**TYPED, "target": "6o", "weight": "0"})
    assert refused.status_code == 422 and 'value="6o"' in refused.text and "End this target" in refused.text
    refused = alice.post(f"partners/pats/targets/{row.id}/ending", {"last_month": "<b>"})
    assert refused.status_code == 422 and "Write a month" in refused.text and "<b>" not in refused.text
    assert [one.target for one in _rows(cast)] == [80.0]


def test_who_may_not_and_what_is_not_there(cast: Cast, others: Cast) -> None:
    with others.scope():
        service.put_partner("theirs", "Theirs")
        foreign = service.set_target("theirs", a_target())
    with cast.scope():
        service.put_partner("rival", "Rival")
        rival = service.set_target("rival", a_target())
    for who in ("dana", "bob", "pat"):
        assert cast.client(who).get("partners/pats/targets/new").status_code == 403
        assert cast.client(who).post("partners/pats/targets/new", TYPED).status_code == 403
    alice = cast.client("alice")
    for path in (f"pats/targets/{foreign.id}", f"pats/targets/{rival.id}", "theirs/targets/new"):
        answers = alice.get(f"partners/{path}"), alice.post(f"partners/{path}", TYPED)
        assert [answer.status_code for answer in answers] == [404, 404]
    ending = f"partners/pats/targets/{rival.id}/ending"
    assert alice.post(ending, {"last_month": "2026-01"}).status_code == 404
    assert cast.api(cast.key("cases")).put("partners/pats/targets", {"targets": []}).status_code == 403
    assert cast.api().put("partners/theirs/targets", {"targets": []}).status_code == 404
    assert cast.api().get("partners/theirs/targets").status_code == 404


def test_a_machine_puts_all_targets_and_reads_the_same(cast: Cast) -> None:
    api = cast.api()
    given = [
        as_json(a_target(weight=0.35, baseline_first_month="2025-07", baseline_last_month="2025-12", baseline_n=812,
                         baseline_value=71.5)),
        as_json(a_target("late", target=3.0, floor=15.0)),
    ]  # fmt: skip
    made = api.put("partners/pats/targets", {"targets": given})
    assert made.status_code == 200, made.text
    assert made.json == {"data": given, "next_cursor": None} == api.get("partners/pats/targets").json
    assert api.put("partners/pats/targets", {"targets": made.json["data"]}).json == made.json
    with cast.scope():
        assert len([one for one in list_audit() if one.action.startswith("partner_target.")]) == 2
    assert api.put("partners/pats/targets", {"targets": given[1:]}).json["data"] == given[1:]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"weight": 0}, "/targets/1/weight"),
        ({"weight": "1"}, "/targets/1/weight"),
        ({"weight": 1e308}, "/targets/1/weight"),
        ({"weight": None}, "/targets/1/weight"),
        ({"floor": 3.0}, "/targets/1/floor"),
        ({"floor": 2.0}, "/targets/1/floor"),
        ({"measure": "speed"}, "/targets/1/measure"),
        ({"measure": "csat"}, "/targets/1/measure"),
        ({"measure": ["late"]}, "/targets/1/measure"),
        ({"agreed_on": "2199-01-01"}, "/targets/1/agreed_on"),
        ({"agreed_on": 20260105}, "/targets/1/agreed_on"),
        ({"agreed_on": "2026-01-05T00:00:00Z"}, "/targets/1/agreed_on"),
        ({"first_month": "2026-1"}, "/targets/1/first_month"),
        ({"last_month": "2025-01"}, "/targets/1/last_month"),
        ({"method": "x" * 1001}, "/targets/1/method"),
        ({"min_n": 2.5}, "/targets/1/min_n"),
        ({"min_n": True}, "/targets/1/min_n"),
        ({"colour": "red"}, "/targets/1/colour"),
    ],
)
def test_a_machine_is_told_what_is_amiss_and_where(cast: Cast, values: dict[str, Any], pointer: str) -> None:
    late = as_json(a_target("late", target=3.0, floor=15.0), **values)
    answer = cast.api().put("partners/pats/targets", {"targets": [as_json(a_target()), late]})
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert _rows(cast) == []


def test_numbers_that_are_none_and_too_many_targets(cast: Cast) -> None:
    api = cast.api()
    for number in ("NaN", "Infinity", "1e999"):
        body = json.dumps({"targets": [as_json(a_target())]}).replace("80.0", number)
        answer = api.call("PUT", "partners/pats/targets", data=body, content_type="application/json")
        assert answer.status_code in (400, 422), number
    many = [as_json(a_target(f"share:m{number}")) for number in range(31)]
    assert api.put("partners/pats/targets", {"targets": many}).status_code == 422
    assert api.put("partners/pats/targets", {"targets": many[1:]}).status_code == 200
    assert api.put("partners/pats/targets", []).status_code == 422


def test_the_page_needs_as_many_statements_for_many_targets_as_for_none(cast: Cast) -> None:
    alice = cast.client("alice")
    alice.get("partners/pats")
    with count_queries() as none:
        alice.get("partners/pats")
    with cast.scope():
        service.replace_targets("pats", [a_target(f"share:m{number}") for number in range(20)])
    with count_queries() as many:
        assert alice.get("partners/pats").text.count("floor 60 %") == 20
    assert len(many) == len(none)


def test_a_change_reads_in_words_in_the_audit(cast: Cast) -> None:
    cast.client("alice").post("partners/pats/targets/new", TYPED)
    page = _words(cast.client("alice").get("settings/audit").text)
    assert "agreed on a target with a partner" in page and "partner_target" not in page and "min_n" not in page
