"""Sharing a survey: its open link with a QR code to print, and the pages that it is embedded in.

`?touchpoint=` gives the link and the code for one touchpoint: what hangs at the counter says so with each answer.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from app.journeys.models import Touchpoint
from app.journeys.queries import get_touchpoint_by_key
from app.surveys.answering import queries, service
from app.surveys.answering.qr import png_of, svg_of
from app.surveys.answering.rules import choose_locale
from app.surveys.answering.views import words
from app.surveys.answering.views.page import brand
from app.surveys.answering.words import WIDGET_KIND_WORDS
from app.surveys.design.queries import get_survey_by_key
from app.surveys.design.reading import read_version
from app.surveys.design.texts import pick
from app.surveys.outreach.queries import all_touchpoints
from app.tenants.access import member, permission, tenant
from app.tenants.sessions import language_for
from app.web.shell import page_language

bp = Blueprint("share", __name__, template_folder="../templates", url_prefix="/t/<tenant>/surveys/<key>/share")

SIZES = ("a6", "a4")


@bp.get("")
@permission("surveys.read")
def index(key: str) -> str:
    """The link with its code, and the widgets."""
    survey, touchpoint = get_survey_by_key(key), _touchpoint()
    is_open = survey.has_open_link and survey.last_version
    return render_template(
        "answering/share.html",
        survey=survey,
        address=open_address(key, touchpoint) if is_open else None,
        touchpoint=touchpoint,
        touchpoints=all_touchpoints() if is_open else (),
        widgets=queries.list_widgets(survey.id),
        may_edit=member().may("surveys.edit"),
        kind_words=WIDGET_KIND_WORDS,
    )


@bp.get("/qr.svg")
@permission("surveys.read")
def qr_svg(key: str) -> Response:
    """The code for a printer: it stays sharp in any size."""
    return _download(svg_of(_open(key)).encode(), "image/svg+xml", f"{_file(key)}.svg")


@bp.get("/qr.png")
@permission("surveys.read")
def qr_png(key: str) -> Response:
    """The code for programs that take pictures only."""
    return _download(png_of(_open(key)), "image/png", f"{_file(key)}.png")


@bp.get("/print")
@permission("surveys.read")
def print_page(key: str) -> str:
    """The code on a card of A6, or as a table tent of A4, in a language of the survey."""
    (survey, version), touchpoint = service.get_open_survey(key), _touchpoint()
    definition, size = read_version(version), request.args.get("size", "")
    lang = choose_locale(definition.locales, request.args.get("lang"), page_language()) or definition.default_locale
    title, title_lang = pick(definition.title, lang, definition.default_locale)
    return render_template(
        "answering/share_print.html",
        survey=survey,
        touchpoint=touchpoint,
        address=open_address(key, touchpoint),
        size=size if size in SIZES else SIZES[0],
        card={"title": title, "title_lang": title_lang, "brand": brand().name, **_invitation(lang)},
        lang=lang,
        languages=[(code, words.language_name(code)) for code in definition.locales],
    )


def open_address(key: str, touchpoint: Touchpoint | None) -> str:
    """The public address of a survey's open link, as it hangs at this touchpoint."""
    base_url: str = current_app.extensions["heed_settings"].base_url
    where = f"?touchpoint={touchpoint.key}" if touchpoint else ""
    return f"{base_url}/s/{tenant().slug}/{key}{where}"


def _open(key: str) -> str:
    """The address that is asked for, of a survey that has one. Raises NotFound."""
    service.get_open_survey(key)
    return open_address(key, _touchpoint())


def _touchpoint() -> Touchpoint | None:
    """The touchpoint that the address of our page names. Raises NotFound when there is none such."""
    key = request.args.get("touchpoint")
    return get_touchpoint_by_key(key) if key else None


def _file(key: str) -> str:
    """What a code is called on somebody's disk, without an ending."""
    return "-".join(filter(None, (key, request.args.get("touchpoint"))))


def _invitation(lang: str) -> dict[str, Any]:
    """What the card says besides the survey's title, in the language of ours nearest to it."""
    ours = language_for(lang)
    with force_locale(ours):
        return {"words": _("Scan the code and tell us how it was."), "words_lang": ours.replace("_", "-")}


def _download(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    is_wanted = "download" in request.args
    response.headers["Content-Disposition"] = f'{"attachment" if is_wanted else "inline"}; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response
