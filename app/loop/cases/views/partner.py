"""The partner's part on the case page: ask it something, and take a question back."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.loop.cases import service
from app.loop.cases.views.acts import act_on
from app.loop.cases.views.blueprints import bp
from app.tenants.access import permission


@bp.post("/<int:number>/partner-questions")
@permission("cases.work")
def ask(number: int) -> Response:
    """Ask the partner something."""
    text, days = request.form.get("question", ""), request.form.get("business_days", "")
    within = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
    return act_on(number, "ask", lambda: service.ask_partner(number, text, within), _("Asked. The partner has a mail."))


@bp.post("/<int:number>/partner-questions/<uuid:question_id>/withdrawal")
@permission("cases.work")
def withdraw(number: int, question_id: UUID) -> Response:
    """Take a question back."""
    return act_on(number, "ask", lambda: service.withdraw_question(number, question_id), _("Taken back."))
