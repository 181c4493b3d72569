"""The jobs of this room: sending, expiring, and following what delivery and customers report."""

from __future__ import annotations

from uuid import UUID

from app.surveys.outreach import service


def send_invitation(tenant_id: UUID, *, invitation_id: str) -> None:
    """An invitation is due."""
    service.send_invitation(UUID(invitation_id))


def expire_invitation(tenant_id: UUID, *, invitation_id: str) -> None:
    """An invitation has reached the end of its time."""
    service.expire_invitation(UUID(invitation_id))


def record_invitation_sent(tenant_id: UUID, *, purpose: str, reference_id: str) -> None:
    """A message was handed over."""
    service.record_sent(purpose, UUID(reference_id))


def record_invitation_uncertain(tenant_id: UUID, *, purpose: str, reference_id: str) -> None:
    """Nobody knows whether a message was handed over."""
    service.record_uncertain(purpose, UUID(reference_id))


def record_invitation_bounced(tenant_id: UUID, *, purpose: str, reference_id: str) -> None:
    """A message was refused for good."""
    service.record_bounced(purpose, UUID(reference_id))


def send_invitation_again(tenant_id: UUID, *, purpose: str, reference_id: str) -> None:
    """A message could not be handed over in its hours."""
    service.send_again(purpose, UUID(reference_id))


def cancel_invitations(tenant_id: UUID, *, customer_id: str) -> None:
    """A customer is not to be written to any more."""
    service.cancel_for_suppressed(UUID(customer_id))


def resume_invitations(tenant_id: UUID) -> None:
    """A subscription has changed: what was held back for unpaid bills may go out."""
    service.resume_held()
