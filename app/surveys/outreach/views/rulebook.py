"""The outreach rules: all of them as sentences with what they did, and one of them with what it would do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.delivery.queries import count_by_state
from app.kernel import clock
from app.surveys.outreach import queries, service, words
from app.surveys.outreach.forms import SENTENCES, RuleForm, form_of
from app.surveys.outreach.models import OutreachRule
from app.surveys.outreach.service.simulation import DAYS, MOST
from app.surveys.outreach.setup_rules import RuleInput
from app.surveys.outreach.views.blueprints import bp
from app.tenants import queries as tenants
from app.tenants.access import member, permission, tenant
from app.web.forms import carried_out, errors_of


@bp.get("/")
@permission("outreach.read")
def index() -> str:
    """Every rule as a sentence, with its numbers of the last days."""
    since = clock.now() - timedelta(days=DAYS)
    found = queries.list_rules()
    return _page("rules.html", rules=found, tallies=queries.tallies(since), mails=_mails(since))


@bp.get("/add")
@permission("outreach.edit")
def add() -> str:
    """The form of a new rule."""
    return _form_page(None, form_of(RuleInput(touchpoints=(), survey="")))


@bp.post("/")
@permission("outreach.edit")
def create() -> tuple[str, int] | Response:
    """Make a rule, or only try it."""
    form = _offered(RuleForm())
    is_good = form.validate()
    if is_good and "try" in request.form:
        return _form_page(None, form), 200
    if is_good and carried_out(form, lambda: service.add_rule(form.wanted(), form.key.data or ""), SENTENCES):
        flash(_("The rule is there and listens from now on."), "success")
        return redirect(url_for("outreach.index", tenant=tenant().slug), code=303)
    return _form_page(None, form), 422


@bp.get("/rules/<key>")
@permission("outreach.read")
def rule(key: str) -> str:
    """One rule: its sentence, what it did, and what it would do."""
    found = queries.get_rule_by_key(key)
    return _form_page(found, form_of(service.as_input(found)))


@bp.post("/rules/<key>")
@permission("outreach.edit")
def save(key: str) -> tuple[str, int] | Response:
    """Change a rule, or only try the change."""
    found = queries.get_rule_by_key(key)
    form = _offered(RuleForm(), found)
    is_good = form.validate()
    if is_good and "try" in request.form:
        return _form_page(found, form), 200
    if is_good and carried_out(form, lambda: service.put_rule(key, form.wanted()), SENTENCES):
        flash(_("Saved."), "success")
        return redirect(url_for("outreach.rule", tenant=tenant().slug, key=key), code=303)
    return _form_page(found, form), 422


def _offered(form: RuleForm, found: OutreachRule | None = None) -> RuleForm:
    return form.offer(queries.askable_surveys(found.survey_id if found else None), queries.all_touchpoints())


def _form_page(found: OutreachRule | None, form: RuleForm) -> str:
    """The page of a rule; what it would do is shown as the form says it, unless the form is wrong or empty."""
    _offered(form, found)
    since = clock.now() - timedelta(days=DAYS)
    key = found.key if found else form.key.data or "new"
    can_simulate = not form.errors and form.touchpoints.data
    return _page(
        "rule.html",
        rule=found,
        form=form,
        errors=errors_of(form),
        tally=queries.tallies(since, found.id).get(found.id) if found else None,
        simulation=service.simulate(key, form.wanted()) if can_simulate else None,
        is_trial="try" in request.form,
    )


def _mails(since: Any) -> list[tuple[str, int]]:
    """What became of the mails, in words, without what did not happen."""
    counts = count_by_state(since)
    named = (
        ("sent", _("handed over")),
        ("queued", _("waiting")),
        ("uncertain", _("handed over without an answer, and not sent again")),
        ("failed", _("refused")),
    )
    return [(text, counts[state]) for state, text in named if counts.get(state)]


def _page(template: str, **context: Any) -> str:
    return render_template(
        f"outreach/{template}",
        may_edit=member().may("outreach.edit"),
        words=words,
        settings=tenants.settings(),
        days=DAYS,
        most=MOST,
        **context,
    )
