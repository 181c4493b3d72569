"""The scorecard on paper: the words of its page, nothing of anybody else's, and plain words when it cannot be made."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from app.insights.scorecards import service
from app.kernel.db import db
from app.kernel.errors import Unavailable
from app.partners.service import put_partner
from app.runtime import printing
from tests.cast import Cast
from tests.factories.histories import Ground, make_histories
from tests.insights.test_scorecards import ARABIC, HOSTILE, PERIOD, RIVALS, _answers, _network

PDF = {"Accept": "application/pdf"}


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        for place, name in enumerate(RIVALS):
            put_partner(f"rivalcanary-{place}", name)
        yield make_histories(delivery=cast.partner_id)


def _read(answer: TestResponse) -> str:
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_paper_says_what_the_page_says(cast: Cast, ground: Ground) -> None:
    assert cast.partner_id
    with cast.scope():
        _network(cast, ground)
        _answers(ground, cast.partner_id, 1, 1, words="Very quick, thank you.")
        service.plan_months()
        db.session.close()
    cast.run_jobs()
    pat = cast.client("pat")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pat.get(f"partner/scorecard?period={PERIOD}").text))
    paper = _read(pat.get(f"partner/scorecard.pdf?period={PERIOD}"))
    for words in ("76 %", "n 41", "likely between", "75.6 %", "11 of 41", "Very quick, thank you.", "among the"):
        assert words in page and words in paper, words
    assert "1 / " in paper and "Heed" in paper
    assert [name for name in (*RIVALS, "rivalcanary") if name.lower() in paper.lower()] == []


def test_the_machine_asks_for_paper_by_its_name(cast: Cast, ground: Ground) -> None:
    answer = cast.api().get(f"partners/pats/scorecard?period={PERIOD}", headers=PDF)
    assert "Scorecard of Mar 2026" in _read(answer)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="scorecard-pats-{PERIOD}.pdf"'
    assert cast.api().get("partners/pats/scorecard", headers={"Accept": "*/*"}).is_json
    assert cast.api().get("partners/nobody/scorecard", headers=PDF).status_code == 404
    assert cast.api().get("partners/pats/scorecard?period=2199-01", headers=PDF).status_code == 422


def test_only_its_own_partner_gets_it(cast: Cast, others: Cast) -> None:
    assert cast.client("pat").get("partners/pats/scorecard.pdf").status_code == 403
    assert cast.client("alice").get("partner/scorecard.pdf").status_code == 403
    assert cast.client("alice").get("partners/nobody/scorecard.pdf").status_code == 404
    assert others.client("charlie").get(f"/t/{cast.slug}/partners/pats/scorecard.pdf").status_code == 404


def test_every_kind_of_name_and_comment_is_printed_as_text(cast: Cast, ground: Ground) -> None:
    with cast.scope():
        partner = put_partner("long", "顺" + "W" * 79)[0]
        _answers(ground, partner.id, 1, 1, words=HOSTILE)
        _answers(ground, partner.id, 1, 1, words=ARABIC)
        _answers(ground, partner.id, 1, 1, words="配送员非常耐心 <img src='https://foreign.example/x.png'>")
        db.session.close()
    paper = _read(cast.client("alice").get(f"partners/long/scorecard.pdf?period={PERIOD}"))
    letters = re.sub(r"[\s\u2010\xad-]", "", paper)
    assert "</blockquote><script>alert" in letters and "<imgsrc=" in letters
    assert "配送员非常耐心" in letters and "顺WWW" in letters and "أيام" in letters


@pytest.mark.parametrize("words", ["Nobody told me anything about it. ", "没有人告诉我任何消息，我等了整整三天。"])
def test_two_hundred_pages_of_comments_are_a_card_that_says_what_it_left_out(
    cast: Cast, ground: Ground, words: str
) -> None:
    """Some 3,000 letters fill a page, so these are more than 200 of them; a card is read at one sitting."""
    assert cast.partner_id
    with cast.scope():
        _answers(ground, cast.partner_id, 210, 210, words=(words * 200)[:3500])
        _answers(ground, cast.partner_id, 20, 20, words="Short.")
        db.session.close()
    answer = cast.client("pat").get(f"partner/scorecard.pdf?period={PERIOD}")
    paper = _read(answer)
    assert "And 180 more. 30 of these are longer and end in “…”." in paper
    assert (paper.count(" …"), paper.count("Short.")) == (30, 20)
    assert len(PdfReader(io.BytesIO(answer.data)).pages) < 40 and len(answer.data) < 3_000_000


def test_the_document_names_both_forms_of_the_answer(cast: Cast) -> None:
    paths = cast.api().get("openapi.json").json["paths"]
    content = paths["/api/v1/partners/{key}/scorecard"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["$ref"].endswith("/ScorecardOut")
    assert content["application/pdf"]["schema"] == {"type": "string", "format": "binary"}


def test_what_cannot_be_printed_is_said_in_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_html: str) -> bytes:
        raise Unavailable("PDFs cannot be made on this server: it lacks fonts-noto-cjk.")

    monkeypatch.setattr(printing, "_printed", refuse)
    page = cast.client("alice").get("partners/pats/scorecard.pdf")
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "lacks fonts-noto-cjk" in page.text
    machine = cast.api().get("partners/pats/scorecard", headers=PDF)
    assert (machine.status_code, machine.mimetype) == (503, "application/problem+json")
    assert "lacks fonts-noto-cjk" in machine.json["detail"]
