"""The sample of real orders, read with plain Python: what the import is measured against.

The data is Olist's public set of Brazilian marketplace orders (see SOURCE.txt beside the files); it is not part of the
project. HEED_SAMPLE_DATA names the folder that holds `olist_relational_4k`.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("HEED_SAMPLE_DATA", ROOT.parent / "shared" / "data")) / "olist_relational_4k"


def rows(name: str) -> list[dict[str, str]]:
    """All rows of one file."""
    with (FOLDER / f"olist_{name}_dataset.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass
class SellersMonth:
    """One seller in one month."""

    scores: list[tuple[str, int]] = field(default_factory=list)
    """(touchpoint, score)"""
    cases: int = 0
    deliveries: int = 0
    late: int = 0


class Sample:
    """What the files say."""

    def __init__(self) -> None:
        self.orders = rows("orders")
        self.reviews = rows("order_reviews")
        self.items: dict[str, list[dict[str, str]]] = defaultdict(list)
        for item in rows("order_items"):
            self.items[item["order_id"]].append(item)

    def sellers(self) -> set[str]:
        return {item["seller_id"] for order in self.orders for item in self.items[order["order_id"]]}

    @cached_property
    def late(self) -> set[str]:
        """Orders delivered after the estimated time."""
        found = set()
        for order in self.orders:
            delivered = _time(order["order_delivered_customer_date"])
            promised = _time(order["order_estimated_delivery_date"])
            if delivered and promised and delivered > promised:
                found.add(order["order_id"])
        return found

    def delivered(self) -> set[str]:
        return {order["order_id"] for order in self.orders if order["order_delivered_customer_date"]}

    def leading_seller(self, order_id: str) -> str | None:
        items = self.items[order_id]
        if not items:
            return None
        dearest = max(float(item["price"]) for item in items)
        of_it = [item for item in items if float(item["price"]) == dearest]
        return min(of_it, key=lambda item: int(item["order_item_id"]))["seller_id"]

    def months_of_sellers(self) -> dict[tuple[str, str], SellersMonth]:
        """What scorecards are made of: by (seller, month of what happened) scores, cases and deliveries."""
        found: dict[tuple[str, str], SellersMonth] = defaultdict(SellersMonth)
        orders = {order["order_id"]: order for order in self.orders}
        answered: dict[str, list[dict[str, str]]] = defaultdict(list)
        for review in self.reviews:
            answered[review["order_id"]].append(review)
        for order_id, reviews in answered.items():
            reviews.sort(key=lambda review: (review["review_answer_timestamp"], review["review_id"]))
            seller, order = self.leading_seller(order_id), orders[order_id]
            delivered = order["order_delivered_customer_date"]
            for rank, review in enumerate(reviews):
                # Only the first one is about the delivery, or about the purchase where nothing was delivered.
                when = (
                    (delivered or order["order_purchase_timestamp"]) if rank == 0 else review["review_answer_timestamp"]
                )
                kind = "delivery" if delivered else "purchase"
                if seller:
                    found[seller, when[:7]].scores.append((kind, int(review["review_score"])))
                    if int(review["review_score"]) <= 2:
                        found[seller, review["review_answer_timestamp"][:7]].cases += 1
        for order_id in self.delivered():
            seller, order = self.leading_seller(order_id), orders[order_id]
            if seller and order["order_estimated_delivery_date"]:
                month = found[seller, order["order_delivered_customer_date"][:7]]
                month.deliveries += 1
                month.late += order_id in self.late
        return found

    def scores(self) -> Counter[int]:
        return Counter(int(review["review_score"]) for review in self.reviews)

    def scores_by_seller(self) -> dict[str | None, Counter[int]]:
        found: dict[str | None, Counter[int]] = defaultdict(Counter)
        for review in self.reviews:
            found[self.leading_seller(review["order_id"])][int(review["review_score"])] += 1
        return found
