"""The PDFs to download: for staff any partner's scorecard, for a partner its own."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.insights.reports.queries import Report, scorecard_report
from app.insights.scorecards import queries
from app.tenants.access import permission, tenant

bp = Blueprint("reports", __name__, template_folder="templates", url_prefix="/t/<tenant>")


@bp.get("/partners/<key>/scorecard.pdf")
@permission("figures.read")
def partner(key: str) -> Response:
    """The scorecard of a partner on paper, for staff."""
    card = queries.card_for_staff(key, request.args.get("period"))
    return download(scorecard_report(card, tenant().name))


@bp.get("/partner/scorecard.pdf")
@permission("portal")
def own() -> Response:
    """The scorecard of the partner whose user is signed in, on paper."""
    card = queries.card_for_partner(request.args.get("period"))
    return download(scorecard_report(card, tenant().name))


def download(report: Report) -> Response:
    """The answer that hands a report out."""
    disposition = f'attachment; filename="{report.filename}"'
    return Response(report.content, mimetype="application/pdf", headers={"Content-Disposition": disposition})
