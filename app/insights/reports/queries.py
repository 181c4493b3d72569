"""Reports, ready to be handed out: a name for the file and the PDF."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from app.insights.scorecards.queries import Card
from app.insights.scorecards.sheet import sheet
from app.runtime.printing import to_pdf


@dataclass(frozen=True)
class Report:
    """A PDF and what it is called."""

    filename: str
    content: bytes


def scorecard_report(card: Card, tenant_name: str) -> Report:
    """The scorecard on paper, in the reader's language. Raises Unavailable when it cannot be made now."""
    html = render_template("reports/scorecard.html", tenant_name=tenant_name, **sheet(card, lambda _period: ""))
    return Report(f"scorecard-{card['partner']['key']}-{card['period']}.pdf", to_pdf(html))
