"""The list of surveys, and a new one from a starter."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.surveys.design import queries, service
from app.surveys.design.forms import NEW_SURVEY_SENTENCES, NewSurveyForm
from app.surveys.design.reading import state_of
from app.surveys.design.service import SurveyFacts
from app.surveys.design.starters import starter
from app.surveys.design.views.blueprints import bp
from app.surveys.design.views.shared import brand_name, go_to, page
from app.surveys.design.words import STARTER_WORDS
from app.tenants.access import permission, tenant
from app.web.forms import carried_out, errors_of


@bp.get("/")
@permission("surveys.read")
def index() -> str:
    """Some of the surveys, the one changed last first."""
    return _list(NewSurveyForm(formdata=None) if "add" in request.args else None)


@bp.post("/")
@permission("surveys.edit")
def add() -> tuple[str, int] | Response:
    """Make a survey from a starter and open it in the builder."""
    form, made = NewSurveyForm(), list[str]()
    if form.validate() and carried_out(form, lambda: made.append(_add(form)), NEW_SURVEY_SENTENCES):
        flash(_("This is a draft: nobody is asked before you publish it."))
        return go_to("survey", key=made[0])
    return _list(form), 422


def _add(form: NewSurveyForm) -> str:
    name = str(form.starter.data)
    facts = SurveyFacts(form.name.data, kind="follow_up" if name == "follow_up" else None)
    definition = starter(name, brand_name(), tenant().default_locale)
    return service.add_survey(facts, definition, form.key.data or "").key


def _list(form: NewSurveyForm | None) -> str:
    found = queries.page_of_surveys_by_change(request.args.get("cursor"))
    etags = queries.newest_etags(list(found.rows))
    states = {survey.id: state_of(survey, etags.get(survey.id)) for survey in found.rows}
    errors = errors_of(form) if form is not None else []
    return page("index.html", found=found, states=states, form=form, errors=errors, starters=STARTER_WORDS)
