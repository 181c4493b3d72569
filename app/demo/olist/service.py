"""`import_olist`: the files become partners, touchpoints, interactions, responses and cases, through the rooms' verbs.

Every verb is idempotent by the files' own ids, so that a second run, or one after a crash, doubles nothing. What is
imported is history: it counts and stands as cases with clocks as of then, and sends nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from app.customers.intake_rules import NewCustomer
from app.demo.olist import files, rules
from app.demo.olist.files import Item, Order, Rejected, Review, Seller
from app.insights.scorecards.service import plan_months
from app.journeys.rules import TouchpointInput
from app.journeys.service import put_department, put_touchpoint
from app.kernel.db import atomic
from app.loop.cases.rules import opens_case
from app.loop.cases.service import limits as case_limits
from app.loop.cases.service import open_case_for_response
from app.partners.service import put_partner
from app.surveys.answering.rules import Scores
from app.surveys.answering.service import BySender, Submission
from app.surveys.answering.service.history import submit_history
from app.surveys.design.service import publish, save_draft
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.service.history import record_history

SURVEY = "order-review"
DEFINITION = {
    "title": {"en": "Your order", "pt-BR": "Seu pedido", "zh-Hans": "您的订单"},
    "default_locale": "en",
    "questions": [
        {
            "key": "satisfaction",
            "type": "csat",
            "required": True,
            "text": {
                "en": "How satisfied are you with your order?",
                "pt-BR": "Qual é a sua satisfação com o pedido?",
                "zh-Hans": "您对这次订单的满意程度如何？",
            },
        },
        {
            "key": "comment",
            "type": "text",
            "text": {
                "en": "What is the main reason?",
                "pt-BR": "Qual é o principal motivo?",
                "zh-Hans": "主要原因是什么？",
            },
        },
    ],
}
_BATCH = 200

Progress = Callable[[str, int], None]
"""Called with the name of a step and how many rows of it are done."""

T = TypeVar("T")


@dataclass
class Report:
    """What the files held; the same after a second run."""

    orders: int = 0
    reviews: int = 0
    late_orders: int = 0
    sellers: set[str] = field(default_factory=set)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass
class _Shop:
    """What is looked up while orders and reviews stream by."""

    sellers: dict[str, Seller] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=lambda: defaultdict(list))
    people: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    orders: dict[str, _Reviewable] = field(default_factory=dict)


@dataclass(frozen=True)
class _Reviewable:
    """What a review needs to know of its order."""

    interaction: str
    touchpoint: str
    seller_id: str | None
    person: str


def import_olist(folder: Path, progress: Progress = lambda _step, _done: None) -> Report:
    """Import the files of `folder` into the tenant of the scope.

    Raises UnusableFile when a file is missing, is no CSV or lacks a column; rows that cannot be used are in the report.
    """
    report = Report()
    shop = _read_shop(folder, report)
    _prepare(shop, progress)
    _import_orders(folder, shop, report, progress)
    _import_reviews(folder, shop, report, progress)
    # What was imported is long over: the months of its sellers are closed as soon as there is nothing else to do.
    plan_months()
    return report


def _read_shop(folder: Path, report: Report) -> _Shop:
    shop = _Shop()

    def parse_item(row: files.Row) -> Item:
        item = files.parse_item(row)
        if item.seller_id not in shop.sellers:
            raise ValueError(f"seller {item.seller_id} is not in {files.SELLERS}, or was rejected")
        return item

    for seller in files.read(folder, files.SELLERS, files.parse_seller, report.rejected):
        shop.sellers[seller.id] = seller
    for item in files.read(folder, files.ITEMS, parse_item, report.rejected):
        shop.items[item.order_id].append(item)
    shop.people.update(files.read(folder, files.CUSTOMERS, files.parse_customer, report.rejected))
    shop.categories.update(files.read(folder, files.PRODUCTS, files.parse_product, report.rejected))
    return shop


def _prepare(shop: _Shop, progress: Progress) -> None:
    """Everything orders and reviews refer to: the sellers that sold something, the touchpoints, the survey."""
    sold = {item.seller_id for items in shop.items.values() for item in items}
    done = 0
    for batch in _batches(seller for seller in shop.sellers.values() if seller.id in sold):
        with atomic():
            for seller in batch:
                put_partner(rules.partner_key(seller.id), seller.name)
                done += 1
        progress("sellers", done)
    with atomic():
        put_department("marketplace", "Marketplace", "frontline")
        for key, name, stage, channel, department in (
            (rules.PURCHASE, "Purchase", "buying", "web", "marketplace"),
            (rules.DELIVERY, "Delivery", "receiving", "delivery", None),
            (rules.PRODUCT, "Product", "receiving", "other", None),
        ):
            put_touchpoint(key, TouchpointInput(name, "order", stage, channel, department=department))
        save_draft(SURVEY, "Order review", "transactional", False, DEFINITION)
        publish(SURVEY)


def _import_orders(folder: Path, shop: _Shop, report: Report, progress: Progress) -> None:
    def parse(row: files.Row) -> Order:
        order = files.parse_order(row)
        if order.id in shop.orders:
            raise ValueError(f"order {order.id} stands in the file twice")
        if order.customer_id not in shop.people:
            raise ValueError(f"customer {order.customer_id} is not in {files.CUSTOMERS}")
        shop.orders[order.id] = _reviewable(order, shop)
        return order

    for batch in _batches(files.read(folder, files.ORDERS, parse, report.rejected)):
        _record(batch, shop)
        report.orders += len(batch)
        report.late_orders += sum(map(rules.is_late, batch))
        report.sellers |= {item.seller_id for order in batch for item in shop.items.get(order.id, ())}
        progress("orders", report.orders)


def _reviewable(order: Order, shop: _Shop) -> _Reviewable:
    items = shop.items.get(order.id, [])
    interaction = rules.reviewed_interaction(order)
    touchpoint = interaction.rpartition(":")[2]
    return _Reviewable(interaction, touchpoint, rules.leading_seller(items), shop.people[order.customer_id])


def _record(orders: Sequence[Order], shop: _Shop) -> None:
    record_history(
        [
            NewInteraction(
                id=planned.external_id,
                touchpoint=planned.touchpoint,
                occurred_at=planned.occurred_at,
                customer=_customer(shop.people[order.customer_id]),
                partner=rules.partner_key(planned.seller_id) if planned.seller_id else None,
                measures=planned.measures,
                attributes=planned.attributes,
                is_historic=True,
            )
            for order in orders
            for planned in rules.plan(order, shop.items.get(order.id, []), shop.categories)
        ]
    )


def _import_reviews(folder: Path, shop: _Shop, report: Report, progress: Progress) -> None:
    """The reviews, oldest first within an order: only the first of an order speaks of the interaction."""
    seen: set[str] = set()

    def parse(row: files.Row) -> Review:
        review = files.parse_review(row)
        if review.id in seen:
            raise ValueError(f"review {review.id} stands in the file twice")
        if review.order_id not in shop.orders:
            raise ValueError(f"order {review.order_id} is not in {files.ORDERS}, or was rejected")
        seen.add(review.id)
        return review

    by_order: dict[str, list[Review]] = defaultdict(list)
    for review in files.read(folder, files.REVIEWS, parse, report.rejected):
        by_order[review.order_id].append(review)
    limits = case_limits()
    ordered = ((rank, r) for reviews in by_order.values() for rank, r in enumerate(rules.in_order(reviews)))
    for batch in _batches(ordered):
        with atomic():
            stored = submit_history(SURVEY, [_submission(r, shop.orders[r.order_id], rank) for rank, r in batch])
            for (_rank, review), response in zip(batch, stored, strict=True):
                if opens_case(Scores(csat=review.score), limits):
                    open_case_for_response(response.response_id)
        report.reviews += len(batch)
        progress("reviews", report.reviews)


def _submission(review: Review, order: _Reviewable, rank: int) -> Submission:
    answers: dict[str, Any] = {"satisfaction": review.score}
    if review.comment:
        answers["comment"] = review.comment
    sender = BySender(
        survey=SURVEY,
        id=review.id,
        touchpoint=order.touchpoint,
        interaction=order.interaction if rank == 0 else None,
        customer=_customer(order.person),
        partner=rules.partner_key(order.seller_id) if order.seller_id else None,
        answered_at=review.answered_at,
        is_historic=True,
        source="import",
    )
    return Submission(way=sender, answers=answers, complete=True, locale="pt-BR")


def _customer(person: str) -> NewCustomer:
    return NewCustomer([("external", person)], locale="pt-BR")


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
