"""The jobs of this room; they belong to no tenant."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.tenants.accounts import service
from app.tenants.accounts.client import Client


def note_refusal(*, sign_in_id: str, user_id: str, way: str, at: str, address: str | None, browser: str) -> None:
    """Somebody was refused."""
    client = Client(address, browser)
    service.note_refusal(UUID(sign_in_id), UUID(user_id), way, datetime.fromisoformat(at), client)


def forget_sign_ins(*, user_id: str) -> None:
    """What was kept of them for their person is old enough to be forgotten."""
    service.forget_sign_ins(UUID(user_id))
