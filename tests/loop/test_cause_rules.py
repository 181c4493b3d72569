"""The taxonomy of root causes, its labels, and what a set of causes must keep to."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from app.loop.causes import rules
from app.loop.causes.labels import CAUSES, LAYERS, cause_label
from app.loop.causes.rules import RootCause, validate_root_causes, with_shares

ALL_CODES = [
    code
    for level, kind in rules.TAXONOMY.items()
    for code in (level, *(f"{level}.{detail}" for detail in kind.details))
]


def pointers(*causes: RootCause, note: str = "") -> list[str]:
    return [fault.pointer for fault in validate_root_causes(causes, note)]


@pytest.fixture
def pages() -> Iterator[None]:
    app = Flask("labels")
    Babel(app)
    with app.test_request_context():
        yield


# --- the taxonomy -------------------------------------------------------------------------------------------


def test_the_first_level_is_that_of_the_contract() -> None:
    assert " ".join(rules.TAXONOMY) == (
        "it_system knowledge design process policy staffing incentive communication partner staff_behaviour"
        " facility customer_error external unknown"
    )


def test_the_six_of_the_back_office_are_backstage() -> None:
    back_office = ["it_system", "knowledge", "design", "process", "policy", "staffing"]
    assert {rules.layer(code) for code in back_office} == {"backstage"}
    assert rules.layer("partner.late") == "partner"
    assert rules.layer("staff_behaviour") == "frontstage"
    assert rules.layer("external.weather") == "external"
    assert rules.layer("unknown") is None
    with pytest.raises(KeyError):
        rules.layer("magic")


@pytest.mark.parametrize("code", [*ALL_CODES, "process.our_own-2", "unknown.really"])
def test_a_code_is_a_first_level_with_or_without_a_detail(code: str) -> None:
    assert rules.is_code(code)


@pytest.mark.parametrize(
    "code", ["", "magic", "Process", ".handover", "process.", "process.a.b", "process.Ä", "process.x\n", "magic.x"]
)
def test_anything_else_is_no_code(code: str) -> None:
    assert not rules.is_code(code)


def test_everything_has_a_label_and_nothing_else_has() -> None:
    assert list(CAUSES) == ALL_CODES
    assert set(LAYERS) == {kind.layer for kind in rules.TAXONOMY.values()}


@pytest.mark.usefixtures("pages")
def test_labels_name_both_levels() -> None:
    assert cause_label("process") == "Process"
    assert cause_label("process.handover") == "Process: Handover between teams"
    assert cause_label("process.our_own") == "Process: our own"
    with pytest.raises(KeyError):
        cause_label("magic.x")


# --- sets of causes -----------------------------------------------------------------------------------------


def test_good_sets_have_no_fault() -> None:
    assert pointers(RootCause("process")) == []
    assert pointers(RootCause("unknown")) == []
    assert pointers(RootCause("process", 1.0, verified=True)) == []
    assert pointers(RootCause("process", 0.5), RootCause("process.handover", 0.5)) == []
    assert pointers(RootCause("process"), RootCause("policy"), RootCause("partner")) == []
    assert pointers(*(RootCause(code, 1 / 3) for code in ("process", "policy", "partner"))) == []
    assert pointers(RootCause("process", 0.3333333), RootCause("policy", 0.6666662)) == []


def test_a_case_has_at_least_one_cause() -> None:
    assert pointers() == ["/root_causes"]


def test_codes_are_checked_each_and_against_each_other() -> None:
    assert pointers(RootCause("process", 0.5), RootCause("magic", 0.5)) == ["/root_causes/1/code"]
    assert pointers(RootCause("process"), RootCause("policy"), RootCause("process")) == ["/root_causes/2/code"]


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan"), float("inf")])
def test_a_share_is_above_zero_and_at_most_one(share: float) -> None:
    assert pointers(RootCause("process", share)) == ["/root_causes/0/share"]


def test_shares_beyond_all_sums_are_faults_too() -> None:
    infinite = [RootCause("process", float("inf")), RootCause("policy", float("-inf"))]
    huge = [RootCause("process", 1e308), RootCause("policy", 1e308)]
    for causes in (infinite, huge):
        assert pointers(*causes) == ["/root_causes/0/share", "/root_causes/1/share"]


def test_shares_are_given_to_all_or_none() -> None:
    assert pointers(RootCause("process", 1.0), RootCause("policy")) == ["/root_causes/1/share"]


@pytest.mark.parametrize("shares", [(0.5, 0.4), (0.5, 0.6), (0.5, 0.500002)])
def test_shares_add_up_to_one(shares: tuple[float, float]) -> None:
    assert pointers(RootCause("process", shares[0]), RootCause("policy", shares[1])) == ["/root_causes"]


def test_blaming_people_takes_a_second_why() -> None:
    people = RootCause("staff_behaviour.careless", verified=True)
    assert pointers(people) == ["/note"]
    assert pointers(people, note="  ") == ["/note"]
    assert pointers(people, note="Nobody had shown them the new form.") == []
    assert pointers(RootCause("staff_behaviour")) == []


def test_every_fault_is_named() -> None:
    causes = [RootCause("magic", 2.0), RootCause("staff_behaviour", verified=True)]
    assert pointers(*causes) == [
        "/root_causes/0/code",
        "/root_causes/0/share",
        "/root_causes/1/share",
        "/note",
    ]


def test_oracle_4_8_shares_are_fractional_where_none_is_given() -> None:
    cases = [["it_system"], ["it_system", "process"], ["process"], ["policy", "it_system", "knowledge"], ["partner"]]
    totals: dict[str, float] = {}
    for codes in cases:
        for cause in with_shares([RootCause(code) for code in codes]):
            totals[cause.code] = totals.get(cause.code, 0) + (cause.share or 0)
    assert totals == pytest.approx(
        {"it_system": 1.8333, "process": 1.5, "policy": 0.3333, "knowledge": 0.3333, "partner": 1}, abs=5e-5
    )
    assert fsum(totals.values()) == pytest.approx(5)


def test_given_shares_stay() -> None:
    causes = [RootCause("process", 0.7), RootCause("policy", 0.3)]
    assert with_shares(causes) == causes
    assert with_shares([]) == []


def test_the_unknown_cannot_be_verified() -> None:
    assert not rules.has_verified_cause([])
    assert not rules.has_verified_cause([RootCause("process"), RootCause("unknown", verified=True)])
    assert rules.has_verified_cause([RootCause("process"), RootCause("policy.unclear", verified=True)])


@given(st.lists(st.sampled_from(ALL_CODES), unique=True, min_size=1))
def test_any_different_codes_make_a_good_set(codes: list[str]) -> None:
    causes = with_shares([RootCause(code) for code in codes])
    assert fsum(cause.share or 0 for cause in causes) == pytest.approx(1)
    assert validate_root_causes(causes) == []
