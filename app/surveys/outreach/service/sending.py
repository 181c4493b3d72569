"""Sending invitations: the last look, the mail handed to delivery, and what delivery reports back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.customers import queries as customers
from app.customers import service as customer_service
from app.delivery import queries as messages
from app.delivery import service as delivery
from app.kernel import clock
from app.kernel.db import atomic, find_row
from app.surveys.outreach import mail, queries, rules
from app.surveys.outreach.models import Invitation
from app.surveys.outreach.rules import InvitationFacts, PersonFacts
from app.surveys.outreach.service.facts import person_facts, tenant_timezone
from app.surveys.outreach.service.invitations import (
    MESSAGE_PURPOSE,
    cancel_scheduled,
    postpone,
    record_not_out,
    record_out,
)
from app.tenants import queries as tenants


def send_invitation(invitation_id: UUID) -> None:
    """Send a scheduled invitation that is due, hold it back until the morning, or say why it is not sent.

    A mail is only queued here: the invitation counts as sent when its hand-over has succeeded. Doing it again does
    nothing.
    """
    with atomic():
        invitation = find_row(Invitation, invitation_id, lock=True)
        if invitation is None or invitation.status != "scheduled" or invitation.due_at > clock.now():
            return
        if messages.find_message(MESSAGE_PURPOSE, invitation_id) is None:
            _send(queries.get_invitation(invitation_id))


def _send(invitation: Invitation) -> None:
    now = clock.now()
    person = person_facts(invitation.customer, tenants.settings(), tenant_timezone())
    facts = _facts(invitation)
    look = rules.recheck_at_send(now, facts, person)
    if look.until is not None:
        postpone(invitation, look.until)
    elif look.action != "send":
        record_not_out(invitation, "expired" if look.action == "expired" else "cancelled", look.action)
    elif invitation.channel == "link":
        record_out(invitation, now, "sent")
    else:
        _queue_mail(invitation, facts, person, now)


def _facts(invitation: Invitation) -> InvitationFacts:
    rule, survey = invitation.rule, invitation.version.survey
    return InvitationFacts(
        channel=invitation.channel,
        due_at=invitation.due_at,
        expires_after_days=invitation.expires_after_days,
        quiet_hours=rule.quiet_hours if rule else invitation.purpose != "test",
        is_withdrawn=survey.closed_at is not None or bool(rule and not rule.is_active),
    )


def _queue_mail(invitation: Invitation, facts: InvitationFacts, person: PersonFacts, now: datetime) -> None:
    address = customers.find_email(invitation.customer_id)
    assert address is not None, "the last look has refused an invitation without an address"
    rendered = mail.render_invitation(invitation)
    delivery.queue_message(
        MESSAGE_PURPOSE,
        invitation.id,
        address,
        rendered.from_name,
        rendered.subject,
        rendered.text,
        rendered.html,
        rendered.headers,
        before=rules.quiet_from(now, facts.channel, facts.quiet_hours, person),
    )


def send_again(purpose: str, invitation_id: UUID) -> None:
    """A mail could not be handed over in its hours: look at its invitation once more."""
    if purpose == MESSAGE_PURPOSE:
        send_invitation(invitation_id)


def record_sent(purpose: str, invitation_id: UUID) -> None:
    """The mail of an invitation was taken by the next hop."""
    _record_handed_over(purpose, invitation_id, "sent")


def record_uncertain(purpose: str, invitation_id: UUID) -> None:
    """The mail of an invitation was handed over, and nobody knows whether it was taken; it is not sent again."""
    _record_handed_over(purpose, invitation_id, "uncertain")


def _record_handed_over(purpose: str, invitation_id: UUID, status: str) -> None:
    if purpose != MESSAGE_PURPOSE:
        return
    with atomic():
        invitation = find_row(Invitation, invitation_id, lock=True)
        if invitation is not None:
            message = messages.find_message(MESSAGE_PURPOSE, invitation_id)
            at = message.ended_at if message else None
            record_out(invitation, at or clock.now(), status)


def record_bounced(purpose: str, invitation_id: UUID) -> None:
    """The mail of an invitation was refused for good: it does not count as an ask."""
    if purpose != MESSAGE_PURPOSE:
        return
    with atomic():
        invitation = find_row(Invitation, invitation_id, lock=True)
        if invitation is not None and invitation.status in ("scheduled", "uncertain"):
            record_not_out(invitation, "bounced", "bounced")


def unsubscribe(invitation_id: UUID) -> None:
    """Never ask this person again, at any address, and cancel what they have not been sent yet. Doing it again does
    nothing. Raises NotFound."""
    with atomic():
        invitation = queries.get_invitation(invitation_id)
        customer_service.suppress(invitation.customer_id, "unsubscribe_link")
        cancel_scheduled(invitation.customer_id, "unsubscribed")


def cancel_for_suppressed(customer_id: UUID) -> None:
    """Cancel what a person has not been sent yet who is not to be written to (any more)."""
    with atomic():
        if customers.is_suppressed(customer_id):
            cancel_scheduled(customer_id, "unsubscribed")
