"""The customers: the list with its search, one customer's history over all channels, what is known of them, consent."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.customers import service
from app.desk import words
from app.desk.forms import SENTENCES, CustomerForm
from app.desk.queries import customers, timeline
from app.desk.rules import read_search
from app.loop.cases.words import STATUS_WORDS
from app.surveys.outreach.measures import measure_words
from app.tenants.access import permission, tenant
from app.web.forms import carried_out, errors_of

bp = Blueprint("customers", __name__, template_folder="../templates", url_prefix="/t/<tenant>/customers")


@bp.context_processor
def page_words() -> dict[str, object]:
    """The functions that the templates of this room speak with."""
    return {"say": words, "measure_words": measure_words, "status_words": STATUS_WORDS}


@bp.get("/")
@permission("customers.read")
def index() -> str:
    """The customers, newest first, or those whom a search may mean."""
    wanted = read_search(request.args.get("q", ""))
    page = customers.page_of_customers(wanted, request.args.get("cursor"))
    return render_template("desk/customers.html", page=page, wanted=wanted)


@bp.get("/<uuid:customer_id>")
@permission("customers.read")
def show(customer_id: UUID) -> str:
    """One customer: who they are, and everything that happened, newest first."""
    customer = customers.get_whole_customer(customer_id)
    page = timeline.page_of_history(customer.id, request.args.get("cursor"))
    asked = timeline.asked_after(page.rows)
    return render_template("desk/customer.html", customer=customer, page=page, asked=asked)


@bp.get("/<uuid:customer_id>/correction")
@permission("customers.edit")
def edit(customer_id: UUID) -> str:
    """The form that puts right who a customer is."""
    customer = customers.get_whole_customer(customer_id)
    return render_template("desk/customer_edit.html", customer=customer, form=CustomerForm(obj=customer))


@bp.post("/<uuid:customer_id>/correction")
@permission("customers.edit")
def correct(customer_id: UUID) -> tuple[str, int] | Response:
    """Put right who a customer is."""
    customer, form = customers.get_whole_customer(customer_id), CustomerForm()

    def verb() -> object:
        return service.correct_customer(
            customer.id, name=form.name.data, locale=form.locale.data, timezone=form.timezone.data
        )

    if not form.validate() or not carried_out(form, verb, SENTENCES):
        return render_template("desk/customer_edit.html", customer=customer, form=form, errors=errors_of(form)), 422
    flash(_("Saved. What your systems send does not overwrite it."), "success")
    return _back_to(customer_id)


@bp.post("/<uuid:customer_id>/suppression")
@permission("cases.work")
def suppress(customer_id: UUID) -> Response:
    """Never write to this person again, because they told one of us."""
    service.suppress(customer_id, "agent")
    flash(_("Nothing is sent to this customer any more."), "success")
    return _back_to(customer_id)


@bp.post("/<uuid:customer_id>/suppression/lifting")
@permission("cases.work")
def lift_suppression(customer_id: UUID) -> Response:
    """Allow writing to this person again, because they asked for it."""
    service.lift_suppression(customer_id)
    flash(_("This customer may be asked again."), "success")
    return _back_to(customer_id)


def _back_to(customer_id: UUID) -> Response:
    return redirect(url_for("customers.show", tenant=tenant().slug, customer_id=customer_id), code=303)
