"""Targets on the scorecard: oracle 3.4 through page, API and paper; what proves nothing; what a closed month keeps."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import insert, select

from app.insights.scorecards import service as scorecards
from app.insights.scorecards.models import ScorecardSnapshot
from app.insights.scorecards.rules.agreement import judged, kinds
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.metrics.intervals import wilson
from app.partners.rules import Target
from app.partners.service import end_target, put_partner, replace_targets, set_target
from app.surveys.answering.models import Response
from app.surveys.outreach.models import Interaction
from tests.cast import Cast
from tests.factories.histories import NOON, Ground, make_histories
from tests.factories.targets import a_target
from tests.queries import count_queries

PERIOD = "2026-03"
ORACLE = [
    a_target("csat", weight=0.35, floor=60.0, target=80.0),
    a_target("share:on_time", weight=0.25, floor=85.0, target=97.0),
    a_target("share:damage_free", weight=0.15, floor=95.0, target=99.5),
    a_target("first_contact", weight=0.15, floor=60.0, target=95.0),
    a_target("share:capa_on_time", weight=0.10, floor=50.0, target=100.0, min_n=5),
]
VALUES = {"csat": (288, 400), "share:on_time": (4650, 5000), "share:damage_free": (4925, 5000),
          "first_contact": (20, 25), "share:capa_on_time": (3, 5)}  # fmt: skip


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        yield make_histories(delivery=cast.partner_id)


def _answers(cast: Cast, ground: Ground, n: int, good: int, **values: Any) -> list[Response]:
    with atomic():
        zoe = ground.customer()
        happened = [ground.interaction(zoe, partner_id=cast.partner_id, measures={}) for _hour in range(n)]
        given = [5] * good + [1] * (n - good)
        pairs = zip(happened, given, strict=True)
        return [ground.answer(one, csat=score, occurred_at=NOON, **values) for one, score in pairs]


def _measured(cast: Cast, ground: Ground, measures: list[dict[str, float]]) -> None:
    """So many interactions with these measures, in one statement."""
    zoe, touchpoint = ground.customer(), ground.touchpoints["delivery"]
    same = {
        "tenant_id": cast.tenant_id,
        "content_hash": "x",
        "customer_id": zoe.id,
        "touchpoint_id": touchpoint.id,
        "partner_id": cast.partner_id,
        "occurred_at": NOON,
        "received_at": NOON,
        "attributes": {},
        "is_historic": False,
    }
    with atomic():
        rows = [{**same, "id": new_id(), "external_id": f"m-{new_id()}", "measures": one} for one in measures]
        db.session.execute(insert(Interaction), rows)


def _oracle(cast: Cast, ground: Ground) -> None:
    """The month of oracle 3.4: 400 answers, 5,000 interactions, 25 cases, 5 corrective actions."""
    for place, response in enumerate(_answers(cast, ground, 400, 288)):
        if place < 25:
            late = timedelta(days=3 if place < 5 else 0, hours=1)
            ground.case(response, at=NOON, first_contact_at=NOON + late, resolution_due_at=NOON + timedelta(days=9))
    capa = [{"capa_on_time": float(place < 3)} if place < 5 else {} for place in range(5000)]
    _measured(
        cast,
        ground,
        [
            {"on_time": float(place < 4650), "damage_free": float(place >= 75), **more}
            for place, more in enumerate(capa)
        ],
    )
    replace_targets("pats", ORACLE)
    db.session.commit()
    db.session.close()


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _paper(answer: Any) -> str:
    assert answer.mimetype == "application/pdf", answer.text
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages))


def _card(cast: Cast) -> Any:
    return cast.api().get(f"partners/pats/scorecard?period={PERIOD}").json


def test_oracle_3_4_is_what_api_page_and_paper_say(cast: Cast, ground: Ground) -> None:
    _oracle(cast, ground)
    told = _card(cast)["targets"]
    assert told["composite"] == {"score": 60.3922, "coverage": 85.0}
    assert [one["score"] for one in told["items"]] == [60.0, 20.0, 77.7778, 66.6667, None]
    for one in told["items"]:
        hits, n = VALUES[one["measure"]]
        interval = wilson(hits, n)
        assert interval is not None
        assert (one["n"], one["value"]) == (n, 100 * hits / n)
        assert (one["low"], one["high"]) == (round(100 * interval.low, 4), round(100 * interval.high, 4))
    path = f"partner/scorecard?period={PERIOD}"
    staff, own = cast.client("alice").get(f"partners/pats/scorecard?period={PERIOD}"), cast.client("pat").get(path)
    paper = _paper(cast.client("pat").get(path.replace("scorecard?", "scorecard.pdf?")))
    for said in (_plain(staff.text), _plain(own.text), paper):
        for words in ("60.4 of 100", "85 % of the agreed weight can be judged; left out: First contact in time.",
                      "the intervals prove no target met or missed",
                      "n 25 of the 30 needed", "72.0 %", "80 % or more", "66.7", "Too few to judge",
                      "Agreed by \u2068Mei Lin\u2069 on 5 Jan 2026"):  # fmt: skip
            assert words in said or words.replace("\u2068", "").replace("\u2069", "") in said, words


PROVEN = {
    "met": "the intervals prove 1 of 1 targets met and 0 missed.",
    "missed": "the intervals prove 0 of 1 targets met and 1 missed.",
    "unproven": "the intervals prove no target met or missed.",
}


@pytest.mark.parametrize(
    ("n", "good", "verdict"), [(400, 340, "met"), (400, 200, "missed"), (400, 320, "unproven"), (30, 27, "unproven")]
)
def test_a_verdict_follows_the_interval_and_stands_there_in_words(
    cast: Cast, ground: Ground, n: int, good: int, verdict: str
) -> None:
    _answers(cast, ground, n, good)
    set_target("pats", a_target())
    db.session.close()
    assert [one["verdict"] for one in _card(cast)["targets"]["items"]] == [verdict]
    page = cast.client("dana").get(f"partners/pats/scorecard?period={PERIOD}").text
    words = {"met": "Met", "missed": "Missed", "unproven": "Not proven"}[verdict]
    assert f"Target 80 % or more, floor 60 %. {words}." in page
    assert PROVEN[verdict] in page
    assert "Dashed: the target, 80 %; dotted: the floor, 60 %." in page
    assert page.count("var(--chart-target)") == 2  # the line, wide and narrow


@pytest.mark.parametrize(("weight", "said"), [(59.0, "59 %"), (59.99, "59.9 %"), (1.0, "1 %")])
def test_below_sixty_percent_of_the_weight_there_is_no_composite(
    cast: Cast, ground: Ground, weight: float, said: str
) -> None:
    _answers(cast, ground, 40, 30)
    replace_targets("pats", [a_target(weight=weight), a_target("resolution", weight=100 - weight)])
    db.session.close()
    assert _card(cast)["targets"]["composite"] == {"score": None, "coverage": weight}
    page = _plain(cast.client("pat").get(f"partner/scorecard?period={PERIOD}").text)
    assert f"No composite: only {said} of the agreed weight can be judged, and at least 60 % is needed." in page
    assert "of 100" not in page and "Not measured" in page


def test_what_protects_people_is_not_told_by_a_target(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground, 40, 40)
    for row in _answers(cast, ground, 3, 0):
        row.customer_id = None
    db.session.commit()
    replace_targets("pats", [a_target(min_n=10), a_target("late", target=3.0, floor=15.0)])
    db.session.close()
    page = cast.client("pat").get(f"partner/scorecard?period={PERIOD}").text
    agreed = page.split('id="agreed"')[1].split("</section>")[0]
    assert "Hidden to protect people" in agreed and "43" not in _plain(agreed) and "93" not in _plain(agreed)


def test_a_closed_month_keeps_its_targets_and_composite(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground, 40, 30)
    agreed = set_target("pats", a_target())
    put_partner("rival", "Rival")
    set_target("rival", a_target(agreed_by="rivalcanary"))
    scorecards.plan_months()
    db.session.close()
    cast.run_jobs()
    with cast.scope():
        before = _card(cast)["targets"]
        assert before["composite"] == {"score": 75.0, "coverage": 100.0}
        set_target("pats", a_target(target=99.0))
        end_target("pats", agreed.id, "2026-01")
        assert _card(cast)["targets"] == before
        assert "rivalcanary" not in " ".join(db.session.scalars(select(ScorecardSnapshot.content)))
    assert "75.0 of 100" in cast.client("pat").get(f"partner/scorecard?period={PERIOD}").text


def test_a_month_that_was_kept_before_there_were_targets_has_none(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground, 40, 30)
    scorecards.plan_months()
    db.session.close()
    cast.run_jobs()
    with cast.scope():
        (kept,) = db.session.scalars(select(ScorecardSnapshot))
        content = json.loads(kept.content)
        del content["targets"]
        kept.content = json.dumps(content)
        db.session.commit()
    assert _card(cast)["targets"] == {"items": [], "composite": None}
    for who, path in (("alice", "partners/pats/scorecard"), ("pat", "partner/scorecard")):
        assert "Against what was agreed" not in cast.client(who).get(f"{path}?period={PERIOD}").text


def test_targets_of_other_months_are_not_those_of_this_one(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground, 40, 30)
    set_target("pats", a_target(last_month="2026-02"))
    set_target("pats", a_target("late", target=3.0, floor=15.0, first_month="2026-04"))
    db.session.close()
    assert _card(cast)["targets"]["items"] == []


def test_hostile_words_of_an_agreement_stay_text(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground, 1, 1)
    set_target("pats", a_target(method="</dd><script>alert(1)</script> {{7*7}}", agreed_by="王" * 80 + " جاء (3)"))
    db.session.close()
    page = cast.client("pat").get(f"partner/scorecard?period={PERIOD}").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "{{7*7}}" in page and "王" * 80 in page


def test_targets_cost_the_page_one_statement_however_many_there_are(cast: Cast, ground: Ground) -> None:
    _answers(cast, ground, 12, 9)
    db.session.close()
    alice, path = cast.client("alice"), f"partners/pats/scorecard?period={PERIOD}"
    alice.get(path)
    with count_queries() as none:
        alice.get(path)
    with cast.scope():
        replace_targets("pats", [a_target(f"share:m{number}") for number in range(20)])
    with count_queries() as many:
        alice.get(path)
    assert len(many) == len(none)
    assert sum("partner_targets" in statement for statement in many) == 1


# --- the rule alone ---


def _month(**measures: dict[str, Any]) -> dict[str, Any]:
    promise = {"n": 0, "share": None, "low": None, "high": None}
    listed = [{"key": key, **one} for key, one in measures.items()]
    return {"figures": [], "measures": listed, "cases": {"first_contact": promise, "resolution": promise}}


def _one(target: Target, card: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = judged([target], card)["items"][0]
    return found


def test_late_is_told_by_days_or_else_by_yes_and_no() -> None:
    late = a_target("late", target=3.0, floor=15.0)
    share = {"kind": "share", "n": 200, "share": 9.0, "low": 5.8, "high": 13.8}
    assert _one(late, _month(late=share))["score"] == 50.0
    assert _one(late, _month(late=share, late_days={**share, "share": 3.0}))["score"] == 100.0
    assert _one(late, _month())["verdict"] is None


def test_a_mean_is_not_taken_for_a_share() -> None:
    wait = a_target("mean:wait", target=100.0, floor=500.0)
    mean = {"kind": "mean", "n": 40, "mean": 300.0, "low": 250.0, "high": 350.0}
    assert _one(wait, _month(wait=mean))["score"] == 50.0
    assert _one(a_target("share:wait"), _month(wait=mean))["value"] is None
    assert kinds([wait, a_target("share:damaged"), a_target()]) == {"wait": "mean", "damaged": "share"}


def test_a_value_without_an_interval_proves_nothing() -> None:
    same = {"kind": "mean", "n": 40, "mean": 100.0, "low": None, "high": None}
    found = _one(a_target("mean:wait", target=100.0, floor=500.0), _month(wait=same))
    assert (found["score"], found["verdict"]) == (100.0, "unproven")


@pytest.mark.parametrize(("value", "kind"), [(1.0, "share"), (2.0, "share"), (1.0, "mean")])
def test_a_measure_is_told_as_it_was_agreed_on(cast: Cast, ground: Ground, value: float, kind: str) -> None:
    """Whatever the numbers of one month look like: 0 and 1 alone, or a 2 among them."""
    _measured(cast, ground, [{"damaged": value if place == 0 else 0.0} for place in range(40)])
    set_target("pats", a_target(f"{kind}:damaged", target=0.0, floor=5.0))
    db.session.close()
    card = _card(cast)
    assert [one["kind"] for one in card["measures"]] == [kind]
    assert card["targets"]["items"][0]["value"] == (2.5 if kind == "share" else 0.025)
