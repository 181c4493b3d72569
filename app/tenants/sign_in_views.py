"""The tenant's page on how everybody has to sign in who works here."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.kernel.errors import Conflict
from app.tenants import queries, service
from app.tenants.access import fresh, permission, tenant
from app.tenants.accounts.queries import readiness
from app.tenants.accounts.rules import SIGN_IN_RULES, suffices
from app.tenants.words import SIGN_IN_RULE_WORDS

bp = Blueprint("sign_in_rule", __name__, template_folder="templates")


@bp.get("/t/<tenant>/settings/sign-in")
@permission("settings.edit")
def index() -> str:
    """What is asked now, and who has what it takes."""
    return _page(queries.get_tenant_by_slug(tenant().slug).sign_in_rule)


@bp.post("/t/<tenant>/settings/sign-in")
@permission("settings.edit")
@fresh
def save() -> tuple[str, int] | Response:
    """Ask for something else. Whoever asks must have signed in so: else they would shut out themselves first."""
    rule = request.form.get("rule", "")
    is_vouched = current_user.vouched_tenant_id == tenant().id
    if rule in SIGN_IN_RULES and not suffices(current_user.way, rule, is_vouched=is_vouched):
        return _page(rule, _("You have not signed in this way yourself. Do so first, then ask it of everybody.")), 422
    try:
        service.set_sign_in_rule(rule)
    except Conflict:
        return _page(rule, _("There is no identity provider that is ready. Set one up first.")), 422
    flash(_("Saved. It holds from everybody’s next page on."))
    return redirect(url_for("sign_in_rule.index", tenant=tenant().slug), code=303)


def _page(rule: str, error: str = "") -> str:
    options = [(name, *SIGN_IN_RULE_WORDS[name]) for name in SIGN_IN_RULES]
    return render_template("tenants/sign_in_rule.html", rule=rule, options=options, ready=readiness(), error=error)
