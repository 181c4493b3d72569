"""The link of an invitation: the page, the POST that answers, and the thanks. GET and HEAD write nothing."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import limiter
from app.kernel import clock, tokens
from app.kernel.errors import Conflict, Gone, Invalid
from app.surveys.answering import queries, service
from app.surveys.answering.queries import Link
from app.surveys.answering.rules import choose_locale, is_not_solved
from app.surveys.answering.service import ByInvitation, Outcome, Submission
from app.surveys.answering.views import page as pages
from app.surveys.answering.views.page import CustomerPage
from app.surveys.answering.views.posted import Posted, read_posted
from app.surveys.answering.views.words import not_solved_in_words, promise_in_words
from app.surveys.outreach.words import moment_in_words
from app.tenants.access import by_token, tenant
from app.web.shell import page_language

bp = Blueprint("answering", __name__, template_folder="../templates")

PER_LINK, PER_ADDRESS = "10 per minute", "600 per minute"


def posts_of_one_kind() -> str:
    """The link, and whether its script saves or a person sends: saving must never use up the right to send."""
    return f"{'save' if request.is_json else 'send'}:{request.path}"


@bp.get("/r/<token>")
@by_token("respond")
def survey() -> Response:
    """The survey, with what was saved before and the score that the link stands for; thanks when it is answered."""
    link = queries.get_link(g.token_object_id)
    if link.is_completed:
        return _thanks(link)
    page = _page(link).with_score(request.args.get("score"))
    return pages.render_closed(page.locale) if link.is_over else pages.render_form(page)


@bp.post("/r/<token>")
@limiter.limit(PER_LINK, key_func=posts_of_one_kind)
@limiter.limit(PER_ADDRESS, key_func=get_remote_address)
@by_token("respond")
def answer() -> AnyResponse:
    """Take answers, of the form or of its script; or show the form in another language."""
    posted = read_posted()
    if not posted.is_form:
        return jsonify(stored_state(service.submit_response(_submission(posted))))
    return _in_other_language(posted) if posted.language else _send(posted)


@bp.get("/r/<token>/thanks")
@by_token("respond")
def thanks() -> AnyResponse:
    """What is said after sending; the form for whoever has not sent anything."""
    link = queries.get_link(g.token_object_id)
    return _thanks(link) if link.is_completed else redirect(_address(), code=303)


def stored_state(outcome: Outcome) -> dict[str, str | int]:
    """What the script is told."""
    return {"response": outcome.public_id, "status": outcome.status, "revision": outcome.revision}


def _in_other_language(posted: Posted) -> Response:
    """The form once more with everything that stood in it; nothing is saved."""
    link = queries.get_link(g.token_object_id)
    page = _page(link, posted.language)
    if link.is_completed:
        return _thanks(link)
    return pages.render_closed(page.locale) if link.is_over else pages.render_form(page.with_form(posted.answers))


def _send(posted: Posted) -> AnyResponse:
    """The form's Send: on to the thanks, or the page again with what is to be put right."""
    try:
        service.submit_response(_submission(posted))
    except Invalid as refusal:
        page = _page(queries.get_link(g.token_object_id)).with_form(posted.answers)
        return pages.render_form(page, refusal.faults, status=422)
    except Gone:
        return pages.render_closed(_page(queries.get_link(g.token_object_id)).locale)
    except Conflict:
        return pages.render_answered(_page(queries.get_link(g.token_object_id)).locale)
    return redirect(url_for("answering.thanks", token=_token(), lang=request.args.get("lang")), code=303)


def _submission(posted: Posted) -> Submission:
    return Submission(
        ByInvitation(g.token_object_id),
        posted.answers,
        complete=posted.complete,
        revision=posted.revision,
        locale=request.args.get("lang"),
        is_form=posted.is_form,
        is_trapped=posted.is_trapped,
    )


def _page(link: Link, language: str | None = None) -> CustomerPage:
    invitation, response = link.invitation, link.response
    interaction, offered = invitation.interaction, link.definition.locales
    read_in = response.locale if response else invitation.locale
    locale = choose_locale(offered, language, request.args.get("lang"), read_in)
    return CustomerPage(
        link.definition,
        locale or link.definition.default_locale,
        _address(),
        occurred_at=interaction.occurred_at if interaction else None,
        timezone=invitation.customer.timezone or tenant().timezone,
        revision=response.revision if response else 0,
        stop_url=f"/u/{tokens.issue('unsubscribe', tenant().id, invitation.id)}",
        known=link.answers,
    )


def _thanks(link: Link) -> Response:
    page, promise = _page(link), queries.find_promise(link.response) if link.response else None
    pages.speak(page.locale)
    words = promise_in_words(_moment(promise.contact_by, link)) if promise and promise.contact_by else None
    if is_not_solved(link.survey.kind, {key: answer.value for key, answer in link.answers.items()}):
        words = not_solved_in_words()
    follow_url = f"{promise.path}?lang={page_language()}" if promise else None
    return pages.render_thanks(page, link.department, words, follow_url)


def _moment(when: datetime, link: Link) -> str:
    return moment_in_words(when, clock.now(), link.invitation.customer.timezone, tenant().timezone, page_language())


def _token() -> str:
    return tokens.issue("respond", tenant().id, g.token_object_id)


def _address() -> str:
    return url_for("answering.survey", token=_token())
