"""The billing pages below the settings: where the tenant stands, plans, bills, and the ways to Stripe's own pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.billing import gateway, queries, rules, words
from app.billing.gateway import CardRefused, Price, StripeAway, StripeRefused
from app.billing.service import subscribing
from app.billing.signatures import is_id
from app.kernel.errors import BadRequest, Conflict
from app.kernel.ids import new_id, parse_id
from app.tenants import queries as tenants
from app.tenants.access import Member, member, permission, tenant
from app.web.fragments import fragment
from app.web.letters import base_url

_PER_PAGE = 24

bp = Blueprint("billing", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings/billing")


@bp.before_request
def _let_forms_lead_to_stripe() -> None:
    g.form_targets = gateway.page_origins()


@bp.get("/")
@permission("billing.edit")
def index() -> str:
    """Where the tenant stands and what it can change."""
    subscription, usage = queries.find_subscription(), queries.usage()
    standing = queries.standing_of(subscription)
    prices, trouble = _prices()
    return render_template(
        "billing/index.html",
        standing=standing,
        subscription=subscription,
        is_live=subscription is not None and rules.is_live(subscription.status),
        sentence=words.state_sentence(standing, subscription, usage[0]),
        lines=_lines(standing.plan, usage),
        offers=_offers(standing, prices),
        trouble=trouble,
        attempt=new_id(),
        plan_words=words.PLAN_WORDS,
        is_just_paid="paid" in request.args,
    )


@bp.get("/invoices")
@permission("billing.edit")
def invoices() -> str:
    """The bills, newest first; each leads to Stripe's own page."""
    rows: list[gateway.Invoice] = []
    next_after = trouble = None
    subscription = queries.find_subscription()
    if subscription is not None and subscription.stripe_customer_id is not None:
        try:
            rows, next_after = gateway.list_invoices(subscription.stripe_customer_id, _after(), _PER_PAGE)
        except StripeAway as problem:
            trouble = words.trouble_in_words(problem)
    return render_template(
        "billing/invoices.html",
        rows=rows,
        trouble=trouble,
        next_url=_here("invoices", after=next_after) if next_after else None,
        first_url=_here("invoices") if _after() else None,
        money=words.money,
        state_words=words.INVOICE_WORDS,
    )


@bp.post("/plan")
@permission("billing.edit")
def choose() -> Response:
    """Buy a plan, or change to it."""
    plan = request.form.get("plan", "")
    subscription = queries.find_subscription()
    if subscription is not None and rules.is_live(subscription.status):
        return _changed(lambda: subscribing.change_plan(plan, _attempt()), _("Changed. It counts from now on."))
    who = member()
    return _to_stripe(lambda: subscribing.start_checkout(plan, tenant().name, who.email, _back(), _attempt()))


@bp.post("/portal")
@permission("billing.edit")
def portal() -> Response:
    """To Stripe's page for cards, addresses and bills."""
    return _to_stripe(lambda: subscribing.open_portal(_back()))


@bp.post("/cancellation")
@permission("billing.edit")
def cancel() -> Response:
    """Let the subscription end with the time that is paid."""
    return _changed(lambda: subscribing.cancel(_attempt()), _("Cancelled. Until then everything stays as it is."))


@bp.post("/continuation")
@permission("billing.edit")
def resume() -> Response:
    """Let it go on after all."""
    return _changed(lambda: subscribing.resume(_attempt()), _("Your subscription goes on."))


def plan_notice() -> Markup:
    """Over every page: that a bill is unpaid, to whoever can pay it; and to all staff, that they can only read."""
    who = g.get("member")
    if not queries.is_on() or not isinstance(who, Member) or who.partner_id is not None:
        return Markup()
    standing = queries.standing()
    can_pay = who.may("billing.edit")
    if standing.is_read_only or (standing.state == "grace" and can_pay):
        return fragment("billing/notice.html", standing=standing, can_pay=can_pay, slug=tenant().slug)
    return Markup()


def page_words() -> dict[str, Callable[[], Markup]]:
    """What the frame of a page draws above it."""
    return {"plan_notice": plan_notice}


def _to_stripe(open_page: Callable[[], str]) -> Response:
    try:
        return redirect(open_page(), code=303)
    except (StripeAway, Conflict) as problem:
        return _told(problem)


def _changed(act: Callable[[], None], said: str) -> Response:
    try:
        act()
    except (StripeAway, Conflict) as problem:
        return _told(problem)
    flash(said, "success")
    return redirect(_here("index"), code=303)


def _told(problem: StripeAway | Conflict) -> Response:
    if isinstance(problem, CardRefused):
        flash(_("The card was refused: %(reason)s Nothing was changed.", reason=str(problem)), "danger")
    elif isinstance(problem, StripeRefused):
        flash(_("Stripe refused this, and nothing was changed. Tell whoever runs Heed for you."), "danger")
    elif isinstance(problem, StripeAway):
        flash(
            _("Stripe does not answer at the moment. Wait a minute, look how things stand, and try again."), "warning"
        )
    else:
        flash(_("The subscription has changed since you opened this page. Look at it once more."), "warning")
    return redirect(_here("index"), code=303)


def _attempt() -> str:
    """What makes a form that is sent twice act once."""
    attempt = parse_id(request.form.get("attempt", ""))
    if attempt is None:
        raise BadRequest("The form is not complete.")
    return str(attempt)


def _after() -> str | None:
    after = request.args.get("after", "")
    return after if is_id(after) else None


def _back() -> str:
    """The address to which Stripe sends a reader back; never what a request says of itself."""
    return f"{base_url()}/t/{tenant().slug}/settings/billing/"


def _here(page: str, **parts: Any) -> str:
    return url_for(f"billing.{page}", tenant=tenant().slug, **parts)


def _lines(plan: rules.Plan, usage: list[queries.Usage]) -> list[dict[str, Any]]:
    """What is used of what, each with a bar in per cent."""
    counted = [
        {"kind": one.kind, "text": words.KIND_WORDS[one.kind], "used": one.used, "over": one.over}
        | {"limit": plan.limit(one.kind)}
        for one in usage
    ]
    working, places = tenants.count_seats(), plan.seats
    seats = {"kind": "seats", "text": _("People who work here"), "used": working, "over": 0, "limit": places}
    found: list[dict[str, Any]] = [*counted, seats]
    return [line | {"percent": min(100, 100 * line["used"] / line["limit"]) if line["limit"] else 0} for line in found]


def _prices() -> tuple[dict[str, Price], tuple[str, str] | None]:
    """(the prices by plan, what is the matter when Stripe does not say)."""
    try:
        return {price.plan: price for price in gateway.list_prices()}, None
    except StripeAway as problem:
        return {}, words.trouble_in_words(problem)


def _offers(standing: rules.Standing, prices: Mapping[str, Price]) -> list[dict[str, Any]]:
    """The plans with what they cost, smallest first."""
    mine, is_bought = standing.plan.name, standing.state != "trial"
    free = {
        "plan": rules.PLANS["free"],
        "price": _("Free of charge"),
        "is_mine": mine == "free",
        "can_be_chosen": False,
    }
    sold = [
        {
            "plan": rules.PLANS[plan],
            "price": words.price_in_words(prices[plan]),
            "is_mine": mine == plan,
            "can_be_chosen": mine != plan or not is_bought,
        }
        for plan in rules.SOLD
        if plan in prices
    ]
    return [free, *sold]
