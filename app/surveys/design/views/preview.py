"""The preview: the survey as a customer sees it, on a phone and on a desktop. Nothing done in it is sent or counted."""

from __future__ import annotations

from typing import Any

from flask import Response, g, make_response, render_template, request
from flask_babel import refresh

from app.kernel import clock
from app.kernel.locales import normalise
from app.surveys.design import queries
from app.surveys.design.definition import Question
from app.surveys.design.definition import Survey as Definition
from app.surveys.design.models import Survey
from app.surveys.design.preview import preview_of, worded
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_draft, read_version
from app.surveys.design.rules import validate_form, with_today
from app.surveys.design.views.blueprints import bp
from app.surveys.design.views.shared import page
from app.tenants import queries as tenants
from app.tenants.access import permission, tenant
from app.web.headers import content_security_policy
from app.web.shell import page_language

WIDTHS = ("phone", "desktop")


@bp.get("/<key>/preview")
@permission("surveys.read")
def preview(key: str) -> str:
    """The preview in a frame of a phone's or a desktop's width; ?version= shows a published one."""
    survey = queries.get_survey_by_key(key)
    definition, version = _chosen(survey)
    width = request.args.get("width", "")
    return page(
        "preview.html",
        survey=survey,
        version=version,
        locales=definition.locales,
        locale=_locale(definition),
        width=width if width in WIDTHS else WIDTHS[0],
    )


@bp.get("/<key>/preview/page")
@permission("surveys.read")
def preview_page(key: str) -> Response:
    """The customer's page itself; ?heed.question= shows one alone, answers in the address show what follows them."""
    definition, _version = _chosen(queries.get_survey_by_key(key))
    g.locale = _locale(definition)
    refresh()
    html = render_template(
        "surveys/preview_page.html",
        brand=tenants.brand(tenant().name),
        kept={name: value for name, value in request.args.items() if name.startswith("heed.")},
        **_contents(definition, g.locale, request.args.get("heed.question")),
    )
    return _framed(html)


def _contents(definition: Definition, locale: str, only: str | None) -> dict[str, Any]:
    spoken, definition = page_language(), with_today(definition, clock.now())
    answers, _faults = validate_form(definition, _answers(definition), complete=False)
    questions = preview_of(definition, locale, spoken, answers)
    if only:
        questions = [{**question, "hidden": False} for question in questions if question["key"] == only]
    return {
        "title": worded(definition, definition.title, locale, spoken),
        "intro": worded(definition, definition.intro, locale, spoken) if definition.intro else None,
        "questions": questions,
        "is_part": bool(only),
    }


def _framed(html: str) -> Response:
    """Our own pages may hold this one in a frame; nobody else may."""
    response = make_response(html)
    policy = content_security_policy(g.get("csp_nonce"))
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return response


def _chosen(survey: Survey) -> tuple[Definition, int | None]:
    """The definition to show, and the number of its version; the draft has none."""
    number = request.args.get("heed.version", type=int)
    if number is None:
        return read_draft(survey), None
    return read_version(queries.get_version(survey.id, number)), number


def _locale(definition: Definition) -> str:
    """The language asked for, where the survey has it."""
    try:
        wanted = normalise(request.args.get("heed.locale", ""))
    except ValueError:
        return definition.default_locale
    return wanted if wanted in definition.locales else definition.default_locale


def _answers(definition: Definition) -> dict[str, list[str]]:
    return {question.key: _strings(question) for question in definition.questions}


def _strings(question: Question) -> list[str]:
    """What the address holds for a question, as the customer's form posts it."""
    parts = [(part, request.args.get(f"{question.key}.{part}")) for part in type_of(question).parts]
    return request.args.getlist(question.key) + [f"{part}:{string}" for part, string in parts if string]
