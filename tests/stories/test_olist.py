"""Real orders: the import matches the files, twice; and the loop runs live on top of the history."""

from __future__ import annotations

import io
import json
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask_openapi3 import OpenAPI
from pypdf import PdfReader
from sqlalchemy import func, select

from app.customers.models import Customer
from app.delivery.models import Message
from app.demo.olist import files
from app.demo.olist.service import Report, import_olist
from app.kernel.db import db
from app.loop.cases.models import Case, CaseAlarm
from app.partners.models import Partner
from app.surveys.answering.models import Response
from app.surveys.outreach.models import Interaction, Invitation
from tests.cast import Cast, make_cast
from tests.stories.olist_sample import FOLDER, Sample

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample()


@pytest.fixture(scope="module")
def shop(application: OpenAPI) -> Iterator[tuple[Cast, Report]]:
    """A tenant with the whole sample imported, and every job run that the import owed."""
    with application.app_context():
        cast = make_cast(application)
        with cast.scope():
            report = import_olist(FOLDER)
        cast.run_jobs()
    yield cast, report


def _count(cast: Cast, model: type, *where: object) -> int:
    with cast.app.app_context(), cast.scope():
        return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_the_report_matches_the_files(shop: tuple[Cast, Report], sample: Sample) -> None:
    _cast, report = shop
    assert (report.orders, report.reviews, len(report.sellers), report.late_orders) == (2396, 2389, 725, 191)
    assert report.rejected == []
    assert report.sellers == sample.sellers()
    assert report.late_orders == len(sample.late)


def test_what_is_stored_matches_the_files(shop: tuple[Cast, Report], sample: Sample) -> None:
    cast, _report = shop
    delivered = sample.delivered()
    products = sum(len({item["seller_id"] for item in sample.items[order_id]}) for order_id in delivered)
    assert _count(cast, Interaction) == len(sample.orders) + len(delivered) + products
    assert _count(cast, Interaction, Interaction.is_historic.is_(False)) == 0
    assert _count(cast, Interaction, Interaction.measures["late"].as_float() == 1.0) == 191
    assert _count(cast, Partner) == 725 + 1  # and Pat's
    assert _count(cast, Response) == 2389
    assert _count(cast, Response, Response.interaction_id.is_(None)) == 12
    assert _count(cast, Customer) == 2395


def test_all_time_csat_is_that_of_plain_python(shop: tuple[Cast, Report], sample: Sample) -> None:
    cast, _report = shop
    counts = sample.scores()
    n, top = sum(counts.values()), counts[4] + counts[5]
    mean = sum(value * people for value, people in counts.items()) / n
    share, z = top / n, 1.959963984540054
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    (row,) = cast.api().get("figures/csat").json["rows"]
    assert row["n"] == 2389
    assert row["counts"] == {str(value): counts[value] for value in range(1, 6)}
    assert row["score"] == round(100 * share, 4)
    assert row["mean"] == round(mean, 4)
    assert (row["low"], row["high"]) == (round(100 * (centre - half), 4), round(100 * (centre + half), 4))


def test_csat_of_every_seller_is_that_of_plain_python(shop: tuple[Cast, Report], sample: Sample) -> None:
    cast, _report = shop
    found = {row["keys"]["partner"]: row["counts"] for row in cast.api().get("figures/csat?by=partner").json["rows"]}
    expected = {
        f"seller-{seller}" if seller else None: {str(value): counts[value] for value in range(1, 6)}
        for seller, counts in sample.scores_by_seller().items()
    }
    assert found == expected


def _percent(hits: int, n: int) -> dict[str, float | int | None]:
    """A share with its Wilson interval, by the book."""
    share, z = hits / n, 1.959963984540054
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    ends = (max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < n else 1.0)
    return {"low": round(100 * ends[0], 4), "high": round(100 * ends[1], 4)}


def _adjusted(sample: Sample, period: str) -> dict[str, float]:
    """The case-mix adjusted score of every seller of a month, by the formula of indirect standardisation."""
    by_seller = {seller: month.scores for (seller, at), month in sample.months_of_sellers().items() if at == period}
    everybody = [one for scores in by_seller.values() for one in scores]
    sizes = {kind: sum(one == kind for one, _score in everybody) for kind in ("delivery", "purchase")}
    if min(sizes.values()) < 30:  # too few to tell how hard they are: everything is one stratum
        everybody = [("all", score) for _kind, score in everybody]
        by_seller = {seller: [("all", score) for _kind, score in scores] for seller, scores in by_seller.items()}
    mean = {
        kind: math.fsum(score >= 4 for one, score in everybody if one == kind)
        / sum(one == kind for one, _s in everybody)
        for kind in {one for one, _score in everybody}
    }
    network = sum(score >= 4 for _kind, score in everybody) / len(everybody)
    found = {}
    for seller, scores in by_seller.items():
        if scores:
            raw = sum(score >= 4 for _kind, score in scores) / len(scores)
            expected = math.fsum(mean[kind] for kind, _score in scores) / len(scores)
            found[seller] = round(100 * (network + raw - expected), 4)
    return found


PERIODS = ("2017-11", "2018-01", "2018-03")


@pytest.mark.parametrize("period", PERIODS)
def test_scorecards_are_those_of_plain_python(shop: tuple[Cast, Report], sample: Sample, period: str) -> None:
    """The ten sellers with most answers in a month: JSON to the last digit, page and paper in the same words."""
    cast, _report = shop
    months = {seller: month for (seller, at), month in sample.months_of_sellers().items() if at == period}
    adjusted = _adjusted(sample, period)
    busiest = sorted(months, key=lambda seller: (-len(months[seller].scores), seller))[:10]
    for seller in busiest:
        month = months[seller]
        card = cast.api().get(f"partners/seller-{seller}/scorecard?period={period}").json
        values = [score for _kind, score in month.scores]
        top = sum(value >= 4 for value in values)
        (csat,) = card["figures"]
        assert {name: csat[name] for name in ("n", "score", "low", "high", "counts")} == {
            "n": len(values),
            "score": round(100 * top / len(values), 4),
            **_percent(top, len(values)),
            "counts": {str(value): values.count(value) for value in sorted(set(values))},
        }
        late = [one for one in card["measures"] if one["key"] == "late_days"]
        assert [(one["n"], one["hits"]) for one in late] == (
            [(month.deliveries, month.late)] if month.deliveries else []
        )
        if late:
            assert {name: late[0][name] for name in ("low", "high")} == _percent(month.late, month.deliveries)
        assert (card["cases"]["opened"], card["cases"]["historic"]) == (month.cases, month.cases)
        (compared,) = card["comparison"]["metrics"]
        assert (compared["adjusted"], compared["n"]) == (adjusted[seller], len(values))
        assert card["status"] == "closed"
    assert len(adjusted) == len(compared["peers"]) + 1


def test_page_and_paper_of_a_seller_say_the_same(shop: tuple[Cast, Report], sample: Sample) -> None:
    cast, _report = shop
    months = sample.months_of_sellers()
    seller, period = max(months, key=lambda key: (len(months[key].scores), key))
    month, path = months[seller, period], f"partners/seller-{seller}/scorecard"
    with cast.app.app_context():
        alice = cast.client("alice")
    page = alice.get(f"{path}?period={period}").text
    paper = cast.api().get(f"{path}?period={period}", headers={"Accept": "application/pdf"})
    assert paper.mimetype == "application/pdf"
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages)
    shown = re.sub(r"<[^>]+>", " ", page)
    top, n = sum(score >= 4 for _kind, score in month.scores), len(month.scores)
    for words in (
        f"n {n}",
        f"{month.late} of {month.deliveries}",
        f"{_adjusted(sample, period)[seller]:.1f} %" if n >= 10 else "Too few answers to compare",
        f"{100 * top / n:.0f} %" if n >= 10 else "Too few to show a score",
    ):
        for text in (shown, printed):
            assert words in re.sub(r"\s+", " ", text), words


def test_times_are_those_of_sao_paulo(shop: tuple[Cast, Report], sample: Sample) -> None:
    cast, _report = shop
    by_month = {row["keys"]["month"]: row["n"] for row in cast.api().get("figures/csat?by=month").json["rows"]}
    expected: dict[str, int] = {}
    for review in sample.reviews:
        month = review["review_answer_timestamp"][:7]
        expected[month] = expected.get(month, 0) + 1
    assert by_month == expected


def test_bad_reviews_stand_as_cases_apart_from_the_live_queue(shop: tuple[Cast, Report], sample: Sample) -> None:
    cast, _report = shop
    bad = sample.scores()[1] + sample.scores()[2]
    assert _count(cast, Case, Case.is_historic) == _count(cast, Case) == bad
    assert _count(cast, Case, Case.severity == 2) == sample.scores()[1]
    assert _count(cast, Message) == _count(cast, Invitation) == _count(cast, CaseAlarm) == 0
    with cast.app.app_context(), cast.scope():
        case = db.session.scalars(select(Case).order_by(Case.number)).first()
        assert case is not None
        hours = (case.first_contact_due_at - case.answered_at).total_seconds() / 3600
        assert hours == 24
        assert case.opened_at == case.answered_at


def test_a_second_run_doubles_nothing(shop: tuple[Cast, Report]) -> None:
    cast, first = shop
    before = {model: _count(cast, model) for model in (Interaction, Response, Case, Partner, Customer)}
    with cast.app.app_context():
        with cast.scope():
            second = import_olist(FOLDER)
        cast.run_jobs()
    assert second == first
    assert {model: _count(cast, model) for model in before} == before


def test_rejected_rows_are_named_with_line_and_reason(cast: Cast, tmp_path: Path) -> None:
    small = _broken_copy(tmp_path)
    with cast.scope():
        report = import_olist(small)
    found = {(row.file, row.line): row.reason for row in report.rejected}
    assert set(found) == {
        (files.ORDERS, 3),
        (files.ORDERS, 5),
        (files.REVIEWS, 2),
        (files.REVIEWS, 4),
        (files.REVIEWS, 6),
    }
    assert "not a time" in found[files.ORDERS, 3]
    assert "twice" in found[files.ORDERS, 5]
    assert "not 1 to 5" in found[files.REVIEWS, 2]
    assert "not in" in found[files.REVIEWS, 4]
    assert "as many fields" in found[files.REVIEWS, 6]
    assert (report.orders, report.reviews) == (2, 1)


def _broken_copy(folder: Path) -> Path:
    """Two good orders and a good review among rows that cannot be used."""
    for name in (files.ITEMS, files.CUSTOMERS, files.SELLERS, files.PRODUCTS):
        shutil.copy(FOLDER / name, folder / name)
    head, first, second, third = (FOLDER / files.ORDERS).read_text("utf-8").splitlines()[:4]
    cells = second.split(",")
    timeless = ",".join([*cells[:3], "yesterday", *cells[4:]])
    (folder / files.ORDERS).write_text("\n".join([head, first, timeless, third, first]) + "\n", "utf-8")
    good, when = first.split(",")[0], "2018-01-02 00:00:00,2018-01-03 10:00:00"
    reviews = [
        (FOLDER / files.REVIEWS).read_text("utf-8").splitlines()[0],
        f"r1,{good},11,,,{when}",
        f"r2,{good},2,,,{when}",
        f'r3,{"f" * 32},5,,"two\nlines",{when}',  # begins on line 4; what follows begins on line 6
        f"r4,{good},5",
    ]
    (folder / files.REVIEWS).write_text("\n".join(reviews) + "\n", "utf-8")
    return folder


def test_a_missing_file_is_one_sentence(cast: Cast, tmp_path: Path) -> None:
    with cast.scope(), pytest.raises(files.UnusableFile, match="is missing"):
        import_olist(tmp_path)


def test_the_loop_runs_live_on_top(app: object, shop: tuple[Cast, Report], sample: Sample) -> None:
    """Given the history, when a new order of an imported seller goes wrong, then its case is worked and closed."""
    cast, _report = shop
    api = cast.api()
    seller = f"seller-{sorted(sample.sellers())[0]}"
    live = api.post(
        "responses",
        {
            "id": "live-1",
            "survey": "order-review",
            "touchpoint": "delivery",
            "partner": seller,
            "customer": {"identifiers": [{"type": "email", "value": "ana@example.com"}], "name": "Ana"},
            "answers": {"satisfaction": 1, "comment": "Chegou quebrado."},
        },
    )
    assert live.status_code == 201, live.text
    cast.run_jobs()
    cases = api.get(f"cases?partner={seller}&status=new").json["data"]
    number = next(case["number"] for case in cases if case["opened_at"] > "2020")
    assert number == 387 + 1
    bob = cast.email("bob")
    assert api.put(f"cases/{number}/assignment", {"user": bob}).status_code == 200
    contact = {"channel": "phone", "outcome": "reached", "note": "Called Ana."}
    assert api.post(f"cases/{number}/first-contact", contact).status_code == 201
    causes = {"root_causes": [{"code": "partner", "share": 1.0, "verified": True}], "note": "Packed badly."}
    assert api.put(f"cases/{number}/root-causes", causes).status_code == 200
    assert api.post(f"cases/{number}/resolution", {"action_taken": "Sent a new one."}).status_code == 201
    closed = api.post(f"cases/{number}/closure", {"outcome": "confirmed", "note": "Ana is content."})
    assert closed.status_code == 201, closed.text
    assert api.get(f"cases/{number}").json["status"] == "closed"


def test_the_command_prints_the_counts_as_json(shop: tuple[Cast, Report]) -> None:
    from app.demo.commands import _print_json

    _cast, report = shop
    shown: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("click.echo", lambda text: shown.append(text))
        _print_json(replace(report, rejected=[files.Rejected("f.csv", 7, "why")]))
    assert json.loads(shown[0]) == {
        "orders": 2396,
        "reviews": 2389,
        "sellers_with_orders": 725,
        "late_orders": 191,
        "rejected": [{"file": "f.csv", "line": 7, "reason": "why"}],
    }
