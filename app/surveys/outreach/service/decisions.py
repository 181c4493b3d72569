"""Deciding about one interaction: each rule that listens gives one decision, and an invitation when it says yes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.customers.models import Customer
from app.kernel import clock
from app.kernel.db import db
from app.surveys.outreach import queries, rules
from app.surveys.outreach.models import Interaction, Invitation, OutreachDecision
from app.surveys.outreach.rules import Decision
from app.surveys.outreach.service.facts import interaction_facts, person_facts, rule_facts, tenant_key
from app.surveys.outreach.service.invitations import Plan, schedule
from app.tenants.models import TenantSettings

LEDGER = timedelta(days=366)
"""How far back the ledger is read: a gap and the year of the cap are both shorter."""


def decide_outreach(
    interaction: Interaction,
    customer: Customer,
    listeners: Sequence[queries.Listener],
    settings: TenantSettings,
    timezone: str,
) -> None:
    """Write one decision per rule about a new interaction, in the running transaction; `timezone` is the tenant's.

    The customer's row is locked by whoever found it, so that of two interactions at the same moment the second sees
    what the first reserved. An older rule decides first, and its ask counts against the later ones.
    """
    if not listeners:
        return
    now = clock.now()
    person = person_facts(customer, settings, timezone)
    ledger = queries.ledger(customer.id, now - LEDGER)
    for listener in listeners:
        rule = rule_facts(str(listener.rule.id), listener.rule, settings)
        decision = rules.decide(now, tenant_key(), interaction_facts(interaction), rule, person, ledger)
        invitation = _ask(interaction, customer, listener, decision)
        if invitation is not None:
            ledger.append(invitation.due_at)
        db.session.add(
            OutreachDecision(
                interaction_id=interaction.id,
                rule_id=listener.rule.id,
                decision="scheduled" if invitation else "skipped",
                # Whoever would have been asked is not, because there is nothing to ask.
                reason=None if invitation else decision.reason or "not_published",
                sample_percent=listener.rule.sample_percent,
                decided_at=now,
                invitation_id=invitation.id if invitation else None,
            )
        )


def _ask(
    interaction: Interaction, customer: Customer, listener: queries.Listener, decision: Decision
) -> Invitation | None:
    if decision.due_at is None or listener.version_id is None:
        return None
    return schedule(
        Plan(
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
    )
