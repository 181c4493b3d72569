"""The tenant's pages on its providers: add one, say what it may do, try it, and see whom it knows."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.db import get_row
from app.tenants.access import fresh, permission, tenant
from app.tenants.detours import providers_token
from app.tenants.providers import queries, service
from app.tenants.providers.forms import NOBODY, PROVIDER_SENTENCES, NewProviderForm, ProviderForm
from app.tenants.providers.models import IdentityProvider
from app.web.forms import carried_out, errors_of
from app.web.letters import base_url

bp = Blueprint("identity", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings/providers")

Answer = str | tuple[str, int] | Response


@bp.get("")
@permission("settings.edit")
def index() -> str:
    """Which there are, and the link under which people find them."""
    return _list(NewProviderForm(formdata=None))


@bp.post("")
@permission("settings.edit")
@fresh
def add() -> Answer:
    """Trust another one."""
    form, made = NewProviderForm(), list[UUID]()

    def save() -> None:
        made.append(service.add_provider(form.issuer.data, form.given()).id)

    if not form.validate() or not carried_out(form, save, PROVIDER_SENTENCES):
        return _list(form), 422
    flash(_("Added. Now tell the provider about Heed."))
    return _to(made[0])


@bp.get("/<uuid:provider_id>")
@permission("settings.edit")
def show(provider_id: UUID) -> str:
    """One of them."""
    row = get_row(IdentityProvider, provider_id)
    lines = "\n".join(row.domains.split())
    form = ProviderForm(formdata=None, obj=row)
    form.domains.data, form.newcomer_role.data = lines, row.newcomer_role or NOBODY
    return _one(row, form)


@bp.post("/<uuid:provider_id>")
@permission("settings.edit")
@fresh
def save(provider_id: UUID) -> Answer:
    """Change it."""
    form = ProviderForm()
    if not form.validate() or not carried_out(
        form, lambda: service.change_provider(provider_id, form.given()), PROVIDER_SENTENCES
    ):
        return _one(get_row(IdentityProvider, provider_id), form), 422
    flash(_("Saved."))
    return _to(provider_id)


@bp.post("/<uuid:provider_id>/test")
@permission("settings.edit")
def test(provider_id: UUID) -> Response:
    """Ask it who it is."""
    fault = service.try_provider(provider_id)
    if fault is None:
        flash(_("The provider answers as it should."))
    else:
        flash(_("The provider does not answer as it should: %(fault)s", fault=fault), "error")
    return _to(provider_id)


@bp.post("/<uuid:provider_id>/removal")
@permission("settings.edit")
@fresh
def remove(provider_id: UUID) -> Response:
    """Trust it no more."""
    service.remove_provider(provider_id)
    flash(_("Removed. Whoever was signed in through it alone is signed out."))
    return redirect(url_for("identity.index", tenant=tenant().slug), code=303)


@bp.post("/<uuid:provider_id>/people/<uuid:identity_id>/removal")
@permission("settings.edit")
@fresh
def unlink(provider_id: UUID, identity_id: UUID) -> Response:
    """Let it no longer know somebody."""
    service.unlink(provider_id, identity_id)
    flash(_("Unlinked. They are signed out, and stay in the team."))
    return _to(provider_id)


def _to(provider_id: UUID) -> Response:
    return redirect(url_for("identity.show", tenant=tenant().slug, provider_id=provider_id), code=303)


def _list(form: NewProviderForm) -> str:
    link = base_url() + url_for("providers.choose", token=providers_token(tenant().id))
    rows = queries.list_providers()
    return render_template("providers/list.html", rows=rows, form=form, errors=errors_of(form), link=link)


def _one(row: IdentityProvider, form: ProviderForm) -> str:
    return render_template(
        "providers/one.html",
        row=row,
        form=form,
        errors=errors_of(form),
        redirect_uri=queries.redirect_uri(row.id),
        people=queries.list_identities(row.id),
    )
