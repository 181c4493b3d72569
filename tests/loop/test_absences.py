"""While somebody is away another stands in: open cases stay the owner's, others come to the deputy meanwhile."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.journeys.queries import find_touchpoint_by_key
from app.kernel import clock
from app.kernel.db import db
from app.kernel.scope import Actor, acting
from app.loop.absences.models import Absence
from app.loop.absences.queries import today
from app.loop.absences.rules import Days
from app.loop.absences.service import release_member, set_absence
from app.loop.cases.models import CaseEvent
from app.loop.cases.queries import find_case_by_number
from app.loop.cases.service import assign_case, close_case, hand_over_cases, hear_customer
from app.tenants.models import AuditEvent
from app.tenants.narrowing import narrow_member
from app.tenants.rules import WHOLE, RowScope
from app.tenants.service import add_member, change_role, end_membership
from tests import smtp
from tests.cast import PASSWORD, Cast
from tests.factories.loop import make_case, make_worked_case
from tests.loop.told import alarms, last_data
from tests.queries import count_queries
from tests.smtp import Server
from tests.threads import at_once

ZONE = ZoneInfo("America/Sao_Paulo")
Later = Callable[..., None]


@pytest.fixture(autouse=True)
def noon(later: Later) -> None:
    """It is noon for the tenant, so that no test is broken by its midnight."""
    now = datetime.now(ZONE)
    ahead = now.replace(hour=12, minute=0, second=0, microsecond=0) - now
    later(seconds=math.ceil(ahead.total_seconds()) + 24 * 3600)


@pytest.fixture(autouse=True)
def mail(cast: Cast) -> Iterator[Server]:
    with smtp.serve(cast.app) as running:
        yield running


@pytest.fixture
def team(cast: Cast) -> Cast:
    """Besides alice (admin) and bob (agent): mei and li, agents, and lee, a lead."""
    with cast.scope():
        for name, role in (("mei", "agent"), ("li", "agent"), ("lee", "lead")):
            cast.users[name] = add_member(cast.email(name), role, PASSWORD, name=name.title())
    cast.run_jobs()
    return cast


def day(ahead: int) -> date:
    return clock.now().astimezone(ZONE).date() + timedelta(days=ahead)


def form(cast: Cast, deputy: str = "mei", first: int = 0, last: int | None = 4, **more: Any) -> dict[str, Any]:
    end = "" if last is None else day(last).isoformat()
    return {"first": day(first).isoformat(), "last": end, "deputy": str(cast.users[deputy]), **more}


def say(cast: Cast, by: str = "bob", **wanted: Any) -> TestResponse:
    return cast.client(by).post("absences", form(cast, **wanted))


def rows(cast: Cast) -> list[Absence]:
    with cast.scope():
        return list(db.session.scalars(select(Absence).order_by(Absence.set_at)))


def case_of(cast: Cast, name: str, **answer: Any) -> int:
    with cast.scope():
        number = make_case(**answer).number
        assign_case(number, cast.users[name])
    return number


def owner(cast: Cast, number: int) -> str | None:
    names = {user_id: name for name, user_id in cast.users.items()}
    with cast.scope():
        case = find_case_by_number(number)
        assert case is not None
        return names.get(case.owner_id) if case.owner_id else None


def counts(cast: Cast, name: str) -> list[int]:
    page = cast.client(name).get("cases/").text
    return [int(number) for number in re.findall(r'class="tally-part[^>]*><strong>(\d+)', page)]


def order(cast: Cast, *names: str) -> list[str]:
    """These people in the order in which turns come to them."""
    return sorted(names, key=lambda name: cast.users[name])


# --- standing in ---


def test_open_cases_stay_and_the_deputy_has_them_too(team: Cast) -> None:
    number = case_of(team, "bob", why="The parcel was wet")
    assert counts(team, "mei") == [0, 0, 0]
    assert say(team).status_code == 303
    assert owner(team, number) == "bob"
    assert counts(team, "mei")[2] == 1
    inbox = team.client("mei").get("cases/")
    assert f'id="case-{number}"' in inbox.text
    assert "I stand in for Bob" in inbox.text
    assert f"#{number} · you stand in" in inbox.text
    only = team.client("mei").get("cases/?show=standing_in")
    assert f'id="case-{number}"' in only.text
    assert f'id="case-{number}"' not in team.client("mei").get("cases/?show=mine").text
    assert f'id="case-{number}"' in team.client("bob").get("cases/?show=mine").text


def test_whoever_does_not_stand_in_sees_no_more_than_before(team: Cast) -> None:
    number = case_of(team, "bob")
    say(team)
    inbox = team.client("li").get("cases/")
    assert f'id="case-{number}"' not in inbox.text
    assert "I stand in" not in inbox.text
    assert f'id="case-{number}"' not in team.client("li").get("cases/?show=standing_in").text
    assert "you stand in" not in team.client("li").get("cases/?show=open").text


def test_the_case_says_who_is_away_and_who_stands_in(team: Cast) -> None:
    number = case_of(team, "bob")
    assert "is away" not in team.client("mei").get(f"cases/{number}").text
    say(team, last=None)
    path = f"cases/{number}"
    assert "Bob is away. You stand in." in team.client("mei").get(path).text
    assert "Bob is away. Mei stands in." in team.client("li").get(path).text
    assert ">Bob (away)<" in team.client("li").get(path).text
    assert "Bob is away. Mei stands in." in team.client("dana").get(path).text
    with team.scope():
        close_case(number, "rejected", "Nothing to do")
    assert "is away" not in team.client("mei").get(path).text


def test_a_late_case_is_late_for_the_deputy(team: Cast, later: Later) -> None:
    case_of(team, "bob")
    say(team, last=None)
    later(days=2)
    team.run_jobs()
    assert counts(team, "mei") == [1, 0, 1]
    assert counts(team, "li") == [0, 0, 0]


def test_no_clock_stops_for_who_is_away(team: Cast) -> None:
    number = case_of(team, "bob")

    def due() -> list[datetime]:
        with team.scope():
            case = find_case_by_number(number)
            assert case is not None
            return [case.first_contact_due_at, case.resolution_due_at]

    before = due()
    say(team)
    team.run_jobs()
    assert due() == before
    (absence,) = rows(team)
    team.client("bob").post(f"absences/{absence.id}/return")
    assert due() == before


def test_the_deputy_acts_in_their_own_name(team: Cast) -> None:
    number = case_of(team, "bob")
    say(team)
    assert team.client("mei").post(f"cases/{number}/notes", {"text": "I called"}).status_code == 303
    with team.scope():
        line = db.session.scalars(select(CaseEvent).where(CaseEvent.kind == "noted")).one()
        assert (line.actor_id, line.actor_label) == (team.users["mei"], "Mei")
        told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.noted")).one()
        assert (told.actor_id, told.actor_label) == (team.users["mei"], "Mei")
    assert owner(team, number) == "bob"


def test_a_deputy_who_is_away_passes_on(team: Cast) -> None:
    number = case_of(team, "bob")
    say(team, last=9)
    say(team, by="mei", deputy="li", first=0, last=3)
    assert "Bob is away" in team.client("li").get(f"cases/{number}").text
    assert counts(team, "li")[2] == 1
    assert counts(team, "mei")[2] == 0
    assert "away too, so Li does" in team.client("lee").get("absences").text


def test_a_circle_is_cut(team: Cast, later: Later) -> None:
    number = case_of(team, "bob")
    say(team, last=5)
    assert say(team, by="mei", deputy="bob", first=2, last=9).status_code == 303
    later(days=3)
    assert "Nobody stands in." in team.client("li").get(f"cases/{number}").text
    assert counts(team, "mei")[2] == 0
    assert "nobody stands in for both" in team.client("lee").get("absences").text


def _narrow_mei(cast: Cast) -> None:
    """From now on she sees what is said at the till."""
    place = find_touchpoint_by_key("till")
    assert place is not None
    narrow_member(cast.users["mei"], RowScope(touchpoints=frozenset({place.id})), "admin", WHOLE)


def test_a_deputy_stands_in_for_what_they_see(team: Cast) -> None:
    unseen, seen = case_of(team, "bob", email="a@example.com"), case_of(team, "bob", touchpoint="till")
    with team.scope():
        _narrow_mei(team)
    bob = team.client("bob")
    assert bob.post("absences", form(team)).status_code == 303
    assert "does not see all of the open cases: nobody stands in for 1 of them." in bob.get("absences").text
    for reader in ("li", "bob", "dana"):
        assert "Mei stands in." in team.client(reader).get(f"cases/{seen}").text
        assert "Nobody stands in." in team.client(reader).get(f"cases/{unseen}").text
    assert "You stand in." in team.client("mei").get(f"cases/{seen}").text
    assert counts(team, "mei")[2] == 1


def test_a_deputy_who_sees_less_later_stands_in_for_less(team: Cast) -> None:
    unseen, seen = case_of(team, "bob", email="a@example.com"), case_of(team, "bob", touchpoint="till")
    bob = team.client("bob")
    assert bob.post("absences", form(team)).status_code == 303
    assert "does not see all" not in bob.get("absences").text
    with team.scope():
        _narrow_mei(team)
    assert "Mei stands in." in team.client("li").get(f"cases/{seen}").text
    assert "Nobody stands in." in team.client("li").get(f"cases/{unseen}").text


# --- what would come to them ---


def _said_unsolved(cast: Cast, closer: str) -> int:
    """A case that this person has closed and whose customer says that it is not solved."""
    with cast.scope(), acting(Actor("user", cast.users[closer], closer.title())):
        case = make_worked_case(email="ana@example.com")
        assign_case(case.number, cast.users[closer])
        close_case(case.number, "confirmed")
    with cast.scope():
        hear_customer(case.response_id, "not_solved", "It is still wet")
    return case.number


def test_a_case_whose_turn_is_theirs_comes_to_the_deputy(team: Cast) -> None:
    closer, away, deputy = order(team, "bob", "mei", "li")
    say(team, by=away, deputy=deputy)
    number = _said_unsolved(team, closer)
    assert owner(team, number) == deputy
    with team.scope():
        case = find_case_by_number(number)
        assert case is not None
        assert last_data(case, "assigned")["instead_of"] == away.title()
    page = team.client("alice").get(f"cases/{number}").text
    assert f"gave the case to {deputy.title()}, who stands in for {away.title()}" in page


def test_a_deputy_who_has_closed_it_does_not_get_it_back(team: Cast) -> None:
    closer, away, third = order(team, "bob", "mei", "li")
    say(team, by=away, deputy=closer)
    assert owner(team, _said_unsolved(team, closer)) == third


def test_when_everybody_is_away_an_alarm_says_so(team: Cast) -> None:
    for name in ("bob", "mei", "li", "alice"):
        assert say(team, by=name, deputy="lee").status_code == 303
    number = _said_unsolved(team, "lee")
    assert owner(team, number) is None
    with team.scope():
        case = find_case_by_number(number)
        assert case is not None
        assert ("unassigned", False) in alarms(case)


def test_what_a_leaver_leaves_is_shared_with_the_deputies(team: Cast) -> None:
    leaver, away, deputy = order(team, "bob", "mei", "li")
    numbers = [case_of(team, leaver, email=f"c{n}@example.com") for n in range(4)]
    say(team, by=away, deputy="lee", last=None)
    with team.scope():
        end_membership(team.users[leaver])
    team.run_jobs()
    assert [owner(team, number) for number in numbers] == ["lee", deputy, "lee", deputy]


def test_who_is_named_gets_a_case_by_hand_also_while_away(team: Cast) -> None:
    say(team)
    number = case_of(team, "mei")
    team.client("mei").post(
        f"cases/{number}/assignment", {"user": str(team.users["bob"]), "expected": str(team.users["mei"])}
    )
    assert owner(team, number) == "bob"
    assert counts(team, "mei")[2] == 1


# --- coming back ---


def test_it_ends_by_itself_after_the_last_day(team: Cast, later: Later) -> None:
    number = case_of(team, "bob")
    say(team, first=1, last=2)
    assert counts(team, "mei")[2] == 0
    assert "You will be away" in team.client("bob").get("absences").text
    later(hours=12)  # the first day begins
    assert counts(team, "mei")[2] == 1
    later(hours=47)
    assert counts(team, "mei")[2] == 1
    later(hours=1)  # the last day is over
    assert counts(team, "mei")[2] == 0
    assert "is away" not in team.client("mei").get(f"cases/{number}").text
    assert "Nobody is away" in team.client("bob").get("absences").text
    (absence,) = rows(team)
    assert absence.ended_at is None
    assert team.client("bob").post(f"absences/{absence.id}/return").status_code == 303
    assert rows(team)[0].ended_at is None, "what is over stays as it was"


def test_it_ends_by_a_button_and_once(team: Cast) -> None:
    case_of(team, "bob")
    say(team, last=None)
    assert "You are away" in team.client("bob").get("cases/").text
    (absence,) = rows(team)
    for _turn in range(2):
        assert team.client("bob").post(f"absences/{absence.id}/return").status_code == 303
    assert counts(team, "mei")[2] == 0
    assert "You are away" not in team.client("bob").get("cases/").text
    with team.scope():
        told = list(db.session.scalars(select(AuditEvent).where(AuditEvent.action.like("absence.%"))))
    assert sorted(event.action for event in told) == ["absence.ended", "absence.set"]
    assert say(team, last=None).status_code == 303, "the days are free again"


# --- who may ---


def test_a_lead_sets_it_for_somebody_who_is_ill(team: Cast, mail: Server) -> None:
    number = case_of(team, "bob")
    assert "Who" in team.client("lee").get("absences").text
    assert say(team, by="lee", last=None, user=str(team.users["bob"])).status_code == 303
    team.run_jobs()
    assert "Bob is away. You stand in." in team.client("mei").get(f"cases/{number}").text
    assert "set by Lee" in team.client("bob").get("absences").text
    told = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in mail.mails}
    assert set(told) == {team.email("mei"), team.email("bob")}
    assert "Bob is away from" in told[team.email("mei")]
    assert f"/t/{team.slug}/cases/?show=standing_in" in told[team.email("mei")]
    assert "Lee has set in Heed that you are away" in told[team.email("bob")]
    with team.scope():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "absence.set")).one()
        assert (event.actor_id, event.after["person"]) == (team.users["lee"], team.email("bob"))
    audit = team.client("alice").get("settings/audit").text
    assert "said that somebody is away" in audit


def test_one_who_sets_their_own_is_not_written_to(team: Cast, mail: Server) -> None:
    say(team)
    team.run_jobs()
    assert mail.recipients == [team.email("mei")]


def test_a_letter_that_comes_too_late_is_not_sent(team: Cast, mail: Server) -> None:
    say(team)
    (absence,) = rows(team)
    team.client("bob").post(f"absences/{absence.id}/return")
    team.run_jobs()
    assert mail.mails == []


def test_an_agent_sets_and_ends_only_their_own(team: Cast) -> None:
    assert 'id="user"' not in team.client("bob").get("absences").text
    assert say(team, user=str(team.users["li"])).status_code == 403
    say(team, by="li")
    (absence,) = rows(team)
    assert team.client("bob").post(f"absences/{absence.id}/return").status_code == 403
    assert rows(team)[0].ended_at is None
    assert team.client("lee").post(f"absences/{absence.id}/return").status_code == 303
    assert rows(team)[0].ended_at is not None


def test_others_stay_outside(team: Cast, others: Cast) -> None:
    say(team)
    (absence,) = rows(team)
    for name in ("dana", "pat"):
        assert team.client(name).get("absences").status_code == 403
        assert say(team, by=name).status_code == 403
    charlie = others.client("charlie")
    assert charlie.get(f"/t/{team.slug}/absences").status_code == 404
    assert charlie.post(f"absences/{absence.id}/return").status_code == 404
    assert rows(team)[0].ended_at is None


# --- bad input ---

BAD: dict[str, tuple[dict[str, str], str]] = {
    "no day": ({"first": ""}, "Choose the first day."),
    "no such day": ({"first": "2026-02-30"}, "Write a day like 2026-10-01."),
    "a word": ({"first": "tomorrow"}, "Write a day like 2026-10-01."),
    "another last day": ({"last": "<script>"}, "Write a day like 2026-10-01."),
    "the year one": ({"first": "0001-01-01"}, "This day is over."),
    "the last year there is": ({"first": "9999-12-31", "last": ""}, "Begin within a year from now."),
    "no deputy": ({"deputy": ""}, "Choose somebody of the team who works on cases."),
    "a deputy who is nobody": ({"deputy": "x" * 5000}, "Choose somebody of the team who works on cases."),
    "an unknown deputy": ({"deputy": str(uuid4())}, "Choose somebody of the team who works on cases."),
    "nobody is away": ({"user": "'; DROP TABLE absences"}, "Choose somebody of the team who works on cases."),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_is_refused_beside_its_field(team: Cast, bad: str) -> None:
    wrong, sentence = BAD[bad]
    answer = team.client("lee").post("absences", form(team) | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows(team) == []


def test_days_and_people_that_cannot_be(team: Cast, others: Cast) -> None:
    team.users["charlie"] = others.users["charlie"]
    for sentence, wanted in (
        ("This day is over.", {"first": -1}),
        ("The last day is before the first.", {"first": 3, "last": 2}),
        ("This is longer than a year.", {"last": 3653}),
        ("Somebody else has to stand in.", {"deputy": "bob"}),
        ("Choose somebody of the team", {"deputy": "charlie"}),
        ("Choose somebody of the team", {"deputy": "pat"}),
        ("Choose somebody of the team", {"deputy": "dana"}),
    ):
        answer = say(team, **wanted)
        assert (answer.status_code, sentence in answer.text) == (422, True), wanted
    for name in ("charlie", "pat", "dana"):
        answer = say(team, by="alice", user=str(team.users[name]))
        assert (answer.status_code, "Choose somebody of the team" in answer.text) == (422, True), name
    assert rows(team) == []


def test_a_day_is_the_tenants_day(team: Cast, later: Later) -> None:
    later(hours=11)  # eleven at night for the tenant: in Europe it is tomorrow
    assert say(team, first=0, last=0).status_code == 303
    later(hours=1)
    assert say(team, first=-1, last=0).status_code == 422


def test_overlapping_days_are_refused_and_the_same_are_kept_once(team: Cast) -> None:
    assert say(team, first=2, last=6).status_code == 303
    assert say(team, first=2, last=6).status_code == 303
    assert len(rows(team)) == 1
    for first, last in ((2, 5), (0, 2), (6, 9), (0, None), (3, 4)):
        answer = say(team, first=first, last=last)
        assert (answer.status_code, "Some of these days are days away already." in answer.text) == (422, True)
    assert say(team, first=0, last=1).status_code == 303
    assert say(team, first=7, last=None).status_code == 303
    assert len(rows(team)) == 3


def test_a_deputy_who_is_away_all_the_time_is_refused(team: Cast) -> None:
    say(team, by="mei", deputy="li", first=0, last=9)
    answer = say(team, first=1, last=9)
    assert (answer.status_code, "They are away on all of these days themselves." in answer.text) == (422, True)
    assert say(team, first=1, last=10).status_code == 303


def test_two_who_say_it_at_once_are_two_after_each_other(team: Cast) -> None:
    first = today("America/Sao_Paulo")

    def say_it(days: int) -> Callable[[], Any]:
        wanted = Days(team.users["bob"], team.users["mei"], first, first + timedelta(days=days))
        return lambda: set_absence(wanted, "lead")

    def acted(verb: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with acting(Actor("user", team.users["lee"], "Lee")):
                return verb()

        return run

    found = at_once(team, *[acted(say_it(days)) for days in (2, 3, 4, 5)])
    assert sorted(type(one).__name__ for one in found) == ["Absence", "Invalid", "Invalid", "Invalid"]
    assert len(rows(team)) == 1


# --- leaving ---


def test_who_leaves_is_not_away_any_more(team: Cast) -> None:
    say(team, last=None)
    say(team, by="li", deputy="mei", last=None)
    with team.scope():
        end_membership(team.users["bob"])
        change_role(team.users["li"], "viewer", "admin")
    team.run_jobs()
    assert [row.ended_at is not None for row in rows(team)] == [True, True]
    assert "Nobody is away" in team.client("lee").get("absences").text


def test_the_heir_of_a_deputy_stands_in(team: Cast, mail: Server) -> None:
    number = case_of(team, "bob")
    say(team)
    team.run_jobs()
    with team.scope():
        end_membership(team.users["mei"], team.users["li"])
    team.run_jobs()
    assert rows(team)[0].deputy_id == team.users["li"]
    assert "You stand in." in team.client("li").get(f"cases/{number}").text
    assert mail.recipients == [team.email("mei"), team.email("li")]


@pytest.mark.parametrize("by", ["bob", "lee"])
def test_without_an_heir_whoever_relied_on_the_deputy_hears(team: Cast, mail: Server, by: str) -> None:
    number = case_of(team, "bob")
    say(team, by=by, **({} if by == "bob" else {"user": str(team.users["bob"])}))
    team.run_jobs()
    mail.recipients.clear()
    with team.scope():
        change_role(team.users["mei"], "analyst", "admin")
    team.run_jobs()
    assert rows(team)[0].deputy_id is None
    assert mail.recipients == [team.email(by)]
    assert "Nobody stands in for Bob" in mail.mails[-1]["Subject"]
    assert "Nobody stands in." in team.client("lee").get(f"cases/{number}").text
    assert "Nobody stands in." in team.client("lee").get("absences").text
    with team.scope():
        release_member(team.users["mei"], None)
    team.run_jobs()
    assert len(mail.recipients) == 1


def test_the_absent_one_does_not_inherit_their_own_deputyship(team: Cast) -> None:
    say(team)
    with team.scope():
        end_membership(team.users["mei"], team.users["bob"])
    team.run_jobs()
    assert rows(team)[0].deputy_id is None


def test_who_is_back_before_it_is_heard_keeps_everything(team: Cast) -> None:
    number = case_of(team, "bob")
    say(team, last=None)
    with team.scope():
        change_role(team.users["bob"], "viewer", "admin")
        change_role(team.users["bob"], "agent", "admin")
    team.run_jobs()
    assert rows(team)[0].ended_at is None
    assert owner(team, number) == "bob"


def test_who_came_back_keeps_the_cases_that_are_theirs_since(team: Cast) -> None:
    old = case_of(team, "bob", email="old@example.com")
    with team.scope():
        end_membership(team.users["bob"], team.users["li"])
    team.run_jobs()
    with team.scope():
        add_member(team.email("bob"), "agent")
    new = case_of(team, "bob", email="new@example.com")
    with team.scope():
        hand_over_cases(team.users["bob"], team.users["li"])  # once more, by a worker that was late
    assert [owner(team, number) for number in (old, new)] == ["li", "bob"]


# --- cost ---


def test_the_number_of_statements_does_not_grow(team: Cast) -> None:
    case_of(team, "bob")
    mei = team.client("mei")

    def cost(path: str) -> int:
        with count_queries() as counted:
            assert mei.get(path).status_code == 200
        return len(counted)

    paths = ("absences", "cases/", "cases/rows", "cases/1")
    say(team)
    first = [cost(path) for path in paths]
    assert max(first) <= 26
    for name in ("li", "lee", "alice"):
        say(team, by=name)
        say(team, by=name, first=9, last=9)
    assert [cost(path) for path in paths] == first
