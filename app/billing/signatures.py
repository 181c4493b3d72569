"""Reading what Stripe sends: only what one of our secrets has signed, and of that only whom it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import stripe

from app.kernel.errors import BadRequest

_ID = re.compile(r"[A-Za-z0-9_]{1,255}")


class Forged(BadRequest):
    """No secret of ours has signed this, or too long ago."""


@dataclass(frozen=True)
class Heard:
    """What of a webhook's event we use: which customer to ask about."""

    id: str
    type: str
    customer_id: str | None


def read_event(body: bytes, signature: str, secrets: Sequence[str]) -> Heard:
    """The event in a webhook's body. Raises Forged when none of the secrets has signed it in the last five minutes."""
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise Forged("The signature is wrong or too old.")
    try:
        event = json.loads(body)
        about = event["data"]["object"]
        customer = about["id"] if about.get("object") == "customer" else about.get("customer")
        if isinstance(customer, dict):  # an endpoint may be set up to be sent the whole customer
            customer = customer.get("id")
        heard = Heard(str(event["id"]), str(event["type"]), customer if is_id(customer) else None)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest("This is no event of Stripe's.") from error
    if not is_id(heard.id) or "\0" in heard.type:
        raise BadRequest("This is no event of Stripe's.")
    return heard


def is_id(value: object) -> bool:
    """Whether this can be an id of Stripe's."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
