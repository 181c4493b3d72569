"""The secrets of endpoints and what they sign, as Standard Webhooks 1.0 say (standardwebhooks.com)."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

from app.kernel import sealing

_PURPOSE = "webhook secret"
_BYTES = 32


def new_secret() -> tuple[str, str]:
    """(the secret, shown this once; sealed, as it is stored)."""
    text = f"whsec_{b64encode(secrets.token_bytes(_BYTES)).decode()}"
    return text, sealing.seal(_PURPOSE, text)


def signed_headers(message_id: str, body: str, sealed: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of one try: the id that stays, the time of this try, and one signature for each secret."""
    signatures = [Webhook(sealing.unseal(_PURPOSE, secret)).sign(message_id, now, body) for secret in sealed]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
