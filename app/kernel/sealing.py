"""Secrets that have to be read again: sealed with a key derived from SECRET_KEY before they are stored.

Whoever reads the database alone learns nothing from them. A seal is made for a purpose and opens for no other.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet

_secret = ""


def init(secret_key: str) -> None:
    """Take the secret that all seals are made from."""
    global _secret
    _secret = secret_key
    _box.cache_clear()


def seal(purpose: str, text: str) -> str:
    """The text as it can be stored; every seal of the same text looks different."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """What was sealed for this purpose. Raises cryptography's InvalidToken, also after another SECRET_KEY was set."""
    return _box(purpose).decrypt(sealed.encode()).decode()


@cache
def _box(purpose: str) -> Fernet:
    if not _secret:
        raise RuntimeError("sealing.init() has not been called")
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"heed seal\0{purpose}\0{_secret}".encode()).digest()))
