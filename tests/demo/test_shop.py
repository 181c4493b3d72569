"""The demo tenant: a year that reads like one, told once and whole, about which nobody is ever written to."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask_openapi3 import OpenAPI
from sqlalchemy import delete, select

from app.demo.commands import demo
from app.demo.shop import service, setting, start
from app.demo.shop.setting import PASSWORD, SHOWN
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, HeedError
from app.kernel.outbox import LEASE
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import tenant_scope
from app.loop.cases.models import Case, CaseAlarm, CaseClosure, CaseEvent, CaseRootCause
from app.loop.causes.rules import layer
from app.metrics.emotion import mask_of
from app.surveys.answering.models import Response
from app.tenants.models import TenantSettings
from app.tenants.service import create_tenant
from tests.cast import Cast, PageClient
from tests.demo.conftest import Shop, rows_of
from tests.limits import forget_tries

pytestmark = pytest.mark.timeout(600)


def test_a_load_that_is_broken_off_leaves_nothing_and_the_next_one_tells_all(shop: Shop) -> None:
    assert shop.after_break["interactions"] == shop.after_break["surveys"] == shop.after_break["cases"] == 0
    # The start has asked for the year, and so has whoever broke it off; the first partner begins the scorecards; and
    # what each of the two wrote into the audit is to be sealed.
    assert shop.after_break["outbox"] == 5
    assert shop.was_told
    assert shop.progress == [(month, 14) for month in range(1, 15)]
    assert shop.counts["interactions"] > 2_000
    assert 700 <= shop.counts["responses"] <= 1_500


def test_the_counts_agree(shop: Shop) -> None:
    told, rows = shop.told, shop.rows(Response)
    up_to, feelings = {"nps": 6, "csat": 2, "ces": 2}, mask_of([1, 2, 3, 4])
    scores = [(getattr(row, name), most) for row in rows for name, most in up_to.items()]
    bad = sum(score is not None and score <= most for score, most in scores)
    bad += sum(bool((row.emotion or 0) & feelings) for row in rows)
    assert told["responses"] == len(rows)
    assert told["cases"] == bad
    assert told["open_cases"] == 4
    assert told["tenant_id"] == str(shop.cast.tenant_id)
    assert {"en", "zh-Hans"} == {row.locale for row in rows}
    for locale in ("en", "zh-Hans"):
        assert len({row.comment_redacted for row in rows if row.locale == locale and row.comment_redacted}) >= 60


def test_nothing_is_sent_and_no_job_finds_anything_to_do(shop: Shop) -> None:
    assert [shop.counts[table] for table in ("messages", "invitations", "asks", "case_follow_ups")] == [0, 0, 0, 0]
    waiting = [row for row in shop.rows(OutboxRow) if row.done_at is None]
    alarms = shop.rows(CaseAlarm)
    breaches = [event for event in shop.rows(CaseEvent) if event.kind == "breached"]
    assert {row.job for row in waiting} <= {"record_breach", "end_long_wait", "close_month"}
    assert [(alarm.kind, alarm.settled_at) for alarm in alarms] == [("first_contact_breached", None)]
    assert len(breaches) == 1
    assert breaches[0].at - alarms[0].due_at == timedelta(minutes=1)


def test_a_second_load_adds_nothing(shop: Shop) -> None:
    before = rows_of(shop.cast)
    with shop.cast.app.app_context():
        assert service.open_shop() == shop.cast.tenant_id
        with tenant_scope(shop.cast.tenant_id):
            assert service.fill_shop()
            assert not service.ask_for_year()
    assert rows_of(shop.cast) == before


def test_a_worker_that_finds_another_at_it_looks_again_when_that_one_may_be_dead(cast: Cast) -> None:
    asked = OutboxRow.job == "fill_shop"
    with cast.scope(), db.engine.connect() as other:
        other.execute(select(TenantSettings.id).with_for_update())
        before = clock.now()
        service.fill_shop_unless(lambda: False)
        with atomic() as session:
            found = list(session.scalars(select(OutboxRow).where(asked)))
            session.execute(delete(OutboxRow).where(asked))  # nobody tells a year in here
        assert [row.due_at >= before + LEASE for row in found] == [True]
        assert not service.is_told()


def test_another_tenant_is_untouched(shop: Shop) -> None:
    assert rows_of(shop.beside) == shop.beside_before


def test_the_lines_of_the_start_name_a_log_in_per_role_and_say_that_it_is_being_filled(shop: Shop) -> None:
    assert [line.split() for line in shop.first_lines[:4]] == [[person.role, person.email] for person in SHOWN]
    assert PASSWORD in shop.first_lines[4]
    assert "being filled" in shop.first_lines[5]
    with shop.cast.app.app_context():
        assert start.open_demo() == shop.first_lines[:5]


def test_the_command_prints_what_is_there_and_the_log_ins(shop: Shop) -> None:
    with shop.cast.app.app_context():
        told = CliRunner().invoke(demo, ["load", "--json"], catch_exceptions=False)
        words = CliRunner().invoke(demo, ["load"], catch_exceptions=False)
    assert json.loads(told.stdout)["open_cases"] >= 4
    assert all(line in words.stdout for line in start.log_ins())


def test_the_command_refuses_databases_that_are_not_the_embedded_ones(shop: Shop) -> None:
    app = shop.cast.app
    before = app.extensions["heed_settings"]
    app.extensions["heed_settings"] = before.model_copy(update={"embedded": False})
    try:
        with app.app_context():
            refused = CliRunner().invoke(demo, ["load"])
            forced = CliRunner().invoke(demo, ["load", "--force"])
    finally:
        app.extensions["heed_settings"] = before
    assert isinstance(refused.exception, HeedError)
    assert "--force" in str(refused.exception)
    assert forced.exit_code == 0


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
    forget_tries()
    client = PageClient(shop.cast.app, setting.SLUG)
    signed_in = client.post("/sign-in", {"email": person.email, "password": PASSWORD})
    assert signed_in.status_code == 303
    page = client.get("partner/" if person.role == "partner" else "", follow_redirects=True)
    assert page.status_code == 200
    expected = {
        "admin": "open cases",
        "agent": "open cases of yours",
        "analyst": "Delivery to the door",
        "partner": "Two days late again",
    }
    assert expected[person.role] in page.text


def test_past_cases_were_closed_in_their_time_and_for_reasons_behind_the_counter(shop: Shop) -> None:
    events, causes = shop.rows(CaseEvent), shop.rows(CaseRootCause)
    past = sorted((case for case in shop.rows(Case) if case.is_historic), key=lambda case: case.number)
    assert {case.status for case in past} == {"closed"}
    assert [case.opened_at for case in past] == sorted(case.opened_at for case in past)
    assert all(event.at < shop.filled_at for event in events)
    assert {closure.outcome for closure in shop.rows(CaseClosure)} == {
        "confirmed",
        "no_objection",
        "unreachable",
        "rejected",
    }
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
    open_ = sorted((case for case in shop.rows(Case) if case.status != "closed"), key=lambda case: case.number)
    assert [case.status for case in open_] == ["waiting_customer", "assigned", "assigned", "new"]
    assert not any(case.is_historic for case in open_)
    assert open_[1].first_contact_due_at < shop.filled_at < open_[2].first_contact_due_at
