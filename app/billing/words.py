"""How plans, prices and what is used are put into words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.billing.gateway import Price, StripeAway, StripeRefused
from app.billing.models import Subscription
from app.billing.queries import Usage
from app.billing.rules import Kind, Plan, Standing
from app.web.dates import day

PLAN_WORDS = {
    "free": _l("Free plan"),
    "team": _l("Team plan"),
    "business": _l("Business plan"),
    "self_hosted": _l("Custom plan"),
}

INVOICE_WORDS = {
    "paid": _l("paid"),
    "open": _l("to be paid"),
    "void": _l("void"),
    "uncollectible": _l("given up"),
}

_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"), 0),
    **dict.fromkeys(("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}
"""How many decimals Stripe counts a currency with, where these are not two (docs.stripe.com/currencies); ISK and UGX
have none and are counted with two for the sake of those who have always done so."""

KIND_WORDS: dict[Kind, object] = {"responses": _l("Answers this month"), "messages": _l("Survey mails this month")}


def state_sentence(standing: Standing, subscription: Subscription | None, answers: Usage) -> str:
    """Where the tenant stands, in one sentence."""
    return _("%(plan)s, %(used)s, %(until)s.", plan=PLAN_WORDS[standing.plan.name], used=answers_in_words(
        answers.used, standing.plan), until=_until(standing, subscription))  # fmt: skip


def answers_in_words(used: int, plan: Plan) -> str:
    """How many answers the month has seen, of how many."""
    if plan.responses is None:
        return _("%(used)s answers this month", used=format_decimal(used))
    return _(
        "%(used)s of %(limit)s answers this month", used=format_decimal(used), limit=format_decimal(plan.responses)
    )


def _until(standing: Standing, subscription: Subscription | None) -> str:
    if standing.state == "trial":
        return _("free to try until %(day)s", day=_day(standing.until))
    if standing.state == "free" or subscription is None:
        return _("free for as long as you like")
    if standing.state == "grace":
        return _("unpaid, and read-only from %(day)s", day=_day(standing.until))
    if standing.state == "read_only":
        return _("unpaid, and read-only since %(day)s", day=_day(standing.until))
    if subscription.ends_at is not None:
        return _("cancelled, and ends on %(day)s", day=_day(subscription.ends_at))
    return _("renews on %(day)s", day=_day(subscription.period_ends_at))


def _day(moment: datetime | None) -> str:
    return day(moment, "long") if moment else "–"


def trouble_in_words(problem: StripeAway) -> tuple[str, str]:
    """(what is the matter with Stripe, what a reader of the page can do)."""
    if isinstance(problem, StripeRefused):
        what = _("Waiting does not help. Tell whoever runs Heed for you: the reason stands in its log.")
        return _("Stripe refuses what Heed asks of it."), what
    return _("Stripe does not answer at the moment."), _("Reload this page in a minute.")


def money(amount: int, currency: str) -> str:
    """An amount as Stripe counts it, in the currency's smallest unit, as readers write it: "€49.00"."""
    code = currency.upper()
    value = Decimal(amount).scaleb(-_DECIMALS.get(code, 2))
    # Readers write some without the decimals that Stripe counts in, unless the amount has any.
    as_usual = get_currency_precision(code) > 0 or value == value.to_integral_value()
    return str(format_currency(value, code, locale=get_locale(), currency_digits=as_usual))


def price_in_words(price: Price) -> str:
    """What a plan costs."""
    if price.interval == "year":
        return _("%(amount)s a year", amount=money(price.amount, price.currency))
    return _("%(amount)s a month", amount=money(price.amount, price.currency))
