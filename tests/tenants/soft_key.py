"""A passkey in software (WebAuthn Level 2, 6.1, 6.5): it answers as it is told, also what no honest one would."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cast import PageClient

HERE = "http://localhost"
PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftKey:
    """One passkey of one person."""

    user_handle: bytes = b""
    count: int = 0
    id: bytes = field(default_factory=lambda: os.urandom(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, asked: dict[str, Any], **lies: Any) -> str:
        """What a browser sends when the passkey was made."""
        self.user_handle = decode(asked["user"]["id"])
        point = self.private.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        flags = lies.pop("flags", PRESENT | VERIFIED) | HOLDS_KEY
        data = self._data(lies.pop("host", "localhost"), flags) + held
        client = self._client("webauthn.create", asked["challenge"], **lies)
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._sent({"clientDataJSON": encode(client), "attestationObject": encode(statement)})

    def use(self, asked: dict[str, Any], **lies: Any) -> str:
        """What a browser sends when the passkey has answered."""
        self.count += lies.pop("count", 1)
        handle = lies.pop("handle", self.user_handle)
        data = self._data(lies.pop("host", "localhost"), lies.pop("flags", PRESENT | VERIFIED))
        client = self._client(lies.pop("type", "webauthn.get"), lies.pop("challenge", asked["challenge"]), **lies)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature)}
        return self._sent({**response, "userHandle": encode(handle) if handle is not None else None})

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str = HERE) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _sent(self, response: dict[str, Any]) -> str:
        sent = {"id": encode(self.id), "rawId": encode(self.id), "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**sent, "response": response})


def asked(client: PageClient, path: str = "/sign-in/passkey/challenge") -> dict[str, Any]:
    """What the site asks the browser now."""
    answer = client.post(path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def add_passkey(client: PageClient, name: str = "Laptop") -> SoftKey:
    """Make a passkey for the person of this client."""
    key = SoftKey()
    credential = key.make(asked(client, "/account/passkeys/challenge"))
    answer = client.post("/account/passkeys", {"name": name, "credential": credential})
    assert answer.status_code in (201, 303), answer.text
    return key
