"""The staff pages of responses: the list with its filters in the address, one response in full, and its release."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.billing.queries import is_on
from app.kernel.errors import Conflict
from app.kernel.naming import readable
from app.surveys.answering import queries, service
from app.surveys.answering.models import Response, answers_of, scores_of
from app.surveys.answering.queries import ResponseFilter
from app.surveys.answering.rules import band, band_named, band_of_answer
from app.surveys.answering.views.counted import NAMES as COUNTED
from app.surveys.answering.views.counted import counted_words, key_words, read_counted
from app.surveys.answering.views.words import language_name
from app.surveys.answering.words import felt
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from app.surveys.design.texts import pick
from app.tenants.access import permission, tenant
from app.web.dates import month

bp = Blueprint("answering_desk", __name__, template_folder="../templates", url_prefix="/t/<tenant>/responses")

_NAMED = ("survey", "touchpoint", "partner")


bp.app_template_filter("felt")(felt)


@bp.get("/")
@permission("responses.read")
def index() -> str:
    """The responses, newest first."""
    wanted = _read_filter()
    page = queries.page_of_responses(wanted, request.args.get("cursor"))
    return render_template(
        "answering/index.html",
        page=page,
        bands={row.id: band(scores_of(row)) for row in page.rows},
        band_chips=_band_chips(wanted),
        filters=_filters(wanted),
        counted=counted_words(wanted.counted) if wanted.counted else None,
        uncounted_url=url_for("answering_desk.index", tenant=tenant().slug),
        here=_address(),
        next_url=_address(cursor=page.next_cursor) if page.next_cursor else None,
        first_url=_address() if request.args.get("cursor") else None,
    )


@bp.get("/<uuid:response_id>")
@permission("responses.read")
def detail(response_id: UUID) -> str:
    """One response: the answers in full, and what they are about."""
    response = queries.get_response(response_id)
    return render_template(
        "answering/detail.html",
        readable=readable,
        response=response,
        answers=_answers(response),
        band=band(scores_of(response)),
        language=language_name(response.locale),
        over_month=month(response.over_plan_month) if response.over_plan_month else None,
    )


@bp.post("/<uuid:response_id>/release")
@permission("responses.work")
def release(response_id: UUID) -> AnyResponse:
    """Let a parked response count."""
    try:
        service.release_response(response_id)
        flash(_("The response counts from now on."), "success")
    except Conflict:
        flash(_("Somebody has released this response already."))
    return redirect(url_for("answering_desk.detail", tenant=tenant().slug, response_id=response_id), code=303)


def _read_filter() -> ResponseFilter:
    """What the address asks to see; what cannot be read is left out."""
    asked = request.args
    counted = read_counted(request.args, tenant().timezone)
    if counted is not None:
        return ResponseFilter(band=counted.band, counted=counted)
    return ResponseFilter(
        survey=asked.get("survey") or None,
        touchpoint=asked.get("touchpoint") or None,
        partner=asked.get("partner") or None,
        band=band_named(asked.get("band")),
        is_parked=True if "parked" in asked else None,
        is_over_plan=True if "over_plan" in asked else None,
    )


def _address(**changes: str | None) -> str:
    """The address of this view with some of its parts changed; None takes one out."""
    names = (*_NAMED, *COUNTED, "band", "parked", "over_plan")
    kept = {name: request.args[name] for name in names if request.args.get(name)}
    parts: dict[str, Any] = {name: value for name, value in {**kept, **changes}.items() if value}
    return url_for("answering_desk.index", tenant=tenant().slug, **parts)


def _band_chips(wanted: ResponseFilter) -> list[dict[str, Any]]:
    named = {"low": _("Low"), "middle": _("Middle"), "high": _("High")}
    none = {"band": None, "parked": None, "over_plan": None}
    is_everything = wanted.band is None and not wanted.is_parked and not wanted.is_over_plan
    found = [{"text": _("All"), "url": _address(**none), "is_active": is_everything}]
    found += [
        {"text": text, "url": _address(**{**none, "band": name}), "is_active": wanted.band == name}
        for name, text in named.items()
    ]
    if wanted.counted is not None:
        return found
    found.append({"text": _("Parked"), "url": _address(**{**none, "parked": "1"}), "is_active": bool(wanted.is_parked)})
    if is_on():
        url, is_active = _address(**{**none, "over_plan": "1"}), bool(wanted.is_over_plan)
        found.append({"text": _("Over the plan"), "url": url, "is_active": is_active})
    return found


def _filters(wanted: ResponseFilter) -> list[dict[str, Any]]:
    """The filters by key that are on, each with the address that takes it off."""
    words = {
        "survey": _("Survey"),
        "touchpoint": _("Touchpoint"),
        "partner": _("Partner"),
        "department": _("Department"),
        "journey": _("Journey"),
        "stage": _("Stage"),
        "channel": _("Channel"),
    }
    on = wanted.counted.by if wanted.counted else {name: getattr(wanted, name) for name in _NAMED}
    return [
        {"word": words[name], "key": key_words(key), "url": _address(**{name: None})} for name, key in on.items() if key
    ]


def _answers(response: Response) -> list[dict[str, Any]]:
    """Each question of the version with what was answered, in the reader's language where there is a text in it."""
    definition, locale = read_version(response.version), str(get_locale()).replace("_", "-")
    given = answers_of(response)
    rows = []
    for question in definition.questions:
        answer = given.get(question.key)
        text, lang = pick(question.text, locale, definition.default_locale)
        shown = type_of(question).display(question, answer, locale, definition.default_locale) if answer else None
        rows.append(
            {
                "question": text,
                "lang": lang,
                "type": question.type,
                "band": band_of_answer(question, answer),
                "answer": shown,
            }
        )
    return rows
