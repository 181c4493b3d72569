"""Setting up a widget: its form with the snippet to copy, and a page that tries it as a foreign page would."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.kernel import tokens
from app.kernel.errors import NotFound
from app.surveys.answering import queries, service
from app.surveys.answering.forms import WidgetForm, form_of
from app.surveys.answering.models import Widget
from app.surveys.answering.rules import choose_locale
from app.surveys.answering.service.widgets import as_input
from app.surveys.answering.views import words
from app.surveys.answering.views.widget_script import trial_of
from app.surveys.answering.widget_rules import WidgetInput
from app.surveys.answering.words import WIDGET_KIND_HELP, WIDGET_KIND_WORDS
from app.surveys.design.models import Survey
from app.surveys.design.queries import get_survey_by_key, newest_version
from app.surveys.design.reading import read_version
from app.surveys.outreach.queries import all_touchpoints
from app.tenants.access import member, permission, tenant
from app.web.forms import carried_out, errors_of

bp = Blueprint("widgets", __name__, template_folder="../templates", url_prefix="/t/<tenant>/surveys/<key>/widgets")


@bp.get("/add")
@permission("surveys.edit")
def add(key: str) -> str:
    """The form of a new widget."""
    return _page(get_survey_by_key(key), None, form_of(WidgetInput("", "popover", ())))


@bp.post("")
@permission("surveys.edit")
def create(key: str) -> tuple[str, int] | AnyResponse:
    """Embed the survey."""
    survey, form, made = get_survey_by_key(key), _offered(WidgetForm()), list[Widget]()
    if form.validate() and carried_out(form, lambda: made.append(service.add_widget(key, form.wanted())), {}):
        flash(_("The widget is ready. Copy its line into your pages."), "success")
        return _go_to(key, made[0].id)
    return _page(survey, None, form), 422


@bp.get("/<uuid:widget_id>")
@permission("surveys.read")
def show(key: str, widget_id: UUID) -> str:
    """One widget: what to copy, where it stands, when it shows itself."""
    widget = _get(key, widget_id)
    return _page(widget.survey, widget, form_of(as_input(widget)))


@bp.post("/<uuid:widget_id>")
@permission("surveys.edit")
def save(key: str, widget_id: UUID) -> tuple[str, int] | AnyResponse:
    """Change a widget."""
    widget, form = _get(key, widget_id), _offered(WidgetForm())
    if form.validate() and carried_out(form, lambda: service.change_widget(widget_id, form.wanted()), {}):
        flash(_("Saved. Pages that hold the widget follow within five minutes."), "success")
        return _go_to(key, widget_id)
    return _page(widget.survey, widget, form), 422


@bp.get("/<uuid:widget_id>/trial")
@permission("surveys.read")
def trial(key: str, widget_id: UUID) -> str:
    """A page that holds the widget, under a policy as strict as any."""
    widget = _get(key, widget_id)
    version = newest_version(widget.survey)
    return render_template(
        "answering/widget_trial.html",
        widget=widget,
        locales=read_version(version).locales if version else (),
        locale=request.args.get("lang"),
        language_name=words.language_name,
        kind_words=WIDGET_KIND_WORDS,
    )


@bp.get("/<uuid:widget_id>/trial.js")
@permission("surveys.read")
def trial_script(key: str, widget_id: UUID) -> Response:
    """The widget's script for that page: it shows at once and sends nothing."""
    wanted = (request.args.get("lang"), *request.accept_languages.values())
    body = trial_of(_get(key, widget_id), lambda offered: choose_locale(offered, *wanted))
    return Response(body, mimetype="text/javascript", headers={"Cache-Control": "no-store"})


def _get(key: str, widget_id: UUID) -> Widget:
    """The widget of this survey. Raises NotFound, for another survey's too."""
    widget = queries.get_widget(widget_id)
    if widget.survey.key != key:
        raise NotFound()
    return widget


def _offered(form: WidgetForm) -> WidgetForm:
    return form.offer(all_touchpoints())


def _page(survey: Survey, widget: Widget | None, form: WidgetForm) -> str:
    _offered(form)
    return render_template(
        "answering/widget.html",
        survey=survey,
        widget=widget,
        form=form,
        errors=errors_of(form),
        address=_address(widget) if widget else None,
        base_url=current_app.extensions["heed_settings"].base_url,
        may_edit=member().may("surveys.edit"),
        kind_words=WIDGET_KIND_WORDS,
        kind_help=WIDGET_KIND_HELP,
    )


def _address(widget: Widget) -> str:
    """The public address of the widget, without an ending."""
    base_url = current_app.extensions["heed_settings"].base_url
    return f"{base_url}/w/{tokens.issue('widget', tenant().id, widget.id)}"


def _go_to(key: str, widget_id: UUID) -> AnyResponse:
    return redirect(url_for("widgets.show", tenant=tenant().slug, key=key, widget_id=widget_id), code=303)
