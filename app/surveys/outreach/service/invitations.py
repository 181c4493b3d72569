"""Making invitations and following what becomes of them: scheduled, sent, started, completed, expired, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.customers import queries as customers
from app.customers.models import Customer
from app.delivery import queries as messages
from app.delivery import service as delivery
from app.kernel import clock
from app.kernel.db import atomic, db, find_row, get_row
from app.kernel.events import publish, publish_each
from app.kernel.ids import new_id
from app.surveys.design.models import SurveyVersion
from app.surveys.design.reading import read_version
from app.surveys.outreach import queries, rules
from app.surveys.outreach.events import InvitationScheduled, InvitationSent
from app.surveys.outreach.models import Ask, Invitation
from app.surveys.outreach.rules import Channel
from app.surveys.outreach.service.facts import person_facts, tenant_timezone
from app.tenants import queries as tenants

MESSAGE_PURPOSE = "invitation"
"""What delivery is told that our messages are for; their reference is the invitation's id."""

_OUT = ("sent", "uncertain", "delivered")


@dataclass(frozen=True)
class Plan:
    """An ask about to be written down."""

    customer: Customer
    version_id: UUID
    due_at: datetime
    channel: Channel = "email"
    purpose: str = "ask"
    interaction_id: UUID | None = None
    rule_id: UUID | None = None
    touchpoint_id: UUID | None = None
    partner_id: UUID | None = None
    locale: str | None = None
    expires_after_days: int = 14


def invite(
    *,
    customer_id: UUID,
    version_id: UUID,
    purpose: str = "follow_up",
    touchpoint_id: UUID | None = None,
    partner_id: UUID | None = None,
    interaction_id: UUID | None = None,
    channel: Channel = "email",
    due_at: datetime | None = None,
    locale: str | None = None,
    expires_after_days: int = 14,
) -> Invitation:
    """Ask one customer outside any rule, `due_at` (now) or when the quiet hours after it are over.

    A follow-up is exempt from the gap and the cap, and is counted in both. Raises NotFound for an unknown customer.
    """
    with atomic():
        customer = customers.lock_customer(customer_id)
        due = max(due_at or clock.now(), clock.now())
        person = person_facts(customer, tenants.settings(), tenant_timezone())
        plan = Plan(
            customer=customer,
            version_id=version_id,
            due_at=rules.after_quiet_hours(due, channel, True, person),
            channel=channel,
            purpose=purpose,
            interaction_id=interaction_id,
            touchpoint_id=touchpoint_id,
            partner_id=partner_id,
            locale=locale,
            expires_after_days=expires_after_days,
        )
        return schedule([plan])[0]


def schedule(plans: Sequence[Plan]) -> list[Invitation]:
    """Write asks down in the running transaction: each invitation, its place in the ledger (but for tests), and the job
    to come.

    The rows of the customers must be locked, else two asks could each not see the other.
    """
    locales = {plan.version_id: "" for plan in plans if not (plan.locale or plan.customer.locale)}
    locales = {version_id: _default_locale(version_id) for version_id in locales}
    invitations = [_invitation(plan, locales.get(plan.version_id, "")) for plan in plans]
    db.session.add_all(invitations)
    db.session.flush()
    db.session.add_all(
        Ask(customer_id=row.customer_id, invitation_id=row.id, at=row.due_at, is_follow_up=row.purpose == "follow_up")
        for row in invitations
        if row.purpose != "test"
    )
    publish_each([(InvitationScheduled(row.id), row.due_at) for row in invitations])
    return invitations


def _invitation(plan: Plan, default_locale: str) -> Invitation:
    return Invitation(
        id=new_id(),
        purpose=plan.purpose,
        interaction_id=plan.interaction_id,
        rule_id=plan.rule_id,
        survey_version_id=plan.version_id,
        customer_id=plan.customer.id,
        touchpoint_id=plan.touchpoint_id,
        partner_id=plan.partner_id,
        channel=plan.channel,
        locale=plan.locale or plan.customer.locale or default_locale,
        status="scheduled",
        created_at=clock.now(),
        due_at=plan.due_at,
        expires_after_days=plan.expires_after_days,
    )


def _default_locale(version_id: UUID) -> str:
    return read_version(get_row(SurveyVersion, version_id)).default_locale


def mark_started(invitation_id: UUID) -> None:
    """The customer has given a first answer. Raises NotFound."""
    with atomic():
        invitation = get_row(Invitation, invitation_id, lock=True)
        invitation.started_at = invitation.started_at or clock.now()
        if invitation.status != "completed":
            invitation.status = "started"


def mark_completed(invitation_id: UUID) -> None:
    """The customer has sent their answers. Raises NotFound."""
    with atomic():
        invitation = get_row(Invitation, invitation_id, lock=True)
        now = clock.now()
        invitation.started_at = invitation.started_at or now
        invitation.completed_at = invitation.completed_at or now
        invitation.status = "completed"


def expire_invitation(invitation_id: UUID) -> None:
    """Stop taking answers to an invitation that nobody answered in its time. One that was answered stays."""
    with atomic():
        invitation = find_row(Invitation, invitation_id, lock=True)
        if invitation is None or invitation.status not in _OUT or invitation.expires_at is None:
            return
        if invitation.expires_at <= clock.now():
            invitation.status = "expired"


def postpone(invitation: Invitation, until: datetime) -> None:
    """Hold a locked invitation back until then."""
    invitation.due_at = until
    ask = queries.find_ask(invitation.id)
    if ask is not None:
        ask.at = until
    publish(InvitationScheduled(invitation.id), due_at=until)


def record_out(invitation: Invitation, at: datetime, status: str) -> None:
    """A locked invitation went out (or may have, `uncertain`) at this moment."""
    if invitation.status in ("scheduled", "uncertain"):
        invitation.status = status
    if invitation.sent_at is not None:
        return
    invitation.sent_at = at
    invitation.expires_at = rules.expires_at(at, invitation.expires_after_days)
    ask = queries.find_ask(invitation.id)
    if ask is not None:
        ask.at = at
    decision = queries.find_decision(invitation)
    if decision is not None:
        decision.decision, decision.reason = "sent", None
    publish(InvitationSent(invitation.id), due_at=invitation.expires_at)


def record_not_out(invitation: Invitation, status: str, reason: str) -> None:
    """A locked invitation will not reach its customer: the ledger forgets it, the decision says why."""
    invitation.status, invitation.status_reason = status, reason
    ask = queries.find_ask(invitation.id)
    if ask is not None:
        ask.voided_at = clock.now()
    decision = queries.find_decision(invitation)
    if decision is not None:
        decision.decision, decision.reason = "skipped", reason


def cancel_scheduled(customer_id: UUID, reason: str) -> None:
    """Cancel what the customer has not been sent yet, also a mail that waits; one on its way cannot be stopped."""
    for invitation in queries.lock_scheduled(customer_id):
        _cancel(invitation, reason)


def cancel_invitation(invitation_id: UUID, reason: str) -> None:
    """Cancel one invitation that has not gone out; one that has, or is on its way, stays. Raises NotFound."""
    with atomic():
        invitation = get_row(Invitation, invitation_id, lock=True)
        if invitation.status == "scheduled":
            _cancel(invitation, reason)


def _cancel(invitation: Invitation, reason: str) -> None:
    delivery.withdraw_message(MESSAGE_PURPOSE, invitation.id)
    if messages.find_message(MESSAGE_PURPOSE, invitation.id) is None:
        record_not_out(invitation, "cancelled", reason)
