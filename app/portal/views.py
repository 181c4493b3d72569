"""The partner's pages: what needs it and how customers see it, its cases and what it says about them, its people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.insights.figures.words import DECIMALS, METRIC_SENTENCES, METRIC_WORDS, PERCENT, SCALES
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import parse_id
from app.loop.cases import service
from app.loop.cases.queries.partner import list_exchanges
from app.loop.cases.timing import Chip, answer_chip, resolution_chip
from app.loop.sla.queries import calendar_in_force
from app.metrics.figures import METRICS
from app.partners.words import goal
from app.portal import case_queries, month_queries, queries, words
from app.portal.case_queries import SHOWS, Row, Show
from app.surveys.answering.models import scores_of
from app.surveys.answering.words import score_words
from app.surveys.outreach.measures import measure_words
from app.tenants.access import permission, tenant
from app.tenants.queries import list_partner_users

ALWAYS = ("nps", "csat")

bp = Blueprint("portal", __name__, template_folder="templates", url_prefix="/t/<tenant>/partner")

MOST_AT_HOME = 5
_FIGURE_WORDS = {
    "metric_words": METRIC_WORDS,
    "metric_sentences": METRIC_SENTENCES,
    "scales": SCALES,
    "percent": PERCENT,
    "decimals": DECIMALS,
    "goal": goal,
}


@dataclass(frozen=True)
class Refusal:
    """What was not taken, in which form of the case page (answer or fact), and why."""

    form: str = ""
    words: str = ""
    typed: str = ""


@bp.context_processor
def page_words() -> dict[str, object]:
    """What the pages call the states of a case."""
    return words.page_words()


@bp.get("/")
@permission("portal")
def home() -> str:
    """What needs the partner, this month in five lines, praise, its figures and its touchpoints."""
    asked = case_queries.page_of_rows("asked", None, MOST_AT_HOME).rows
    opened = case_queries.page_of_rows("open", None, MOST_AT_HOME).rows
    measured = _measured()
    return render_template(
        "portal/home.html",
        partner=queries.partner(),
        counts=case_queries.counts(),
        asked=asked,
        opened=opened,
        chips=_chips([*asked, *opened]),
        card=month_queries.card(clock.now(), tenant().timezone),
        measured=measured,
        touchpoints=queries.list_touchpoints(measured),
        **_FIGURE_WORDS,
    )


def _measured() -> dict[str, queries.Measured]:
    """NPS and CSAT are what partners are promised; the others stand there once somebody has answered them."""
    return {name: one for name, one in queries.measure(METRICS).items() if one.total.figure.n or name in ALWAYS}


@bp.get("/cases/")
@permission("portal")
def cases() -> str:
    """The partner's cases: those it is asked about, the open and the closed ones."""
    counts = case_queries.counts()
    usual: Show = "asked" if counts.asked else "open"
    show = next((known for known in SHOWS if known == request.args.get("show")), usual)
    page = case_queries.page_of_rows(show, request.args.get("cursor"))
    return render_template("portal/cases.html", show=show, page=page, counts=counts, chips=_chips(page.rows))


@bp.get("/cases/<int:number>")
@permission("portal")
def case(number: int) -> Response:
    """One case: what happened, what the brand asks, and what was said about it."""
    return _case(number)


@bp.post("/cases/<int:number>/answers")
@permission("portal")
def answer(number: int) -> AnyResponse:
    """Answer what the brand asks."""
    question_id, text = parse_id(request.form.get("question", "")), request.form.get("text", "")
    # An id that cannot be one is as unknown as any other.
    return _say(number, "answer", lambda: service.answer_question(number, question_id or UUID(int=0), text))


@bp.post("/cases/<int:number>/facts")
@permission("portal")
def add_fact(number: int) -> AnyResponse:
    """Tell what one knows about the case, unasked."""
    return _say(number, "fact", lambda: service.add_fact(number, request.form.get("text", "")))


@bp.get("/people")
@permission("portal")
def people() -> str:
    """Who of the partner signs in here."""
    members = list_partner_users(queries.my_id())
    return render_template("portal/people.html", partner=queries.partner(), people=[user for _row, user in members])


def _say(number: int, form: str, verb: Callable[[], object]) -> AnyResponse:
    """Run one verb and lead back to the case, or show it with the reason and with what was typed."""
    try:
        verb()
    except (Conflict, Invalid) as refusal:
        typed = request.form.get("text", "")
        return _case(number, Refusal(form, str(refusal), typed), refusal.status)
    flash(_("Thank you. %(tenant)s reads it now.", tenant=tenant().name), "success")
    return redirect(url_for("portal.case", tenant=tenant().slug, number=number), code=303)


def _case(number: int, refusal: Refusal | None = None, status: int = 200) -> Response:
    found, now = queries.get_case(number), clock.now()
    interaction = found.response.interaction if found.response else None
    exchanges = list_exchanges(found.id)
    waiting = words.waiting_in(exchanges)
    html = render_template(
        "portal/case.html",
        case=found,
        scores=score_words(scores_of(found.response)) if found.response else [],
        carer=words.carer(found),
        interaction=interaction,
        measures=measure_words(interaction.measures) if interaction else [],
        due=resolution_chip(found, now),
        question=waiting,
        answer_due=answer_chip(waiting, now, calendar_in_force()) if waiting else None,
        exchanges=[step for step in exchanges if waiting is None or step.question is not waiting],
        refusal=refusal or Refusal(),
    )
    return make_response(html, status)


def _chips(rows: Sequence[Row]) -> dict[UUID, Chip]:
    """The clock that each row shows: the partner's own where it is asked something, else the case's."""
    now, calendar = clock.now(), calendar_in_force()
    return {
        row.case.id: answer_chip(row.question, now, calendar) if row.question else resolution_chip(row.case, now)
        for row in rows
    }
