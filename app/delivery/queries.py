"""Looking messages up, and counting what became of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.delivery.models import Message
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.pagination import Page, paginate


def find_message(purpose: str, reference_id: UUID) -> Message | None:
    """The message that this reference has for this purpose, or None."""
    return db.session.scalar(select(Message).where(Message.purpose == purpose, Message.reference_id == reference_id))


def get_message(purpose: str, reference_id: UUID) -> Message:
    """As `find_message`, raising NotFound."""
    found = find_message(purpose, reference_id)
    if found is None:
        raise NotFound()
    return found


def count_by_state(since: datetime) -> dict[str, int]:
    """How many messages made since then stand in each state; states without any are left out."""
    query = select(Message.state, func.count()).where(Message.created_at >= since).group_by(Message.state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def page_of_messages(state: str, cursor: str | None = None) -> Page[Message]:
    """The messages in one state, newest first: those that are `uncertain` or `failed` want a human eye."""
    return paginate(select(Message).where(Message.state == state), (Message.created_at, Message.id), cursor)
