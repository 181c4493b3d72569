"""Interactions: taken once, refused with the place of what is wrong, decided about by every rule that listens."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select

from app.customers import service as customers
from app.customers.intake_rules import NewCustomer
from app.customers.models import Customer
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Invalid
from app.kernel.outbox_model import OutboxRow
from app.surveys.design import service as design
from app.surveys.design.service import close_survey
from app.surveys.outreach import queries, service
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.models import Ask, Interaction, Invitation, OutreachDecision
from tests.cast import Cast
from tests.factories.customers import make_customer, new_customer
from tests.factories.journeys import make_touchpoint
from tests.factories.outreach import make_interaction, make_rule, new_interaction
from tests.factories.partners import make_partner
from tests.factories.surveys import make_survey, make_version, nps_definition
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Any:
    with cast.scope():
        make_touchpoint("delivery")
        yield


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def decisions(interaction: Interaction) -> list[tuple[str, str | None]]:
    rows = db.session.scalars(select(OutreachDecision).where(OutreachDecision.interaction_id == interaction.id))
    return [(row.decision, row.reason) for row in sorted(rows, key=lambda row: row.id)]


def refused(**facts: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        service.record_interaction(new_interaction(**facts))
    assert count(Interaction) == count(Customer) == 0
    return sorted(fault.pointer for fault in refusal.value.faults)


def test_an_interaction_is_kept_with_all_it_says() -> None:
    partner = make_partner("seller-1")
    given = new_interaction(
        "order/4711:delivery?",
        email="ana@example.com",
        partner="seller-1",
        employee_id="e-17",
        employee_name="Li",
        measures={"late_days": 3, "kilos": 1.5},
        attributes={"category": "perfumery"},
    )
    made, is_new = service.record_interaction(given)
    assert is_new
    found = queries.get_interaction("order/4711:delivery?")
    assert found.id == made.id and found.partner_id == partner.id
    assert (found.employee_key, found.employee_name) == ("e-17", "Li")
    assert (found.measures, found.attributes) == ({"late_days": 3, "kilos": 1.5}, {"category": "perfumery"})
    assert found.customer.name == "Ana" and found.occurred_at == given.occurred_at


def test_the_partner_is_the_sender_s_word_else_the_touchpoint_s() -> None:
    usual, other = make_partner("usual"), make_partner("other")
    make_touchpoint("van", partner="usual")
    assert make_interaction(touchpoint="van").partner_id == usual.id
    assert make_interaction(touchpoint="van", partner="other").partner_id == other.id
    assert make_interaction(touchpoint="delivery").partner_id is None


def test_the_same_again_is_the_same_and_changes_nothing() -> None:
    make_rule()
    given = new_interaction("o-1", measures={"late_days": 3})
    made, _ = service.record_interaction(given)
    before = [count(model) for model in (Interaction, Invitation, OutreachDecision, Ask, OutboxRow)]
    zone = timezone(timedelta(hours=-3))
    spelt_otherwise = new_interaction(
        "o-1",
        occurred_at=given.occurred_at.astimezone(zone),
        customer=NewCustomer(
            [("email", f" {given.customer.identifiers[0][1].upper()}")], "Ana", "en", "America/Sao_Paulo", {}
        ),
        measures={"late_days": 3.0},
    )
    for again in (given, spelt_otherwise):
        assert service.record_interaction(again) == (made, False)
    assert [count(model) for model in (Interaction, Invitation, OutreachDecision, Ask, OutboxRow)] == before


OTHER_CONTENT: list[dict[str, Any]] = [
    {"measures": {"late_days": 4}},
    {"attributes": {"a": "b"}},
    {"employee_id": "e-1"},
    {"is_historic": True},
    {"occurred_at": datetime(2026, 1, 1, tzinfo=UTC)},
    {"touchpoint": "other"},
    {"customer": new_customer("somebody.else@example.com")},
    {"customer": new_customer("ana@example.com", name="Anna")},
]


@pytest.mark.parametrize("change", OTHER_CONTENT, ids=lambda change: next(iter(change)))
def test_other_content_under_a_known_id_is_a_conflict_and_changes_nothing(change: dict[str, Any]) -> None:
    make_touchpoint("other")
    made = make_interaction("o-1", email="ana@example.com", occurred_at=datetime(2026, 2, 1, tzinfo=UTC))
    facts = {"email": "ana@example.com", "occurred_at": datetime(2026, 2, 1, tzinfo=UTC)} | change
    with pytest.raises(Conflict) as refusal:
        service.record_interaction(new_interaction("o-1", **facts))
    assert [fault.pointer for fault in refusal.value.faults] == ["/id"]
    db.session.expire_all()
    assert queries.get_interaction("o-1").content_hash == made.content_hash
    assert (count(Customer), queries.get_interaction("o-1").customer.name) == (1, "Ana")


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"id": ""}, ["/id"]),
    ({"id": "x" * 201}, ["/id"]),
    ({"id": "a\nb"}, ["/id"]),
    ({"touchpoint": "nowhere"}, ["/touchpoint"]),
    ({"partner": "nobody"}, ["/partner"]),
    ({"partner": "nobody", "touchpoint": "nowhere"}, ["/partner", "/touchpoint"]),
    ({"occurred_at": datetime(2026, 1, 1)}, ["/occurred_at"]),  # noqa: DTZ001 - that is the point
    ({"occurred_at": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12)))}, ["/occurred_at"]),
    ({"measures": {"late": "3"}}, ["/measures"]),
    ({"measures": {"late": True}}, ["/measures"]),
    ({"measures": {"late": float("inf")}}, ["/measures"]),
    ({"measures": {"late": float("nan")}}, ["/measures"]),
    ({"measures": {"late": 10**400}}, ["/measures"]),
    ({"measures": {"late": None}}, ["/measures"]),
    ({"measures": {"late": {"days": 3}}}, ["/measures"]),
    ({"measures": {"sp ace": 3}}, ["/measures"]),
    ({"measures": {f"m{number}": 1 for number in range(51)}}, ["/measures"]),
    ({"attributes": {"deep": []}}, ["/attributes"]),
    ({"employee_id": "e\0"}, ["/employee/id"]),
    ({"customer": new_customer("nobody", locale="?")}, ["/customer/identifiers/0/value", "/customer/locale"]),
    ({"customer": NewCustomer([])}, ["/customer/identifiers"]),
]


@pytest.mark.parametrize(("facts", "pointers"), BAD)
def test_bad_input_is_refused_with_its_place_and_keeps_nothing(facts: dict[str, Any], pointers: list[str]) -> None:
    assert refused(**facts) == pointers


def test_a_sender_s_clock_may_be_five_minutes_ahead_and_no_more() -> None:
    assert refused(occurred_at=clock.now() + timedelta(minutes=5, seconds=5)) == ["/occurred_at"]
    assert make_interaction(occurred_at=clock.now() + timedelta(minutes=4, seconds=55))


def test_every_rule_that_listens_decides_once() -> None:
    make_rule("first", min_gap_days=0)
    make_rule("second", survey="other")
    make_rule("paused", is_active=False)
    make_rule("elsewhere", touchpoint="purchase")
    made = make_interaction()
    assert decisions(made) == [("scheduled", None), ("skipped", "min_gap")]
    invitation = db.session.query(Invitation).one()
    ask = db.session.query(Ask).one()
    assert (ask.invitation_id, ask.at, ask.voided_at) == (invitation.id, invitation.due_at, None)
    assert (invitation.status, invitation.purpose, invitation.channel) == ("scheduled", "ask", "email")
    assert invitation.touchpoint_id == made.touchpoint_id and invitation.version.number == 1


@pytest.mark.parametrize(
    ("rule", "interaction", "reason"),
    [
        ({"sample_percent": 0}, {}, "not_sampled"),
        ({}, {"is_historic": True}, "historic"),
        ({}, {"occurred_at": clock.now() - timedelta(days=14, minutes=1)}, "expired"),
        ({}, {"customer": NewCustomer([("phone", "+5511987654321")])}, "no_address"),
        ({"survey": "draft-only"}, {}, "not_published"),
        ({"survey": "closed"}, {}, "survey_closed"),
        ({"channel": "link"}, {"customer": NewCustomer([("external", "7")])}, None),
    ],
)
def test_a_skip_says_why(rule: dict[str, Any], interaction: dict[str, Any], reason: str | None) -> None:
    make_survey("draft-only")
    make_version("closed")
    close_survey("closed")
    make_rule("one", **rule)
    assert decisions(make_interaction(**interaction)) == [("skipped" if reason else "scheduled", reason)]
    assert count(Invitation) == count(Ask) == (0 if reason else 1)


def test_a_person_who_unsubscribed_is_not_asked() -> None:
    make_rule()
    ana, _ = customers.find_or_create_customer([("email", "ana@example.com")])
    customers.suppress(ana.id, "staff")
    assert decisions(make_interaction(email="ana@example.com")) == [("skipped", "unsubscribed")]


def test_the_newest_published_version_is_asked_and_stays_asked() -> None:
    make_rule(min_gap_days=0)
    make_interaction("o-1")
    design.save_draft(
        "delivery-nps", "Delivery", "transactional", False, nps_definition(title={"en": "Your parcel"}), None
    )
    design.publish("delivery-nps")
    make_interaction("o-2")
    numbers = {row.interaction.external_id: row.version.number for row in db.session.query(Invitation)}
    assert numbers == {"o-1": 1, "o-2": 2}


def test_the_tenant_s_gap_counts_across_rules_and_days() -> None:
    make_rule("one", channel="link")
    make_rule("two", touchpoint="purchase", survey="other", channel="link")
    assert decisions(make_interaction(email="a@example.com")) == [("scheduled", None)]
    assert decisions(make_interaction(email="a@example.com", touchpoint="purchase")) == [("skipped", "min_gap")]
    assert decisions(make_interaction(email="b@example.com", touchpoint="purchase")) == [("scheduled", None)]


def test_two_interactions_of_one_person_at_the_same_moment_give_one_ask(cast: Cast) -> None:
    make_rule("one")
    make_rule("two", touchpoint="purchase", survey="other")
    for number in range(8):
        email = f"ana{number}@example.com"
        if number % 2:
            customers.find_or_create_customer([("email", email)])
        given = [new_interaction(email=email, touchpoint=touchpoint) for touchpoint in ("delivery", "purchase")]
        results = at_once(cast, *[lambda one=one: service.record_interaction(one) for one in given])
        assert all(isinstance(result, tuple) for result in results), results
    db.session.rollback()
    assert (count(Interaction), count(OutreachDecision)) == (16, 16)
    assert count(Invitation) == count(Ask) == 8


def test_the_same_interaction_at_the_same_moment_is_one(cast: Cast) -> None:
    make_rule()
    for number in range(4):
        given = new_interaction(f"o-{number}")
        results = at_once(cast, *[lambda one=given: service.record_interaction(one)] * 3)
        assert all(isinstance(result, tuple) for result in results), results
        assert [is_new for _, is_new in results].count(True) == 1
    db.session.rollback()
    assert count(Interaction) == count(OutreachDecision) == count(Invitation) == count(Customer) == 4


def test_other_content_at_the_same_moment_leaves_one_of_them_whole(cast: Cast) -> None:
    for number in range(4):
        given = [new_interaction(f"o-{number}", measures={"days": days}) for days in (1, 2)]
        results = at_once(cast, *[lambda one=one: service.record_interaction(one) for one in given])
        assert sorted(type(result) for result in results if isinstance(result, Conflict)) == [Conflict]
    db.session.rollback()
    assert count(Interaction) == count(Customer) == 4


def test_a_batch_keeps_what_is_good() -> None:
    make_rule(channel="link")
    good: list[NewInteraction] = [new_interaction(f"o-{number}") for number in range(3)]
    again, other = good[0], new_interaction("o-1", measures={"days": 9})
    results = service.record_interactions([good[0], new_interaction(touchpoint="no"), good[1], again, other, good[2]])
    kinds = [result[1] if isinstance(result, tuple) else result.status for result in results]
    assert kinds == [True, 422, True, False, 409, True]
    assert count(Interaction) == count(Invitation) == count(Customer) == 3
    assert [result[1] for result in service.record_interactions(good)] == [False] * 3


def test_another_tenant_s_keys_and_ids_are_unknown(cast: Cast, others: Cast) -> None:
    make_partner("ours")
    make_interaction("o-1")
    db.session.rollback()

    def theirs() -> Any:
        with pytest.raises(Invalid) as refusal:
            service.record_interaction(new_interaction("o-1", partner="ours"))
        return sorted(fault.pointer for fault in refusal.value.faults), queries.find_interaction("o-1")

    assert at_once(others, theirs) == [(["/partner", "/touchpoint"], None)]


def test_batches_about_the_same_people_in_another_order_do_not_block_each_other(cast: Cast) -> None:
    make_rule("one", channel="link")
    people = [f"p{number}@example.com" for number in range(30)]
    for email in people[:15]:
        customers.find_or_create_customer([("email", email)])

    def batch(name: str, emails: list[str]) -> Any:
        return lambda: service.record_interactions(
            [new_interaction(f"{name}-{email}", email=email) for email in emails]
        )

    db.session.rollback()
    results = at_once(cast, batch("a", people), batch("b", people[::-1]), batch("c", people[15:] + people[:15]))
    assert all(isinstance(result, list) for result in results), results
    assert {type(one) for result in results for one in result} == {tuple}
    db.session.rollback()
    assert (count(Customer), count(Interaction), count(OutreachDecision)) == (30, 90, 90)
    assert count(Invitation) == count(Ask) == 30


def test_a_batch_that_meets_another_over_the_same_ids_takes_each_once(cast: Cast) -> None:
    make_rule("one", channel="link")
    given = [new_interaction(f"o-{number}") for number in range(20)]
    other = [new_interaction(f"o-{number}", measures={"days": 1}) for number in range(20)]
    db.session.rollback()
    results = at_once(
        cast,
        lambda: service.record_interactions(given),
        lambda: service.record_interactions(given[::-1]),
        lambda: service.record_interactions(other),
    )
    assert all(isinstance(result, list) for result in results), results
    db.session.rollback()
    assert count(Interaction) == count(Customer) == count(Invitation) == 20
    news = [one[1] for result in results for one in result if isinstance(one, tuple)]
    assert news.count(True) == 20
    conflicts = [one for result in results for one in result if isinstance(one, Conflict)]
    assert len(conflicts) in (20, 40)


@pytest.mark.parametrize("is_known", [True, False])
def test_an_interaction_waits_for_what_is_being_decided_about_the_same_person(cast: Cast, is_known: bool) -> None:
    make_rule("one")
    make_rule("two", touchpoint="purchase", survey="other")
    if is_known:
        make_customer("ana@example.com")  # with all that the interactions say, so that they change nothing about her
    db.session.rollback()
    has_decided = threading.Event()

    def slow() -> None:
        with atomic():
            service.record_interaction(new_interaction("o-1", email="ana@example.com"))
            has_decided.set()
            time.sleep(0.5)

    def quick() -> None:
        has_decided.wait(10)
        service.record_interaction(new_interaction("o-2", email="ana@example.com", touchpoint="purchase"))

    assert at_once(cast, slow, quick) == [None, None]
    db.session.rollback()
    assert decisions(queries.get_interaction("o-1")) == [("scheduled", None)]
    assert decisions(queries.get_interaction("o-2")) == [("skipped", "min_gap")]
