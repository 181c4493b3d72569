"""Working on a case: owner, contact, notes, severity, root causes, and two people who act at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Conflict, HeedError, Invalid, NotFound
from app.loop.cases import service
from app.loop.cases.models import CaseContact
from app.loop.cases.queries import list_root_causes
from app.loop.causes.rules import RootCause
from app.tenants.service import end_membership
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.loop import make_case, make_closed_case
from tests.loop.told import alarms, kinds, last_data, now, story

AsBob = Callable[[], AbstractContextManager[None]]


# --- owner ---


def test_an_owner_takes_a_new_case_up(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope(), as_bob():
        case = service.assign_case(make_case().number, cast.users["bob"])
        assert (case.status, case.owner_id) == ("assigned", cast.users["bob"])
        assert story(case) == [("opened", "user"), ("assigned", "user")]
        audit = next(row for row in list_audit() if row.action == "case.assigned")
        assert (audit.actor_id, audit.after) == (cast.users["bob"], {"owner": cast.email("bob")})


def test_giving_it_to_its_owner_changes_nothing(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        service.assign_case(number, cast.users["bob"])
        service.assign_case(number, cast.users["bob"])
        assert kinds(now(number)) == ["opened", "assigned"]


def test_only_who_works_on_cases_can_own_one(cast: Cast, others: Cast) -> None:
    with cast.scope():
        number = make_case().number
        for user_id in (cast.users["dana"], cast.users["pat"], others.users["charlie"]):
            with pytest.raises(Invalid):
                service.assign_case(number, user_id)
        end_membership(cast.users["bob"])
        with pytest.raises(Invalid):
            service.assign_case(number, cast.users["bob"])
        assert now(number).owner_id is None


def test_who_wants_what_somebody_else_has_taken_is_told(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        service.assign_case(number, cast.users["bob"], expected=None)
        with pytest.raises(Conflict, match="Bob owns this case by now"):
            service.assign_case(number, cast.users["alice"], expected=None)
        assert now(number).owner_id == cast.users["bob"]
        service.assign_case(number, cast.users["alice"], expected=cast.users["bob"])
        assert now(number).owner_id == cast.users["alice"]


def test_two_who_take_it_at_once(cast: Cast, app: OpenAPI) -> None:
    with cast.scope():
        number = make_case().number

    def take(name: str) -> str:
        with app.app_context(), cast.scope():
            try:
                service.assign_case(number, cast.users[name], expected=None)
            except Conflict:
                return "refused"
            return "taken"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, ("alice", "bob"))) == ["refused", "taken"]
    with cast.scope():
        assert kinds(now(number)) == ["opened", "assigned"]


def test_a_case_of_another_tenant_is_not_there(cast: Cast, others: Cast) -> None:
    with others.scope():
        number = make_case().number
    with cast.scope():
        acts: list[Callable[[], object]] = [
            lambda: service.assign_case(number, cast.users["bob"]),
            lambda: service.record_first_contact(number, "phone", "reached"),
            lambda: service.add_note(number, "Mine?"),
            lambda: service.resolve_case(number, "Done"),
            lambda: service.close_case(number, "rejected", "No"),
            lambda: service.reopen_case(number),
            lambda: service.set_waiting(number, "customer", "Photos"),
        ]
        for act in acts:
            with pytest.raises(NotFound):
                act()
    with others.scope():
        assert kinds(now(number)) == ["opened"]


# --- contact ---


def test_every_attempt_is_kept_and_the_first_reached_counts(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope(), as_bob():
        number = make_case().number
        service.assign_case(number, cast.users["alice"])
        case = service.record_first_contact(number, "phone", "attempted", "No answer")
        assert (case.status, case.first_contact_at) == ("assigned", None)
        first = service.record_first_contact(number, "email", "reached").first_contact_at
        assert first is not None and now(number).status == "contacted"
        case = service.record_first_contact(number, "phone", "reached")
        assert case.first_contact_at == first
        rows = db.session.scalars(select(CaseContact).order_by(CaseContact.at)).all()
        assert [(row.channel, row.outcome, row.user_id) for row in rows] == [
            ("phone", "attempted", cast.users["bob"]),
            ("email", "reached", cast.users["bob"]),
            ("phone", "reached", cast.users["bob"]),
        ]
        assert kinds(case)[2:] == ["contact_attempted", "contacted", "contacted"]


def test_who_calls_about_a_case_of_nobody_owns_it(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope():
        number = make_case().number
        service.record_first_contact(number, "phone", "attempted")
        assert now(number).owner_id is None
        with as_bob():
            service.record_first_contact(number, "phone", "attempted")
        assert (now(number).owner_id, now(number).status) == (cast.users["bob"], "assigned")


@pytest.mark.parametrize(("channel", "outcome"), [("phone", "maybe"), ("", "reached"), ("Ph one", "reached")])
def test_a_contact_says_how_and_whether(cast: Cast, channel: str, outcome: str) -> None:
    with cast.scope():
        number = make_case().number
        with pytest.raises(Invalid):
            service.record_first_contact(number, channel, outcome)
        assert kinds(now(number)) == ["opened"]


# --- notes ---


def test_notes_may_be_added_to_a_closed_case_too(cast: Cast) -> None:
    with cast.scope():
        number = make_closed_case().number
        event = service.add_note(number, "  Their neighbour called.\r\nAll is well.  ")
        assert event.text == "Their neighbour called.\nAll is well."


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "a\x00b", "\ud800", "x" * 5001])
def test_texts_that_are_none_are_refused(cast: Cast, text: str) -> None:
    with cast.scope():
        number = make_case().number
        with pytest.raises(Invalid):
            service.add_note(number, text)
        assert kinds(now(number)) == ["opened"]


# --- severity ---


def test_a_graver_case_is_due_sooner_and_a_milder_one_later(cast: Cast) -> None:
    with cast.scope():
        case = make_case(3)
        opened = case.first_contact_due_at
        graver = service.change_severity(case.number, 1, "A child was hurt.")
        assert graver.first_contact_due_at == opened - timedelta(hours=23)
        milder = service.change_severity(case.number, 4, "It was a splinter.")
        assert milder.first_contact_due_at == opened
        assert last_data(case, "severity_changed") == {"from": 1, "to": 4}


def test_a_severity_after_the_contact_moves_no_clock(cast: Cast) -> None:
    with cast.scope():
        case = make_case(3)
        service.record_first_contact(case.number, "phone", "reached")
        due = now(case.number).first_contact_due_at
        assert service.change_severity(case.number, 1, "Press.").first_contact_due_at == due


@pytest.mark.parametrize(("severity", "reason"), [(0, "x"), (5, "x"), (1, "  ")])
def test_a_severity_is_a_number_with_a_reason(cast: Cast, severity: int, reason: str) -> None:
    with cast.scope():
        number = make_case().number
        with pytest.raises(Invalid):
            service.change_severity(number, severity, reason)


# --- root causes ---


def test_root_causes_are_replaced_and_audited(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope(), as_bob():
        number = make_case().number
        service.record_first_contact(number, "phone", "reached")
        service.set_root_causes(number, [RootCause("process"), RootCause("it_system.slow", verified=True)])
        assert now(number).status == "investigating"
        case = service.set_root_causes(number, [RootCause("partner.late", verified=True)], "The van broke down.")
        assert list_root_causes(case) == [RootCause("partner.late", 1.0, True)]
        row = next(row for row in list_audit() if row.action == "case.causes_set")
        assert row.before is not None
        assert [cause["share"] for cause in row.before["root_causes"]] == [0.5, 0.5]


@pytest.mark.parametrize(
    "causes",
    [
        [],
        [RootCause("ghosts")],
        [RootCause("process", 0.5)],
        [RootCause("process"), RootCause("process")],
        [RootCause("staff_behaviour", verified=True)],
    ],
)
def test_root_causes_that_cannot_be(cast: Cast, causes: list[RootCause]) -> None:
    with cast.scope():
        case = make_case()
        with pytest.raises(Invalid) as refused:
            service.set_root_causes(case.number, causes)
        assert refused.value.faults
        assert list_root_causes(case) == []


def test_who_overwrites_causes_they_have_not_seen_is_told(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        service.set_root_causes(number, [RootCause("process")], expected=[])
        with pytest.raises(Conflict, match="changed the root causes"):
            service.set_root_causes(number, [RootCause("policy")], expected=[])
        service.set_root_causes(number, [RootCause("policy")], expected=[RootCause("process", 1.0)])
        assert [cause.code for cause in list_root_causes(now(number))] == ["policy"]


# --- a closed case ---


def test_nothing_but_a_note_is_done_to_a_closed_case(cast: Cast) -> None:
    with cast.scope():
        number = make_closed_case().number
        before = kinds(now(number))
        acts: list[Callable[[], object]] = [
            lambda: service.assign_case(number, cast.users["bob"]),
            lambda: service.record_first_contact(number, "phone", "reached"),
            lambda: service.set_root_causes(number, [RootCause("policy")]),
            lambda: service.resolve_case(number, "More"),
            lambda: service.set_waiting(number, "customer", "Why not"),
            lambda: service.resume_work(number),
            lambda: service.change_severity(number, 1, "x"),
            lambda: service.close_case(number, "confirmed"),
        ]
        for act in acts:
            with pytest.raises(Conflict, match="is closed"):
                act()
        assert kinds(now(number)) == before
        assert alarms(now(number)) == []


def test_two_who_close_at_once(cast: Cast, app: OpenAPI) -> None:
    with cast.scope():
        number = make_case().number

    def close(note: str) -> str:
        with app.app_context(), cast.scope():
            try:
                service.close_case(number, "rejected", note)
            except HeedError as refusal:
                return str(refusal.status)
            return note

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(close, ("n1", "n2", "n3", "n4")))
    assert results[:3] == ["409", "409", "409"]
    with cast.scope():
        assert kinds(now(number)) == ["opened", "closed"]


# --- the audit ---


def test_words_stand_in_the_timeline_and_only_their_length_in_the_audit(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope(), as_bob():
        number = make_case().number
        service.add_note(number, "Zebra")
        service.set_waiting(number, "customer", "Zebra photos")
        service.resume_work(number, "Zebra came")
        service.change_severity(number, 1, "Zebra again")
        service.resolve_case(number, "Zebra sent", "Dear Zebra")
        service.close_case(number, "rejected", "Zebra gone")
        service.reopen_case(number, "Zebra back")
        service.resolve_case(number, "Zebra")
        service.close_case(number, "rejected", "Zebra")
        service.reopen_case(number)
        found = list_audit()
    assert "Zebra" not in str([(row.before, row.after) for row in found])
    told = [(row.action, row.after) for row in reversed(found) if row.subject_type == "case"]
    assert told == [
        ("case.noted", {"length": 5}),
        ("case.waiting", {"for": "customer", "length": 12}),
        ("case.resumed", None),
        ("case.severity_changed", {"severity": 1}),
        ("case.resolved", {"length": 10, "message_length": 10}),
        ("case.closed", {"outcome": "rejected", "into": None, "length": 10}),
        ("case.reopened", {"length": 10}),
        ("case.resolved", {"length": 5}),
        ("case.closed", {"outcome": "rejected", "into": None, "length": 5}),
        ("case.reopened", {}),
    ]
