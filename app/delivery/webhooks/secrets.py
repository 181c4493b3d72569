"""The secrets of endpoints and what they sign, as Standard Webhooks 1.0 say (standardwebhooks.com)."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken
from standardwebhooks import Webhook

from app.kernel import sealing

_PURPOSE = "webhook secret"
_BYTES = 32


class SecretLost(Exception):
    """The secret was sealed under another SECRET_KEY; the text is for whoever looks after the webhook."""


def new_secret() -> tuple[str, str]:
    """(the secret, shown this once; sealed, as it is stored)."""
    text = f"whsec_{b64encode(secrets.token_bytes(_BYTES)).decode()}"
    return text, sealing.seal(_PURPOSE, text)


def signed_headers(message_id: str, body: str, sealed: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of one try: the id that stays, the time of this try, and one signature for each secret, of which the
    first is the one that counts. Raises SecretLost when that can be read no more; another one then signs no more."""
    texts = [_unsealed(secret) for secret in sealed]
    if texts[0] is None:
        raise SecretLost("The secret can be read no more; make a new one.")
    signatures = [Webhook(text).sign(message_id, now, body) for text in texts if text is not None]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _unsealed(sealed: str) -> str | None:
    try:
        return sealing.unseal(_PURPOSE, sealed)
    except InvalidToken:
        return None
