"""The builder: the outline, the question as the customer sees it, and its settings. Every change is one plain POST.

A form carries the moment of the draft it was made for. When somebody changed the draft since, nothing is saved and the
page comes back with what was typed, to be checked against how things stand now.
"""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.kernel.locales import normalise
from app.surveys.design import edits, queries, service
from app.surveys.design.edits import Edit
from app.surveys.design.forms import read_moment, read_question, read_survey_texts
from app.surveys.design.models import Survey
from app.surveys.design.reading import read_draft
from app.surveys.design.service import SurveyFacts
from app.surveys.design.starters import new_question
from app.surveys.design.views.blueprints import bp
from app.surveys.design.views.outline import Place, builder_page
from app.surveys.design.views.shared import brand_name, go_to
from app.surveys.design.words import TYPE_WORDS
from app.tenants.access import permission


@bp.get("/<key>")
@permission("surveys.read")
def survey(key: str) -> str:
    """The survey itself: its words around the questions, its kind and languages."""
    return builder_page(queries.get_survey_by_key(key))


@bp.post("/<key>")
@permission("surveys.edit")
def save_survey(key: str) -> tuple[str, int] | Response:
    """Save the survey's own settings."""
    found = queries.get_survey_by_key(key)
    texts = read_survey_texts(request.form, read_draft(found).locales)
    place = Place(typed={**texts, **request.form.to_dict()})
    return _edited(found, edits.set_texts(texts), place, facts=_facts(found))


@bp.get("/<key>/questions/<question>")
@permission("surveys.read")
def question(key: str, question: str) -> str:
    """One question with its settings."""
    found = queries.get_survey_by_key(key)
    _raw_question(found, question)
    return builder_page(found, Place(question=question))


@bp.post("/<key>/questions/<question>")
@permission("surveys.edit")
def save_question(key: str, question: str) -> tuple[str, int] | Response:
    """Save the settings of a question."""
    found = queries.get_survey_by_key(key)
    old = _raw_question(found, question)
    fields = read_question(request.form, read_draft(found), old["type"], old)
    place = Place(question=question, next_question=fields["key"], typed={**old, **fields})
    return _edited(found, edits.replace_question(question, fields), place)


@bp.post("/<key>/questions")
@permission("surveys.edit")
def add_question(key: str) -> tuple[str, int] | Response:
    """Add a question of the chosen type, last."""
    found, type_ = queries.get_survey_by_key(key), request.form.get("type", "")
    if type_ not in TYPE_WORDS:
        raise Invalid(_("Choose the type of the question."))
    made = new_question(type_, found.draft, brand_name())
    return _edited(found, edits.add_question(made), Place(next_question=made["key"]))


@bp.post("/<key>/questions/<question>/position")
@permission("surveys.edit")
def move_question(key: str, question: str) -> tuple[str, int] | Response:
    """Put a question before or behind its neighbour."""
    steps = -1 if request.form.get("direction") == "earlier" else 1
    place = Place(question=question, next_question=question)
    return _edited(queries.get_survey_by_key(key), edits.move_question(question, steps), place)


@bp.post("/<key>/questions/<question>/removal")
@permission("surveys.edit")
def remove_question(key: str, question: str) -> tuple[str, int] | Response:
    """Take a question out of the draft; versions that have it keep it."""
    place = Place(question=question, next_question=None)
    return _edited(queries.get_survey_by_key(key), edits.remove_question(question), place)


@bp.post("/<key>/languages")
@permission("surveys.edit")
def add_language(key: str) -> tuple[str, int] | Response:
    """Offer the survey in another language."""
    return _edited(queries.get_survey_by_key(key), edits.add_locale(_posted_locale()), Place())


@bp.post("/<key>/languages/removal")
@permission("surveys.edit")
def remove_language(key: str) -> tuple[str, int] | Response:
    """Take a language out of every text."""
    return _edited(queries.get_survey_by_key(key), edits.remove_locale(_posted_locale()), Place())


def _edited(found: Survey, edit: Edit, place: Place, facts: SurveyFacts | None = None) -> tuple[str, int] | Response:
    """Carry an edit out and go on, or show the builder again with what is in the way."""
    try:
        service.edit_draft(found.key, read_moment(request.form.get("based_on", "")), edit, facts)
    except Invalid as refused:
        return builder_page(found, place.refused(refused.faults, edit(found.draft))), 422
    except Conflict:
        return builder_page(queries.get_survey_by_key(found.key), place.stale()), 409
    flash(_("Saved."), "success")
    if place.next_question:
        return go_to("question", key=found.key, question=place.next_question)
    return go_to("survey", key=found.key)


def _facts(found: Survey) -> SurveyFacts:
    posted = request.form
    fixed = bool(found.last_version)
    return SurveyFacts(
        name=posted.get("name", ""),
        kind=None if fixed else posted.get("kind"),
        is_anonymous=None if fixed else "anonymous" in posted,
        has_open_link="open_link" in posted,
    )


def _raw_question(found: Survey, key: str) -> dict[str, Any]:
    for raw in found.draft["questions"]:
        if raw["key"] == key:
            return dict(raw)
    raise NotFound(f"The survey has no question {key}.")


def _posted_locale() -> str:
    try:
        return normalise(request.form.get("locale", ""))
    except ValueError:
        raise Invalid(_("Choose a language."), [Fault("/locale", "not a language")]) from None
