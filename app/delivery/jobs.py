"""The jobs of this room: queued messages and letters are handed over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.delivery import letters, service


def send_message(tenant_id: UUID, *, message_id: str, before: str | None) -> None:
    """Hand a queued message over."""
    service.send_message(UUID(message_id), datetime.fromisoformat(before) if before else None)


def send_letter(*, kind: str, subject_id: str, letter_id: str) -> None:
    """Hand a letter over to a person who may be in no tenant."""
    letters.send_letter(kind, UUID(subject_id), UUID(letter_id))


def send_tenant_letter(tenant_id: UUID, *, kind: str, subject_id: str, letter_id: str) -> None:
    """Hand a letter over about something of the tenant."""
    letters.send_letter(kind, UUID(subject_id), UUID(letter_id))
