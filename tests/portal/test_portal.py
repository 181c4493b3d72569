"""The partner's pages: what it sees is its own, and nothing of anybody else's stands in any byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.insights.figures import queries as figures
from app.insights.figures.rules import FigureQuery
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.scope import tenant_scope
from app.metrics.display import can_show_score
from app.metrics.figures import METRICS
from app.partners.service import put_partner
from app.portal import queries
from app.portal.rules import withheld
from app.tenants import service
from app.tenants.models import User
from app.tenants.rules import STAFF_ROLES
from tests.cast import PASSWORD, Cast
from tests.factories.histories import NOON, Ground, make_histories
from tests.queries import count_queries

CANARIES = {
    "customer": "Zoe Customercanary",
    "address": "zoe.canary@example.com",
    "raw": "rawcanary call me at zoe.canary@example.com",
    "rival": "Rivalcanary Express",
    "rival words": "rivalcanary lost my parcel",
    "rival touchpoint": "Rivalcanary Handover",
    "rival measure": "rivalcanary_hours",
    "owner": "Ownercanary",
    "order": "order-canary-1",
    "employee": "Employeecanary",
}


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        rival = put_partner("rival", CANARIES["rival"])[0]
        with atomic() as session:
            session.execute(update(User).where(User.id == cast.users["bob"]).values(name=f"Bob {CANARIES['owner']}"))
        yield make_histories(delivery=cast.partner_id, rivalcanary_handover=rival.id, purchase=None)


def _two_partners(cast: Cast, ground: Ground) -> tuple[int, int]:
    """An open case of ours and one of the rival's; returns their numbers."""
    with atomic():
        zoe = ground.customer(CANARIES["customer"], ("email", CANARIES["address"]))
        ours = ground.interaction(
            zoe, partner_id=cast.partner_id, external_id=CANARIES["order"], employee_name=CANARIES["employee"]
        )
        answer = ground.answer(ours, CANARIES["raw"])
        answer.comment_redacted = "It came late, call me at [email]"
        mine = ground.case(answer, owner_id=cast.users["bob"])
        rival = ground.touchpoints["rivalcanary_handover"].partner_id
        theirs = ground.interaction(
            zoe, "rivalcanary_handover", partner_id=rival, measures={CANARIES["rival measure"]: 7}
        )
        other = ground.case(ground.answer(theirs, CANARIES["rival words"]))
    numbers = mine.number, other.number
    db.session.close()
    return numbers


def test_the_first_page_is_the_partners_own(cast: Cast, ground: Ground) -> None:
    mine, _theirs = _two_partners(cast, ground)
    answer = cast.client("pat").get("partner/")
    assert answer.status_code == 200
    for said in ["Pat&#39;s Vans", "1 open case", f"Case {mine}", "It came late, call me at [email]", "Delivery"]:
        assert said in answer.text, said
    assert [words for words in CANARIES.values() if words.lower() in answer.text.lower()] == []
    assert "Purchase</bdi></td>" not in answer.text


def test_a_case_page_shows_what_was_measured_and_nobody(cast: Cast, ground: Ground) -> None:
    mine, _theirs = _two_partners(cast, ground)
    answer = cast.client("pat").get(f"partner/cases/{mine}")
    assert answer.status_code == 200
    for said in ["3 days late", "It came late, call me at [email]", "NPS 3 of 10", "Delivery", "Bob at "]:
        assert said in answer.text, said
    assert [words for words in CANARIES.values() if words.lower() in answer.text.lower()] == []


def test_another_partners_case_is_as_unknown_as_a_random_one(cast: Cast, ground: Ground) -> None:
    _mine, theirs = _two_partners(cast, ground)
    pat = cast.client("pat")
    foreign, unknown, absurd = (pat.get(f"partner/cases/{number}") for number in (theirs, 987654, 10**15))
    assert (foreign.status_code, unknown.status_code, absurd.status_code) == (404, 404, 404)
    assert foreign.data == unknown.data == absurd.data


def test_staff_and_partners_keep_to_their_own_pages(cast: Cast, ground: Ground) -> None:
    mine, _theirs = _two_partners(cast, ground)
    for who in ("alice", "bob", "dana"):
        for path in ("partner/", f"partner/cases/{mine}"):
            assert cast.client(who).get(path).status_code == 403, (who, path)
    for path in ("", "search?q=zoe", "customers/", f"customers/{new_id()}", "figures/", "settings/"):
        answer = cast.client("pat").get(path)
        assert answer.status_code == 403, path
        assert CANARIES["customer"] not in answer.text


def test_a_partners_user_lands_on_the_partners_page(cast: Cast, app: object) -> None:
    answer = cast.client("pat").get("/")
    assert answer.headers["Location"] == f"/t/{cast.slug}/partner/"
    assert cast.client("bob").get("/").headers["Location"] == f"/t/{cast.slug}/"


def _answers(cast: Cast, ground: Ground) -> None:
    """Answers of every kind that the counting rules tell apart, at two of our touchpoints and at others'."""
    rival = ground.touchpoints["rivalcanary_handover"].partner_id
    with atomic():
        for turn in range(34):
            mine = {"partner_id": cast.partner_id, "at": NOON + timedelta(minutes=turn)}
            ground.answer(nps=turn % 11, emotion=1 << turn % 20, valence=0.0, touchpoint="delivery", **mine)
            ground.answer(csat=1 + turn % 5, ces=1 + turn % 7, touchpoint="purchase", **mine)
            ground.answer(nps=0, csat=1, touchpoint="rivalcanary_handover", partner_id=rival)
            ground.answer(nps=0, csat=1, touchpoint="purchase")
        twice = ground.interaction(ground.customer(), partner_id=cast.partner_id)
        ground.answer(twice, nps=0, at=NOON)
        ground.answer(twice, nps=10, at=NOON + timedelta(hours=1))
        for left_out in (
            {"parked_at": NOON, "parked_reason": "honeypot"},
            {"survey_kind": "follow_up"},
            {"survey_kind": "relationship"},
        ):
            ground.answer(nps=0, csat=1, partner_id=cast.partner_id, **left_out)
        ground.answer(nps=7, status="started", completed_at=None, partner_id=cast.partner_id)
    db.session.close()


@pytest.mark.parametrize("metric", METRICS)
def test_the_figure_is_the_staffs_figure_of_this_partner(cast: Cast, ground: Ground, metric: str) -> None:
    _answers(cast, ground)
    with cast.scope():
        ours = {"partner": ("pats",)}
        (total,) = figures.figure(metric, FigureQuery(filters=ours))
        rows = figures.figure(metric, FigureQuery(by=("touchpoint",), filters=ours))
        by_touchpoint = {row.keys["touchpoint"]: row.figure for row in rows}
        keys = {touchpoint.id: touchpoint.key for touchpoint in ground.touchpoints.values()}
    with tenant_scope(cast.tenant_id, cast.partner_id):
        measured = queries.measure([metric])[metric]
    assert measured.total.figure == total.figure
    assert total.figure.n >= 30
    assert {keys[key]: row.figure for key, row in measured.by_touchpoint.items() if key} == by_touchpoint


def test_the_page_shows_the_figure_with_n_and_interval(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground)
    page = cast.client("pat").get("partner/").text
    with cast.scope():
        (total,) = figures.figure("nps", FigureQuery(filters={"partner": ("pats",)}))
    assert f"n {total.figure.n}" in page
    assert re.search(r'score-value">[+−]?\d+<', page)
    assert "likely between" in page


@pytest.mark.parametrize(
    ("answers", "hidden"),
    [
        ({}, set()),
        ({"a": 9}, {"a"}),
        ({"a": 40, "b": 10}, set()),
        ({"a": 40, "b": 7}, {"b"}),
        ({"a": 40, "b": 12, "c": 3}, {"b", "c"}),
        ({"a": 40, "b": 2, "c": 3}, {"b", "c"}),
        ({"a": 3}, {"a"}),
    ],
)
def test_a_few_nameless_answers_can_neither_be_read_nor_worked_out(answers: dict[str, int], hidden: set[str]) -> None:
    assert withheld(answers, answers) == hidden
    concealed = sum(answers[key] for key in hidden)
    assert concealed == 0 or concealed >= 5 or hidden == set(answers)
    assert all(can_show_score(n) or key in hidden for key, n in answers.items())


def test_answers_with_a_name_hide_nothing_but_themselves() -> None:
    assert withheld({"a": 40, "b": 3}, {"a": 40, "b": 0}) == {"b"}


def test_clocks_in_words(cast: Cast, ground: Ground) -> None:
    with atomic():
        now = clock.now()
        states = [
            {"resolution_due_at": now - timedelta(days=3), "at": now - timedelta(days=9)},
            {"status": "waiting_customer"},
            {"status": "resolved", "resolved_at": now},
            {"status": "closed", "closed_at": now},
            {"is_historic": True},
        ]
        for values in states:
            ground.case(ground.answer(partner_id=cast.partner_id, words="words"), **values)
    db.session.close()
    page = cast.client("pat").get("partner/").text
    assert "3 open cases" in page
    for said in ["Resolution late by ", "The clock stands still", "Resolution in time"]:
        assert said in page, said


def test_as_many_statements_for_many_cases_as_for_one(cast: Cast, ground: Ground) -> None:
    counts = []
    for number in (1, 30):
        with atomic():
            for _turn in range(number):
                ana = ground.customer()
                ground.case(ground.answer(ground.interaction(ana, partner_id=cast.partner_id), "words"))
        db.session.close()
        reader = cast.client("pat")
        with count_queries() as statements:
            assert reader.get("partner/").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 21, statements


def test_the_list_of_cases_goes_on(cast: Cast, ground: Ground) -> None:
    with atomic():
        for _turn in range(60):
            ground.case(ground.answer(partner_id=cast.partner_id, words="words"))
    db.session.close()
    seen: list[str] = []
    assert "60 open cases" in cast.client("pat").get("partner/").text
    address: str | None = "partner/cases/"
    while address:
        page = cast.client("pat").get(address).text
        seen += re.findall(r'id="case-(\d+)"', page)
        onward = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)" rel="next"', page)
        address = (onward[1] or onward[2]).replace("&amp;", "&") if onward else None
    assert sorted(map(int, seen)) == list(range(1, 61))


def test_nobody_else_is_a_partner(cast: Cast, ground: Ground) -> None:
    for role in STAFF_ROLES:
        with cast.scope():
            cast.users[role] = service.add_member(cast.email(role), role, PASSWORD)
        assert cast.client(role).get("partner/").status_code == 403, role
