"""What a newcomer does on the walk: has a survey sent to an invented customer, opens a partner's card, puts the guide
away."""

from __future__ import annotations

from uuid import UUID

from app.customers.intake_rules import NewCustomer
from app.demo.guide import queries
from app.demo.shop.setting import FAR
from app.kernel import clock, scope
from app.kernel.db import atomic
from app.kernel.errors import Conflict
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.service import record_interaction
from app.tenants import audit


def send_survey(user_id: UUID, customer_name: str, locale: str) -> None:
    """Let a late delivery happen to a customer who is this person; the shop's own rule asks them about it.

    While a survey waits for its answer no other is sent. Raises Conflict before the demo tenant is filled.
    """
    with atomic():
        walk = queries.find_walk(user_id)
        if not walk.is_ready:
            raise Conflict("The demo tenant is not filled yet.")
        if walk.is_open:
            return
        number = walk.asked + 1
        # A customer of its own each time: whoever was asked just now must be left alone for a month.
        mailbox = f"you.{user_id.hex[-6:]}.{number}@post.test"
        record_interaction(
            NewInteraction(
                id=queries.external_id(user_id, number),
                touchpoint="delivery",
                occurred_at=clock.now(),
                customer=NewCustomer([("email", mailbox)], name=customer_name, locale=locale),
                partner=FAR,
                measures={"late_days": 2},
                attributes={"region": "remote"},
            )
        )


def open_card() -> None:
    """Note that the acting person looks at a partner's card: looking leaves no row of its own."""
    _note(queries.CARD_OPENED)


def put_away(is_away: bool) -> None:
    """Put the guide away for the acting person, or take it out again."""
    _note(queries.PUT_AWAY if is_away else queries.TAKEN_OUT)


def _note(act: str) -> None:
    with atomic():
        audit.record(act, queries.SUBJECT, str(scope.actor().id))
