"""Targets of a partner: what can be one, which counts when, two at once, and who sees them."""

from __future__ import annotations

import math
import threading
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import tenant_scope
from app.partners import queries, rules, service
from app.partners.models import PartnerTarget
from app.partners.rules import Target, check_target, check_targets, current, in_force, month_before
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.targets import a_target

TODAY = date(2026, 3, 10)


def _faults(target: Target) -> set[str]:
    try:
        check_target(target, TODAY)
    except Invalid as refusal:
        return {fault.pointer for fault in refusal.faults}
    return set()


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({"weight": 0.0}, {"/weight"}),
        ({"weight": -1.0}, {"/weight"}),
        ({"weight": math.nan}, {"/weight"}),
        ({"weight": math.inf}, {"/weight"}),
        ({"weight": 1e308}, {"/weight"}),
        ({"weight": 1000.0}, set()),
        ({"target": 60.0}, {"/floor"}),
        ({"target": 50.0}, {"/floor"}),
        ({"target": 100.5}, {"/target"}),
        ({"target": math.nan}, {"/target"}),
        ({"floor": -math.inf}, {"/floor"}),
        ({"min_n": 9}, {"/min_n"}),
        ({"min_n": 10}, set()),
        ({"min_n": 10**9 + 1}, {"/min_n"}),
        ({"first_month": "2026-13"}, {"/first_month"}),
        ({"first_month": "２０２６-01"}, {"/first_month"}),
        ({"first_month": ""}, {"/first_month"}),
        ({"last_month": "2025-12"}, {"/last_month"}),
        ({"last_month": "2026-01"}, set()),
        ({"last_month": "soon"}, {"/last_month"}),
        ({"agreed_on": date(2026, 3, 11)}, {"/agreed_on"}),
        ({"agreed_on": TODAY}, set()),
        ({"agreed_on": date(1, 1, 1)}, {"/agreed_on"}),
        ({"agreed_by": "  "}, {"/agreed_by"}),
        ({"agreed_by": "x" * 201}, {"/agreed_by"}),
        ({"agreed_by": "a\x00b"}, {"/agreed_by"}),
        ({"method": ""}, {"/method"}),
        ({"method": "\u200b"}, {"/method"}),
        ({"method": "x" * 1001}, {"/method"}),
        ({"method": "a\ud800"}, {"/method"}),
        ({"method": "a\x00", "agreed_by": ""}, {"/method", "/agreed_by"}),
        ({"baseline_n": 40}, {"/baseline_first_month", "/baseline_last_month", "/baseline_value"}),
    ],
)
def test_what_nobody_could_be_held_to_is_refused(values: dict[str, Any], pointers: set[str]) -> None:
    assert _faults(a_target(**values)) == pointers


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({}, set()),
        ({"baseline_first_month": "2025-13"}, {"/baseline_first_month"}),
        ({"baseline_last_month": "2025-06"}, {"/baseline_last_month"}),
        ({"baseline_n": 0}, {"/baseline_n"}),
        ({"baseline_value": math.nan}, {"/baseline_value"}),
        ({"baseline_value": 101.0}, {"/baseline_value"}),
    ],
)
def test_a_baseline_is_told_whole_and_makes_sense(values: dict[str, Any], pointers: set[str]) -> None:
    whole = {
        "baseline_first_month": "2025-07",
        "baseline_last_month": "2025-12",
        "baseline_n": 1,
        "baseline_value": 7.0,
    }
    assert _faults(a_target(**{**whole, **values})) == pointers


@pytest.mark.parametrize(
    ("measure", "floor", "target", "pointers"),
    [
        ("late", 15.0, 3.0, set()),
        ("late", 3.0, 15.0, {"/floor"}),
        ("late", 101.0, 3.0, {"/floor"}),
        ("nps", -20.0, 30.0, set()),
        ("nps", 30.0, -20.0, {"/floor"}),
        ("emotion", -0.2, 0.4, set()),
        ("emotion", 0.0, 2.0, {"/target"}),
        ("first_contact", 60.0, 95.0, set()),
        ("share:damaged", 5.0, 0.5, set()),
        ("share:damage_free", 95.0, 99.5, set()),
        ("share:damaged", 5.0, -0.5, {"/target"}),
        ("mean:wait_seconds", 600.0, 120.0, set()),
        ("mean:wait_seconds", 1e10, 120.0, {"/floor"}),
        ("happiness", 1.0, 2.0, {"/measure"}),
        ("share:", 1.0, 2.0, {"/measure"}),
        ("share:" + "x" * 65, 1.0, 2.0, {"/measure"}),
        ("share:a b", 1.0, 2.0, {"/measure"}),
        ("mean:ñ", 1.0, 2.0, {"/measure"}),
        ("csat\n", 1.0, 2.0, {"/measure"}),
        ("mean:late_days", 1.0, 2.0, {"/measure"}),
        ("share:late", 10.0, 2.0, {"/measure"}),
        ("", 1.0, 2.0, {"/measure"}),
    ],
)
def test_each_measure_has_its_scale_and_its_better_side(
    measure: str, floor: float, target: float, pointers: set[str]
) -> None:
    assert _faults(a_target(measure, floor=floor, target=target)) == pointers


def test_a_measure_has_one_target_in_a_month() -> None:
    early, late = a_target(last_month="2026-03"), a_target(first_month="2026-04")
    assert check_targets([early, late], TODAY) == [early, late]
    with pytest.raises(Invalid) as refused:
        check_targets([a_target("late", floor=9.0, target=1.0), a_target(), late, a_target(weight=0.0)], TODAY)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/targets/2/measure",
        "/targets/3/weight",
        "/targets/3/measure",
    ]


def test_the_month_before() -> None:
    assert [month_before(month) for month in ("2026-03", "2026-01", "2026-10")] == ["2026-02", "2025-12", "2026-09"]


spans = st.tuples(st.integers(1, 9), st.one_of(st.none(), st.integers(0, 5)))


@given(st.lists(spans, max_size=6, unique_by=lambda span: span[0]), st.integers(1, 9))
def test_in_each_month_at_most_one_counts_and_it_covers_it(given_spans: list[Any], month: int) -> None:
    rows = [
        a_target(first_month=f"2026-0{first}", last_month=None if more is None else f"2026-{first + more:02d}")
        for first, more in given_spans
    ]
    now = f"2026-0{month}"
    covering = [row for row in rows if rules.covers(row, now)]
    assert in_force(rows, now) == ([max(covering, key=lambda row: row.first_month)] if covering else [])
    assert {row.first_month for row in current(rows, now)} >= {row.first_month for row in rows if row.first_month > now}


def test_targets_stand_in_the_order_of_a_card() -> None:
    keys = ["resolution", "mean:wait", "share:damaged", "late", "nps", "csat", "first_contact"]
    rows = in_force([a_target(key) for key in keys], "2026-02")
    placed = ["nps", "csat", "late", "share:damaged", "mean:wait", "first_contact", "resolution"]
    assert [row.measure for row in rows] == placed


# --- kept ---


def _spans(cast: Cast) -> list[tuple[str, str, str | None]]:
    assert cast.partner_id
    return [(row.measure, row.first_month, row.last_month) for row in queries.list_targets(cast.partner_id, anew=True)]


def test_a_new_target_ends_the_one_before_it_and_leaves_its_months_alone(cast: Cast) -> None:
    assert cast.partner_id
    with cast.scope():
        service.set_target("pats", a_target(weight=0.4))
        service.set_target("pats", a_target(first_month="2026-05", target=85.0))
        assert _spans(cast) == [("csat", "2026-01", "2026-04"), ("csat", "2026-05", None)]
        for month, target in (("2025-12", []), ("2026-04", [80.0]), ("2026-05", [85.0])):
            found = queries.targets_in_force(month, cast.partner_id).get(cast.partner_id, [])
            assert [one.target for one in found] == target
        service.set_target("pats", a_target(first_month="2026-03", target=82.0))
        assert _spans(cast)[1:] == [("csat", "2026-03", "2026-04"), ("csat", "2026-05", None)]


def test_the_same_again_changes_nothing_and_each_change_is_audited(cast: Cast) -> None:
    with cast.scope():
        first = service.set_target("pats", a_target())
        assert service.set_target("pats", a_target()).id == first.id
        service.set_target("pats", a_target(weight=2.0))
        service.end_target("pats", first.id, "2026-06")
        service.end_target("pats", first.id, "2026-06")
        events = [event for event in reversed(list_audit()) if event.action.startswith("partner_target.")]
    assert [event.action for event in events] == ["partner_target.added", *["partner_target.changed"] * 2]
    assert events[0].before is None and (events[0].after or {})["agreed_by"] == "Mei Lin"
    assert events[1].before == {"weight": 1.0}
    assert events[1].after == {"partner": "pats", "measure": "csat", "weight": 2.0}
    assert (events[2].before, (events[2].after or {})["last_month"]) == ({"last_month": None}, "2026-06")


def test_after_an_end_there_is_no_target_not_even_an_older_one(cast: Cast) -> None:
    assert cast.partner_id
    with cast.scope():
        service.set_target("pats", a_target())
        newer = service.set_target("pats", a_target(first_month="2026-05"))
        service.set_target("pats", a_target(first_month="2026-08"))
        service.end_target("pats", newer.id, "2026-03")
        assert _spans(cast) == [("csat", "2026-01", "2026-03")]
        assert queries.targets_in_force("2026-05", cast.partner_id).get(cast.partner_id, []) == []
        removed = [event for event in list_audit() if event.action == "partner_target.removed"]
        assert len(removed) == 2
        with pytest.raises(NotFound):
            service.end_target("pats", newer.id, "2026-03")
        with pytest.raises(Invalid):
            service.end_target("pats", newer.id, "March")


def test_a_whole_agreement_replaces_what_is_in_force(cast: Cast) -> None:
    now = "2026-11"
    with cast.scope():
        now = queries.this_month()
        service.replace_targets("pats", [a_target(), a_target("late", floor=15.0, target=3.0)])
        whole = [a_target("nps", floor=0.0, target=30.0, first_month=now), a_target(weight=2.0)]
        service.replace_targets("pats", whole)
        service.replace_targets("pats", whole)
        assert _spans(cast) == [("csat", "2026-01", None), ("late", "2026-01", month_before(now)), ("nps", now, None)]
        assert len([event for event in list_audit() if event.action.startswith("partner_target.")]) == 5
        service.replace_targets("pats", [])
        assert _spans(cast)[0] == ("csat", "2026-01", month_before(now)) and len(_spans(cast)) == 2


def test_a_faulty_agreement_changes_nothing(cast: Cast) -> None:
    with cast.scope():
        service.replace_targets("pats", [a_target()])
        with pytest.raises(Invalid) as refused:
            service.replace_targets("pats", [a_target("nps", floor=0.0, target=30.0), a_target(weight=math.nan)])
        assert [fault.pointer for fault in refused.value.faults] == ["/targets/1/weight"]
        assert _spans(cast) == [("csat", "2026-01", None)]
        with pytest.raises(NotFound):
            service.replace_targets("nobody", [])


def test_there_are_at_most_thirty(cast: Cast) -> None:
    with cast.scope():
        many = [a_target(f"share:m{number}") for number in range(rules.MOST_TARGETS)]
        service.replace_targets("pats", many)
        service.set_target("pats", many[3])
        with pytest.raises(Conflict):
            service.set_target("pats", a_target())
        db.session.close()
        assert len(_spans(cast)) == rules.MOST_TARGETS


def test_two_at_once_leave_one(cast: Cast) -> None:
    start, troubles = threading.Barrier(2), []

    def agree(weight: float) -> None:
        with cast.app.app_context(), cast.scope():
            start.wait()
            try:
                service.set_target("pats", a_target(weight=weight))
            except Exception as trouble:
                troubles.append(trouble)

    threads = [threading.Thread(target=agree, args=(weight,)) for weight in (1.0, 2.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cast.scope():
        assert (troubles, len(_spans(cast))) == ([], 1)
        actions = [event.action for event in list_audit() if event.action.startswith("partner_target.")]
    assert sorted(actions) == ["partner_target.added", "partner_target.changed"]


def test_a_partner_reads_its_own_targets_and_writes_none(cast: Cast) -> None:
    assert cast.partner_id
    with cast.scope():
        service.put_partner("rival", "Rival")
        service.set_target("pats", a_target())
        service.set_target("rival", a_target())
    with tenant_scope(cast.tenant_id, cast.partner_id):
        assert {row.partner_id for row in db.session.scalars(select(PartnerTarget))} == {cast.partner_id}
        db.session.execute(text("DELETE FROM partner_targets"))
        db.session.commit()
        with pytest.raises(ProgrammingError, match="row-level security"):
            db.session.execute(text("UPDATE partner_targets SET target = 1"))
        db.session.rollback()
    with cast.scope():
        assert {row.target for row in db.session.scalars(select(PartnerTarget))} == {80.0}


def test_another_tenants_partner_is_nobody(cast: Cast, others: Cast) -> None:
    with others.scope():
        service.put_partner("theirs", "Theirs")
        row = service.set_target("theirs", a_target())
    with cast.scope():
        with pytest.raises(NotFound):
            service.set_target("theirs", a_target())
        with pytest.raises(NotFound):
            service.end_target("pats", row.id, "2026-02")
