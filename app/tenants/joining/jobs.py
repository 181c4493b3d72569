"""The job of this room: who signed up and never came is forgotten."""

from __future__ import annotations

from uuid import UUID

from app.tenants.joining import service


def forget_sign_up(*, sign_up_id: str) -> None:
    """Forget who asked, some days later."""
    service.forget_sign_up(UUID(sign_up_id))
