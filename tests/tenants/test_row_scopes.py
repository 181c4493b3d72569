"""A member is narrowed to departments and touchpoints: who says so, what it does to pages, figures and cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.journeys import service as journeys
from app.journeys.models import Department, Touchpoint
from app.journeys.rules import TouchpointInput
from app.kernel import tokens
from app.kernel.db import atomic, db
from app.kernel.errors import Forbidden, Invalid
from app.kernel.scope import tenant_scope
from app.loop.cases import service as cases
from app.loop.cases.models import Case, CaseAlarm
from app.loop.cases.rules import OPEN
from app.loop.cases.service.reopening import reopen_for_customer
from app.loop.causes.rules import RootCause
from app.tenants import queries, service
from app.tenants.joining.models import TeamInvite
from app.tenants.joining.service import accept_invite
from app.tenants.models import AuditEvent, Membership
from app.tenants.narrowing import narrow_member
from app.tenants.rules import WHOLE, RowScope, may_grant
from tests import smtp
from tests.cast import PASSWORD, Cast, PageClient
from tests.factories.loop import make_case
from tests.queries import count_queries

ONE, OTHER, DEPARTMENT = uuid4(), uuid4(), uuid4()


@dataclass
class Ground:
    """Two departments with a touchpoint each, one of a partner, and a case at each of them."""

    cast: Cast
    ids: dict[str, UUID]
    numbers: dict[str, int]


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    ids: dict[str, UUID] = {}
    with cast.scope():
        for key in ("care", "stores"):
            ids[key] = journeys.put_department(key, key.title(), "frontline")[0].id
        owners = {"call": {"department": "care"}, "till": {"department": "stores"}, "van": {"partner": "pats"}}
        for key, owner in owners.items():
            given = replace(TouchpointInput(f"The {key}", "buying", "after", "phone"), **owner)
            ids[key] = journeys.put_touchpoint(key, given)[0].id
        numbers = {
            key: make_case(1, f"Bad {key} words", touchpoint=key, email=f"{key}@example.com").number for key in owners
        }
    cast.run_jobs()
    yield Ground(cast, ids, numbers)


def _sight(ground: Ground, name: str, *places: str, by: str = "alice", **more: Any) -> Any:
    """What somebody sees, as the page sends it: departments and touchpoints by key."""
    ids = [str(ground.ids.get(place, place)) for place in places]
    is_department = [place in ("care", "stores") for place in places]
    form = {
        "departments": [each for each, is_one in zip(ids, is_department, strict=True) if is_one],
        "touchpoints": [each for each, is_one in zip(ids, is_department, strict=True) if not is_one],
    }
    path = f"settings/team/{ground.cast.users[name]}/sight"
    return ground.cast.client(by).post(path, {**form, **more})


def _narrow(ground: Ground, name: str, *places: str, **more: Any) -> PageClient:
    answer = _sight(ground, name, *places, **more)
    assert answer.status_code == 303, answer.text
    ground.cast.run_jobs()
    return ground.cast.client(name)


def _owner(ground: Ground, key: str) -> UUID | None:
    with ground.cast.scope():
        return db.session.scalars(select(Case.owner_id).where(Case.number == ground.numbers[key])).one()


def _rows(cast: Cast, name: str) -> RowScope:
    with cast.scope():
        return queries.get_member(cast.users[name]).rows


# --- the rules ---


@pytest.mark.parametrize(
    ("rows", "touchpoint", "department", "expected"),
    [
        (WHOLE, ONE, None, True),
        (WHOLE, None, None, True),
        (RowScope(touchpoints=frozenset({ONE})), ONE, None, True),
        (RowScope(touchpoints=frozenset({ONE})), OTHER, None, False),
        (RowScope(touchpoints=frozenset({ONE})), None, None, False),
        (RowScope(departments=frozenset({DEPARTMENT})), ONE, DEPARTMENT, True),
        (RowScope(departments=frozenset({DEPARTMENT})), ONE, None, False),
        (RowScope(frozenset({DEPARTMENT}), frozenset({ONE})), ONE, None, True),
        (RowScope(frozenset({DEPARTMENT}), frozenset({ONE})), OTHER, DEPARTMENT, True),
    ],
)
def test_what_a_part_holds(rows: RowScope, touchpoint: UUID | None, department: UUID | None, expected: bool) -> None:
    assert rows.holds(touchpoint, department) is expected


@pytest.mark.parametrize(
    ("own", "rows", "expected"),
    [
        (WHOLE, WHOLE, True),
        (WHOLE, RowScope(frozenset({DEPARTMENT})), True),
        (RowScope(frozenset({DEPARTMENT})), WHOLE, False),
        (RowScope(frozenset({DEPARTMENT})), RowScope(frozenset({DEPARTMENT})), True),
        (RowScope(frozenset({DEPARTMENT})), RowScope(touchpoints=frozenset({ONE})), False),
        (RowScope(touchpoints=frozenset({ONE, OTHER})), RowScope(touchpoints=frozenset({ONE})), True),
        (RowScope(touchpoints=frozenset({ONE})), RowScope(touchpoints=frozenset({ONE, OTHER})), False),
    ],
)
def test_nobody_shows_more_than_they_see(own: RowScope, rows: RowScope, expected: bool) -> None:
    assert may_grant("admin", "agent", own, rows) is expected
    assert not may_grant("lead", "agent", own, rows)


# --- who says so ---


def test_an_admin_narrows_a_member_from_the_next_request_on(ground: Ground) -> None:
    bob = ground.cast.client("bob")
    assert "Bad till words" in bob.get("cases/?show=all").text
    assert _sight(ground, "bob", "care").status_code == 303
    page = bob.get("cases/?show=all").text
    assert "Bad call words" in page and "Bad till words" not in page and "Bad van words" not in page
    assert bob.get(f"cases/{ground.numbers['till']}").status_code == 404
    assert bob.get(f"cases/{ground.numbers['call']}").status_code == 200
    assert _sight(ground, "bob").status_code == 303, "nothing ticked is everything"
    assert "Bad till words" in bob.get("cases/?show=all").text


@pytest.mark.parametrize("who", ["bob", "dana", "pat"])
def test_only_an_admin_says_what_people_see(ground: Ground, who: str) -> None:
    assert _sight(ground, "dana", "care", by=who).status_code == 403
    assert _rows(ground.cast, "dana").is_whole


@pytest.mark.parametrize("who", ["alice", "pat"])
def test_admins_and_partners_people_are_not_narrowed(ground: Ground, who: str) -> None:
    answer = _sight(ground, who, "care")
    assert answer.status_code == (422 if who == "alice" else 404)
    assert _rows(ground.cast, who).is_whole


def test_the_database_refuses_a_narrowed_admin(ground: Ground) -> None:
    with ground.cast.scope(), pytest.raises(IntegrityError, match="sees_whole"), atomic() as session:
        mine = select(Membership).where(Membership.user_id == ground.cast.users["alice"])
        session.scalars(mine).one().rows = RowScope(frozenset({ground.ids["care"]}))


def test_a_narrowed_giver_gives_no_more_than_their_own(ground: Ground) -> None:
    own = RowScope(frozenset({ground.ids["care"]}))
    with ground.cast.scope(), pytest.raises(Forbidden):
        narrow_member(ground.cast.users["bob"], WHOLE, "admin", own)


@pytest.mark.parametrize("place", ["nobody", "{other}", "", "x" * 5000, "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_place_here_is_refused(ground: Ground, others: Cast, place: str) -> None:
    with others.scope():
        foreign = journeys.put_department("theirs", "Theirs", "frontline")[0].id
    assert _sight(ground, "bob", place.replace("{other}", str(foreign))).status_code == 422
    assert _sight(ground, "bob", "care", departments=[str(foreign)]).status_code == 422
    assert _rows(ground.cast, "bob").is_whole


def test_a_member_of_another_tenant_is_nobody(ground: Ground, others: Cast) -> None:
    ground.cast.users["stranger"] = others.users["bob"]
    assert _sight(ground, "stranger", "care").status_code == 404
    assert _rows(others, "bob").is_whole


def test_it_is_audited_once_by_name(ground: Ground) -> None:
    for _turn in range(2):
        _narrow(ground, "bob", "care", "van")
    with ground.cast.scope():
        (event,) = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "member.narrowed"))
    assert event.before == {"departments": [], "touchpoints": []}
    assert event.after == {"departments": ["Care"], "touchpoints": ["The van"]}
    assert "changed what a person sees" in ground.cast.client("alice").get("settings/audit").text


def test_who_becomes_an_admin_sees_everything(ground: Ground) -> None:
    _narrow(ground, "dana", "care")
    with ground.cast.scope():
        service.change_role(ground.cast.users["dana"], "viewer", "admin")
        assert not _rows_now(ground, "dana").is_whole, "another role keeps it"
        service.change_role(ground.cast.users["dana"], "admin", "admin")
    assert _rows(ground.cast, "dana").is_whole


def _rows_now(ground: Ground, name: str) -> RowScope:
    return queries.get_member(ground.cast.users[name]).rows


def test_who_comes_back_is_not_narrowed_as_before(ground: Ground) -> None:
    _narrow(ground, "bob", "care")
    with ground.cast.scope():
        service.end_membership(ground.cast.users["bob"])
        service.add_member(ground.cast.email("bob"), "agent", PASSWORD)
    assert _rows(ground.cast, "bob").is_whole


# --- invites ---


def test_an_invite_carries_what_will_be_seen(ground: Ground) -> None:
    address = f"nia.{uuid4().hex[:8]}@kettle.example"
    form = {"email": address, "role": "agent", "departments": [str(ground.ids["stores"])]}
    assert ground.cast.client("alice").post("settings/team/invites", form).status_code == 303
    assert "Sees: " in ground.cast.client("alice").get("settings/team").text
    with ground.cast.scope():
        (invite,) = db.session.scalars(select(TeamInvite))
        ground.cast.users["nia"] = accept_invite(invite.id, "Nia", "nine quiet kettles").id
    page = ground.cast.client("nia").get("cases/?show=all").text
    assert "Bad till words" in page and "Bad call words" not in page


def test_an_admin_is_invited_to_everything(ground: Ground) -> None:
    form = {"email": "ed@kettle.example", "role": "admin", "touchpoints": [str(ground.ids["van"])]}
    answer = ground.cast.client("alice").post("settings/team/invites", form)
    assert answer.status_code == 422 and "An admin sees everything" in answer.text
    assert re.search(rf'value="{ground.ids["van"]}" checked', answer.text), "what was ticked stays ticked"


# --- what follows touchpoints ---


def test_a_touchpoint_made_later_in_the_department_is_seen(ground: Ground) -> None:
    bob = _narrow(ground, "bob", "care")
    with ground.cast.scope():
        journeys.put_touchpoint("chat", TouchpointInput("The chat", "buying", "after", "chat", department="care"))
        make_case(1, "Bad chat words", touchpoint="chat")
    assert "Bad chat words" in bob.get("cases/?show=all").text


def test_a_touchpoint_that_moves_takes_its_cases_along(ground: Ground) -> None:
    bob = _narrow(ground, "bob", "care")
    with ground.cast.scope():
        cases.assign_case(ground.numbers["call"], ground.cast.users["bob"])
        journeys.put_touchpoint("call", TouchpointInput("The call", "buying", "after", "phone", department="stores"))
    assert "Bad call words" not in bob.get("cases/?show=all").text
    assert bob.get(f"cases/{ground.numbers['call']}").status_code == 404
    ground.cast.run_jobs()
    assert _owner(ground, "call") == ground.cast.users["alice"]


def test_a_department_without_touchpoints_shows_nothing(ground: Ground) -> None:
    with ground.cast.scope():
        ground.ids["care"] = journeys.put_department("empty", "Empty", "support")[0].id
    bob = _narrow(ground, "bob", "care")
    page = bob.get("cases/?show=all").text
    assert not re.search(r"Bad \w+ words", page)
    assert bob.get("").status_code == 200


def test_a_chosen_touchpoint_stays_whoever_answers_for_it(ground: Ground) -> None:
    bob = _narrow(ground, "bob", "van")
    with ground.cast.scope():
        journeys.put_touchpoint("van", TouchpointInput("The van", "buying", "after", "phone", department="stores"))
    page = bob.get("cases/?show=all").text
    assert "Bad van words" in page and "Bad till words" not in page


# --- cases ---


def test_cases_outside_go_to_others_once_that_was_shown(ground: Ground) -> None:
    with ground.cast.scope():
        ground.cast.users["ed"] = service.add_member(ground.cast.email("ed"), "agent", PASSWORD, name="Ed")
        for key in ground.numbers:
            cases.assign_case(ground.numbers[key], ground.cast.users["bob"])
    shown = _sight(ground, "bob", "care")
    assert shown.status_code == 422 and "2 open cases of theirs lie outside" in shown.text
    assert re.search(rf'value="{ground.ids["care"]}" checked', shown.text)
    assert _rows(ground.cast, "bob").is_whole, "nothing is done yet"
    assert _sight(ground, "bob", "care", agreed="1").status_code == 422, "another number than there is"
    _narrow(ground, "bob", "care", agreed="2")
    assert _owner(ground, "call") == ground.cast.users["bob"]
    assert {_owner(ground, "till"), _owner(ground, "van")} == {ground.cast.users["ed"]}


def test_what_was_agreed_on_for_more_cases_holds_for_none(ground: Ground) -> None:
    _narrow(ground, "bob", "care", agreed="3")
    assert not _rows(ground.cast, "bob").is_whole


def test_where_nobody_sees_a_case_an_alarm_says_so(ground: Ground) -> None:
    with ground.cast.scope():
        cases.assign_case(ground.numbers["till"], ground.cast.users["bob"])
        for name, key in (("ed", "care"), ("flo", "care")):
            ground.cast.users[name] = service.add_member(ground.cast.email(name), "agent", PASSWORD, name=name)
            narrow_member(ground.cast.users[name], RowScope(frozenset({ground.ids[key]})), "admin", WHOLE)
        with atomic() as session:  # an admin who is away for good is no heir
            mine = select(Membership).where(Membership.user_id == ground.cast.users["alice"])
            session.scalars(mine).one().role = "viewer"
        narrow_member(ground.cast.users["bob"], RowScope(frozenset({ground.ids["care"]})), "admin", WHOLE)
    ground.cast.run_jobs()
    assert _owner(ground, "till") is None
    with ground.cast.scope():
        assert db.session.scalars(select(CaseAlarm.kind).where(CaseAlarm.settled_at.is_(None))).all() == ["unassigned"]


def test_nobody_gets_a_case_that_they_do_not_see(ground: Ground) -> None:
    _narrow(ground, "bob", "care")
    with ground.cast.scope(), pytest.raises(Invalid, match="who see this touchpoint"):
        cases.assign_case(ground.numbers["till"], ground.cast.users["bob"])
    page = ground.cast.client("alice").get(f"cases/{ground.numbers['till']}").text
    assert str(ground.cast.users["bob"]) not in page
    assert str(ground.cast.users["bob"]) in ground.cast.client("alice").get(f"cases/{ground.numbers['call']}").text


def test_an_heir_gets_what_they_see_and_others_the_rest(ground: Ground) -> None:
    with ground.cast.scope():
        for number in ground.numbers.values():
            cases.assign_case(number, ground.cast.users["bob"])
        ground.cast.users["ed"] = service.add_member(ground.cast.email("ed"), "agent", PASSWORD, name="Ed")
        narrow_member(ground.cast.users["ed"], RowScope(frozenset({ground.ids["care"]})), "admin", WHOLE)
        service.end_membership(ground.cast.users["bob"], ground.cast.users["ed"])
    ground.cast.run_jobs()
    assert _owner(ground, "call") == ground.cast.users["ed"]
    assert _owner(ground, "till") == _owner(ground, "van") == ground.cast.users["alice"]


def test_who_is_back_and_sees_less_keeps_what_they_see(ground: Ground) -> None:
    with ground.cast.scope():
        for number in ground.numbers.values():
            cases.assign_case(number, ground.cast.users["bob"])
        service.end_membership(ground.cast.users["bob"])
        service.add_member(ground.cast.email("bob"), "agent", rows=RowScope(frozenset({ground.ids["care"]})))
    ground.cast.run_jobs()
    assert _owner(ground, "call") == ground.cast.users["bob"]
    assert _owner(ground, "till") == _owner(ground, "van") == ground.cast.users["alice"]


def test_a_case_reopened_for_its_customer_goes_to_who_sees_it(ground: Ground) -> None:
    with ground.cast.scope():
        ground.cast.users["ed"] = service.add_member(ground.cast.email("ed"), "agent", PASSWORD, name="Ed")
        narrow_member(ground.cast.users["ed"], RowScope(frozenset({ground.ids["care"]})), "admin", WHOLE)
        cases.assign_case(ground.numbers["till"], ground.cast.users["bob"])
        with atomic():
            case = db.session.scalars(select(Case).where(Case.number == ground.numbers["till"])).one()
            case.status, case.resolved_at = "resolved", case.opened_at
            reopen_for_customer(case)
    assert _owner(ground, "till") == ground.cast.users["alice"]


def test_a_case_reopened_by_hand_is_left_by_who_does_not_see_it_any_more(ground: Ground) -> None:
    with ground.cast.scope():
        cases.assign_case(ground.numbers["till"], ground.cast.users["bob"])
        cases.close_case(ground.numbers["till"], "rejected", "A test")
    _narrow(ground, "bob", "care")
    assert _owner(ground, "till") == ground.cast.users["bob"], "what is closed stays with who closed it"
    with ground.cast.scope():
        cases.reopen_case(ground.numbers["till"], "A test")
    assert _owner(ground, "till") is None


def test_a_narrowed_agent_works_a_case_to_its_end(ground: Ground) -> None:
    """Every row that comes with it passes the policies: notes, contacts, causes, a mail, a closure, a reopening."""
    number, bob = ground.numbers["call"], _narrow(ground, "bob", "care")
    at = f"cases/{number}"
    acts: list[tuple[str, dict[str, Any]]] = [
        ("contacts", {"channel": "phone", "outcome": "reached", "text": "Sorry"}),
        ("notes", {"text": "A note"}),
        ("waiting", {"for": "customer", "reason": "They look"}),
    ]
    for path, form in acts:
        answer = bob.post(f"{at}/{path}", form)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[-500:])
    seen = frozenset({ground.ids["call"]})
    with tenant_scope(ground.cast.tenant_id, touchpoints=seen):
        cases.resume_work(number)
        cases.set_root_causes(number, [RootCause("process", verified=True)])
        cases.resolve_case(number, "Sent a new one.", "We have sent a new one.")
        cases.close_case(number, "confirmed")
    with smtp.serve(ground.cast.app) as server:
        ground.cast.run_jobs()
        assert "We have sent a new one." in server.mails[0].get_body(("plain",)).get_content()
    with tenant_scope(ground.cast.tenant_id, touchpoints=seen):
        cases.reopen_case(number, "Not quite")
    with ground.cast.scope():
        assert db.session.scalars(select(Case.status).where(Case.number == number)).one() in OPEN
    assert bob.get(at).status_code == 200


def test_a_narrowed_agent_cares_for_the_customer_and_asks_the_partner(ground: Ground) -> None:
    number, bob = ground.numbers["van"], _narrow(ground, "bob", "van")
    with ground.cast.scope():
        person = db.session.scalars(select(Case.customer_id).where(Case.number == number)).one()
    acts: list[tuple[str, dict[str, Any]]] = [
        (f"customers/{person}/correction", {"name": "Ana", "locale": "en", "timezone": "Asia/Tokyo"}),
        (f"customers/{person}/suppression", {}),
        (f"customers/{person}/suppression/lifting", {}),
        (f"cases/{number}/partner-questions", {"question": "Which van was it?", "business_days": "2"}),
    ]
    for path, form in acts:
        answer = bob.post(path, form)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[-500:])
    page = bob.get(f"cases/{number}").text
    assert "Which van was it?" in page and "Ana" in page


# --- what is read ---


def test_people_are_seen_where_they_said_something(ground: Ground) -> None:
    bob = _narrow(ground, "bob", "care")
    page = bob.get("customers/").text
    assert "call@example.com" in page and "till@example.com" not in page
    assert "till@example.com" in ground.cast.client("alice").get("search?q=till@").text
    assert "till@example.com" not in bob.get("search?q=till@").text
    with ground.cast.scope():
        hidden = db.session.scalars(select(Case.customer_id).where(Case.number == ground.numbers["till"])).one()
    assert bob.get(f"customers/{hidden}").status_code == 404


def test_one_persons_history_is_that_of_what_is_seen(ground: Ground) -> None:
    """Somebody who spoke at two touchpoints is known, with what they said at one."""
    with ground.cast.scope():
        case = make_case(1, "Words at both ends", touchpoint="till", email="call@example.com")
        person = case.customer_id
    bob = _narrow(ground, "bob", "care")
    page = bob.get(f"customers/{person}").text
    assert "call@example.com" in page and "The call" in page
    assert "The till" not in page and "Words at both ends" not in page
    assert "Words at both ends" not in bob.get(f"cases/{ground.numbers['call']}").text


def _read(page: str) -> str:
    """The words of a page without what can be chosen on it."""
    shown = re.sub(r"<option.*?</option>", "", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


@pytest.mark.parametrize("rolled_up", [True, False], ids=["cells", "responses"])
def test_figures_are_of_what_is_seen(ground: Ground, rolled_up: bool) -> None:
    with ground.cast.scope():
        for turn in range(12):
            make_case(6, f"Again {turn}", touchpoint="call")
    if rolled_up:
        ground.cast.run_jobs()
    _narrow_now(ground, "dana", "care")
    dana, alice = ground.cast.client("dana"), ground.cast.client("alice")
    for by in ("touchpoint", "department", "partner"):
        page = _read(dana.get(f"figures?metric=nps&by={by}", follow_redirects=True).text)
        assert "n 13" in page and "n 15" not in page and "The till" not in page, page
    whole = _read(alice.get("figures?metric=nps&by=touchpoint", follow_redirects=True).text)
    assert "n 15" in whole and "The till" in whole


def _narrow_now(ground: Ground, name: str, department: str) -> None:
    """Without a worker's run."""
    with ground.cast.scope():
        narrow_member(ground.cast.users[name], RowScope(frozenset({ground.ids[department]})), "admin", WHOLE)


def test_the_page_says_that_it_is_a_part(ground: Ground) -> None:
    dana = _narrow(ground, "dana", "care", "van")
    assert "You see what customers say about" in dana.get("").text
    assert "You see what customers say about" not in ground.cast.client("alice").get("").text


def test_the_team_page_says_who_sees_what(ground: Ground) -> None:
    _narrow(ground, "bob", "care", "van")
    page = ground.cast.client("alice").get("settings/team").text
    assert "Everything" in page and "Care" in page and "The van" in page
    form = ground.cast.client("alice").get(f"settings/team/{ground.cast.users['bob']}").text
    ticked = set(re.findall(r'value="([0-9a-f-]{36})" checked', form))
    assert ticked == {str(ground.ids["care"]), str(ground.ids["van"])} and "The till" in form


def test_names_stay_text(ground: Ground) -> None:
    with ground.cast.scope():
        journeys.put_department("care", '<script>alert("x")</script>', "frontline")
    _narrow(ground, "bob", "care")
    for page in (ground.cast.client("alice").get("settings/team"), ground.cast.client("bob").get("")):
        assert page.status_code == 200 and "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["cases/?show=all", "customers/", "responses/", ""])
def test_being_narrowed_costs_a_few_statements_and_the_others_none(ground: Ground, path: str) -> None:
    bob = ground.cast.client("bob")
    bob.get(path)
    with count_queries() as before:
        bob.get(path)
    _narrow(ground, "bob", "care")
    with count_queries() as after:
        bob.get(path)
    assert len(after) <= len(before) + 3, after  # the department's touchpoints, and the names above the page


def test_keys_and_links_see_everything(ground: Ground) -> None:
    _narrow(ground, "bob", "care")
    assert len(ground.cast.api().get("cases").json["data"]) == 3
    with ground.cast.scope():
        case = db.session.scalars(select(Case).where(Case.number == ground.numbers["till"])).one()
        token = tokens.issue("case", ground.cast.tenant_id, case.response_id)
    assert ground.cast.app.test_client().get(f"/c/{token}").status_code == 200


def test_departments_and_touchpoints_are_known_by_name(ground: Ground) -> None:
    """What the company is made of is no secret; what customers say of it is."""
    dana = _narrow(ground, "dana", "care")
    page = dana.get("journeys/").text
    assert "The till" in page and "The van" in page
    with tenant_scope(ground.cast.tenant_id, touchpoints=frozenset()):
        assert db.session.query(Touchpoint).count() == 3 and db.session.query(Department).count() == 2
