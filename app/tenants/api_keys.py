"""API keys as text: `heed_` and base64url of the tenant's id and 32 random bytes; only a hash of it is stored."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

_PREFIX = "heed_"
_BYTES = 48


@dataclass(frozen=True)
class KeyText:
    """What a presented key says: whose it claims to be, and the hash to look it up by."""

    tenant_id: UUID
    hash: str


def new_key(tenant_id: UUID) -> tuple[str, str]:
    """(the key, shown this once; its hash, stored)."""
    body = urlsafe_b64encode(tenant_id.bytes + secrets.token_bytes(_BYTES - 16)).decode()
    return _PREFIX + body, _hash(_PREFIX + body)


def read_key(header: str) -> KeyText | None:
    """Read an Authorization header; None when it holds nothing that could be a key."""
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key.startswith(_PREFIX) or len(key) != len(_PREFIX) + _BYTES * 4 // 3:
        return None
    try:
        raw = urlsafe_b64decode(key.removeprefix(_PREFIX).encode("ascii"))
    except ValueError:
        return None
    # Decoding leaves out what is not of the alphabet, so that less may come of it than its length says.
    if len(raw) != _BYTES:
        return None
    return KeyText(UUID(bytes=raw[:16]), _hash(key))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
