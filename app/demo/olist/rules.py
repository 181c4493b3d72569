"""How an order becomes interactions, and which seller answers for it: pure decisions over rows of the files.

Late means delivered after the estimated time, compared as times (191 orders of the sample; by date it would be 169,
because the estimate is a midnight).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.demo.olist.files import Item, Order, Review

PURCHASE, DELIVERY, PRODUCT = "purchase", "delivery", "product"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlannedInteraction:
    """One touchpoint that an order met."""

    external_id: str
    touchpoint: str
    seller_id: str | None
    occurred_at: datetime
    measures: dict[str, float] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


def is_late(order: Order) -> bool:
    """Whether it was delivered after the estimated time."""
    return bool(order.delivered_at and order.promised_at and order.delivered_at > order.promised_at)


def leading_seller(items: Sequence[Item]) -> str | None:
    """The seller of the dearest item, of equally dear ones the item with the lowest number."""
    return min(items, key=lambda item: (-item.price, item.number)).seller_id if items else None


def plan(order: Order, items: Sequence[Item], categories: dict[str, str]) -> list[PlannedInteraction]:
    """What an order gives: its purchase; once delivered, also its delivery and the products of each seller."""
    planned = [PlannedInteraction(f"{order.id}:{PURCHASE}", PURCHASE, None, order.purchased_at)]
    if order.delivered_at is None:
        return planned
    planned.append(_delivery(order, order.delivered_at, leading_seller(items)))
    for seller_id in dict.fromkeys(item.seller_id for item in sorted(items, key=lambda item: item.number)):
        category = next((categories.get(i.product_id, "") for i in items if i.seller_id == seller_id), "")
        planned.append(
            PlannedInteraction(
                external_id=f"{order.id}:{PRODUCT}:{seller_id}",
                touchpoint=PRODUCT,
                seller_id=seller_id,
                occurred_at=order.delivered_at,
                attributes={"category": category} if category else {},
            )
        )
    return planned


def reviewed_interaction(order: Order) -> str:
    """The external id of the interaction that a review of this order speaks of."""
    return f"{order.id}:{DELIVERY if order.delivered_at else PURCHASE}"


def in_order(reviews: Sequence[Review]) -> list[Review]:
    """The reviews of one order, the first one first: only that one belongs to the interaction."""
    return sorted(reviews, key=lambda review: (review.answered_at, review.id))


def partner_key(seller_id: str) -> str:
    """The short name of the partner that a seller becomes."""
    return f"seller-{seller_id[:32].lower()}"


def _delivery(order: Order, delivered_at: datetime, seller_id: str | None) -> PlannedInteraction:
    measures: dict[str, float] = {"late": float(is_late(order))}
    attributes = {"delivered_at": delivered_at.isoformat()}
    if order.promised_at:
        measures["late_days"] = round(max(delivered_at - order.promised_at, timedelta()) / _DAY, 4)
        attributes["promised_at"] = order.promised_at.isoformat()
    return PlannedInteraction(f"{order.id}:{DELIVERY}", DELIVERY, seller_id, delivered_at, measures, attributes)
