"""The demo tenant: a year that reads like one, told once and whole, about which nobody is ever written to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from app.demo.shop import service, setting, start
from app.demo.shop.setting import PASSWORD, SHOWN
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import tenant_scope
from app.loop.cases.models import Case, CaseAlarm, CaseClosure, CaseEvent, CaseRootCause
from app.loop.causes.rules import layer
from app.surveys.answering.models import Response
from app.tenants.service import create_tenant
from tests.cast import PageClient
from tests.demo.conftest import Shop, rows_of

pytestmark = pytest.mark.timeout(600)


def test_a_load_that_is_broken_off_leaves_nothing_and_the_next_one_tells_all(shop: Shop) -> None:
    assert shop.after_break["interactions"] == shop.after_break["surveys"] == shop.after_break["cases"] == 0
    assert shop.was_told
    assert shop.progress == [(month, 14) for month in range(1, 15)]
    told = rows_of(shop.cast)
    assert told["interactions"] > 2_000
    assert 700 <= told["responses"] <= 1_500


def test_the_counts_agree(shop: Shop) -> None:
    with shop.cast.app.app_context(), shop.cast.scope():
        told, rows = service.told_as_json(), list(db.session.scalars(select(Response)))
        bad = sum((row.nps is not None and row.nps <= 6) or (row.csat is not None and row.csat <= 2) for row in rows)
    assert told["responses"] == len(rows)
    assert told["cases"] == bad
    assert told["open_cases"] == 4
    assert told["tenant_id"] == str(shop.cast.tenant_id)
    assert {"en", "zh-Hans"} == {row.locale for row in rows}
    for locale in ("en", "zh-Hans"):
        assert len({row.comment_redacted for row in rows if row.locale == locale and row.comment_redacted}) >= 60


def test_nothing_is_sent_and_no_job_finds_anything_to_do(shop: Shop) -> None:
    rows = rows_of(shop.cast)
    assert rows["messages"] == rows["invitations"] == rows["asks"] == rows["case_follow_ups"] == 0
    with shop.cast.app.app_context(), shop.cast.scope():
        waiting = select(OutboxRow.job, OutboxRow.due_at).where(OutboxRow.done_at.is_(None))
        found = list(db.session.execute(waiting))
        alarms = list(db.session.scalars(select(CaseAlarm)))
        breaches = list(db.session.scalars(select(CaseEvent).where(CaseEvent.kind == "breached")))
    assert {row.job for row in found} <= {"record_breach", "end_long_wait"}
    assert all(row.due_at > clock.now() - timedelta(minutes=5) for row in found)
    assert [(alarm.kind, alarm.settled_at) for alarm in alarms] == [("first_contact_breached", None)]
    assert len(breaches) == 1
    assert breaches[0].at - alarms[0].due_at == timedelta(minutes=1)


def test_a_second_load_adds_nothing_but_its_own_request(shop: Shop) -> None:
    before = rows_of(shop.cast)
    with shop.cast.app.app_context():
        assert service.open_shop() == shop.cast.tenant_id
        with tenant_scope(shop.cast.tenant_id):
            assert service.fill_shop()
    assert rows_of(shop.cast) == before


def test_another_tenant_is_untouched(shop: Shop) -> None:
    assert rows_of(shop.beside) == shop.beside_before


def test_the_lines_of_the_start_name_a_log_in_per_role_and_say_that_it_is_being_filled(shop: Shop) -> None:
    assert [line.split() for line in shop.first_lines[:4]] == [[person.role, person.email] for person in SHOWN]
    assert PASSWORD in shop.first_lines[4]
    assert "being filled" in shop.first_lines[5]
    with shop.cast.app.app_context():
        assert start.open_demo() == shop.first_lines[:5]


def test_a_tenant_of_that_name_that_is_not_ours_is_left_alone(app: OpenAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SLUG", "somebody-elses")
    theirs = create_tenant("somebody-elses", "Theirs", "them@theirs.example", "a long password")
    with pytest.raises(Conflict, match="not ours"):
        service.open_shop()
    assert "left out" in start.open_demo()[0]
    with tenant_scope(theirs.tenant_id):
        assert not service.is_told()


@pytest.mark.parametrize("person", SHOWN, ids=lambda person: person.role)
def test_everybody_can_sign_in_and_finds_their_page_full(shop: Shop, person: setting.Person) -> None:
    client = PageClient(shop.cast.app, setting.SLUG)
    signed_in = client.post("/sign-in", {"email": person.email, "password": PASSWORD})
    assert signed_in.status_code == 303
    page = client.get("partner/" if person.role == "partner" else "", follow_redirects=True)
    assert page.status_code == 200
    expected = {
        "admin": "open cases",
        "agent": "Theo Marlowe",
        "analyst": "Delivery to the door",
        "partner": "Two days late again",
    }
    assert expected[person.role] in page.text


def test_past_cases_were_closed_in_their_time_and_for_reasons_behind_the_counter(shop: Shop) -> None:
    with shop.cast.app.app_context(), shop.cast.scope():
        cases = list(db.session.scalars(select(Case).order_by(Case.number)))
        events = list(db.session.scalars(select(CaseEvent)))
        causes = list(db.session.scalars(select(CaseRootCause)))
        closures = list(db.session.scalars(select(CaseClosure)))
    past = [case for case in cases if case.is_historic]
    assert {case.status for case in past} == {"closed"}
    assert [case.opened_at for case in past] == sorted(case.opened_at for case in past)
    assert all(event.at < clock.now() for event in events)
    assert {closure.outcome for closure in closures} == {"confirmed", "no_objection", "unreachable", "rejected"}
    assert sum(case.reopened_count for case in past) >= 2
    late = [case for case in past if case.first_contact_at and case.first_contact_at > case.first_contact_due_at]
    assert 0.05 < len(late) / len(past) < 0.35
    behind = sum(cause.share for cause in causes if layer(cause.code) == "backstage")
    assert 0.6 < behind / sum(cause.share for cause in causes) < 0.95
    _each_story_is_in_order(events)


def _each_story_is_in_order(events: list[CaseEvent]) -> None:
    stories: dict[UUID, list[CaseEvent]] = {}
    for event in sorted(events, key=lambda event: event.id):
        stories.setdefault(event.case_id, []).append(event)
    for story in stories.values():
        assert story[0].kind == "opened"
        assert [event.at for event in story] == sorted(event.at for event in story)


def test_the_four_open_cases_are_late_due_today_waiting_and_new(shop: Shop) -> None:
    with shop.cast.app.app_context(), shop.cast.scope():
        open_ = list(db.session.scalars(select(Case).where(Case.status != "closed").order_by(Case.number)))
    assert [case.status for case in open_] == ["waiting_customer", "assigned", "assigned", "new"]
    assert not any(case.is_historic for case in open_)
    now = clock.now()
    assert open_[1].first_contact_due_at < now < open_[2].first_contact_due_at
    assert open_[2].first_contact_due_at.astimezone(service.ZONE).date() == now.astimezone(service.ZONE).date()
