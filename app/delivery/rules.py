"""What a mail server's answer means, how long we keep trying, and what an address and a header line must look like."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from email_validator import EmailNotValidError, validate_email

Fate = Literal["sent", "postponed", "failed", "uncertain"]

PATIENCE = timedelta(hours=8)
"""How long a message is offered again after temporary refusals; the outbox tries for about ten hours."""
LONGEST_ERROR = 500


@dataclass(frozen=True)
class HandOver:
    """How one hand-over ended. `postponed`: certainly not taken, worth another try; `uncertain`: nobody can know."""

    fate: Fate
    detail: str = ""


def judge_reply(code: int, text: str) -> HandOver:
    """What a server's reply to a step that it did not accept (or to the whole mail) means; RFC 5321, 4.2.1."""
    detail = f"{code} {text}".strip()[:LONGEST_ERROR]
    if 200 <= code < 300:
        return HandOver("sent", detail)
    return HandOver("failed" if 500 <= code < 600 else "postponed", detail)


def is_given_up(now: datetime, created_at: datetime) -> bool:
    """Whether a message that could not be handed over until `now` is not offered again."""
    return now - created_at >= PATIENCE


def is_lapsed(now: datetime, before: datetime | None) -> bool:
    """Whether the hours in which the message may go out are over; None is no end."""
    return before is not None and now >= before


def one_line(text: str, most: int = 200) -> str:
    """`text` as it can stand in a header: on one line, without control characters, at most `most` characters."""
    plain = "".join(" " if unicodedata.category(character) in _BREAKING else character for character in text)
    return " ".join(plain.split())[:most]


def is_one_line(text: str) -> bool:
    """Whether nothing in this text could end a header line."""
    return all(unicodedata.category(character) not in _BREAKING for character in text)


_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})


def envelope_address(address: str) -> str:
    """The address as mail servers take it: the domain in ASCII. Raises ValueError when it cannot be one."""
    try:
        parts = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"This is not an address: {error}") from None
    return f"{parts.local_part}@{parts.ascii_domain}"
