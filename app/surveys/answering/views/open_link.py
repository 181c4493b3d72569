"""The open link of a survey, for anybody. The page makes a key of its own, under which its POSTs are one response.

`?touchpoint=` says where the link or its code was found; the answers count for that touchpoint.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask_limiter.util import get_remote_address
from pydantic import TypeAdapter, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import limiter
from app.kernel.errors import Conflict, Gone, Invalid
from app.kernel.naming import is_key
from app.surveys.answering import service
from app.surveys.answering.rules import choose_locale
from app.surveys.answering.service import ByOpenLink, Submission
from app.surveys.answering.views import page as pages
from app.surveys.answering.views.customer import stored_state
from app.surveys.answering.views.page import CustomerPage
from app.surveys.answering.views.posted import ClientKey, OpenAnswers, Posted, read_posted
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.design.reading import read_version
from app.tenants.access import by_open_link, tenant

bp = Blueprint("open_link", __name__, template_folder="../templates")

OpenSurvey = tuple[Survey, SurveyVersion]

PER_ADDRESS = "120 per minute"
_KEY = TypeAdapter(ClientKey)


@bp.get("/s/<tenant>/<survey>")
@by_open_link
def survey(survey: str) -> Response:
    """The survey as a form, with a fresh key."""
    opened = service.get_open_survey(survey)
    return _form(opened, _page(opened, secrets.token_urlsafe(16)).with_score(request.args.get("score")))


@bp.post("/s/<tenant>/<survey>")
@limiter.limit(PER_ADDRESS, key_func=get_remote_address)
@by_open_link
def answer(survey: str) -> AnyResponse | tuple[Response, int]:
    """Take answers, of the form or of its script; or show the form in another language."""
    posted = read_posted(OpenAnswers)
    if not posted.is_form:
        outcome = service.submit_response(_submission(survey, posted, _key(posted)))
        return jsonify(stored_state(outcome)), 201 if outcome.is_new else 200
    if posted.language:
        opened = service.get_open_survey(survey)
        return _form(opened, _page(opened, _key(posted), posted.language).with_form(posted.answers))
    return _send(survey, posted)


@bp.get("/s/<tenant>/<survey>/thanks")
@by_open_link
def thanks(survey: str) -> Response:
    """What is said after sending."""
    return pages.render_thanks(_page(service.get_open_survey(survey)), department=None, promise=None)


def _send(survey: str, posted: Posted) -> AnyResponse:
    key = _key(posted)
    try:
        service.submit_response(_submission(survey, posted, key))
    except Invalid as refusal:
        page = _page(service.get_open_survey(survey), key).with_form(posted.answers)
        return pages.render_form(page, refusal.faults, status=422)
    except Gone:
        return pages.render_closed(_page(service.get_open_survey(survey)).locale)
    except Conflict:
        return pages.render_answered(_page(service.get_open_survey(survey)).locale)
    lang = request.args.get("lang")
    return redirect(url_for("open_link.thanks", tenant=tenant().slug, survey=survey, lang=lang), code=303)


def _form(opened: OpenSurvey, page: CustomerPage) -> Response:
    return pages.render_form(page) if opened[0].closed_at is None else pages.render_closed(page.locale)


def _submission(survey: str, posted: Posted, key: str) -> Submission:
    return Submission(
        ByOpenLink(survey, key, _touchpoint()),
        posted.answers,
        complete=posted.complete,
        revision=posted.revision,
        locale=request.args.get("lang"),
        preferred=tuple(request.accept_languages.values()),
        is_form=posted.is_form,
        is_trapped=posted.is_trapped,
    )


def _key(posted: Posted) -> str:
    """The page's key; a form that lost it is a page of its own."""
    try:
        return _KEY.validate_python(posted.key)
    except ValidationError:
        return secrets.token_urlsafe(16)


def _touchpoint() -> str | None:
    """Where the link was found, as far as that can be a key."""
    key = request.args.get("touchpoint", "")
    return key if is_key(key) else None


def _page(opened: OpenSurvey, key: str | None = None, language: str | None = None) -> CustomerPage:
    survey, version = opened
    definition = read_version(version)
    wanted = (language, request.args.get("lang"), *request.accept_languages.values())
    return CustomerPage(
        definition,
        choose_locale(definition.locales, *wanted) or definition.default_locale,
        url_for("open_link.survey", tenant=tenant().slug, survey=survey.key, touchpoint=_touchpoint()),
        key=key,
    )
