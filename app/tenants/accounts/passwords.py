"""Hashing and checking passwords: argon2id, by Flask-Security, whose hashes are those that stood here before it."""

from __future__ import annotations

import secrets
from functools import cache

from flask_security.utils import hash_password, verify_password

from app.tenants.rules import LONGEST_PASSWORD


def hashed(password: str) -> str:
    """What is stored in place of the password."""
    return str(hash_password(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether this is the password whose hash is stored; takes the same time where nobody has one.

    A very long password is refused before it is hashed: it can be nobody's.
    """
    if len(password) > LONGEST_PASSWORD:
        return False
    return bool(verify_password(password, stored or _nobodys())) and stored is not None


@cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(16))
