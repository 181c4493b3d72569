"""The pages of a scorecard: for staff that of any partner, for a partner its own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from app.insights.scorecards import queries
from app.insights.scorecards.rules.periods import month_of, parse_month
from app.insights.scorecards.sheet import sheet
from app.kernel import clock
from app.kernel.errors import Invalid
from app.tenants.access import permission, tenant
from app.web.htmx import redirect_to

bp = Blueprint("scorecards", __name__, template_folder="templates", url_prefix="/t/<tenant>")


@bp.get("/partners/<key>/scorecard")
@permission("figures.read")
def show(key: str) -> str | Response:
    """The scorecard of a partner, for staff."""
    try:
        card = queries.card_for_staff(key, request.args.get("period"))
    except Invalid:  # a month that nobody can mean leads to the newest
        return redirect_to(url_for(".show", tenant=tenant().slug, key=key))
    return _page(card, ".show", "reports.partner", peers=queries.peers(card), key=key)


@bp.get("/partner/scorecard")
@permission("portal")
def own() -> str | Response:
    """The scorecard of the partner whose user is signed in."""
    try:
        card = queries.card_for_partner(request.args.get("period"))
    except Invalid:
        return redirect_to(url_for(".own", tenant=tenant().slug))
    return _page(card, ".own", "reports.own")


def _page(card: queries.Card, endpoint: str, pdf: str, peers: Any = None, **key: str) -> str:
    places: dict[str, Any] = {"tenant": tenant().slug, **key}

    def month_url(period: str) -> str:
        return url_for(endpoint, **places, period=period)

    month = parse_month(card["period"])
    is_newest = month >= month_of(clock.now(), queries.timezone())
    return render_template(
        "scorecards/card.html",
        **sheet(card, month_url, peers),
        pdf_url=url_for(pdf, **places, period=card["period"]),
        earlier_url=month_url(str(month.plus(-1))),
        later_url=None if is_newest else month_url(str(month.plus(1))),
    )
