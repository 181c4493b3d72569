"""Public tokens: derived from ids with an HMAC, never stored, the same every time.

A token is base64url(tenant id, object id, 128-bit HMAC over purpose and key id); it says which tenant and which object,
and the purpose it was made for is part of the signature, so that a token for one thing opens no other.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from uuid import UUID

_KEY_ID = b"1"
_SIGNATURE_BYTES = 16
_LENGTH = 64  # characters: 16 + 16 + 16 bytes in base64

_secret = b""


def init(secret_key: str) -> None:
    """Take the secret that all tokens are signed with."""
    global _secret
    _secret = hashlib.sha256(b"heed public tokens\0" + secret_key.encode()).digest()


def issue(purpose: str, tenant_id: UUID, object_id: UUID) -> str:
    """The token that opens this object for this purpose: 64 characters, safe in an address."""
    body = tenant_id.bytes + object_id.bytes
    return urlsafe_b64encode(body + _sign(purpose, body)).decode()


def read(purpose: str, token: str) -> tuple[UUID, UUID] | None:
    """(tenant id, object id) of a valid token, or None: tampered, made for something else, or no token at all."""
    if len(token) != _LENGTH:
        return None
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (Base64Error, ValueError):
        return None
    body, signature = raw[:32], raw[32:]
    # Decoding ignores characters outside the alphabet; only the one spelling is accepted.
    if urlsafe_b64encode(raw).decode() != token or not hmac.compare_digest(signature, _sign(purpose, body)):
        return None
    return UUID(bytes=body[:16]), UUID(bytes=body[16:])


def _sign(purpose: str, body: bytes) -> bytes:
    if not _secret:
        raise RuntimeError("tokens.init() has not been called")
    message = b"\0".join((purpose.encode(), _KEY_ID, body))
    return hmac.digest(_secret, message, "sha256")[:_SIGNATURE_BYTES]
