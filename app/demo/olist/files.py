"""Reading the Olist files: one typed row at a time, and for each row that cannot be used its line and the reason.

Times in the files have no offset; they are times in São Paulo.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.customers.rules import check_attributes
from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.naming import checked_name
from app.surveys.design.question_types.text import DEFAULT_MAX_LENGTH
from app.surveys.design.texts import normalise_text

ZONE = ZoneInfo("America/Sao_Paulo")

ORDERS = "olist_orders_dataset.csv"
ITEMS = "olist_order_items_dataset.csv"
REVIEWS = "olist_order_reviews_dataset.csv"
CUSTOMERS = "olist_customers_dataset.csv"
SELLERS = "olist_sellers_dataset.csv"
PRODUCTS = "olist_products_dataset.csv"

_YEARS = range(2000, 2100)
"""Outside of them a time is a slip, and neighbouring moments may be none."""
_HIGHEST_PRICE = 10**9

T = TypeVar("T")
Row = dict[str, str]


class UnusableFile(Exception):
    """A file is missing, is no CSV in UTF-8, or lacks a column; the text names it."""


@dataclass(frozen=True)
class Rejected:
    """A row that was left out: its file, its first line (the header is line 1), and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Seller:
    """Who sells and delivers; the name tells the place."""

    id: str
    name: str


@dataclass(frozen=True)
class Item:
    """One thing of an order; `number` counts within the order."""

    order_id: str
    number: int
    seller_id: str
    product_id: str
    price: Decimal


@dataclass(frozen=True)
class Order:
    """One order; the delivery times are absent until it was delivered."""

    id: str
    customer_id: str
    status: str
    purchased_at: datetime
    promised_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True)
class Review:
    """What a customer said of an order."""

    id: str
    order_id: str
    score: int
    comment: str
    answered_at: datetime


def read(folder: Path, name: str, parse: Callable[[Row], T], rejected: list[Rejected]) -> Iterator[T]:
    """The rows of one file, as `parse` makes them; a ValueError from it rejects the row. Raises UnusableFile."""
    path = folder / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            line = 2
            for row in reader:
                try:
                    yield parse(_complete(row))
                except ValueError as error:
                    rejected.append(Rejected(name, line, str(error)))
                line = reader.line_num + 1
    except FileNotFoundError:
        raise UnusableFile(f"{path} is missing") from None
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise UnusableFile(f"{path} cannot be read: {error}") from error


def parse_seller(row: Row) -> Seller:
    """A row of the sellers' file."""
    seller_id = _id(row, "seller_id")
    place = ", ".join(part for part in (row.get("seller_city", "").title(), row.get("seller_state", "")) if part)
    try:
        return Seller(seller_id, checked_name(f"Seller {seller_id[:8]}" + (f" ({place})" if place else "")))
    except Invalid as error:
        raise ValueError(f"seller_city or seller_state: {error.faults[0].detail}") from None


def parse_item(row: Row) -> Item:
    """A row of the items' file."""
    try:
        price = Decimal(_field(row, "price"))
        number = int(_field(row, "order_item_id"))
    except (InvalidOperation, ValueError):
        raise ValueError("price or order_item_id is no number") from None
    if not (price.is_finite() and -_HIGHEST_PRICE < price < _HIGHEST_PRICE):
        raise ValueError("price is no number that could be one")
    return Item(_id(row, "order_id"), number, _id(row, "seller_id"), _id(row, "product_id"), price)


def parse_order(row: Row) -> Order:
    """A row of the orders' file."""
    purchased_at = _past(row, "order_purchase_timestamp")
    if purchased_at is None:
        raise ValueError("order_purchase_timestamp is empty")
    return Order(
        id=_id(row, "order_id"),
        customer_id=_id(row, "customer_id"),
        status=_field(row, "order_status"),
        purchased_at=purchased_at,
        promised_at=_time(row, "order_estimated_delivery_date"),
        delivered_at=_past(row, "order_delivered_customer_date"),
    )


def parse_review(row: Row) -> Review:
    """A row of the reviews' file."""
    score = _field(row, "review_score")
    if score not in ("1", "2", "3", "4", "5"):
        raise ValueError(f"review_score {score[:20]!r} is not 1 to 5")
    answered_at = _past(row, "review_answer_timestamp")
    if answered_at is None:
        raise ValueError("review_answer_timestamp is empty")
    return Review(
        id=_id(row, "review_id"),
        order_id=_id(row, "order_id"),
        score=int(score),
        comment=_comment(row),
        answered_at=answered_at,
    )


def parse_customer(row: Row) -> tuple[str, str]:
    """(id used in orders, id of the person) of a row of the customers' file."""
    return _id(row, "customer_id"), _id(row, "customer_unique_id")


def parse_product(row: Row) -> tuple[str, str]:
    """(id, category) of a row of the products' file; the category may be empty."""
    category = row.get("product_category_name", "").strip()
    check_attributes({"category": category})
    return _id(row, "product_id"), category


def _complete(row: dict[str | None, str | None]) -> Row:
    if None in row or None in row.values():
        raise ValueError("the row does not have as many fields as the header")
    return {str(name): str(value) for name, value in row.items()}


def _field(row: Row, name: str) -> str:
    try:
        return row[name].strip()
    except KeyError:
        raise UnusableFile(f"the column {name} is missing") from None


def _id(row: Row, name: str) -> str:
    value = _field(row, name)
    if not 1 <= len(value) <= 64 or not value.isascii() or not value.isalnum():
        raise ValueError(f"{name} is not an id")
    return value


def _time(row: Row, name: str) -> datetime | None:
    value = _field(row, name)
    if not value:
        return None
    try:
        moment = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        raise ValueError(f"{name} {value[:40]!r} is not a time such as 2018-01-12 14:05:00") from None
    if moment.year not in _YEARS:
        raise ValueError(f"{name} lies outside the years {_YEARS.start} to {_YEARS.stop - 1}")
    return moment.astimezone(UTC)


def _past(row: Row, name: str) -> datetime | None:
    moment = _time(row, name)
    if moment is not None and moment > clock.now():
        raise ValueError(f"{name} lies in the future")
    return moment


def _comment(row: Row) -> str:
    """Title and message in one text, as it is answered."""
    parts = (_field(row, "review_comment_title"), _field(row, "review_comment_message"))
    comment = normalise_text("\n\n".join(part for part in parts if part))
    if len(comment) > DEFAULT_MAX_LENGTH:
        raise ValueError(f"title and message have more than {DEFAULT_MAX_LENGTH} characters")
    return comment
