"""Reports, ready to be handed out: a name for the file and the PDF."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from flask import render_template

from app.insights.scorecards.queries import Card
from app.insights.scorecards.sheet import sheet
from app.runtime.printing import to_pdf
from app.tenants import queries as tenants


@dataclass(frozen=True)
class Report:
    """A PDF and what it is called."""

    filename: str
    content: bytes


def scorecard_report(card: Card, tenant_name: str) -> Report:
    """The scorecard on paper, in the reader's language. Raises Unavailable when it cannot be made now."""
    words = sheet(card, lambda _period: "")
    html = render_template("reports/scorecard.html", tenant_name=tenant_name, logo_data=_logo_data(), **words)
    return Report(f"scorecard-{card['partner']['key']}-{card['period']}.pdf", to_pdf(html))


def _logo_data() -> str:
    """The logo inside its address, because what prints fetches nothing; empty without one."""
    logo = tenants.find_logo()
    return f"data:image/png;base64,{b64encode(logo.content).decode()}" if logo else ""
