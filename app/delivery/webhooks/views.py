"""The settings pages of webhooks: whom we tell, what was sent and answered, and sending again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as WerkzeugResponse

from app.delivery.webhooks import queries, service
from app.delivery.webhooks.forms import EndpointForm, NewEndpointForm
from app.delivery.webhooks.models import WebhookEndpoint
from app.delivery.webhooks.words import SENTENCES, page_words
from app.kernel import clock
from app.kernel.errors import Conflict
from app.tenants.access import fresh, permission, tenant
from app.web.forms import carried_out, errors_of
from app.web.htmx import conditional

bp = Blueprint("webhooks", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings/webhooks")

STATES = ("waiting", "delivered", "dead")


@bp.get("/")
@permission("webhooks.edit")
def index() -> str:
    """The webhooks, each with how it fares."""
    return render_template(
        "webhooks/index.html", endpoints=queries.list_endpoints(), loads=queries.loads(), **page_words()
    )


@bp.get("/new")
@permission("webhooks.edit")
def new() -> str:
    """The form of a new webhook."""
    return render_template("webhooks/new.html", form=NewEndpointForm(formdata=None), errors=[], **page_words())


@bp.post("/new")
@permission("webhooks.edit")
@fresh
def add() -> tuple[str, int]:
    """Make a webhook; its secret is shown on this one page and never again."""
    form, made = NewEndpointForm(), []
    if form.validate() and carried_out(
        form, lambda: made.append(service.add_endpoint(form.key.data or "", form.given())), SENTENCES
    ):
        [(endpoint, secret)] = made
        return _page(endpoint, secret=secret), 201
    return render_template("webhooks/new.html", form=form, errors=errors_of(form), **page_words()), 422


@bp.get("/<key>")
@permission("webhooks.edit")
def show(key: str) -> str:
    """One webhook: its settings and what was sent to it."""
    return _page(queries.get_endpoint(key))


@bp.post("/<key>")
@permission("webhooks.edit")
def save(key: str) -> tuple[str, int] | WerkzeugResponse:
    """Change a webhook."""
    endpoint, form = queries.get_endpoint(key), EndpointForm()
    if form.validate() and carried_out(form, lambda: service.put_endpoint(key, form.given()), SENTENCES):
        flash(_("Saved."), "success")
        return _to(key)
    return _page(endpoint, form=form), 422


@bp.post("/<key>/removal")
@permission("webhooks.edit")
def remove(key: str) -> WerkzeugResponse:
    """Take a webhook away."""
    service.remove_endpoint(key)
    flash(_("Removed, with everything that was sent to it."), "success")
    return redirect(url_for("webhooks.index", tenant=tenant().slug), code=303)


@bp.post("/<key>/secret")
@permission("webhooks.edit")
@fresh
def rotate(key: str) -> tuple[str, int]:
    """Give a webhook another secret, shown on this one page."""
    secret = service.rotate_secret(key)
    return _page(queries.get_endpoint(key), secret=secret), 201


@bp.post("/<key>/test")
@permission("webhooks.edit")
def test(key: str) -> WerkzeugResponse:
    """Send a test and go where its answer will stand."""
    return _to_delivery(key, service.send_test(key).id)


@bp.get("/<key>/deliveries/<uuid:delivery_id>")
@permission("webhooks.edit")
def delivery(key: str, delivery_id: UUID) -> str:
    """What was sent and what was answered."""
    found = queries.get_delivery(key, delivery_id)
    return render_template("webhooks/delivery.html", endpoint=queries.get_endpoint(key), row=found, **page_words())


@bp.get("/<key>/deliveries/<uuid:delivery_id>/outcome")
@permission("webhooks.edit")
def outcome(key: str, delivery_id: UUID) -> Response:
    """What has become of it so far, for a page that waits."""
    found = queries.get_delivery(key, delivery_id)
    fragment = render_template("webhooks/_outcome.html", endpoint=queries.get_endpoint(key), row=found, **page_words())
    return conditional(fragment)


@bp.post("/<key>/deliveries/<uuid:delivery_id>/replay")
@permission("webhooks.edit")
def replay(key: str, delivery_id: UUID) -> WerkzeugResponse:
    """Send it once more."""
    try:
        service.replay(key, delivery_id)
    except Conflict:
        flash(_("It is on its way already, or the webhook is switched off."), "warning")
    return _to_delivery(key, delivery_id)


@bp.post("/<key>/replay")
@permission("webhooks.edit")
def replay_dead(key: str) -> WerkzeugResponse:
    """Send everything once more that was given up."""
    try:
        number = service.replay_dead(key)
        flash(ngettext("%(num)d message is sent once more.", "%(num)d messages are sent once more.", number), "success")
    except Conflict:
        flash(_("Switch the webhook on first."), "warning")
    return _to(key)


@bp.post("/<key>/discard")
@permission("webhooks.edit")
def discard(key: str) -> WerkzeugResponse:
    """Forget everything that was given up."""
    number = service.discard_dead(key)
    flash(ngettext("%(num)d message is forgotten.", "%(num)d messages are forgotten.", number), "success")
    return _to(key)


def _page(endpoint: WebhookEndpoint, *, form: EndpointForm | None = None, secret: str | None = None) -> str:
    state = request.args.get("state")
    state = state if state in STATES else None
    values = {"url": endpoint.url, "events": endpoint.kinds.split(), "is_active": endpoint.is_active}
    form = form or EndpointForm(formdata=None, data=values)
    return render_template(
        "webhooks/show.html",
        endpoint=endpoint,
        form=form,
        errors=errors_of(form),
        secret=secret,
        has_old_secret=endpoint.has_old_secret(clock.now()),
        state=state,
        found=queries.page_of_deliveries(endpoint, state, request.args.get("cursor")),
        load=queries.loads().get(endpoint.id),
        **page_words(),
    )


def _to(key: str) -> WerkzeugResponse:
    return redirect(url_for("webhooks.show", tenant=tenant().slug, key=key), code=303)


def _to_delivery(key: str, delivery_id: UUID) -> WerkzeugResponse:
    return redirect(url_for("webhooks.delivery", tenant=tenant().slug, key=key, delivery_id=delivery_id), code=303)
