"""What Stripe sends us. Only a body that one of our secrets has signed is read, and an event is heard once.

Whatever goes wrong on our side is answered with 5xx: then Stripe comes again, for three days.
"""

from __future__ import annotations

from flask import Blueprint, request

from app.billing import gateway
from app.billing.service import hearing
from app.tenants.access import by_signature

_MOST_BYTES = 512 * 1024

bp = Blueprint("stripe", __name__, url_prefix="/webhooks/stripe")


@bp.post("")
@by_signature
def hear() -> dict[str, bool]:
    """Take an event."""
    request.max_content_length = _MOST_BYTES
    event = gateway.read_event(request.get_data(), request.headers.get("Stripe-Signature", ""))
    return {"heard": hearing.hear(event)}
