"""An authenticator app, by the book (RFC 6238 over RFC 4226), so that ours is not checked against itself."""

from __future__ import annotations

import base64
import hmac
import re
import struct

from app.kernel import clock
from tests.cast import PageClient


def code_of(key: str, steps: int = 0) -> str:
    """The six digits that the app shows for the key now, or so many half minutes later."""
    plain = key.replace("-", "").replace(" ", "")
    secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
    counter = int(clock.now().timestamp()) // 30 + steps
    digest = hmac.digest(secret, struct.pack(">Q", counter), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def set_up_app(client: PageClient) -> tuple[str, list[str]]:
    """Make an app the second step of the person of this client: (its key, the recovery codes)."""
    page = client.get("/account/two-steps/app").text
    found = re.search(r'class="key-text">([A-Z2-7 -]+)<', page)
    assert found, page
    answer = client.post("/account/two-steps/app", {"code": code_of(found[1])})
    assert answer.status_code == 201, answer.text
    return found[1], re.findall(r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b", answer.text)
