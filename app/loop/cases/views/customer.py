"""`/c/<token>`: the customer follows their case and says whether it is solved. GET and HEAD write nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import refresh
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import limiter
from app.kernel import clock
from app.kernel.errors import BadRequest, Conflict, Invalid
from app.loop.cases import customer_rules as rules
from app.loop.cases import customer_words as words
from app.loop.cases import service
from app.loop.cases.models import Case
from app.loop.cases.queries.customer import PURPOSE, find_customers_case, follow_path, list_lines
from app.surveys.answering.queries import get_response
from app.surveys.answering.rules import choose_locale
from app.surveys.answering.views.page import brand
from app.surveys.answering.views.posted import Posted, read_posted
from app.surveys.outreach.words import moment_in_words
from app.tenants import queries as tenants
from app.tenants.access import by_token, tenant
from app.tenants.sessions import LANGUAGES
from app.web.shell import page_language

bp = Blueprint("customer_case", __name__, template_folder="../templates", url_prefix="/c")

PER_LINK, PER_ADDRESS = "10 per minute", "600 per minute"


@dataclass(frozen=True)
class Draft:
    """What stands in the form: the words so far, and why they were not taken."""

    words: str = ""
    error: str | None = None


@bp.get("/<token>")
@by_token(PURPOSE)
def show() -> Response:
    """Who cares for it, what was promised, and what has been done."""
    return _page(find_customers_case(g.token_object_id), Draft())


@bp.post("/<token>")
@limiter.limit(PER_LINK, key_func=lambda: request.path)
@limiter.limit(PER_ADDRESS, key_func=get_remote_address)
@by_token(PURPOSE)
def say() -> AnyResponse:
    """Take what the customer says; or show the page in another language."""
    posted = read_posted()
    if not posted.is_form:
        raise BadRequest(_("This page takes a form."))
    said = _first(posted, "words")
    if posted.language:
        return _page(find_customers_case(g.token_object_id), Draft(said), posted.language)
    try:
        service.hear_customer(g.token_object_id, _first(posted, "act"), said)
    except Invalid as refusal:
        return _page(find_customers_case(g.token_object_id), Draft(said, str(refusal)), status=422)
    except Conflict as refusal:
        return _reading(409, str(refusal))
    return redirect(_address(request.args.get("lang")), code=303)


def _first(posted: Posted, name: str) -> str:
    values = posted.answers.get(name) or [""]
    return str(values[0])


def _address(language: str | None = None) -> str:
    return follow_path(g.token_object_id) + (f"?lang={language}" if language in LANGUAGES else "")


def _page(case: Case | None, draft: Draft, language: str | None = None, status: int = 200) -> Response:
    """The page as it stands now, or that the answer is being read. Raises NotFound for an unknown response."""
    if case is None:
        return _reading(200)
    customer = case.customer
    _speak(language, customer.locale if customer else None, case.response.locale)
    told = rules.steps(list_lines(case))
    html = render_template("cases/customer/case.html", **_context(case, told), draft=draft)
    return _private(make_response(html, status))


def _context(case: Case, told: list[rules.Step]) -> dict[str, object]:
    now, name = clock.now(), rules.first_name(case.owner.name) if case.owner else None
    zone = case.customer.timezone if case.customer else None

    def moment(at: datetime) -> str:
        return moment_in_words(at, now, zone, tenant().timezone, page_language())

    promise = None
    if case.customer_id is not None and not case.is_historic:
        clocks = case.first_contact_due_at, case.first_contact_at, case.resolution_due_at
        promise = rules.running_promise(case.status, *clocks, now)
    heard = rules.heard_last(told)
    days = tenants.settings().follow_up_days
    return {
        "brand": brand(),
        "page_title": words.stands_in_words(case.status, case.closure_outcome, is_again=case.reopened_count > 0),
        "about": case.touchpoint.name if case.touchpoint else None,
        "carer": words.carer_in_words(name, is_over=case.status == "closed"),
        "promise": words.promise_in_words(promise, name, moment(promise.due_at)) if promise else None,
        "heard": words.heard_in_words(heard, is_reopened=told[-1].kind == "reopened") if heard else None,
        "steps": [words.step_in_words(step, lambda step: moment(step.at)) for step in told],
        "is_listening": rules.is_listening(case.status, case.closed_at, case.is_historic, days, now),
        "action": _address(page_language()),
        "languages": [(code, label) for code, label in LANGUAGES.items() if code != page_language()],
    }


def _reading(status: int, more: str | None = None) -> Response:
    """For an answer whose case is not there: it opens a moment later, or nobody needs to look after it."""
    response = get_response(g.token_object_id)
    _speak(response.customer.locale if response.customer else None, response.locale)
    html = render_template(
        "respond/message.html",
        brand=brand(),
        page_title=_("We are reading your answer"),
        lines=[more or _("It has arrived. If there is something to be done about it, you will see it here soon.")],
    )
    return _private(make_response(html, status))


def _speak(*wanted: str | None) -> None:
    """From here on the page is in the first of these languages that we speak; one in the address comes before."""
    first, *others = wanted
    found = choose_locale(tuple(LANGUAGES), first, request.args.get("lang"), *others, tenant().default_locale)
    g.locale = found or "en"
    refresh()


def _private(response: Response) -> Response:
    """Nobody else at this device finds the page again."""
    response.headers["Cache-Control"] = "no-store"
    return response
