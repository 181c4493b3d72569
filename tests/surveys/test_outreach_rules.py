"""Outreach decisions: oracle 5.10, reasons in their order, quiet hours of the world, the last look before sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.surveys.outreach.rules import (
    Decision,
    InteractionFacts,
    InvitationFacts,
    PersonFacts,
    RuleFacts,
    SendDecision,
    after_quiet_hours,
    decide,
    expires_at,
    quiet_from,
    recheck_at_send,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TENANT = "tenant"
INTERACTION = InteractionFacts("interaction", NOON)
RULE = RuleFacts("rule", "email")
PERSON = PersonFacts(frozenset({"email", "sms"}), "UTC", "UTC")


def decided(
    now: datetime = NOON,
    interaction: InteractionFacts = INTERACTION,
    rule: RuleFacts = RULE,
    person: PersonFacts = PERSON,
    ledger: tuple[datetime, ...] = (),
) -> Decision:
    return decide(now, TENANT, interaction, rule, person, ledger)


def reason(**facts: Any) -> str | None:
    decision = decided(**facts)
    assert (decision.decision == "scheduled") is (decision.reason is None) is (decision.due_at is not None)
    return decision.reason


def days(count: float) -> timedelta:
    return timedelta(days=count)


# Oracle 5.10: one person, the defaults, every event of a different survey, nothing completed.
ORACLE = [
    ("01-05", "ask", True, None),
    ("01-20", "ask", True, "min_gap"),
    ("02-04", "ask", True, None),
    ("02-10", "ask", True, "min_gap"),
    ("03-15", "ask", False, None),
    ("03-16", "ask", True, None),
    ("04-10", "ask", True, "min_gap"),
    ("04-20", "ask", True, None),
    ("05-25", "ask", True, "annual_cap"),
    ("05-26", "follow_up", True, None),
]


def test_oracle_5_10() -> None:
    ledger: list[datetime] = []
    for day, purpose, is_delivered, expected in ORACLE:
        now = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
        rule = replace(RULE, purpose=purpose)
        decision = decided(now, InteractionFacts(day, now), rule, ledger=tuple(ledger))
        assert decision.reason == expected, day
        if decision.due_at and is_delivered:
            ledger.append(decision.due_at)
    assert len(ledger) == 5


def test_a_follow_up_is_exempt_but_counts() -> None:
    follow_up = replace(RULE, purpose="follow_up")
    asked = tuple(NOON - days(count) for count in (1, 40, 80, 120))
    assert reason(rule=follow_up, ledger=asked) is None
    assert reason(ledger=(NOON - days(29),)) == "min_gap"


def test_the_gap_is_inclusive_to_the_second() -> None:
    assert reason(ledger=(NOON - days(30),)) is None
    assert reason(ledger=(NOON - days(30) + timedelta(seconds=1),)) == "min_gap"


def test_the_gap_holds_in_both_directions() -> None:
    assert reason(ledger=(NOON + days(10),)) == "min_gap"
    assert reason(ledger=(NOON + days(30),)) is None


def test_a_rule_may_ask_for_a_longer_gap_only() -> None:
    ledger = (NOON - days(45),)
    assert reason(rule=replace(RULE, min_gap_days=60), ledger=ledger) == "min_gap"
    assert reason(rule=replace(RULE, min_gap_days=0), ledger=(NOON - days(1),)) == "min_gap"
    assert reason(rule=replace(RULE, gap_days=50), ledger=ledger) == "min_gap"
    assert reason(rule=replace(RULE, gap_days=0), ledger=(NOON,)) is None


def test_the_cap_counts_a_rolling_year() -> None:
    four = tuple(NOON - days(count) for count in (30, 100, 200, 364))
    assert reason(ledger=four) == "annual_cap"
    assert reason(ledger=(*four[:3], NOON - days(365))) is None
    assert reason(ledger=four[:3]) is None
    assert reason(rule=replace(RULE, annual_cap=3), ledger=four[:3]) == "annual_cap"


def test_reasons_come_in_their_order() -> None:
    """Everything speaks against this one; taking away the first reason shows the next."""
    rule = replace(RULE, sample_percent=0, quiet_hours=False)
    person = PersonFacts(frozenset(), "UTC", is_unsubscribed=True)
    ledger = tuple(NOON - days(count) for count in (1, 40, 80, 120))
    old = InteractionFacts("old", NOON - days(15), is_historic=True)
    facts: dict[str, Any] = {"interaction": old, "rule": rule, "person": person, "ledger": ledger}
    seen = [reason(**facts)]
    for change in (
        {"interaction": replace(old, is_historic=False)},
        {"interaction": INTERACTION},
        {"person": replace(person, addresses=frozenset({"email"}))},
        {"person": replace(PERSON, is_unsubscribed=False)},
        {"rule": replace(rule, sample_percent=100)},
        {"ledger": tuple(NOON - days(count) for count in (31, 70, 110, 150))},
        {"ledger": ()},
    ):
        facts |= change
        seen.append(reason(**facts))
    assert seen == ["historic", "expired", "no_address", "unsubscribed", "not_sampled", "min_gap", "annual_cap", None]


def test_an_old_interaction_is_expired_on_arrival() -> None:
    assert reason(interaction=replace(INTERACTION, occurred_at=NOON - days(14))) is None
    assert (
        reason(
            interaction=replace(
                INTERACTION,
                occurred_at=NOON
                - days(
                    14,
                )
                - timedelta(seconds=1),
            )
        )
        == "expired"
    )
    assert reason(rule=replace(RULE, expires_after_days=30), interaction=InteractionFacts("i", NOON - days(20))) is None


def test_waiting_for_the_morning_may_be_too_late() -> None:
    evening = NOON.replace(hour=22)
    last_moment = InteractionFacts("i", evening - days(14) + timedelta(hours=1))
    assert reason(now=evening, interaction=last_moment) == "expired"
    assert reason(now=evening, interaction=last_moment, rule=replace(RULE, channel="link")) is None


def test_a_long_delay_does_not_use_up_the_lifetime() -> None:
    pulse = replace(RULE, delay_minutes=30 * 24 * 60)
    decision = decided(rule=pulse)
    assert (decision.reason, decision.due_at) == (None, NOON + days(30))


@pytest.mark.parametrize(("channel", "expected"), [("email", "no_address"), ("sms", "no_address"), ("link", None)])
def test_only_messages_need_an_address(channel: Any, expected: str | None) -> None:
    nowhere = replace(PERSON, addresses=frozenset())
    assert reason(rule=replace(RULE, channel=channel), person=nowhere) == expected


def test_an_email_address_is_no_phone() -> None:
    mail_only = replace(PERSON, addresses=frozenset({"email"}))
    assert reason(rule=replace(RULE, channel="sms"), person=mail_only) == "no_address"


@pytest.mark.parametrize("channel", ["email", "link", "webhook"])
def test_who_said_no_is_not_asked_by_any_channel(channel: Any) -> None:
    assert reason(rule=replace(RULE, channel=channel), person=replace(PERSON, is_unsubscribed=True)) == "unsubscribed"


def test_the_sample_is_drawn_once_for_each_interaction_and_rule() -> None:
    rule = replace(RULE, sample_percent=30)
    drawn = [decided(interaction=InteractionFacts(str(n), NOON), rule=rule) for n in range(4000)]
    again = [decided(interaction=InteractionFacts(str(n), NOON), rule=rule) for n in range(4000)]
    assert drawn == again
    # Four standard deviations of 4000 draws at 30% are 116.
    assert abs(sum(decision.reason is None for decision in drawn) - 1200) < 116
    assert {decision.probability for decision in drawn} == {0.3}
    other = [decided(interaction=InteractionFacts(str(n), NOON), rule=replace(rule, id="other")) for n in range(4000)]
    assert drawn != other


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from([0, 100]))
def test_none_and_all_are_certain(id_: str, percent: int) -> None:
    rule = replace(RULE, sample_percent=percent)
    expected = "not_sampled" if percent == 0 else None
    assert reason(interaction=InteractionFacts(id_, NOON), rule=rule) == expected


@given(st.text(max_size=8, alphabet="abc"), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_sample_contains_the_smaller(id_: str, one: int, two: int) -> None:
    small, large = sorted((one, two))
    interaction = InteractionFacts(id_, NOON)
    if reason(interaction=interaction, rule=replace(RULE, sample_percent=small)) is None:
        assert reason(interaction=interaction, rule=replace(RULE, sample_percent=large)) is None


def test_due_is_the_delay_after_the_interaction_but_not_before_now() -> None:
    rule = replace(RULE, delay_minutes=90)
    assert decided(rule=rule).due_at == NOON + timedelta(minutes=90)
    assert decided(rule=rule, interaction=InteractionFacts("i", NOON - days(1))).due_at == NOON
    assert decided(rule=rule, interaction=InteractionFacts("i", NOON - timedelta(hours=1))).due_at == NOON + timedelta(
        minutes=30
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("channel", "zone", "moment", "expected"),
    [
        ("email", "UTC", "2026-03-02T09:00+00:00", "2026-03-02T09:00+00:00"),
        ("email", "UTC", "2026-03-02T08:59:59+00:00", "2026-03-02T09:00+00:00"),
        ("email", "UTC", "2026-03-02T19:59:59+00:00", "2026-03-02T19:59:59+00:00"),
        ("email", "UTC", "2026-03-02T20:00+00:00", "2026-03-03T09:00+00:00"),
        ("sms", "UTC", "2026-03-02T19:00+00:00", "2026-03-03T09:00+00:00"),
        ("sms", "UTC", "2026-03-02T18:59+00:00", "2026-03-02T18:59+00:00"),
        ("link", "UTC", "2026-03-02T03:00+00:00", "2026-03-02T03:00+00:00"),
        ("webhook", "UTC", "2026-03-02T03:00+00:00", "2026-03-02T03:00+00:00"),
        ("email", "Asia/Shanghai", "2026-03-02T12:00+00:00", "2026-03-03T01:00+00:00"),
        ("email", "America/Sao_Paulo", "2026-12-31T23:30+00:00", "2027-01-01T12:00+00:00"),
        # The night of the change of clocks has 23 hours in spring and 25 in autumn.
        ("email", "Europe/Berlin", "2026-03-28T20:30+01:00", "2026-03-29T09:00+02:00"),
        ("email", "Europe/Berlin", "2026-10-24T20:30+02:00", "2026-10-25T09:00+01:00"),
        ("email", "America/New_York", "2026-03-08T01:30-05:00", "2026-03-08T09:00-04:00"),
        # Samoa had no 30 December 2011.
        ("email", "Pacific/Apia", "2011-12-29T21:00-10:00", "2011-12-31T09:00+14:00"),
        # Unknown zone: the tenant's (Shanghai in this test), narrowed.
        ("email", None, "2026-03-02T09:30+08:00", "2026-03-02T10:00+08:00"),
        ("email", None, "2026-03-02T17:59+08:00", "2026-03-02T17:59+08:00"),
        ("sms", None, "2026-03-02T18:00+08:00", "2026-03-03T10:00+08:00"),
    ],
)
def test_quiet_hours(channel: Any, zone: str | None, moment: str, expected: str) -> None:
    person = PersonFacts(frozenset({channel}), "Asia/Shanghai", zone)
    assert after_quiet_hours(utc(moment), channel, True, person) == utc(expected)


def test_a_rule_may_switch_quiet_hours_off() -> None:
    night = NOON.replace(hour=3)
    assert after_quiet_hours(night, "email", False, PERSON) == night


@pytest.mark.parametrize(
    ("hours", "channel", "zone", "moment", "expected"),
    [
        ((8, 22), "email", "UTC", "2026-03-02T07:59+00:00", "2026-03-02T08:00+00:00"),
        ((8, 22), "email", "UTC", "2026-03-02T21:59+00:00", "2026-03-02T21:59+00:00"),
        ((0, 24), "email", "UTC", "2026-03-02T23:59+00:00", "2026-03-02T23:59+00:00"),
        # SMS and unknown zones narrow the tenant's hours, and do not widen them.
        ((8, 22), "sms", "UTC", "2026-03-02T08:00+00:00", "2026-03-02T09:00+00:00"),
        ((11, 12), "sms", "UTC", "2026-03-02T12:00+00:00", "2026-03-03T11:00+00:00"),
        ((8, 22), "email", None, "2026-03-02T18:00+00:00", "2026-03-03T10:00+00:00"),
        # Hours that leave nothing over after narrowing stand as the tenant set them.
        ((20, 22), "email", None, "2026-03-02T12:00+00:00", "2026-03-02T20:00+00:00"),
        ((20, 22), "email", None, "2026-03-02T20:30+00:00", "2026-03-02T20:30+00:00"),
    ],
)
def test_a_tenant_has_sending_hours_of_its_own(
    hours: tuple[int, int], channel: Any, zone: str | None, moment: str, expected: str
) -> None:
    person = PersonFacts(frozenset({channel}), "UTC", zone, sending_hours=hours)
    assert after_quiet_hours(utc(moment), channel, True, person) == utc(expected)


@pytest.mark.parametrize(
    ("channel", "hours", "moment", "expected"),
    [
        ("email", (9, 20), "2026-03-02T12:00+01:00", "2026-03-02T20:00+01:00"),
        ("sms", (9, 20), "2026-03-02T12:00+01:00", "2026-03-02T19:00+01:00"),
        ("email", (0, 24), "2026-03-28T12:00+01:00", "2026-03-29T00:00+01:00"),
        ("email", (9, 20), "2026-03-29T01:00+01:00", "2026-03-29T20:00+02:00"),
    ],
)
def test_when_the_sending_hours_end(channel: Any, hours: tuple[int, int], moment: str, expected: str) -> None:
    person = PersonFacts(frozenset({channel}), "UTC", "Europe/Berlin", sending_hours=hours)
    assert quiet_from(utc(moment), channel, True, person) == utc(expected)
    assert quiet_from(utc(moment), channel, False, person) is None
    assert quiet_from(utc(moment), "link", True, person) is None


zones = st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/Sao_Paulo", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]
    + ["Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Casablanca", "America/St_Johns"]
)
long_ago = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=4 * 366)).map(lambda since: long_ago + since)


@given(moments, zones, st.booleans(), st.sampled_from(["email", "sms"]))
def test_nobody_is_disturbed_at_night(moment: datetime, zone: str, is_known: bool, channel: Any) -> None:
    person = PersonFacts(frozenset({channel}), zone, zone if is_known else None)
    due = after_quiet_hours(moment, channel, True, person)
    opens, closes = (time(9), time(20 if channel == "email" else 19)) if is_known else (time(10), time(18))
    assert opens <= due.astimezone(ZoneInfo(zone)).time() < closes
    assert timedelta() <= due - moment <= timedelta(hours=17)
    assert after_quiet_hours(due, channel, True, person) == due
    if due > moment:
        assert due.astimezone(ZoneInfo(zone)).time() == opens


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 23)), max_size=40), zones)
def test_no_person_is_asked_too_often(arrivals: list[tuple[int, int]], zone: str) -> None:
    ledger: list[datetime] = []
    for number, (day, hour) in enumerate(sorted(arrivals)):
        now = NOON + timedelta(days=day, hours=hour)
        person = PersonFacts(frozenset({"email"}), zone, zone)
        decision = decided(now, InteractionFacts(str(number), now), RULE, person, tuple(ledger))
        if decision.due_at:
            ledger.append(decision.due_at)
    assert all(later - earlier >= days(30) for earlier, later in pairwise(ledger))
    assert all(later - earlier >= days(365) for earlier, later in zip(ledger, ledger[4:], strict=False))


def test_an_invitation_expires_that_long_after_it_was_sent() -> None:
    assert expires_at(NOON, 14) == NOON + days(14)


INVITATION = InvitationFacts("email", NOON, 14)


@pytest.mark.parametrize(
    ("now", "invitation", "person", "expected"),
    [
        (NOON, INVITATION, PERSON, SendDecision("send")),
        (NOON + days(14), INVITATION, PERSON, SendDecision("send")),
        (NOON + days(14) + timedelta(seconds=1), INVITATION, PERSON, SendDecision("expired")),
        (NOON, replace(INVITATION, is_withdrawn=True), PERSON, SendDecision("cancelled")),
        (NOON, INVITATION, replace(PERSON, is_unsubscribed=True), SendDecision("unsubscribed")),
        (NOON, INVITATION, replace(PERSON, addresses=frozenset()), SendDecision("no_address")),
        (NOON, replace(INVITATION, channel="link"), replace(PERSON, addresses=frozenset()), SendDecision("send")),
        (
            NOON.replace(hour=21),
            INVITATION,
            PERSON,
            SendDecision("hold", NOON.replace(hour=9) + days(1)),
        ),
        (NOON.replace(hour=21), replace(INVITATION, quiet_hours=False), PERSON, SendDecision("send")),
        (NOON.replace(hour=21), INVITATION, replace(PERSON, is_unsubscribed=True), SendDecision("unsubscribed")),
    ],
)
def test_the_last_look_before_sending(
    now: datetime, invitation: InvitationFacts, person: PersonFacts, expected: SendDecision
) -> None:
    assert recheck_at_send(now, invitation, person) == expected
