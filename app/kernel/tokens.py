"""Tokens: derived from ids with an HMAC, never stored, the same every time. The purpose that one was made for is part
of its signature, so that a token for one thing opens no other.

A public token is base64url(tenant id, object id, 128-bit HMAC); it opens one object of one tenant as long as that is
there. A link is for one person and one moment: base64url(object id, when it ends, digest of the state it was made for,
192-bit HMAC); it dies with its time and, when the caller compares, with that state.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_KEY_ID = b"1"
_SIGNATURE_BYTES = 16
_LENGTH = 64  # characters: 16 + 16 + 16 bytes in base64
_LINK_SIGNATURE_BYTES = 24
_LINK_BODY_BYTES = 36
_LINK_LENGTH = 80  # characters: 16 + 4 + 16 + 24 bytes in base64

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


@dataclass(frozen=True)
class Link:
    """What a link says that was made by us for this purpose; whether it still holds is for its reader to say."""

    object_id: UUID
    ends_at: datetime
    state_digest: bytes

    def holds(self, now: datetime, state: str) -> bool:
        """Whether its time is not over and `state` is the one that it was made for."""
        return now < self.ends_at and hmac.compare_digest(self.state_digest, _digest(state))


def issue_link(purpose: str, object_id: UUID, ends_at: datetime, state: str) -> str:
    """The link that is good for this purpose until `ends_at` (whole seconds) or until `state`, any text that changes
    when the link must die, is another: 80 characters, safe in an address."""
    body = object_id.bytes + int(ends_at.timestamp()).to_bytes(4, "big") + _digest(state)
    return urlsafe_b64encode(body + _sign(f"link {purpose}", body, _LINK_SIGNATURE_BYTES)).decode()


def read_link(purpose: str, token: str) -> Link | None:
    """What a link says, or None: tampered, made for something else, or no link at all."""
    if len(token) != _LINK_LENGTH:
        return None
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (Base64Error, ValueError):
        return None
    body, signature = raw[:_LINK_BODY_BYTES], raw[_LINK_BODY_BYTES:]
    expected = _sign(f"link {purpose}", body, _LINK_SIGNATURE_BYTES)
    if urlsafe_b64encode(raw).decode() != token or not hmac.compare_digest(signature, expected):
        return None
    ends_at = datetime.fromtimestamp(int.from_bytes(body[16:20], "big"), UTC)
    return Link(UUID(bytes=body[:16]), ends_at, body[20:])


def fingerprint(purpose: str, text: str) -> str:
    """32 hex digits that stand for a text and can be neither made nor guessed from it without the secret."""
    return _sign(f"fingerprint {purpose}", text.encode()).hex()


def _digest(state: str) -> bytes:
    return hmac.digest(_secret, b"state\0" + state.encode(), "sha256")[:_SIGNATURE_BYTES]


def _sign(purpose: str, body: bytes, length: int = _SIGNATURE_BYTES) -> bytes:
    if not _secret:
        raise RuntimeError("tokens.init() has not been called")
    message = b"\0".join((purpose.encode(), _KEY_ID, body))
    return hmac.digest(_secret, message, "sha256")[:length]
