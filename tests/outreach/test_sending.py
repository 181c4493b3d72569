"""Invitations on their way: due, held back, sent, bounced, uncertain, expired, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.customers import service as customers
from app.delivery import queries as messages
from app.delivery import service as delivery
from app.kernel import clock, outbox
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.surveys.design import service as design
from app.surveys.design.service import close_survey
from app.surveys.outreach import queries, service
from app.surveys.outreach.models import Ask, Invitation, OutreachDecision
from app.tenants import service as tenants
from tests import smtp
from tests.cast import Cast
from tests.factories.customers import make_customer
from tests.factories.outreach import make_interaction, make_invitation, make_rule
from tests.factories.surveys import follow_up_definition, make_version
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
    clock.shift(0)


@pytest.fixture
def server(cast: Cast) -> Iterator[smtp.Server]:
    with smtp.serve(cast.app) as running:
        yield running


def set_clock(moment: datetime) -> None:
    """Let the kernel's clock stand at this moment (and go on)."""
    clock.shift(round((moment - datetime.now(UTC)).total_seconds()))


def run(cast: Cast) -> None:
    """Run what is due, whatever becomes of it."""
    db.session.rollback()
    with cast.app.app_context():
        while outbox.drain_place(cast.tenant_id, float("inf")):
            pass


def run_well(cast: Cast) -> None:
    """Run what is due, all of it without a failure."""
    db.session.rollback()
    cast.run_jobs()


def fresh(invitation_id: UUID) -> Invitation:
    db.session.expire_all()
    return queries.get_invitation(invitation_id)


def ask_of(invitation: Invitation) -> Ask:
    return queries.find_ask(invitation.id)


def decision_of(invitation: Invitation) -> tuple[str, str | None]:
    row: OutreachDecision = queries.find_decision(invitation)
    return row.decision, row.reason


def test_a_mail_that_is_taken_makes_the_invitation_sent(cast: Cast, server: smtp.Server) -> None:
    invitation_id = make_invitation("ana@example.com").id
    run_well(cast)
    found = fresh(invitation_id)
    message = messages.find_message("invitation", found.id)
    assert message and found.status == "sent" and found.sent_at == message.ended_at
    assert found.expires_at == found.sent_at + timedelta(days=14)
    assert ask_of(found).at == found.sent_at and decision_of(found) == ("sent", None)
    assert server.recipients == ["ana@example.com"]


def test_running_every_job_twice_sends_one_mail(cast: Cast, server: smtp.Server) -> None:
    invitation_id = make_invitation().id
    service.send_invitation(invitation_id)
    service.send_invitation(invitation_id)
    message_id = messages.find_message("invitation", invitation_id).id
    delivery.send_message(message_id)
    run_well(cast)
    for job in (service.record_sent, service.record_sent):
        job("invitation", invitation_id)
    service.send_invitation(invitation_id)
    run_well(cast)
    assert server.offered == 1 and fresh(invitation_id).status == "sent"


def test_two_workers_with_the_same_invitation_send_one_mail(cast: Cast, server: smtp.Server) -> None:
    invitation_id = make_invitation().id
    db.session.rollback()
    assert at_once(cast, *[lambda: service.send_invitation(invitation_id)] * 4) == [None] * 4
    run_well(cast)
    assert server.offered == 1


def test_a_link_is_sent_when_due_and_sends_no_message(cast: Cast, server: smtp.Server) -> None:
    invitation_id = make_invitation(channel="link", delay_minutes=60).id
    run(cast)
    assert fresh(invitation_id).status == "scheduled"
    clock.shift(3600)
    run(cast)
    found = fresh(invitation_id)
    assert found.status == "sent" and found.sent_at and server.offered == 0


def test_a_delay_counts_from_the_interaction(cast: Cast) -> None:
    occurred_at = clock.now() - timedelta(minutes=30)
    invitation = make_invitation(occurred_at=occurred_at, delay_minutes=120)
    assert invitation.due_at == occurred_at + timedelta(minutes=120)


def test_a_refused_mail_bounces_and_does_not_count(cast: Cast, server: smtp.Server) -> None:
    server.replies["RCPT"] = "550 no such user"
    invitation_id = make_invitation("gone@example.com").id
    run_well(cast)
    found = fresh(invitation_id)
    assert (found.status, found.status_reason, found.sent_at) == ("bounced", "bounced", None)
    assert ask_of(found).voided_at is not None and decision_of(found) == ("skipped", "bounced")
    make_rule("again", touchpoint="delivery")
    again = make_interaction(email="gone@example.com")
    assert db.session.scalar(select(Invitation).where(Invitation.interaction_id == again.id)) is not None


def test_an_uncertain_mail_counts_as_asked_and_is_never_sent_again(cast: Cast, server: smtp.Server) -> None:
    server.replies["DATA"] = "drop"
    invitation_id = make_invitation("ana@example.com").id
    run(cast)
    found = fresh(invitation_id)
    assert (found.status, decision_of(found)) == ("uncertain", ("sent", None))
    assert found.sent_at and found.expires_at and ask_of(found).voided_at is None
    server.replies.clear()
    clock.shift(24 * 3600)
    run(cast)
    assert server.offered == 1 and fresh(invitation_id).status == "uncertain"


def test_a_result_that_comes_after_all_settles_an_uncertain_one(cast: Cast) -> None:
    invitation_id = make_invitation().id
    service.record_uncertain("invitation", invitation_id)
    first = fresh(invitation_id).sent_at
    service.record_sent("invitation", invitation_id)
    assert (fresh(invitation_id).status, fresh(invitation_id).sent_at) == ("sent", first)


def test_messages_for_other_purposes_are_not_ours(cast: Cast) -> None:
    invitation_id = make_invitation().id
    for verb in (service.record_sent, service.record_bounced, service.record_uncertain, service.send_again):
        verb("alert", invitation_id)
    assert fresh(invitation_id).status == "scheduled"


SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")


def test_quiet_hours_hold_a_mail_back_until_the_person_s_morning(cast: Cast, server: smtp.Server) -> None:
    set_clock(datetime(2026, 6, 1, 23, 30, tzinfo=SAO_PAULO))
    invitation_id = make_invitation(quiet_hours=True).id
    assert fresh(invitation_id).due_at == datetime(2026, 6, 2, 9, tzinfo=SAO_PAULO)
    run(cast)
    assert server.offered == 0
    set_clock(datetime(2026, 6, 2, 9, 0, 2, tzinfo=SAO_PAULO))
    run(cast)
    assert server.offered == 1 and fresh(invitation_id).status == "sent"


def test_the_tenant_s_own_hours_count(cast: Cast) -> None:
    tenants.change_settings({"quiet_ends_hour": 11, "quiet_starts_hour": 13})
    set_clock(datetime(2026, 6, 1, 14, tzinfo=SAO_PAULO))
    assert make_invitation(quiet_hours=True).due_at == datetime(2026, 6, 2, 11, tzinfo=SAO_PAULO)


def test_the_night_on_which_the_clocks_change_ends_at_nine_all_the_same(cast: Cast) -> None:
    for night in (datetime(2027, 3, 13, 22, tzinfo=NEW_YORK), datetime(2026, 10, 31, 22, tzinfo=NEW_YORK)):
        set_clock(night)
        make_customer("ny@example.com", timezone="America/New_York")
        rule = f"r{night:%m}"
        make_rule(rule, touchpoint=rule, quiet_hours=True)
        from tests.factories.customers import new_customer

        made = make_interaction(
            touchpoint=rule, customer=new_customer(f"{rule}@example.com", timezone="America/New_York")
        )
        due = db.session.scalars(select(Invitation.due_at).where(Invitation.interaction_id == made.id)).one()
        local = due.astimezone(NEW_YORK)
        assert (local.hour, local.minute, local.day) == (9, 0, (night + timedelta(days=1)).day)


def test_hours_that_moved_hold_it_back_again(cast: Cast, server: smtp.Server) -> None:
    set_clock(datetime(2026, 6, 1, 12, tzinfo=SAO_PAULO))
    invitation_id = make_invitation(quiet_hours=True, delay_minutes=60).id
    customers.correct_customer(fresh(invitation_id).customer_id, name="Ana", locale="en", timezone="Asia/Shanghai")
    set_clock(datetime(2026, 6, 1, 13, 1, tzinfo=SAO_PAULO))
    run(cast)
    found = fresh(invitation_id)
    morning = datetime(2026, 6, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (found.status, found.due_at, ask_of(found).at) == ("scheduled", morning, morning)
    set_clock(morning + timedelta(seconds=5))
    run(cast)
    assert server.offered == 1 and fresh(invitation_id).status == "sent"


def test_a_server_that_is_away_until_night_does_not_wake_anybody(cast: Cast, server: smtp.Server) -> None:
    set_clock(datetime(2026, 6, 1, 19, 30, tzinfo=SAO_PAULO))
    server.replies["MAIL"] = "451 later"
    invitation_id = make_invitation(quiet_hours=True).id
    run(cast)
    server.replies.clear()
    set_clock(datetime(2026, 6, 1, 20, 30, tzinfo=SAO_PAULO))
    run(cast)
    assert server.offered == 1 and not server.mails
    found = fresh(invitation_id)
    assert (found.status, found.due_at) == ("scheduled", datetime(2026, 6, 2, 9, tzinfo=SAO_PAULO))
    set_clock(datetime(2026, 6, 2, 9, 0, 5, tzinfo=SAO_PAULO))
    run(cast)
    assert len(server.mails) == 1 and fresh(invitation_id).status == "sent"


def test_what_waited_longer_than_its_own_life_is_not_sent(cast: Cast, server: smtp.Server) -> None:
    invitation_id = make_invitation(expires_after_days=1).id
    clock.shift(24 * 3600 + 120)
    run(cast)
    found = fresh(invitation_id)
    assert (found.status, found.status_reason, decision_of(found)) == ("expired", "expired", ("skipped", "expired"))
    assert ask_of(found).voided_at is not None and server.offered == 0


@pytest.mark.parametrize("change", ["paused rule", "closed survey"])
def test_what_was_withdrawn_meanwhile_is_cancelled(cast: Cast, server: smtp.Server, change: str) -> None:
    invitation = make_invitation(delay_minutes=60)
    invitation_id, rule_key = invitation.id, queries.get_invitation(invitation.id).rule.key
    if change == "paused rule":
        given = service.as_input(queries.get_rule_by_key(rule_key))
        service.put_rule(rule_key, type(given)(**(given.__dict__ | {"is_active": False})))
    else:
        close_survey("delivery-nps")
    clock.shift(3600)
    run(cast)
    found = fresh(invitation_id)
    assert (found.status, decision_of(found), server.offered) == ("cancelled", ("skipped", "cancelled"), 0)


def test_an_unanswered_invitation_expires_and_an_answered_one_does_not(cast: Cast) -> None:
    ids = [make_invitation(channel="link", expires_after_days=3).id for _ in range(4)]
    run_well(cast)
    service.mark_started(ids[1])
    service.mark_completed(ids[2])
    clock.shift(3 * 24 * 3600 - 60)
    run(cast)
    assert fresh(ids[0]).status == "sent"
    clock.shift(3 * 24 * 3600 + 60)
    run(cast)
    assert [fresh(one).status for one in ids] == ["expired", "started", "completed", "expired"]


def test_started_and_completed_are_kept_in_order() -> None:
    invitation_id = make_invitation(channel="link").id
    service.mark_started(invitation_id)
    first = fresh(invitation_id).started_at
    clock.shift(60)
    service.mark_started(invitation_id)
    assert (fresh(invitation_id).started_at, fresh(invitation_id).status) == (first, "started")
    service.mark_completed(invitation_id)
    done = fresh(invitation_id).completed_at
    clock.shift(120)
    service.mark_completed(invitation_id)
    service.mark_started(invitation_id)
    found = fresh(invitation_id)
    assert (found.status, found.completed_at, found.started_at) == ("completed", done, first)
    with pytest.raises(NotFound):
        service.mark_started(new_id())


def test_an_answer_before_the_mail_s_result_is_not_undone_by_it(cast: Cast) -> None:
    invitation_id = make_invitation().id
    service.mark_completed(invitation_id)
    service.record_sent("invitation", invitation_id)
    service.record_bounced("invitation", invitation_id)
    found = fresh(invitation_id)
    assert found.status == "completed" and found.sent_at is not None


def test_unsubscribing_stops_what_is_planned_and_what_waits(cast: Cast) -> None:
    make_rule("gapless", min_gap_days=0)
    tenants.change_settings({"min_gap_days": 0})
    ids = [make_invitation("ana@example.com", delay_minutes=delay).id for delay in (0, 0, 60)]
    run(cast)  # the two due ones now wait for a server that is away
    assert messages.find_message("invitation", ids[0])
    sent = make_invitation("ana@example.com", channel="link").id
    run(cast)
    service.unsubscribe(sent)
    service.unsubscribe(sent)
    for one in ids:
        found = fresh(one)
        assert (found.status, found.status_reason) == ("cancelled", "unsubscribed")
        assert decision_of(found) == ("skipped", "unsubscribed") and ask_of(found).voided_at
        assert messages.find_message("invitation", one) is None
    assert fresh(sent).status == "sent"
    with smtp.serve(cast.app) as server:
        clock.shift(7200)
        run_well(cast)
        assert server.offered == 0


def test_a_mail_on_its_way_cannot_be_stopped_and_is_followed(cast: Cast) -> None:
    invitation_id = make_invitation().id
    service.send_invitation(invitation_id)
    delivery._claim(messages.find_message("invitation", invitation_id).id, None)
    service.unsubscribe(invitation_id)
    assert fresh(invitation_id).status == "scheduled"
    service.record_sent("invitation", invitation_id)
    assert fresh(invitation_id).status == "sent"


def test_staff_who_suppress_a_customer_stop_the_plans_too(cast: Cast, server: smtp.Server) -> None:
    invitation = make_invitation(delay_minutes=60)
    invitation_id = invitation.id
    customers.suppress(invitation.customer_id, "staff")
    run_well(cast)
    assert fresh(invitation_id).status == "cancelled"


def test_a_lifted_suppression_leaves_new_plans_alone(cast: Cast) -> None:
    ana = make_customer("ana@example.com")
    customers.suppress(ana.id, "staff")
    customers.lift_suppression(ana.id)
    invitation_id = make_invitation("ana@example.com", channel="link", delay_minutes=60).id
    run_well(cast)
    assert fresh(invitation_id).status == "scheduled"


def test_a_follow_up_is_exempt_from_the_gap_and_counted(cast: Cast, server: smtp.Server) -> None:
    ana = make_customer("ana@example.com")
    make_invitation("ana@example.com")
    version = make_version("case-follow-up", follow_up_definition(), kind="follow_up")
    set_clock(datetime(2026, 12, 1, 12, tzinfo=SAO_PAULO))
    made = service.invite(customer_id=ana.id, version_id=version.id)
    assert (made.purpose, made.status, made.locale) == ("follow_up", "scheduled", "en")
    assert ask_of(made).is_follow_up and len(queries.ledgers([ana.id], clock.now() - timedelta(days=300))[ana.id]) == 2
    made_id = made.id
    run_well(cast)
    assert fresh(made_id).status == "sent" and len(server.mails) == 2


def test_a_follow_up_waits_for_the_morning_and_its_time(cast: Cast) -> None:
    ana = make_customer("ana@example.com")
    version = make_version("case-follow-up", follow_up_definition(), kind="follow_up")
    set_clock(datetime(2026, 6, 1, 12, tzinfo=SAO_PAULO))
    wanted = datetime(2026, 6, 8, 22, tzinfo=SAO_PAULO)
    made = service.invite(customer_id=ana.id, version_id=version.id, due_at=wanted, locale="zh-Hans")
    assert made.due_at == datetime(2026, 6, 9, 9, tzinfo=SAO_PAULO) and made.locale == "zh-Hans"
    with pytest.raises(NotFound):
        service.invite(customer_id=new_id(), version_id=version.id)


def test_nobody_is_found_behind_another_tenant_s_ids(cast: Cast, others: Cast) -> None:
    invitation_id = make_invitation().id
    db.session.rollback()
    works: list[Any] = [
        lambda: service.unsubscribe(invitation_id),
        lambda: service.mark_completed(invitation_id),
        lambda: queries.get_invitation(invitation_id),
    ]
    assert [type(result) for result in at_once(others, *works)] == [NotFound] * 3
    assert at_once(others, lambda: service.send_invitation(invitation_id)) == [None]
    assert fresh(invitation_id).status == "scheduled"


def test_a_new_version_does_not_change_what_is_on_its_way(cast: Cast) -> None:
    invitation = make_invitation(delay_minutes=60)
    design.save_draft("delivery-nps", "New", "transactional", False, follow_up_definition(), None)
    design.publish("delivery-nps")
    assert fresh(invitation.id).version.number == 1
