"""What can be done with messages: queue one, hand it over at most once, take it back while it waits.

SMTP has no idempotency, so the hand-over is claimed in a transaction of its own before anything leaves the house. A
claim that is found again without a result means that its process died: nobody knows whether the mail was taken, the
message is `uncertain` and stays so. A survey mail that is missing annoys nobody; one that comes twice does.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app
from sqlalchemy import delete

from app.config import Settings
from app.delivery import queries
from app.delivery.channels import email
from app.delivery.events import MessageFailed, MessageLapsed, MessageQueued, MessageSent, MessageUncertain
from app.delivery.models import Message
from app.delivery.rules import HandOver, is_given_up, is_lapsed, is_one_line
from app.kernel import clock
from app.kernel.db import atomic, find_row
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.tenants.examples.queries import keeps_back


class Postponed(Exception):
    """The message was certainly not taken; the job that raises this is tried again, later and later."""


def queue_message(
    purpose: str,
    reference_id: UUID,
    to_address: str,
    from_name: str,
    subject: str,
    text: str,
    html: str,
    headers: dict[str, str] | None = None,
    *,
    before: datetime | None = None,
) -> Message:
    """Have a rendered mail handed over once the running transaction is committed, unless that is after `before`.

    `purpose` and `reference_id` together are sent once: asking again returns the first message and sends nothing.
    Raises ValueError when a line break or control character stands in what becomes a header.
    """
    headers = headers or {}
    if not all(is_one_line(value) for value in (from_name, subject, to_address, *headers.values())):
        raise ValueError("A header line may not hold line breaks or control characters.")
    with atomic():
        added = insert_if_new(
            Message,
            purpose=purpose,
            reference_id=reference_id,
            channel="email",
            to_address=to_address,
            from_name=from_name,
            subject=subject,
            text=text,
            html=html,
            headers=headers,
            state="queued",
            created_at=clock.now(),
        )
        if added is not None:
            publish(MessageQueued(added.id, before.isoformat() if before else None))
            return added
        return queries.get_message(purpose, reference_id)


def withdraw_message(purpose: str, reference_id: UUID) -> bool:
    """Take a message back that still waits, as if it had never been asked for; False when it is too late for that."""
    waiting = (Message.purpose == purpose) & (Message.reference_id == reference_id) & (Message.state == "queued")
    with atomic() as session:
        gone = session.execute(delete(Message).where(waiting).returning(Message.id))
        return gone.first() is not None


def send_message(message_id: UUID, before: datetime | None = None) -> None:
    """Hand one message over, at most once ever, and publish what became of it.

    Two transactions on purpose: the claim is committed before the hand-over, the result after it. Raises Postponed
    when the server did not take the message for now.
    """
    message = _claim(message_id, before)
    if message is None:
        return
    settings: Settings = current_app.extensions["heed_settings"]
    result = email.hand_over(settings.smtp_url, _outgoing(settings, message))
    if _record(message.id, result, before) == "queued":
        raise Postponed(result.detail)


def _claim(message_id: UUID, before: datetime | None) -> Message | None:
    """The message, now being handed over; None when there is nothing (more) to hand over.

    What an example writes to its invented customers counts as sent, so that its story goes on, and is kept back.
    """
    now = clock.now()
    with atomic():
        message = find_row(Message, message_id, lock=True)
        if message is None:
            return None
        if message.state == "handing_over":
            _end(message, HandOver("uncertain", "The hand-over began and its process never reported a result."))
        elif message.state == "queued" and is_lapsed(now, before):
            _lapse(message)
        elif message.state == "queued":
            message.state, message.handed_over_at = "handing_over", now
            if not keeps_back(message.to_address):
                return message
            _end(message, HandOver("sent"))
        return None


def _outgoing(settings: Settings, message: Message) -> email.Outgoing:
    return email.Outgoing(
        id=message.id,
        host=email.greeting_name(urlsplit(settings.base_url).hostname),
        date=clock.now(),
        from_name=message.from_name,
        from_address=settings.mail_from,
        to_address=message.to_address,
        subject=message.subject,
        text=message.text,
        html=message.html,
        headers=message.headers,
    )


def _record(message_id: UUID, result: HandOver, before: datetime | None) -> str:
    """Record how the hand-over ended; returns the state that the message is in now (`lapsed` when it is gone)."""
    with atomic():
        message = find_row(Message, message_id, lock=True)
        if message is None:
            return "lapsed"
        if result.fate != "postponed" and message.state in ("handing_over", "uncertain"):
            # Also over `uncertain`: somebody gave this hand-over up for lost, and here is its result after all.
            _end(message, result)
        elif message.state == "handing_over" and is_lapsed(clock.now(), before):
            return _lapse(message)
        elif message.state == "handing_over":
            _postpone(message, result)
        return message.state


def _postpone(message: Message, result: HandOver) -> None:
    if is_given_up(clock.now(), message.created_at):
        _end(message, HandOver("failed", f"Given up: {result.detail}"))
    else:
        message.state, message.handed_over_at, message.error = "queued", None, result.detail


def _end(message: Message, result: HandOver) -> None:
    message.state, message.ended_at = result.fate, clock.now()
    message.error = None if result.fate == "sent" else result.detail
    kinds = {"sent": MessageSent, "failed": MessageFailed, "uncertain": MessageUncertain}
    publish(kinds[result.fate](message.purpose, message.reference_id))


def _lapse(message: Message) -> str:
    with atomic() as session:
        session.delete(message)
        publish(MessageLapsed(message.purpose, message.reference_id))
    return "lapsed"
