"""Writing to the people of a partner: when their firm is asked about a case, and again before its answer is due."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app.config import Settings
from app.delivery.rules import one_line
from app.delivery.service import queue_message
from app.kernel import clock, scope
from app.kernel.db import atomic, find_row
from app.loop.cases.models import PartnerQuestion
from app.loop.cases.queries.partner import find_answer
from app.surveys.outreach.words import moment_in_words
from app.tenants import queries as tenants
from app.tenants.models import Tenant, User
from app.tenants.sessions import language_for

ASKED, REMINDED = "partner_question", "partner_reminder"


def write_partner(question_id: UUID, *, is_reminder: bool) -> None:
    """Write to each user of the partner that a question waits, in the language they read; each mail goes out once.

    Nothing is sent about a question that was answered or taken back meanwhile.
    """
    with atomic():
        question = find_row(PartnerQuestion, question_id)
        tenant = tenants.find_tenant(scope.tenant_id())
        if question is None or tenant is None or question.withdrawn_at or find_answer(question_id):
            return
        for _membership, user in tenants.list_partner_users(question.partner_id):
            _write(question, tenant, user, is_reminder=is_reminder)


def _write(question: PartnerQuestion, tenant: Tenant, user: User, *, is_reminder: bool) -> None:
    language = language_for(user.locale or tenant.default_locale)
    with force_locale(language):
        words = _words(question, tenant, language.replace("_", "-"), is_reminder=is_reminder)
        queue_message(
            REMINDED if is_reminder else ASKED,
            uuid5(question.id, str(user.id)),
            user.email,
            one_line(words["brand"]),
            one_line(words["subject"]),
            render_template("cases/mail/partner.txt", **words),
            render_template("cases/mail/partner.html", **words),
        )


def _words(question: PartnerQuestion, tenant: Tenant, language: str, *, is_reminder: bool) -> dict[str, Any]:
    settings: Settings = current_app.extensions["heed_settings"]
    shown, number = tenants.brand(tenant.name), question.case.number
    brand = shown.name
    subject = _("%(brand)s asks you about case %(number)s", brand=brand, number=number)
    if is_reminder:
        subject = _("Due soon: the answer about case %(number)s to %(brand)s", brand=brand, number=number)
    return {
        "brand": brand,
        "logo": shown.logo,
        "subject": subject,
        "language": language,
        "question": question.text,
        "is_reminder": is_reminder,
        # A partner may work in another zone than the brand, so that the zone is named.
        "due": moment_in_words(question.due_at, clock.now(), None, tenant.timezone, language),
        "url": f"{settings.base_url}/t/{tenant.slug}/partner/cases/{number}",
    }
