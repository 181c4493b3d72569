"""Resolving a case: what was done is kept, and what the customer is told goes out as a mail of the brand."""

from __future__ import annotations

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app.customers import queries as customers
from app.delivery.rules import one_line
from app.delivery.service import queue_message
from app.kernel import clock, scope
from app.kernel.db import atomic
from app.kernel.locales import fallback_chain
from app.loop.cases.models import Case, CaseResolution
from app.loop.cases.queries.customer import follow_url
from app.loop.cases.service.clocks import RESOLUTION, end_pause, settle_alarms
from app.loop.cases.service.telling import acting_user, clean_text, length_of, lock_open_case, note_change, tell
from app.tenants import queries as tenants
from app.tenants.sessions import LANGUAGES

PURPOSE = "case_message"


def resolve_case(number: int, action_taken: str, message_to_customer: str = "") -> Case:
    """Keep what was done about the case and, where there is a message, send it to the customer.

    A second resolution adds to the first, whose time stays what stopped the clock. The message is kept but not sent
    when the customer has no address or has asked not to be written to, or the case is imported history.
    Raises NotFound, Conflict for a closed case, Invalid for an empty or unusable text.
    """
    with atomic() as session:
        case = lock_open_case(number)
        action = clean_text("/action_taken", action_taken, needed=True)
        message = clean_text("/message_to_customer", message_to_customer)
        now = clock.now()
        texts = {"action_taken": action, "message_to_customer": message or None}
        resolution = CaseResolution(case_id=case.id, at=now, user_id=acting_user(), **texts)
        session.add(resolution)
        session.flush()
        end_pause(case)
        case.resolved_at = case.resolved_at or now
        case.status = "resolved"
        settle_alarms(case, f"{RESOLUTION}_breached")
        fate = _send(case, resolution) if message else None
        tell(case, "resolved", action, {"message": message or None, "fate": fate})
        note_change("case.resolved", case, after=length_of(action) | length_of(message, "message_length"))
        return case


def why_unsent(case: Case) -> str | None:
    """Why a message would not reach this customer: historic, no_customer, no_address or suppressed; else None."""
    if case.is_historic:
        return "historic"
    if case.customer_id is None:
        return "no_customer"
    if customers.is_suppressed(case.customer_id):
        return "suppressed"
    return None if customers.find_email(case.customer_id) else "no_address"


def _send(case: Case, resolution: CaseResolution) -> str:
    """Queue the message; returns `queued`, or why it is not sent."""
    if reason := why_unsent(case):
        return reason
    assert case.customer_id is not None and resolution.message_to_customer is not None
    address = customers.find_email(case.customer_id)
    tenant = tenants.find_tenant(scope.tenant_id())
    assert address is not None and tenant is not None
    brand = tenants.brand(tenant.name)
    customer = customers.get_customer(case.customer_id)
    words = {"brand": brand.name, "logo": brand.logo, "message": resolution.message_to_customer}
    words |= {"name": customer.name, "follow_url": follow_url(case.response_id)}
    with force_locale(_language(customer.locale, tenant.default_locale)):
        queue_message(
            PURPOSE,
            resolution.id,
            address,
            one_line(brand.name),
            one_line(_subject(case)),
            render_template("cases/mail/message.txt", **words),
            render_template("cases/mail/message.html", **words),
        )
    return "queued"


def _language(wanted: str | None, default: str) -> str:
    """The language of ours that the customer reads best, as Babel names it."""
    for tag in (*fallback_chain(wanted, default), *fallback_chain(default, "en")):
        if tag in LANGUAGES:
            return tag.replace("-", "_")
    return "en"


def _subject(case: Case) -> str:
    if case.touchpoint is None:
        return _("About what you told us")
    return _("About what you told us: %(touchpoint)s", touchpoint=case.touchpoint.name)
