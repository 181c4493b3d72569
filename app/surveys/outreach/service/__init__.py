"""What can be done in this room: take interactions, make rules, ask, send, and follow what becomes of an invitation."""

from __future__ import annotations

from app.surveys.outreach.service.interactions import Recorded, record_interaction, record_interactions
from app.surveys.outreach.service.invitations import (
    MESSAGE_PURPOSE,
    cancel_invitation,
    expire_invitation,
    invite,
    mark_completed,
    mark_started,
)
from app.surveys.outreach.service.rulebook import add_rule, as_input, put_rule
from app.surveys.outreach.service.sending import (
    cancel_for_suppressed,
    record_bounced,
    record_sent,
    record_uncertain,
    send_again,
    send_invitation,
    unsubscribe,
)
from app.surveys.outreach.service.simulation import Simulation, simulate
from app.surveys.outreach.service.testing import invite_tester

__all__ = [
    "MESSAGE_PURPOSE",
    "Recorded",
    "Simulation",
    "add_rule",
    "as_input",
    "cancel_for_suppressed",
    "cancel_invitation",
    "expire_invitation",
    "invite",
    "invite_tester",
    "mark_completed",
    "mark_started",
    "put_rule",
    "record_bounced",
    "record_interaction",
    "record_interactions",
    "record_sent",
    "record_uncertain",
    "send_again",
    "send_invitation",
    "simulate",
    "unsubscribe",
]
