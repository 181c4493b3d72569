"""The Olist import takes what can be used: every row that cannot be is named, and stops nothing."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.demo.olist import files
from app.demo.olist.files import Rejected
from app.demo.olist.service import Report, import_olist
from app.kernel import clock
from app.kernel.db import db
from app.partners.models import Partner
from tests.cast import Cast

WHEN = "2018-01-02 10:00:00"
HEADS = {
    files.SELLERS: "seller_id,seller_city,seller_state",
    files.PRODUCTS: "product_id,product_category_name",
    files.CUSTOMERS: "customer_id,customer_unique_id",
    files.ITEMS: "order_id,order_item_id,product_id,seller_id,price",
    files.ORDERS: "order_id,customer_id,order_status,order_purchase_timestamp,order_estimated_delivery_date,"
    "order_delivered_customer_date",
    files.REVIEWS: "review_id,order_id,review_score,review_comment_title,review_comment_message,"
    "review_answer_timestamp",
}
GOOD = {
    files.SELLERS: ("anna", "campinas", "SP"),
    files.PRODUCTS: ("lamp", "lights"),
    files.CUSTOMERS: ("buyer", "person"),
    files.ITEMS: ("order", "1", "lamp", "anna", "10.00"),
    files.ORDERS: ("order", "buyer", "delivered", WHEN, WHEN, WHEN),
    files.REVIEWS: ("review", "order", "1", "Bad", "Broken", WHEN),
}
"""A row of each file; they belong to each other."""

TOMORROW = f"{clock.now() + timedelta(days=2):%Y-%m-%d %H:%M:%S}"
ENDLESS = "9999-12-31 23:00:00"
BAD = {
    "a city too long for a name": (files.SELLERS, ("bob", "x" * 200, "SP"), "1 to 200 characters"),
    "a city with a bell": (files.SELLERS, ("bob", "Rio\a", "RJ"), "control characters"),
    "a category too long": (files.PRODUCTS, ("bed", "x" * 3000), "category"),
    "a seller of nobody's": (files.ITEMS, ("order", "2", "lamp", "nobody", "10.00"), "nobody is not in"),
    "a price beyond counting": (files.ITEMS, ("order", "2", "lamp", "anna", "1e9999999"), "price"),
    "bought at the end of time": (files.ORDERS, ("late", "buyer", "new", ENDLESS, WHEN, ""), "outside the years 2000"),
    "bought in the year one": (files.ORDERS, ("early", "buyer", "new", "0001-01-01 00:00:00", "", ""), "outside"),
    "promised for the end of time": (files.ORDERS, ("slow", "buyer", "new", WHEN, ENDLESS, ""), "outside"),
    "bought tomorrow": (files.ORDERS, ("soon", "buyer", "new", TOMORROW, "", ""), "future"),
    "delivered tomorrow": (files.ORDERS, ("soon", "buyer", "new", WHEN, "", TOMORROW), "future"),
    "reviewed tomorrow": (files.REVIEWS, ("next", "order", "5", "", "", TOMORROW), "future"),
    "reviewed at the end of time": (files.REVIEWS, ("last", "order", "5", "", "", ENDLESS), "outside"),
    "words without end": (files.REVIEWS, ("long", "order", "5", "x" * 2500, "y" * 2500, WHEN), "5000 characters"),
    "a comment with a NUL": (files.REVIEWS, ("null", "order", "5", "", "a\0b", WHEN), "cannot be stored"),
}


def _import(cast: Cast, folder: Path, more: dict[str, tuple[str, ...]]) -> Report:
    for name, head in HEADS.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            rows = [head.split(","), *([more[name]] if name in more else []), GOOD[name]]
            csv.writer(file).writerows(rows)
    with cast.scope():
        return import_olist(folder)


@pytest.mark.parametrize("bad", BAD)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_in(cast: Cast, tmp_path: Path, bad: str) -> None:
    name, row, reason = BAD[bad]
    report = _import(cast, tmp_path, {name: row})
    (found,) = report.rejected
    assert (found.file, found.line) == (name, 2)
    assert reason in found.reason
    assert (report.orders, report.reviews, report.sellers) == (1, 1, {"anna"})


def test_what_a_rejected_seller_sold_is_named_too(cast: Cast, tmp_path: Path) -> None:
    sold = ("order", "2", "lamp", "bob", "99.00")
    report = _import(cast, tmp_path, {files.SELLERS: ("bob", "Rio\a", "RJ"), files.ITEMS: sold})
    why = f"seller bob is not in {files.SELLERS}, or was rejected"
    assert [(row.file, row.line) for row in report.rejected] == [(files.SELLERS, 2), (files.ITEMS, 2)]
    assert Rejected(files.ITEMS, 2, why) in report.rejected
    assert (report.orders, report.reviews, report.sellers) == (1, 1, {"anna"})


def test_a_seller_is_named_by_place(cast: Cast, tmp_path: Path) -> None:
    _import(cast, tmp_path, {files.SELLERS: ("bob", "Rio", "RJ")})
    with cast.scope():
        named = db.session.scalar(select(Partner.name).where(Partner.key == "seller-anna"))
        assert named == "Seller anna (Campinas, SP)"
        sold_nothing = select(func.count()).select_from(Partner).where(Partner.key == "seller-bob")
        assert db.session.scalar(sold_nothing) == 0
