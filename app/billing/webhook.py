"""What Stripe sends us. Only a body that one of our secrets has signed is read, and an event is heard once.

Whatever goes wrong on our side is answered with 5xx: then Stripe comes again, for three days.
"""

from __future__ import annotations

from flask import Blueprint, current_app, request

from app.billing.service import hearing
from app.billing.signatures import read_event
from app.config import Settings
from app.tenants.access import by_signature

_MOST_BYTES = 512 * 1024

bp = Blueprint("stripe", __name__, url_prefix="/webhooks/stripe")


@bp.post("")
@by_signature
def hear() -> dict[str, bool]:
    """Take an event."""
    request.max_content_length = _MOST_BYTES
    settings: Settings = current_app.extensions["heed_settings"]
    signature = request.headers.get("Stripe-Signature", "")
    event = read_event(request.get_data(), signature, settings.stripe_webhook_secrets)
    return {"heard": hearing.hear(event)}
