"""The sample of real orders, read with plain Python: what the import is measured against.

The data is Olist's public set of Brazilian marketplace orders (see SOURCE.txt beside the files); it is not part of the
project. HEED_SAMPLE_DATA names the folder that holds `olist_relational_4k`.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("HEED_SAMPLE_DATA", ROOT.parent / "shared" / "data")) / "olist_relational_4k"


def rows(name: str) -> list[dict[str, str]]:
    """All rows of one file."""
    with (FOLDER / f"olist_{name}_dataset.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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

    def scores(self) -> Counter[int]:
        return Counter(int(review["review_score"]) for review in self.reviews)

    def scores_by_seller(self) -> dict[str | None, Counter[int]]:
        found: dict[str | None, Counter[int]] = defaultdict(Counter)
        for review in self.reviews:
            found[self.leading_seller(review["order_id"])][int(review["review_score"])] += 1
        return found
