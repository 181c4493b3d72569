"""Deciding about interactions: each rule that listens gives one decision, and an invitation when it says yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.customers import queries as customers
from app.customers.models import Customer
from app.kernel import clock
from app.kernel.db import db
from app.surveys.outreach import queries, rules
from app.surveys.outreach.models import Interaction, OutreachDecision
from app.surveys.outreach.queries import Listener
from app.surveys.outreach.service.facts import interaction_facts, known_person, rule_facts, tenant_key
from app.surveys.outreach.service.invitations import Plan, schedule
from app.tenants.models import TenantSettings

LEDGER = timedelta(days=366)
"""How far back the ledger is read: a gap and the year of the cap are both shorter."""

Happened = tuple[Interaction, Customer]


@dataclass(frozen=True)
class _Verdict:
    """What one rule said about one interaction: a plan, or the reason for none."""

    interaction: Interaction
    listener: Listener
    reason: str | None
    plan: Plan | None = None


def decide_outreach(
    happened: Sequence[Happened], listeners: Mapping[UUID, Sequence[Listener]], settings: TenantSettings, timezone: str
) -> None:
    """Write one decision per rule about each new interaction, in the running transaction and in their order.

    `listeners` are by touchpoint, `timezone` is the tenant's. The rows of the customers are locked by whoever found
    them, so that of two interactions at the same moment the second sees what the first reserved. An older rule decides
    first, and its ask counts against the later ones.
    """
    heard = [one for one in happened if listeners.get(one[0].touchpoint_id)]
    if not heard:
        return
    now = clock.now()
    ids = list({customer.id for _interaction, customer in heard})
    reachable, suppressed = customers.reachable_by_email(ids), customers.suppressed_among(ids)
    ledgers = queries.ledgers(ids, now - LEDGER)
    verdicts = []
    for interaction, customer in heard:
        has_email, is_suppressed = customer.id in reachable, customer.id in suppressed
        person = known_person(customer, settings, timezone, has_email, is_suppressed)
        ledger = ledgers.setdefault(customer.id, [])
        for listener in listeners[interaction.touchpoint_id]:
            rule = rule_facts(str(listener.rule.id), listener.rule, settings)
            decision = rules.decide(now, tenant_key(), interaction_facts(interaction), rule, person, ledger)
            verdict = _verdict(interaction, customer, listener, decision)
            verdicts.append(verdict)
            if verdict.plan:
                ledger.append(verdict.plan.due_at)
    _write(verdicts)


def _verdict(interaction: Interaction, customer: Customer, listener: Listener, decision: rules.Decision) -> _Verdict:
    if decision.due_at is None:
        return _Verdict(interaction, listener, decision.reason)
    # Whoever would have been asked is not, because there is nothing to ask.
    if listener.version_id is None:
        return _Verdict(interaction, listener, "not_published")
    if listener.is_closed:
        return _Verdict(interaction, listener, "survey_closed")
    plan = Plan(
        customer=customer,
        version_id=listener.version_id,
        due_at=decision.due_at,
        channel=listener.rule.channel,
        interaction_id=interaction.id,
        rule_id=listener.rule.id,
        touchpoint_id=interaction.touchpoint_id,
        partner_id=interaction.partner_id,
        expires_after_days=listener.rule.expires_after_days,
    )
    return _Verdict(interaction, listener, None, plan)


def _write(verdicts: Sequence[_Verdict]) -> None:
    now = clock.now()
    made = iter(schedule([verdict.plan for verdict in verdicts if verdict.plan]))
    invited = [next(made).id if verdict.plan else None for verdict in verdicts]
    db.session.add_all(
        OutreachDecision(
            interaction_id=verdict.interaction.id,
            rule_id=verdict.listener.rule.id,
            decision="scheduled" if verdict.plan else "skipped",
            reason=verdict.reason,
            sample_percent=verdict.listener.rule.sample_percent,
            decided_at=now,
            invitation_id=invitation_id,
        )
        for verdict, invitation_id in zip(verdicts, invited, strict=True)
    )
    db.session.flush()
