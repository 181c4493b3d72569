"""The partner's pages: what needs it, how customers see it, and one case."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.insights.figures.rules import METRICS
from app.insights.figures.words import DECIMALS, METRIC_SENTENCES, METRIC_WORDS, PERCENT, SCALES
from app.kernel import clock
from app.loop.cases.timing import resolution_chip
from app.portal import queries
from app.portal.words import STATUS_WORDS
from app.surveys.outreach.measures import measure_words
from app.tenants.access import permission

ALWAYS = ("nps", "csat")

bp = Blueprint("portal", __name__, template_folder="templates", url_prefix="/t/<tenant>/partner")


@bp.context_processor
def page_words() -> dict[str, object]:
    """What the pages call the states of a case."""
    return {"status_words": STATUS_WORDS}


@bp.get("/")
@permission("portal")
def home() -> str:
    """The partner's open cases, its figures and its touchpoints."""
    page, now = queries.page_of_open_cases(request.args.get("cursor")), clock.now()
    # NPS and CSAT are what partners are promised; the others stand there once somebody has answered them.
    measured = {name: one for name, one in queries.measure(METRICS).items() if one.total.figure.n or name in ALWAYS}
    return render_template(
        "portal/home.html",
        partner=queries.partner(),
        page=page,
        open_cases=queries.count_open_cases(),
        dues={case.id: resolution_chip(case, now) for case in page.rows},
        measured=measured,
        touchpoints=queries.list_touchpoints(measured),
        metric_words=METRIC_WORDS,
        metric_sentences=METRIC_SENTENCES,
        scales=SCALES,
        percent=PERCENT,
        decimals=DECIMALS,
    )


@bp.get("/cases/<int:number>")
@permission("portal")
def case(number: int) -> str:
    """One case of the partner's, to read."""
    found = queries.get_case(number)
    interaction = found.response.interaction if found.response else None
    return render_template(
        "portal/case.html",
        case=found,
        interaction=interaction,
        measures=measure_words(interaction.measures) if interaction else [],
        due=resolution_chip(found, clock.now()),
    )
