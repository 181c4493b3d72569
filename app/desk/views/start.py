"""The first steps of a tenant, from an empty one to an answer on the own phone."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.desk import first_steps as service
from app.desk.forms import FIRST_SENTENCES, FirstTouchpointForm
from app.desk.queries.first_steps import FirstSteps, first_steps
from app.desk.views.blueprint import bp
from app.desk.words import OCCASION_WORDS
from app.kernel.errors import Conflict, NotFound
from app.surveys.answering.models import scores_of
from app.surveys.answering.qr import svg_of
from app.surveys.answering.rules import band
from app.surveys.outreach.mail import respond_url
from app.tenants.access import member, permission, tenant
from app.web.forms import carried_out, errors_of
from app.web.htmx import conditional


@bp.get("/start")
@permission("surveys.edit")
def start() -> str:
    """What to do first, and what was done."""
    return _page(FirstTouchpointForm(formdata=None))


@bp.post("/start")
@permission("surveys.edit")
def begin() -> tuple[str, int] | AnyResponse:
    """Make the first touchpoint with its survey, and send it to whoever asked."""
    form, who = FirstTouchpointForm(), member()

    def make() -> None:
        service.begin_asking(form.given(), tenant().name, tenant().default_locale)

    try:
        if not (form.validate() and carried_out(form, make, FIRST_SENTENCES)):
            return _page(form), 422
    except Conflict:
        flash(_("There is a touchpoint already; nothing was made twice."))
        return _back()
    service.send_to_me(who.email, who.name, _language())
    return _back()


@bp.post("/start/test")
@permission("surveys.edit")
def send_to_me() -> AnyResponse:
    """Send the survey to whoever asks, once more."""
    who = member()
    service.send_to_me(who.email, who.name, _language())
    return _back()


@bp.get("/start/steps")
@permission("surveys.edit")
def steps() -> Response:
    """The steps as they stand; 304 for a poll when nothing has changed."""
    return conditional(render_template("desk/_start_steps.html", **_facts(first_steps())))


@bp.get("/start/code.svg")
@permission("surveys.edit")
def code() -> Response:
    """The code that opens the test on a phone. Raises NotFound before there is one."""
    test = first_steps().test
    if test is None:
        raise NotFound()
    return Response(svg_of(respond_url(test)), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


def _page(form: FirstTouchpointForm) -> str:
    facts = _facts(first_steps())
    return render_template("desk/start.html", form=form, errors=errors_of(form), **facts)


def _facts(seen: FirstSteps) -> dict[str, Any]:
    return {
        "seen": seen,
        "occasions": OCCASION_WORDS,
        "respond_url": respond_url(seen.test) if seen.test else "",
        "band": band(scores_of(seen.answer)) if seen.answer else None,
        "my_email": member().email,
    }


def _language() -> str:
    return str(get_locale() or "en").replace("_", "-")


def _back() -> AnyResponse:
    return redirect(url_for("desk.start", tenant=tenant().slug), code=303)
