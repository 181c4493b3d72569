"""Signatures that anybody can check: Ed25519, with keys derived from SECRET_KEY, one for each purpose."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_secret = ""


def init(secret_key: str) -> None:
    """Take the secret that all keys are derived from."""
    global _secret
    _secret = secret_key


def public_key(purpose: str) -> str:
    """The key, in base64, with which anybody checks what was signed here for this purpose."""
    return b64encode(_key(purpose).public_key().public_bytes_raw()).decode()


def sign(purpose: str, message: bytes) -> str:
    """The signature of a message, in base64."""
    return b64encode(_key(purpose).sign(message)).decode()


def is_signed(key: str, message: bytes, signature: str) -> bool:
    """Whether whoever has the private half of `key` has signed this message."""
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(key)).verify(b64decode(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key(purpose: str) -> Ed25519PrivateKey:
    if not _secret:
        raise RuntimeError("signing.init() has not been called")
    seed = hashlib.sha256(f"heed signature\0{purpose}\0{_secret}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)
