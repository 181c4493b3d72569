"""Letters go out: written at the moment they are handed over, at least once, and nothing of them is kept.

A letter that comes twice is the same mail twice (its Message-ID is); one that is missing locks somebody out. So a
hand-over that nobody knows the end of is tried again, unlike a customer's message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app

from app.config import Settings
from app.delivery.channels import email
from app.delivery.rules import one_line
from app.kernel import clock
from app.kernel.db import atomic
from app.tenants.examples.queries import keeps_back
from app.web.letters import Letter, render_letter

Writer = Callable[[UUID], Letter | None]
"""What a letter of one kind says about this subject; None when nobody needs it any more."""

log = logging.getLogger(__name__)
_writers: Mapping[str, Writer] = {}


class NotTaken(Exception):
    """The server did not take the letter for now; the job that raises this is tried again, later and later."""


def wire(table: Mapping[str, Writer]) -> None:
    """Take the writers of app/handlers.py."""
    global _writers
    _writers = table


def send_letter(kind: str, subject_id: UUID, letter_id: UUID) -> None:
    """Write a letter and hand it over. Raises NotTaken, and KeyError for a kind that has no writer."""
    with atomic():  # which ends before anything leaves the house
        letter = _writers[kind](subject_id)
        if letter is None or keeps_back(letter.to_address):
            return
    settings: Settings = current_app.extensions["heed_settings"]
    result = email.hand_over(settings.smtp_url, _outgoing(settings, letter, letter_id))
    if result.fate == "failed":
        log.warning("a letter (%s) was refused: %s", kind, result.detail)
    elif result.fate != "sent":
        raise NotTaken(result.detail)


def _outgoing(settings: Settings, letter: Letter, letter_id: UUID) -> email.Outgoing:
    bodies = render_letter(letter)
    return email.Outgoing(
        id=letter_id,
        host=email.greeting_name(urlsplit(settings.base_url).hostname),
        date=clock.now(),
        from_name=one_line(letter.sender),
        from_address=settings.mail_from,
        to_address=letter.to_address,
        subject=one_line(letter.subject),
        text=bodies.text,
        html=bodies.html,
    )
