"""Whether a tenant whose bills are unpaid may still change things; and that nothing is billed to one that has gone."""

from __future__ import annotations

from flask_babel import gettext as _

from app.billing import gateway, queries, rules
from app.kernel.errors import HeedError


class Unpaid(HeedError):
    """Bills have been unpaid for too long: staff can read and pay, nothing else; answers keep coming in."""

    status, title = 402, "Payment required"


def check_paid(kind: str, name: str) -> None:
    """Let a request that writes pass, by the kind and name of its route, or raise Unpaid with what to do."""
    if queries.is_on() and not rules.stays_open(kind, name) and queries.standing().is_read_only:
        raise Unpaid(
            _(
                "Your last invoice is still unpaid, so Heed is read-only for now. Answers keep coming in and nothing "
                "is lost. An administrator can pay under Settings, Billing; everything works again at once."
            )
        )


def end_everything(customer_id: str) -> None:
    """End what a customer at Stripe has whose tenant has gone. Raises StripeAway, and is then tried again."""
    if queries.is_on():
        gateway.end_everything(customer_id)
